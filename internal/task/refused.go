package task

// refused are fields that ECS has and a Request has not, on purpose. What a
// container override cannot change ([API ContainerOverride]) is here for whoever
// looks for it.
var refused = map[string]string{
	"clientToken":                   "Taskbridge makes it from the event's identity; see idempotency in docs/mapping.md",
	"referenceId":                   "ECS reserves it for its own use",
	"inferenceAcceleratorOverrides": "Elastic Inference is no longer available",
	"entryPoint":                    "RunTask cannot override it; set it in the task definition",
	"image":                         "RunTask cannot override it; use another task definition",
	"secrets":                       "RunTask cannot override it; set it in the task definition",
	"logConfiguration":              "RunTask cannot override it; set it in the task definition",
	"portMappings":                  "RunTask cannot override it; set it in the task definition",
	"mountPoints":                   "RunTask cannot override it; set it in the task definition",
	"user":                          "RunTask cannot override it; set it in the task definition",
}

// Refused returns why the field of ECS with this name cannot be set, or "" if
// there is no more to say than that RunTask's request has no such field.
func Refused(name string) (why string) { return refused[name] }
