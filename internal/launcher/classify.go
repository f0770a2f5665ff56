package launcher

import (
	"context"
	"errors"
	"net"
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
	Unknown                // not in the table: treated as transient with a small budget, and logged with a marker
	Done                   // no failure: it had been launched before
)

var classNames = [...]string{"permanent", "transient", "ambiguous", "unknown", "done"}

// String is the class as it stands in logs and replies.
func (c Class) String() string { return classNames[c] }

// evidence is what a row of the table is about.
type evidence uint8

const (
	errorCode evidence = iota // an answer that is an error
	failure                   // the reason of an element of failures[]
	noAnswer                  // nothing that could be read: code is one of the Reason constants
	status                    // an error without a code of the table: its HTTP status
)

// row is one line of the table. What is empty fits everything.
type row struct {
	of      evidence
	code    string // the error's code; a failure's reason begins with it, in any case
	status  int    // 100 means all of its hundred: 500 is 500 to 599
	message string // part of the error's message or of the reason, in lower case
	class   Class
	flag    flag
}

// flag is what else is known about a row.
type flag uint8

const (
	throttled flag = 1 << iota // the rate of calls is too high: slow down
	slow                       // passes in minutes rather than seconds: wait longer
	few                        // passes soon or never: small budget
)

// table classifies everything that RunTask is known to answer; the first row that
// fits counts. Sources: ECS API reference, RunTask, Common Errors and API failure
// reasons; the developer guide's service event messages; the SDK's own set of
// throttling codes (aws/retry, DefaultThrottleErrorCodes); and, for faults that
// come dressed as others, the messages that users of RunTask report.
var table = []row{
	// Throttling and capacity inside codes that look permanent.
	{of: errorCode, code: "InvalidParameterException", message: "requestlimitexceeded", class: Transient, flag: throttled},
	{of: errorCode, code: "InvalidParameterException", message: "request limit exceeded", class: Transient, flag: throttled},
	{of: errorCode, code: "InvalidParameterException", message: "rate exceeded", class: Transient, flag: throttled},
	{of: errorCode, code: "InvalidParameterException", message: "errorcode: throttling", class: Transient, flag: throttled},
	{of: errorCode, code: "InvalidParameterException", message: "no container instances were found", class: Transient, flag: slow},
	{of: errorCode, code: "InvalidParameterException", message: "taskdefinition is inactive", class: Transient, flag: few},
	{of: errorCode, code: "InvalidParameterException", message: "taskdefinition not found", class: Transient, flag: few},
	{of: errorCode, code: "InvalidParameterException", message: "the new arn and resource id format must be enabled", class: Permanent},
	{of: errorCode, code: "InvalidParameterException", class: Permanent},
	{of: errorCode, code: "ClientException", message: "tasks provisioning capacity limit exceeded", class: Transient, flag: slow},
	{of: errorCode, code: "ClientException", message: "rate exceeded", class: Transient, flag: throttled},
	{of: errorCode, code: "ClientException", message: "ecs was unable to assume the role", class: Transient, flag: few},
	{of: errorCode, code: "ClientException", message: "taskdefinition not found", class: Transient, flag: few},
	{of: errorCode, code: "ClientException", message: "taskdefinition is inactive", class: Transient, flag: few},
	{of: errorCode, code: "ClientException", class: Permanent},
	// RunTask's other modelled errors.
	{of: errorCode, code: "AccessDeniedException", class: Permanent},
	{of: errorCode, code: "BlockedException", class: Permanent},
	{of: errorCode, code: "ClusterNotFoundException", class: Permanent},
	{of: errorCode, code: codeConflict, class: Done}, // with the tasks' ARNs; see adopt for one without
	{of: errorCode, code: "PlatformTaskDefinitionIncompatibilityException", class: Permanent},
	{of: errorCode, code: "PlatformUnknownException", class: Permanent},
	{of: errorCode, code: "ServerException", class: Ambiguous},
	{of: errorCode, code: "UnsupportedFeatureException", class: Permanent},
	// Errors common to AWS services.
	{of: errorCode, code: "BandwidthLimitExceeded", class: Transient, flag: throttled},
	{of: errorCode, code: "EC2ThrottledException", class: Transient, flag: throttled},
	{of: errorCode, code: "LimitExceededException", class: Transient, flag: throttled},
	{of: errorCode, code: "PriorRequestNotComplete", class: Transient, flag: throttled},
	{of: errorCode, code: "ProvisionedThroughputExceededException", class: Transient, flag: throttled},
	{of: errorCode, code: "RequestLimitExceeded", class: Transient, flag: throttled},
	{of: errorCode, code: "RequestThrottled", class: Transient, flag: throttled},
	{of: errorCode, code: "RequestThrottledException", class: Transient, flag: throttled},
	{of: errorCode, code: "SlowDown", class: Transient, flag: throttled},
	{of: errorCode, code: "ThrottledException", class: Transient, flag: throttled},
	{of: errorCode, code: "Throttling", class: Transient, flag: throttled},
	{of: errorCode, code: "ThrottlingException", class: Transient, flag: throttled},
	{of: errorCode, code: "TooManyRequestsException", class: Transient, flag: throttled},
	{of: errorCode, code: "TransactionInProgressException", class: Transient, flag: throttled},
	{of: errorCode, code: "InternalError", class: Ambiguous},
	{of: errorCode, code: "InternalFailure", class: Ambiguous},
	{of: errorCode, code: "InternalServerError", class: Ambiguous},
	{of: errorCode, code: "InternalServiceError", class: Ambiguous},
	{of: errorCode, code: "RequestTimeout", class: Ambiguous},
	{of: errorCode, code: "RequestTimeoutException", class: Ambiguous},
	{of: errorCode, code: "ServiceUnavailable", class: Ambiguous},
	{of: errorCode, code: "ServiceUnavailableException", class: Ambiguous},
	{of: errorCode, code: "AccessDenied", class: Permanent},
	{of: errorCode, code: "ExpiredTokenException", class: Permanent},
	{of: errorCode, code: "IncompleteSignature", class: Permanent},
	{of: errorCode, code: "InvalidAction", class: Permanent},
	{of: errorCode, code: "InvalidClientTokenId", class: Permanent},
	{of: errorCode, code: "InvalidSignatureException", class: Permanent},
	{of: errorCode, code: "MissingAuthenticationToken", class: Permanent},
	{of: errorCode, code: "MissingAuthenticationTokenException", class: Permanent},
	{of: errorCode, code: "NamespaceNotFoundException", class: Permanent},
	{of: errorCode, code: "NotAuthorized", class: Permanent},
	{of: errorCode, code: "OptInRequired", class: Permanent},
	{of: errorCode, code: "RequestEntityTooLargeException", class: Permanent},
	{of: errorCode, code: "RequestExpired", class: Permanent},
	{of: errorCode, code: "SerializationException", class: Permanent},
	{of: errorCode, code: "SignatureDoesNotMatch", class: Permanent},
	{of: errorCode, code: "UnknownOperationException", class: Permanent},
	{of: errorCode, code: "UnrecognizedClientException", class: Permanent},
	{of: errorCode, code: "ValidationError", class: Permanent},
	{of: errorCode, code: "ValidationException", class: Permanent},
	// A code that is not here, or none.
	{of: status, status: 429, class: Transient, flag: throttled},
	{of: status, status: 500, class: Ambiguous},
	{of: status, status: 200, class: Ambiguous},
	// No answer: the tasks may exist.
	{of: noAnswer, code: ReasonTimeout, class: Ambiguous},
	{of: noAnswer, code: ReasonConnection, class: Ambiguous},
	{of: noAnswer, code: ReasonUndecodable, class: Ambiguous},
	{of: noAnswer, code: ReasonEmptyAnswer, class: Ambiguous},
	// The reasons in failures[] of an answer with status 200.
	{of: failure, code: "RESOURCE:", class: Transient},
	{of: failure, code: "AGENT", class: Transient},
	{of: failure, code: "EMPTY CAPACITY PROVIDER", class: Transient, flag: slow},
	{of: failure, code: "NO ACTIVE INSTANCES", class: Transient, flag: slow},
	{of: failure, code: "LOCATION", class: Permanent},
	{of: failure, code: "ATTRIBUTE", class: Permanent},
	{of: failure, message: "placement constraint unsatisfied", class: Permanent},
	{of: failure, message: "capacity is unavailable", class: Transient},
	{of: failure, message: "you've reached the limit", class: Transient, flag: slow},
	{of: failure, message: "no container instances were found", class: Transient, flag: slow},
	{of: failure, message: "configuration is above your limit", class: Permanent},
	{of: failure, message: "your account is currently blocked", class: Permanent},
	{of: failure, message: "rate exceeded", class: Transient, flag: throttled},
}

func (r *row) fits(of evidence, code string, status int, message string) bool {
	if r.of != of || !strings.Contains(message, r.message) {
		return false
	}
	if r.status != 0 && r.status != status && (r.status%100 != 0 || r.status != status/100*100) {
		return false
	}
	if of == failure {
		return len(code) >= len(r.code) && strings.EqualFold(code[:len(r.code)], r.code)
	}
	return r.code == "" || r.code == code
}

func lookup(of evidence, code string, status int, message string) (row, bool) {
	for i := range table {
		if table[i].fits(of, code, status, message) {
			return table[i], true
		}
	}
	return row{class: Unknown, flag: few}, false
}

// classify finds the row of an error of the SDK, and a word for it.
func classify(err error) (row, string) {
	var (
		httpStatus int
		response   *http.ResponseError
		api        smithy.APIError
	)
	if errors.As(err, &response) {
		httpStatus = response.HTTPStatusCode()
	}
	if !errors.As(err, &api) {
		reason := transport(err, httpStatus)
		r, ok := lookup(status, "", httpStatus, "")
		if !ok || httpStatus == 0 {
			r, _ = lookup(noAnswer, reason, 0, "")
		}
		return r, reason
	}
	code := api.ErrorCode()
	r, ok := lookup(errorCode, code, httpStatus, normal(api.ErrorMessage()))
	if !ok {
		r, _ = lookup(status, code, httpStatus, "")
	}
	return r, code
}

// transport is a word for an error that is no answer of ECS.
func transport(err error, httpStatus int) string {
	var timeout net.Error
	switch {
	case httpStatus != 0:
		return ReasonUndecodable
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &timeout) && timeout.Timeout():
		return ReasonTimeout
	}
	return ReasonConnection
}

// classifyFailure finds the row of the reason of one element of failures[].
func classifyFailure(reason string) row {
	text := normal(reason)
	if strings.HasPrefix(text, failedToStartPrefix) {
		reason, text = reason[len(failedToStartPrefix):], text[len(failedToStartPrefix):]
	}
	r, _ := lookup(failure, reason, 0, text)
	return r
}

// normal is a message in the form of the table: lower case, plain apostrophes.
func normal(s string) string {
	return strings.ToLower(strings.ReplaceAll(s, "’", "'"))
}
