// Package localecs is an Amazon ECS endpoint that lives inside a Go program.
//
// It speaks AWS JSON 1.1, so the real AWS SDKs and the aws command line talk to
// it through AWS_ENDPOINT_URL_ECS. It starts no containers. What it has is the
// part of ECS that decides whether a launch was correct: the rules that RunTask
// refuses by, client tokens, capacity, throttling, and tasks that live and die.
//
// # What it refuses
//
// A request is checked in two steps. The first needs nothing but the request:
// enumerations, counts, ranges, patterns, parameters that exclude each other.
// The second needs what the endpoint keeps: the cluster and its capacity
// providers, the task definition and its containers. Error codes and messages
// are ECS's own where they are known, and otherwise say in the same voice what
// is wrong. Where ECS states no limit and the same parameter has one in EventBridge
// Scheduler (255 characters for group, say), that one is enforced.
//
// Subnets, security groups, roles, volumes, images and secrets are taken to
// exist if they are well formed. Requests need no signature.
//
// # Time
//
// There are no timers and no goroutines. What state a task is in, whether a
// client token still binds, how full a throttling bucket is: each is computed
// from what was recorded and from [Clock.Now] at the moment somebody asks. With a
// [ManualClock] a day passes in one call, and the same calls at the same
// instants get the same bytes back, identifiers included.
//
// # Client tokens
//
// A token belongs to a cluster. Within the lower of 24 hours and one hour after
// the last of its tasks stopped, the same token with the same parameters answers
// with the original tasks, as they are now, and the original failures; with
// other parameters it is a conflict that names the original tasks. AWS does not
// document all of this, and [TokenReading] selects among the readings.
//
// # Trouble
//
// What makes launching hard is not the answer "no" but the answer that never
// comes. A [Fault] is plain data, so that a test can write it down and a
// simulation can generate it: an error, failures in an answer of status 200, an
// answer lost before or after the tasks were launched, an answer cut short, a
// page of HTML from a load balancer, a delay. [Server.Calls] is the journal to
// compare a client's own account with.
package localecs
