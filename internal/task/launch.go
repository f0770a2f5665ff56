package task

// A Launch is one request with the identity that makes it happen once. Two
// launches of the same identity are the same launch, whoever asks and however
// often.
type Launch struct {
	Request Request
	Rule    string // name of the rule
	Key     string // idempotency key, by default the event's identity
}

// Launched says that the tasks of a Launch exist.
type Launched struct {
	TaskARNs    []string
	Duplicate   bool   // they existed before: the launch had been made already
	ClientToken string // the token that RunTask was given
}
