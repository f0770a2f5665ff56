// Package locallambda is an embedded AWS Lambda: it runs the real function
// binary (bootstrap, as the provided.al2023 runtime starts it) as a child
// process and drives it through the Lambda runtime API, version 2018-06-01.
// Nothing leaves the machine: no AWS, no Docker, no credentials.
//
// # What is like Lambda
//
//   - Every process has a runtime API endpoint of its own on a loopback port, the
//     environment variables that Lambda sets, and none of the parent's.
//   - A process serves one invocation at a time and is reused while it lives, the
//     most recently used first. Up to [Config.Concurrency] processes run; they are
//     started when an invocation finds none idle. Further invocations wait (Lambda
//     would throttle them).
//   - A process that crashes, times out or fails to initialise answers its
//     invocation with the [FunctionError] that Lambda would answer with, and the
//     next invocation starts a fresh process.
//   - The sizes of requests and responses, the function timeout and the time for
//     initialisation are limited as in Lambda.
//
// # What is not
//
// Memory and CPU are not limited, the file system is the host's, a process that
// waits for an invocation is not frozen, and there are neither extensions nor
// response streaming. An initialisation that fails is not tried a second time
// for the same invocation.
//
// The sources of names and numbers are AWS's documentation of the [runtime API],
// the [execution environment], its [environment variables] and the [quotas], and,
// where these are silent, AWS's own [runtime interface emulator].
//
// [runtime API]: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// [execution environment]: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
// [environment variables]: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
// [quotas]: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
// [runtime interface emulator]: https://github.com/aws/aws-lambda-runtime-interface-emulator
package locallambda
