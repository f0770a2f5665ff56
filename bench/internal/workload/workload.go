// Package workload is what the benchmarks are fed with: mappings of any number
// of rules, and the events that one of their rules launches a task for.
package workload

import (
	"encoding/json"
	"fmt"

	"github.com/taskbridge/taskbridge/bench/internal/request"
	"github.com/taskbridge/taskbridge/internal/mapping"
	"github.com/taskbridge/taskbridge/internal/mapping/compile"
)

const head = `version: 1
defaults:
  cluster: ` + request.Cluster + `
  launchType: FARGATE
  networkConfiguration:
    awsvpcConfiguration:
      subnets: [` + request.Subnet + `]
      securityGroups: [` + request.SecurityGroup + `]
      assignPublicIp: DISABLED
rules:
`

// rule has eight expressions in its task, on the same event as every other rule:
// what tells them apart is the bucket.
const rule = `  - name: transcode-%[1]d
    match:
      source: [aws.s3]
      detail-type: [Object Created]
      detail:
        bucket: {name: [%[2]s]}
        object: {key: [{prefix: ` + request.Prefix + `}], size: [{numeric: [">", 0]}]}
    task:
      taskDefinition: ` + request.TaskDefinition + `
      overrides:
        cpu: '${event.detail.object.size > 1073741824 ? "4096" : "1024"}'
        containerOverrides:
          - name: ` + request.Container + `
            command: [transcode, --in, "s3://${event.detail.bucket.name}/${event.detail.object.key}"]
            environment:
              BUCKET: ${event.detail.bucket.name}
              KEY: ${event.detail.object.key}
              VERSION: ${event.detail.object[?"version-id"].orValue("null")}
              SIZE: ${string(event.detail.object.size)}
      startedBy: transcode
`

// rules is a mapping file with the rules from first to before last.
func rules(first, last int) []byte {
	b := []byte(head)
	for i := first; i < last; i++ {
		b = fmt.Appendf(b, rule, i, bucket(i))
	}
	return b
}

func bucket(i int) string { return fmt.Sprintf("acme-media-uploads-%d", i) }

// Plan is Mapping(n), compiled, as the file that the function reads. A mapping
// file may not be as large as the largest of them: what is too long for one is
// compiled in parts.
func Plan(n int) ([]byte, error) {
	const part = 2000
	var all *mapping.Plan
	for first := 0; first < n; first += part {
		source := rules(first, min(first+part, n))
		plan, findings := compile.Compile("taskbridge.yaml", source)
		if plan == nil {
			return nil, fmt.Errorf("mapping of %d rules:\n%s", n, findings.Text(source))
		}
		if all == nil {
			all = plan
		} else {
			all.Rules = append(all.Rules, plan.Rules...)
		}
	}
	return all.Marshal()
}

const event = `{"version":"0","id":"%[1]s","detail-type":"Object Created","source":"aws.s3","account":"111122223333",` +
	`"time":"2026-03-14T09:26:53Z","region":"eu-central-1","resources":["arn:aws:s3:::%[2]s"],` +
	`"detail":{"version":"0","bucket":{"name":"%[2]s"},"object":{"key":"incoming/2026/03/14/interview-%[3]d.mp4","size":48237114,` +
	`"etag":"c36979ab4d6dd7d77f063040cb2b45a7","version-id":"oWJBVABtfSrfc5G8WNR6jh70BaLXU519","sequencer":"%016[3]X"},` +
	`"request-id":"PQ3ZQS7WS5VRA5A5","requester":"111122223333","source-ip-address":"198.51.100.24","reason":"PutObject"}}`

// Event is the number-th S3 event of EventBridge, for the rule in the middle of n.
// Each has an identity of its own.
func Event(n, number int) []byte {
	id := fmt.Sprintf("c256021d-cbba-42ad-8d23-%012x", number)
	return fmt.Appendf(nil, event, id, bucket(n/2), number)
}

// Unmatched is an event that no rule matches.
func Unmatched(number int) []byte {
	id := fmt.Sprintf("d256021d-cbba-42ad-8d23-%012x", number)
	return fmt.Appendf(nil, event, id, "somebody-elses-bucket", number)
}

// Batch is an SQS batch of the bodies, as Lambda delivers it.
func Batch(bodies ...[]byte) []byte {
	type message struct {
		ID         string            `json:"messageId"`
		Receipt    string            `json:"receiptHandle"`
		Body       string            `json:"body"`
		Attributes map[string]string `json:"attributes"`
		Source     string            `json:"eventSource"`
		ARN        string            `json:"eventSourceARN"`
		Region     string            `json:"awsRegion"`
	}
	records := make([]message, len(bodies))
	for i, body := range bodies {
		records[i] = message{
			ID: fmt.Sprintf("059f36b4-87a3-44ab-83d2-%012d", i), Receipt: "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a", Body: string(body),
			Attributes: map[string]string{"ApproximateReceiveCount": "1", "SentTimestamp": "1773480413000"},
			Source:     "aws:sqs", ARN: "arn:aws:sqs:eu-central-1:111122223333:events", Region: "eu-central-1",
		}
	}
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		panic("bench: internal error: " + err.Error()) // strings alone
	}
	return payload
}

const glueRule = `  - bucket: %s
    prefix: ` + request.Prefix + `
    task: |
      {"cluster": "` + request.Cluster + `", "launchType": "FARGATE", "taskDefinition": "` + request.TaskDefinition + `", "startedBy": "transcode",
       "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["` + request.Subnet + `"], "securityGroups": ["` + request.SecurityGroup + `"],
        "assignPublicIp": "DISABLED"}},
       "overrides": {"cpu": "{{if gt .detail.object.size 1073741824.0}}4096{{else}}1024{{end}}", "containerOverrides": [{
        "name": "` + request.Container + `",
        "command": ["transcode", "--in", {{json (printf "s3://%%s/%%s" .detail.bucket.name .detail.object.key)}}],
        "environment": [{"name": "BUCKET", "value": {{json .detail.bucket.name}}}, {"name": "KEY", "value": {{json .detail.object.key}}},
         {"name": "VERSION", "value": {{json (or (index .detail.object "version-id") "null")}}},
         {"name": "SIZE", "value": "{{printf "%%.0f" .detail.object.size}}"}]}]}}
`

// Glue is the same mapping in the words of the glue function.
func Glue(n int) []byte {
	b := []byte("rules:\n")
	for i := range n {
		b = fmt.Appendf(b, glueRule, bucket(i))
	}
	return b
}
