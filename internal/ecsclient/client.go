// Package ecsclient makes the function's ECS client from the environment that
// Lambda gives it.
//
// It reads the variables of the AWS SDKs itself, where the SDK's config package
// would also look for profiles, SSO, web identities and the instance metadata
// service. None of these exist in Lambda, and linking them costs a fifth of a
// cold start: docs/adr/0006.
package ecsclient

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// A Client is the ECS client, with a connection that can be opened ahead.
type Client struct {
	*ecs.Client
	dialer   *dialer
	endpoint *url.URL // where the calls go; nil if the SDK cannot tell
}

// Connections is how many a function needs at most: ECS lets 100 calls through at
// once ("Request throttling", API reference: cluster resource modify actions).
const Connections = 100

// New returns a client that keeps at most conns connections. It makes no call. env
// is the environment, as os.LookupEnv gives it; every variable that cannot be used
// is named in the error. These are read, as in every AWS SDK:
//
//   - AWS_REGION, or AWS_DEFAULT_REGION
//   - AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; or
//     AWS_CONTAINER_CREDENTIALS_FULL_URI with AWS_CONTAINER_AUTHORIZATION_TOKEN or
//     AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
//   - AWS_ENDPOINT_URL_ECS, or AWS_ENDPOINT_URL; AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
//   - AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT
//   - AWS_MAX_ATTEMPTS, AWS_RETRY_MODE
//   - AWS_CA_BUNDLE, AWS_SDK_UA_APP_ID, AWS_DISABLE_CLOCK_SKEW_CORRECTION
//
// https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
func New(env func(string) (string, bool), conns int) (*Client, error) {
	r := reader{env: env}
	options := ecs.Options{
		Region:                     r.text("AWS_REGION", "AWS_DEFAULT_REGION"),
		BaseEndpoint:               r.endpoint(),
		RetryMaxAttempts:           r.attempts(),
		RetryMode:                  r.retryMode(),
		AppID:                      r.text("AWS_SDK_UA_APP_ID"),
		DisableClockSkewCorrection: r.flag("AWS_DISABLE_CLOCK_SKEW_CORRECTION"),
	}
	if r.flag("AWS_USE_FIPS_ENDPOINT") {
		options.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	if r.flag("AWS_USE_DUALSTACK_ENDPOINT") {
		options.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
	}
	if options.Region == "" {
		r.errs = append(r.errs, errors.New("no AWS_REGION: Lambda sets it; elsewhere set it"))
	}
	dialer := newDialer(r.bundle(), r.text("SSL_CERT_FILE", "SSL_CERT_DIR") == "")
	options.HTTPClient = dialer.client(conns)
	options.Credentials = r.credentials()
	if len(r.errs) > 0 {
		return nil, fmt.Errorf("AWS settings: %w", errors.Join(r.errs...))
	}
	c := &Client{dialer: dialer}
	if e, err := callsTo(&options); err == nil { // or the first call says so, with its operation
		c.endpoint, options.EndpointResolverV2 = &e.URI, resolved{e}
	}
	c.Client = ecs.New(options)
	return c, nil
}

// resolved is the endpoint of all calls. Left to itself, the SDK goes through its
// rules for each of them, always with the same settings.
type resolved struct{ endpoint smithyendpoints.Endpoint }

// ResolveEndpoint implements [ecs.EndpointResolverV2].
func (r resolved) ResolveEndpoint(context.Context, ecs.EndpointParameters) (smithyendpoints.Endpoint, error) {
	return r.endpoint, nil
}

// callsTo is the endpoint that the SDK chooses.
func callsTo(o *ecs.Options) (smithyendpoints.Endpoint, error) {
	return ecs.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), ecs.EndpointParameters{
		Region: &o.Region, Endpoint: o.BaseEndpoint,
		UseFIPS:      aws.Bool(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: aws.Bool(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
	})
}

// reader reads settings and keeps what is wrong with them.
type reader struct {
	env  func(string) (string, bool)
	errs []error
}

// text is the first of the variables that is set and not empty.
func (r *reader) text(names ...string) string {
	for _, name := range names {
		if v, _ := r.env(name); v != "" {
			return v
		}
	}
	return ""
}

func (r *reader) fail(name, want string) {
	r.errs = append(r.errs, fmt.Errorf("%s: want %s", name, want))
}

func (r *reader) flag(name string) bool {
	switch v := r.text(name); {
	case v == "" || strings.EqualFold(v, "false"):
		return false
	case strings.EqualFold(v, "true"):
		return true
	}
	r.fail(name, "true or false")
	return false
}

func (r *reader) endpoint() *string {
	const specific, general = "AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL"
	v := r.text(specific, general)
	if v == "" || r.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
		return nil
	}
	if u, err := url.Parse(v); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		r.fail(specific+" or "+general, "an http:// or https:// URL")
	}
	return &v
}

func (r *reader) attempts() int {
	const name = "AWS_MAX_ATTEMPTS"
	v := r.text(name)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		r.fail(name, "a number of attempts, 1 or more")
	}
	return n
}

func (r *reader) retryMode() aws.RetryMode {
	const name = "AWS_RETRY_MODE"
	v := r.text(name)
	if v == "" {
		return ""
	}
	mode, err := aws.ParseRetryMode(v)
	if err != nil {
		r.fail(name, "standard or adaptive")
	}
	return mode
}

// bundle are the certificates of AWS_CA_BUNDLE, which are then the only ones that
// are trusted; nil if it is not set.
func (r *reader) bundle() *x509.CertPool {
	const name = "AWS_CA_BUNDLE"
	path := r.text(name)
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		r.errs = append(r.errs, fmt.Errorf("%s: %w", name, err))
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		r.fail(name, "a file of PEM certificates")
	}
	return pool
}

// credentials are those of the environment, or those of the endpoint that it
// names. The former do not change while a process lives.
func (r *reader) credentials() aws.CredentialsProvider {
	const uri, token, tokenFile = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
	id, secret := r.text("AWS_ACCESS_KEY_ID"), r.text("AWS_SECRET_ACCESS_KEY")
	if id != "" && secret != "" {
		return credentials.NewStaticCredentialsProvider(id, secret, r.text("AWS_SESSION_TOKEN"))
	}
	endpoint := r.text(uri)
	if endpoint == "" {
		r.errs = append(r.errs, fmt.Errorf("no credentials: Lambda sets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or %s; elsewhere set them", uri))
		return nil
	}
	return aws.NewCredentialsCache(endpointcreds.New(endpoint, func(o *endpointcreds.Options) {
		o.HTTPClient = http.DefaultClient // another host than that of client's connections
		o.AuthorizationToken = r.text(token)
		if file := r.text(tokenFile); file != "" {
			o.AuthorizationTokenProvider = endpointcreds.TokenProviderFunc(func() (string, error) {
				text, err := os.ReadFile(file)
				return strings.TrimSpace(string(text)), err
			})
		}
	}))
}
