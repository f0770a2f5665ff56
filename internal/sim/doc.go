// Package sim holds no code but its tests: a simulation of the function in virtual
// time. The real dispatch and launcher packages run as instances of a Lambda
// function between a model of SQS and a model of ECS's RunTask, and everything goes
// wrong that can: lost answers before and after they took effect, throttling,
// missing and partial capacity, repeated and concurrent deliveries, crashes between
// any two steps, deployments in between.
//
// A history is made from a seed and is the same each time. What must hold is
// checked at each step; a history that breaks it is made smaller for as long as it
// still does, and printed with its trace. See CONTRIBUTING.md for how to run it.
package sim
