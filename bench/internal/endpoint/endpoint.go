// Package endpoint is an ECS endpoint that knows one answer. It exists to cost as
// little as can be beside the function that is measured; what ECS would say to a
// request is for internal/localecs to know.
package endpoint

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/taskbridge/taskbridge/bench/internal/wire"
)

// Options say how the endpoint answers.
type Options struct {
	Latency time.Duration // before each answer
	TLS     *tls.Config   // nil: plain HTTP
	// FaultEvery makes every n-th answer a fault, in turn throttling, a failure
	// for want of capacity, and a closed connection. 0: none.
	FaultEvery int64
}

// A Server is such an endpoint.
type Server struct {
	*wire.Server
	opts   Options
	calls  atomic.Int64
	waited atomic.Int64 // ns
}

// Listen starts an endpoint on a loopback port of its own.
func Listen(opts Options) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if opts.TLS != nil {
		l = tls.NewListener(l, opts.TLS)
	}
	s := &Server{opts: opts}
	s.Server = wire.Serve(l, s.answer)
	return s, nil
}

// URL is the endpoint's address for AWS_ENDPOINT_URL_ECS.
func (s *Server) URL() string {
	if s.opts.TLS != nil {
		return "https://" + s.Addr()
	}
	return "http://" + s.Addr()
}

// Waited is how long it waited before answers, in all.
func (s *Server) Waited() time.Duration { return time.Duration(s.waited.Load()) }

// Calls is how often RunTask was called.
func (s *Server) Calls() int64 { return s.calls.Load() }

var errFault = errors.New("the connection is closed on purpose")

func (s *Server) answer(r *http.Request, _ []byte, w io.Writer) error {
	if r.Method != http.MethodPost {
		return wire.Head(w, "200 OK", 0, "")
	}
	n := s.calls.Add(1)
	if s.opts.Latency > 0 {
		began := time.Now()
		time.Sleep(s.opts.Latency)
		s.waited.Add(int64(time.Since(began)))
	}
	if s.opts.FaultEvery > 0 && n%s.opts.FaultEvery == 0 {
		switch n / s.opts.FaultEvery % 3 {
		case 0:
			return reply(w, "400 Bad Request", `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
		case 1:
			return reply(w, "200 OK", `{"tasks":[],"failures":[{"reason":"RESOURCE:CPU"}]}`)
		default:
			return errFault
		}
	}
	id := strconv.FormatInt(n, 16)
	return reply(w, "200 OK", fmt.Sprintf(launched, ("00000000000000000000000000000000" + id)[len(id):], float64(time.Now().UnixMilli())/1000))
}

func reply(w io.Writer, status, body string) error {
	if err := wire.Head(w, status, len(body), "Content-Type: application/x-amz-json-1.1\r\nx-amzn-RequestId: 7d8e5b1c-3f0a-4d52-9b39-0d6c3a9f2b11\r\n"); err != nil {
		return err
	}
	_, err := io.WriteString(w, body)
	return err
}

// launched is an answer with the members that RunTask's have: ECS API reference,
// RunTask, example response.
const launched = `{"failures":[],"tasks":[{"attachments":[{"details":[{"name":"subnetId","value":"subnet-0a1b2c3d4e5f60718"}],` +
	`"id":"1e8f4c1d-92a5-4f2c-9f33-3a1c2a6f2b10","status":"PRECREATED","type":"ElasticNetworkInterface"}],"attributes":[{"name":` +
	`"ecs.cpu-architecture","value":"x86_64"}],"availabilityZone":"eu-central-1b","clusterArn":"arn:aws:ecs:eu-central-1:111122223333:cluster/media",` +
	`"containers":[{"containerArn":"arn:aws:ecs:eu-central-1:111122223333:container/media/%[1]s/8f0a7d0f-2c5e-4ad5-b7e5-0d0f5a1f9c3e","cpu":"0",` +
	`"image":"111122223333.dkr.ecr.eu-central-1.amazonaws.com/transcode:1","lastStatus":"PENDING","name":"worker","networkInterfaces":[],` +
	`"taskArn":"arn:aws:ecs:eu-central-1:111122223333:task/media/%[1]s"}],"cpu":"1024","createdAt":%.3[2]f,"desiredStatus":"RUNNING",` +
	`"enableExecuteCommand":false,"group":"family:transcode","lastStatus":"PROVISIONING","launchType":"FARGATE","memory":"2048","overrides":` +
	`{"containerOverrides":[{"command":["transcode"],"name":"worker"}],"cpu":"1024","inferenceAcceleratorOverrides":[]},"platformFamily":"Linux",` +
	`"platformVersion":"1.4.0","startedBy":"transcode","tags":[],"taskArn":"arn:aws:ecs:eu-central-1:111122223333:task/media/%[1]s",` +
	`"taskDefinitionArn":"arn:aws:ecs:eu-central-1:111122223333:task-definition/transcode:1","version":1}]}`
