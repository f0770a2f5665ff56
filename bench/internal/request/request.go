// Package request names what the measured launch is made of, for whoever makes
// it. It is apart from workload so that the hard-coded handler links nothing of
// the compiler.
package request

// The parts of the request that do not depend on the event.
const (
	Cluster        = "media"
	TaskDefinition = "transcode"
	Container      = "worker"
	Subnet         = "subnet-0a1b2c3d4e5f60718"
	SecurityGroup  = "sg-0123456789abcdef0"
	Prefix         = "incoming/"
)
