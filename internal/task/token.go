package task

import "errors"

// [API RunTask] unless said otherwise.
var (
	tokenRequired = rule{"runtask-client-token-required", "required", "make one from what identifies the launch"}
	tokenLength   = rule{"runtask-client-token-length", "%d characters, at most %d", "hash it: SHA-256 in hexadecimal fits exactly"}
	tokenText     = rule{"runtask-client-token-text", "holds other characters than those of ASCII from 33 to 126", "hash it"}
)

// ValidateClientToken returns why RunTask would refuse the client token, as joined
// [*LimitError]s, or nil ([API RunTask.clientToken]). The token is no part of a
// [Request]: whoever launches makes it. An empty one is refused: the SDK sends it
// as it is, and it binds nothing.
func ValidateClientToken(token string) error {
	c := checker{}
	p := at("clientToken")
	c.required(tokenRequired, p, token)
	c.most(tokenLength, p, len(token), MaxClientToken)
	c.form(tokenText, p, token, func(s string) bool { return made(s, len(s), visible) })
	return errors.Join(c.errs...)
}
