package localecs

import (
	"fmt"
	"net/http"
)

// Error codes of the ECS API. All but codeServer are answered with status 400.
const (
	codeClient                    = "ClientException"
	codeInvalidParameter          = "InvalidParameterException"
	codeClusterNotFound           = "ClusterNotFoundException"
	codeConflict                  = "ConflictException"
	codePlatformUnknown           = "PlatformUnknownException"
	codePlatformIncompatibility   = "PlatformTaskDefinitionIncompatibilityException"
	codeServer                    = "ServerException"
	codeThrottling                = "ThrottlingException"    // common to AWS APIs, not in ECS's model
	codeSerialization             = "SerializationException" // of the JSON 1.1 protocol
	codeUnknownOperation          = "UnknownOperationException"
	codeRequestEntityTooLarge     = "RequestEntityTooLargeException"
	messageServiceUnavailable     = "Service Unavailable. Please try again later."
	messageRateExceeded           = "Rate exceeded"
	messageProvisioningLimit      = "Tasks provisioning capacity limit exceeded."
	messageClusterNotFound        = "Cluster not found."
	messageTaskDefinitionNotFound = "TaskDefinition not found."
	messageTaskDefinitionInactive = "TaskDefinition is inactive"
)

// An apiError is an answer that is not a success. It implements error only for
// the benefit of tests and of printing.
type apiError struct {
	status      int
	code        string
	message     string
	resourceIDs []string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func invalid(format string, args ...any) *apiError {
	return badRequest(codeInvalidParameter, format, args...)
}

func clientError(format string, args ...any) *apiError {
	return badRequest(codeClient, format, args...)
}

func badRequest(code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: code, message: fmt.Sprintf(format, args...)}
}

// firstError returns the first of its arguments that is an error. The order of
// the arguments is the order in which a request with several mistakes hears of
// them.
func firstError(checks ...func() *apiError) *apiError {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}
