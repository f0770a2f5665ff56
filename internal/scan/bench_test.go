package scan

import "testing"

// s3Event is an S3 event as EventBridge delivers it, 866 bytes.
const s3Event = `{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created","source":"aws.s3","account":"123456789012","time":"2026-11-12T00:00:00Z","region":"eu-central-1","resources":["arn:aws:s3:::acme-data-imports-production"],"detail":{"version":"0","bucket":{"name":"acme-data-imports-production"},"object":{"key":"incoming/tenant-00042/2026/11/12/report-2026-11-12T00-00-00Z-part-000017.csv.gz","size":5242880,"etag":"b1946ac92492d2347c6235b4d2611184","version-id":"IYV3p45BT0ac8hjHg1houSdS1a.Mro8e","sequencer":"617f08299329d189"},"request-id":"N4N7GDK58NMKJ12R","requester":"123456789012","source-ip-address":"203.0.113.10","reason":"PutObject"},"replay-name":"none","trace-header":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:0|68fd508a:5|c512fbe3:2"}`

func BenchmarkScan(b *testing.B) {
	var p Paths
	for _, path := range []string{"source", "detail-type", "detail.bucket.name", "detail.object.key", "detail.object.size"} {
		p.Leaves(path)
	}
	for _, bb := range []struct {
		name  string
		paths *Paths
	}{{"leaves", &p}, {"none", &Paths{}}} {
		b.Run(bb.name, func(b *testing.B) {
			event := []byte(s3Event)
			var d Doc
			b.SetBytes(int64(len(event)))
			b.ReportAllocs()
			for b.Loop() {
				if err := bb.paths.Scan(event, &d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
