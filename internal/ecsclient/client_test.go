package ecsclient

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// environment is one as Lambda makes it, with changes; "" unsets.
func environment(changes map[string]string) func(string) (string, bool) {
	env := map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
	}
	for name, value := range changes {
		env[name] = value
		if value == "" {
			delete(env, name)
		}
	}
	return func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}
}

// request makes one call and returns what reached the HTTP client, at most
// attempts times.
func request(t *testing.T, changes map[string]string) (last *http.Request, attempts int) {
	t.Helper()
	c, err := New(environment(changes), 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.ListClusters(t.Context(), &ecs.ListClustersInput{}, func(o *ecs.Options) {
		o.HTTPClient = doer(func(r *http.Request) (*http.Response, error) {
			last = r
			attempts++
			return &http.Response{
				StatusCode: http.StatusInternalServerError, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"__type":"ServerException"}`)),
			}, nil
		})
	})
	if err == nil || last == nil {
		t.Fatalf("no request was made: %v", err)
	}
	return last, attempts
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func TestEndpoint(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want string
	}{
		{"region", nil, "https://ecs.eu-central-1.amazonaws.com"},
		{"default region", map[string]string{"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}, "https://ecs.us-west-2.amazonaws.com"},
		{"China", map[string]string{"AWS_REGION": "cn-north-1"}, "https://ecs.cn-north-1.amazonaws.com.cn"},
		{"FIPS", map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, "https://ecs-fips.eu-central-1.amazonaws.com"},
		{"dual-stack", map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "True"}, "https://ecs.eu-central-1.api.aws"},
		{"neither", map[string]string{"AWS_USE_FIPS_ENDPOINT": "false", "AWS_USE_DUALSTACK_ENDPOINT": "false"}, "https://ecs.eu-central-1.amazonaws.com"},
		{"general", map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "http://127.0.0.1:1"},
		{"specific", map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_ECS": "http://127.0.0.1:2"}, "http://127.0.0.1:2"},
		{"ignored", map[string]string{"AWS_ENDPOINT_URL_ECS": "http://127.0.0.1:2", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "https://ecs.eu-central-1.amazonaws.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := map[string]string{"AWS_MAX_ATTEMPTS": "1"}
			for name, value := range tt.env {
				env[name] = value
			}
			r, _ := request(t, env)
			if got := r.URL.Scheme + "://" + r.URL.Host; got != tt.want {
				t.Errorf("calls go to %s, want %s", got, tt.want)
			}
			c, err := New(environment(env), 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.endpoint.Scheme + "://" + c.endpoint.Host; got != tt.want {
				t.Errorf("the connection that is opened ahead goes to %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSignature(t *testing.T) {
	r, _ := request(t, map[string]string{"AWS_MAX_ATTEMPTS": "1", "AWS_SDK_UA_APP_ID": "my-app"})
	if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "Credential=AKIAIOSFODNN7EXAMPLE/") || !strings.Contains(auth, "/eu-central-1/ecs/") {
		t.Errorf("got Authorization %q", auth)
	}
	if token := r.Header.Get("X-Amz-Security-Token"); token != "token" {
		t.Errorf("got session token %q", token)
	}
	if agent := r.Header.Get("User-Agent"); !strings.Contains(agent, "app/my-app") {
		t.Errorf("got User-Agent %q", agent)
	}
}

func TestAttempts(t *testing.T) {
	for _, mode := range []string{"standard", "adaptive"} {
		if _, n := request(t, map[string]string{"AWS_MAX_ATTEMPTS": "2", "AWS_RETRY_MODE": mode}); n != 2 {
			t.Errorf("%s: got %d attempts, want 2", mode, n)
		}
	}
}

func TestContainerCredentials(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer xyz" {
			t.Errorf("got Authorization %q", got)
		}
		_, _ = io.WriteString(w, `{"AccessKeyId":"AKIAFROMENDPOINT","SecretAccessKey":"s","Token":"t","Expiration":"2999-01-01T00:00:00Z"}`)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("Bearer xyz\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer xyz", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file} {
		r, _ := request(t, map[string]string{
			"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_MAX_ATTEMPTS": "1",
			"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.URL, name: value,
		})
		if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "Credential=AKIAFROMENDPOINT/") {
			t.Errorf("%s: got Authorization %q", name, auth)
		}
	}
}

// All mistakes are named at once, and no value: it may be a secret.
func TestBadSettings(t *testing.T) {
	bad := map[string]string{
		"AWS_REGION": "", "AWS_ACCESS_KEY_ID": "", "AWS_ENDPOINT_URL_ECS": "value", "AWS_USE_FIPS_ENDPOINT": "value", "AWS_MAX_ATTEMPTS": "0",
		"AWS_RETRY_MODE": "value", "AWS_CA_BUNDLE": filepath.Join(t.TempDir(), "none"), "AWS_USE_DUALSTACK_ENDPOINT": "value",
	}
	_, err := New(environment(bad), 1)
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for name := range bad {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "value") {
		t.Errorf("a value is in the error:\n%v", err)
	}
	file := filepath.Join(t.TempDir(), "bundle")
	if err := os.WriteFile(file, []byte("no certificates"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(environment(map[string]string{"AWS_CA_BUNDLE": file}), 1); err == nil || !strings.Contains(err.Error(), "AWS_CA_BUNDLE") {
		t.Errorf("got %v for a bundle without certificates", err)
	}
}

// server counts the connections that it was opened, and knows over which of them
// the first request came and how many requests there were at a time.
type server struct {
	*httptest.Server
	mu         sync.Mutex
	conns      int
	first      string // the other end's address
	busy, most int
}

func newServer(t *testing.T, secure bool) *server {
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.first == "" {
			s.first = r.RemoteAddr
		}
		s.busy++
		s.most = max(s.most, s.busy)
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			s.busy--
			s.mu.Unlock()
		}()
		time.Sleep(time.Millisecond) // others come meanwhile
		_, _ = io.WriteString(w, `{"clusterArns":[]}`)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.mu.Lock()
			s.conns++
			s.mu.Unlock()
		}
	}
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

// client is one of s, which it trusts.
func (s *server) client(t *testing.T, conns int) *Client {
	env := map[string]string{"AWS_ENDPOINT_URL_ECS": s.URL}
	if cert := s.Certificate(); cert != nil {
		env["AWS_CA_BUNDLE"] = filepath.Join(t.TempDir(), "bundle")
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
		if err := os.WriteFile(env["AWS_CA_BUNDLE"], text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := New(environment(env), conns)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func call(t *testing.T, c *Client) {
	t.Helper()
	if _, err := c.ListClusters(t.Context(), &ecs.ListClustersInput{}); err != nil {
		t.Error(err)
	}
}

// The connection that was opened ahead is the one that the first call uses, whether
// it is there when that comes or not.
func TestWarm(t *testing.T) {
	for _, secure := range []bool{false, true} {
		for _, wait := range []bool{false, true} {
			s := newServer(t, secure)
			c := s.client(t, 1)
			c.Warm()
			a := c.dialer.ahead.Load()
			if wait {
				<-a.done
			}
			call(t, c)
			<-a.done
			if got := a.conn.LocalAddr().String(); got != s.first || s.count() != 1 {
				t.Errorf("TLS %v, waited %v: the first of %d connections is %s, want one, %s", secure, wait, s.count(), s.first, got)
			}
		}
	}
}

// What was opened too long ago is not used: the peer may have closed it.
func TestWarmStale(t *testing.T) {
	s := newServer(t, false)
	c := s.client(t, 1)
	c.Warm()
	a := c.dialer.ahead.Load()
	<-a.done
	a.at = a.at.Add(-fresh)
	call(t, c)
	if n := s.count(); n != 2 {
		t.Errorf("%d connections, want a new one", n)
	}
	if _, err := a.conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the old one is not closed: %v", err)
	}
}

// An endpoint that cannot be reached ahead keeps nothing from working.
func TestWarmFails(t *testing.T) {
	s := newServer(t, false)
	c := s.client(t, 1)
	addr := c.endpoint.Host
	c.endpoint.Host = "127.0.0.1:1" // nothing listens there
	c.Warm()
	a := c.dialer.ahead.Load()
	<-a.done
	if a.conn != nil {
		t.Fatal("something listens on port 1")
	}
	a.addr = addr
	call(t, c)
	if n := s.count(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// A call that gives up while the connection is being opened does not wait for it.
func TestWarmGivenUp(t *testing.T) {
	d := newDialer(nil, false)
	a := &ahead{addr: "host:443", done: make(chan struct{})}
	d.ahead.Store(a)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.dial(ctx, "host:443", d.open); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(a.done)
}

// Calls at a time use no more connections than allowed, and those are used again.
// A busy machine may lose some: net/http does not wait for one that is slow to be
// free.
func TestConnections(t *testing.T) {
	const conns, calls = 4, 50
	s := newServer(t, true)
	c := s.client(t, conns)
	c.Warm()
	var group sync.WaitGroup
	for range calls {
		group.Go(func() { call(t, c) })
	}
	group.Wait()
	if n := s.count(); s.most > conns || n > calls/2 {
		t.Errorf("%d connections, %d at a time, want about %d", n, s.most, conns)
	}
}

// An untrusted endpoint is not talked to, opened ahead or not.
func TestUntrusted(t *testing.T) {
	s := newServer(t, true)
	c, err := New(environment(map[string]string{"AWS_ENDPOINT_URL_ECS": s.URL, "AWS_MAX_ATTEMPTS": "1"}), 1)
	if err != nil {
		t.Fatal(err)
	}
	c.Warm()
	_, err = c.ListClusters(t.Context(), &ecs.ListClustersInput{})
	var unknown *tls.CertificateVerificationError
	if !errors.As(err, &unknown) {
		t.Errorf("got %v, want a certificate error", err)
	}
}

var _ aws.HTTPClient = doer(nil)
