package compile

// A Form is the kind of value that a key of the language takes.
type Form uint8

// The forms. In every one but FormName and FormExpression, ${param.NAME} may
// stand for a value.
const (
	FormText       Form = iota // a string
	FormName                   // a string, without expressions
	FormBool                   // true or false
	FormInt                    // a whole number
	FormDuration               // a string such as 90s, 15m, 2h, 1d
	FormExpression             // a string: CEL, with or without ${…} around it
	FormTemplate               // a string that may hold ${…}
	FormValue                  // any value
	FormValues                 // a list of strings
	FormObject                 // an object with Keys
	FormList                   // a list of objects with Keys
	FormMap                    // an object of any names, each with an object with Keys
	FormSchedule               // a string, or an object with Keys
	FormForEach                // a list, or an expression that gives one
	FormAllow                  // an object: for some of Choosable the values it may have
	FormPattern                // an EventBridge event pattern
	FormSchema                 // a JSON Schema
	FormRequest                // RunTask's request, with ${…} anywhere: task.Request
)

// A Key is a key of the mapping language.
type Key struct {
	Name     string
	Form     Form
	Required bool
	About    string   // one sentence, for editors; the manual says more
	Enum     []string // of a FormText or of the elements of FormValues: all that it may be
	Pattern  string   // of a FormName: a regular expression for all of it
	Min, Max int      // of a FormInt
	Keys     []Key    // of the forms that have keys
}

// Choosable are the fields of RunTask that decide what runs where and as whom:
// the values that each can have are known before deployment.
var Choosable = []string{"capacityProvider", "cluster", "executionRoleArn", "launchType", "roleArn", "taskDefinition", "taskRoleArn"}

// Language is the whole mapping file.
var Language = Key{Form: FormObject, About: "Which events start which ECS task.", Keys: []Key{
	{Name: "version", Form: FormInt, Required: true, Min: 1, Max: 1, About: "Version of the language."},
	{Name: "params", Form: FormMap, About: "Values that are given when the mapping is compiled.", Keys: paramKeys},
	{Name: "accept", Form: FormValues, Enum: []string{"sqs", "sns", "direct"}, About: "Sources whose messages need not be events."},
	{Name: "schemas", Form: FormList, About: "Shapes of events of your own.", Keys: schemaKeys},
	{Name: "defaults", Form: FormRequest, About: "RunTask's fields that every rule starts from."},
	{Name: "rules", Form: FormList, Required: true, About: "Which events start which task; every rule that matches fires.", Keys: ruleKeys},
}}

var paramKeys = []Key{
	{Name: "type", Form: FormName, Required: true, Enum: []string{"string", "int", "bool", "list"}, About: "Type of the value; a list is one of strings."},
	{Name: "default", Form: FormValue, About: "Value where none is given."},
	{Name: "enum", Form: FormValue, About: "List of all values that may be given."},
	{Name: "description", Form: FormName, About: "What the value is, for people."},
}

var schemaKeys = []Key{
	{Name: "source", Form: FormName, Required: true, About: "Source of the events."},
	{Name: "detail-type", Form: FormName, Required: true, About: "Detail type of the events."},
	{Name: "schema", Form: FormSchema, Required: true, About: "JSON Schema of the whole event, with a property detail."},
}

var ruleKeys = []Key{
	{Name: "name", Form: FormName, Required: true, Pattern: ruleNameForm, About: "Unique and stable: client tokens are made from it."},
	{Name: "description", Form: FormText, About: "Copied to the rule on the event bus."},
	{Name: "enabled", Form: FormBool, About: "false: provisioned as disabled."},
	{Name: "match", Form: FormPattern, About: "EventBridge event pattern. A rule has either match or schedule."},
	{Name: "schedule", Form: FormSchedule, About: "Expression of EventBridge Scheduler.", Keys: scheduleKeys},
	{Name: "bus", Form: FormText, About: "Name or ARN of the event bus, the default bus unless given."},
	{Name: "when", Form: FormExpression, About: "Condition, after match."},
	{Name: "forEach", Form: FormForEach, About: "One launch for each element: item, index."},
	{Name: "idempotency", Form: FormObject, About: "What makes two events the same.", Keys: []Key{
		{Name: "key", Form: FormTemplate, Required: true, About: "Events with the same key launch once."},
	}},
	{Name: "retry", Form: FormObject, About: "How a launch that did not succeed is tried again.", Keys: retryKeys},
	{Name: "confirm", Form: FormObject, About: "When a launch is done.", Keys: confirmKeys},
	{Name: "provenanceTags", Form: FormBool, About: "false: no tags that say where a task comes from."},
	{Name: "allow", Form: FormAllow, About: "Values that fields may have which the event chooses."},
	{Name: "task", Form: FormRequest, Required: true, About: "RunTask's request, laid over defaults."},
}

var scheduleKeys = []Key{
	{Name: "expression", Form: FormText, Required: true, About: "rate(…), cron(…) or at(…)."},
	{Name: "timezone", Form: FormText, About: "IANA time zone of cron and at, UTC unless given."},
	{Name: "flexibleWindow", Form: FormDuration, About: "Time after the scheduled one within which it may run, 1m to 24h."},
	{Name: "start", Form: FormText, About: "Not before this time, RFC 3339."},
	{Name: "end", Form: FormText, About: "Not after this time, RFC 3339."},
	{Name: "group", Form: FormText, About: "Name of an existing schedule group."},
	{Name: "deleteAfterRun", Form: FormBool, About: "Delete the schedule after its last run."},
}

var retryKeys = []Key{
	{Name: "attempts", Form: FormInt, Max: maxAttempts, About: "Attempts after the first; 0 means never again."},
	{Name: "backoff", Form: FormDuration, About: "Time before the first retry, 1ms to 5m; it doubles."},
	{Name: "maxAge", Form: FormDuration, About: "Age of the event at which retrying ends, 1m to 24h."},
}

var confirmKeys = []Key{
	{Name: "until", Form: FormText, Required: true, Enum: []string{"accepted", "running"}, About: "How far the tasks must have got."},
	{Name: "timeout", Form: FormDuration, About: "Time for it, 1s to 15m."},
}

// names are the keys of the language at one place.
func names(keys []Key) []string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.Name
	}
	return list
}
