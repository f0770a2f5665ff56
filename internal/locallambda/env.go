package locallambda

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	envRuntimeAPI   = "AWS_LAMBDA_RUNTIME_API"
	functionVersion = "$LATEST"
)

// environ returns the whole environment of one process: the variables that
// Lambda sets, then Env. Of two entries with one name os/exec keeps the last.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (c *Config) environ(apiAddr string, now time.Time) []string {
	env := []string{
		envRuntimeAPI + "=" + apiAddr,
		"AWS_LAMBDA_FUNCTION_NAME=" + c.FunctionName,
		"AWS_LAMBDA_FUNCTION_VERSION=" + functionVersion,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(c.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + c.FunctionName,
		"AWS_LAMBDA_LOG_STREAM_NAME=" + logStreamName(now),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"AWS_REGION=" + c.Region,
		"AWS_DEFAULT_REGION=" + c.Region,
		"LAMBDA_TASK_ROOT=" + c.Dir,
		"_HANDLER=" + filepath.Base(c.Bootstrap),
		"LANG=en_US.UTF-8",
		"PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"TZ=:UTC",
	}
	return append(env, c.Env...)
}

// functionARN returns the ARN that invocations are addressed to.
func (c *Config) functionARN() string {
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", partition(c.Region), c.Region, c.Account, c.FunctionName)
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// logStreamName names the stream as Lambda does, one for each process.
func logStreamName(now time.Time) string {
	return now.UTC().Format("2006/01/02/") + "[" + functionVersion + "]" + randomHex(16)
}

// traceID returns an X-Ray tracing header for a request that is not sampled.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func traceID(now time.Time) string {
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", uint32(now.Unix()), randomHex(12), randomHex(8))
}

// requestID returns a random (version 4) UUID.
func requestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}
