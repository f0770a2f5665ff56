package launcher

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Class says what can be done about a failure.
type Class uint8

// The classes of failures.
const (
	Permanent Class = iota // trying again cannot help
	Transient              // nothing started; trying again can help
	Ambiguous              // it may have started: the same request and token must be sent again
	Unknown                // not in the table: treated as transient, and logged loudly
)

var classNames = [...]string{"permanent", "transient", "ambiguous", "unknown"}

// String is the class as it stands in logs and replies.
func (c Class) String() string { return classNames[c] }

// row is one line of the table: an error code or a failure's reason, part of the
// message, and what it means. An empty match fits everything.
type row struct {
	code    string
	message string // lower case
	class   Class
}

// errorTable classifies RunTask's errors; the first row that fits counts.
// Sources: ECS API reference, RunTask and Common Errors; the messages are those
// that users of RunTask report for faults that pass.
var errorTable = []row{
	{"InvalidParameterException", "request limit exceeded", Transient},
	{"InvalidParameterException", "rate exceeded", Transient},
	{"InvalidParameterException", "requestlimitexceeded", Transient},
	{"InvalidParameterException", "no container instances were found", Transient},
	{"ClientException", "tasks provisioning capacity limit exceeded", Transient},
	{"ClientException", "ecs was unable to assume the role", Transient},
	{"InvalidParameterException", "", Permanent},
	{"ClientException", "", Permanent},
	{"AccessDeniedException", "", Permanent},
	{"BlockedException", "", Permanent},
	{"ClusterNotFoundException", "", Permanent},
	{"ConflictException", "", Permanent},
	{"PlatformTaskDefinitionIncompatibilityException", "", Permanent},
	{"PlatformUnknownException", "", Permanent},
	{"UnsupportedFeatureException", "", Permanent},
	{"ServerException", "", Ambiguous},
	{"InternalFailure", "", Ambiguous},
	{"ServiceUnavailable", "", Ambiguous},
	{"ThrottlingException", "", Transient},
	{"Throttling", "", Transient},
	{"ThrottledException", "", Transient},
	{"RequestLimitExceeded", "", Transient},
	{"RequestThrottled", "", Transient},
	{"RequestThrottledException", "", Transient},
	{"TooManyRequestsException", "", Transient},
	{"LimitExceededException", "", Transient},
	{"SlowDown", "", Transient},
	{"ExpiredTokenException", "", Transient},
	{"UnrecognizedClientException", "", Permanent},
	{"InvalidSignatureException", "", Permanent},
	{"IncompleteSignature", "", Permanent},
	{"MissingAuthenticationToken", "", Permanent},
	{"OptInRequired", "", Permanent},
	{"NotAuthorized", "", Permanent},
	{"UnknownOperationException", "", Permanent},
	{"SerializationException", "", Permanent},
}

// reasonTable classifies the reasons of failures[]. Source: ECS developer guide,
// "API failure reasons", and service event messages.
var reasonTable = []row{
	{"RESOURCE:", "", Transient},
	{"AGENT", "", Transient},
	{"LOCATION", "", Permanent},
	{"ATTRIBUTE", "", Permanent},
	{"", "capacity is unavailable", Transient},
	{"", "you've reached the limit", Transient},
	{"", "no container instances were found", Transient},
	{"", "configuration is above your limit", Permanent},
	{"", "placement constraint unsatisfied", Permanent},
	{"", "your account is currently blocked", Permanent},
}

// classify returns the class of an error of the SDK and its code.
func classify(err error) (Class, string) {
	var status int
	var response *http.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		// No answer that could be read: a timeout, a reset connection, an
		// undecodable 200. The tasks may exist.
		return Ambiguous, "NoAnswer"
	}
	code, message := api.ErrorCode(), normal(api.ErrorMessage())
	for _, r := range errorTable {
		if r.code == code && strings.Contains(message, r.message) {
			return r.class, code
		}
	}
	if status >= 500 {
		return Ambiguous, code
	}
	return Unknown, code
}

// classifyFailure returns the class of one element of failures[].
func classifyFailure(reason string) Class {
	text := normal(reason)
	for _, r := range reasonTable {
		if strings.HasPrefix(reason, r.code) && strings.Contains(text, r.message) {
			return r.class
		}
	}
	return Unknown
}

// normal is a message in the form of the tables: lower case, plain apostrophes.
func normal(s string) string {
	return strings.ToLower(strings.ReplaceAll(s, "’", "'"))
}
