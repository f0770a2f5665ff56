package ecsclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// dialer opens the connections of a client, the first of them ahead if asked to.
type dialer struct {
	tcp   net.Dialer
	tls   func() *tls.Config // read when it is first needed: beside the start, if Warm is called
	proxy *tls.Config        // of connections through a proxy
	ahead atomic.Pointer[ahead]
}

// ahead is a connection that is being opened before anybody asked for it.
type ahead struct {
	addr string
	done chan struct{} // closed when conn and at are set
	conn net.Conn      // nil if it could not be opened
	at   time.Time
}

// fresh is how old a connection that was opened ahead may be when it is first
// used. Afterwards the peer may have closed it; an environment that is started
// ahead of its first event waits for hours.
const fresh = 5 * time.Second

// newDialer returns a dialer that trusts bundle, or, if that is nil, the
// certificates of the machine. ours says that nobody chose which these are.
func newDialer(bundle *x509.CertPool, ours bool) *dialer {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: bundle,
		// Each further connection to the same endpoint skips the certificates.
		ClientSessionCache: tls.NewLRUClientSessionCache(0),
	}
	return &dialer{
		// The SDK's own timeout and keep-alive (aws/transport/http).
		tcp:   net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second},
		proxy: config.Clone(),
		tls: sync.OnceValue(func() *tls.Config {
			if bundle == nil && ours {
				config.RootCAs = amazonRoots()
			}
			return config
		}),
	}
}

// amazonRoots are the certificates of Amazon Linux, and so of Lambda; nil, which
// means what Go finds, elsewhere. Left to itself, Go reads the same file and then
// two folders that hold it again: three times the work.
func amazonRoots() *x509.CertPool {
	text, err := os.ReadFile("/etc/pki/tls/certs/ca-bundle.crt")
	if err != nil {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil
	}
	return pool
}

// direct is an HTTP client for an API, which sets no cookies and does not redirect:
// what else http.Client does for every request is left out.
type direct struct{ *http.Transport }

// Do implements [aws.HTTPClient].
func (d direct) Do(r *http.Request) (*http.Response, error) { return d.RoundTrip(r) }

// client returns an HTTP client that opens its connections by d.
func (d *dialer) client(conns int) aws.HTTPClient {
	return direct{&http.Transport{
		Proxy:           http.ProxyFromEnvironment,
		DialContext:     func(ctx context.Context, _, addr string) (net.Conn, error) { return d.dial(ctx, addr, d.open) },
		DialTLSContext:  func(ctx context.Context, _, addr string) (net.Conn, error) { return d.dial(ctx, addr, d.openTLS) },
		TLSClientConfig: d.proxy,
		// All of them are kept: a batch as large as the last finds them open.
		MaxConnsPerHost:       conns,
		MaxIdleConnsPerHost:   conns,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true, // the SDK asks for what it wants
	}}
}

func (d *dialer) open(ctx context.Context, addr string) (net.Conn, error) {
	return d.tcp.DialContext(ctx, "tcp", addr)
}

func (d *dialer) openTLS(ctx context.Context, addr string) (net.Conn, error) {
	t := tls.Dialer{NetDialer: &d.tcp, Config: d.tls()}
	return t.DialContext(ctx, "tcp", addr)
}

// dial returns the connection that was opened ahead, if it is for addr, and waits
// for it if need be; or else a new one.
func (d *dialer) dial(ctx context.Context, addr string, open func(context.Context, string) (net.Conn, error)) (net.Conn, error) {
	if a := d.ahead.Load(); a != nil && a.addr == addr && d.ahead.CompareAndSwap(a, nil) {
		select {
		case <-a.done:
			// By the wall clock: the other stands still while Lambda freezes a process.
			if a.conn != nil && time.Since(a.at.Round(0)) < fresh {
				return a.conn, nil
			}
			a.close()
		case <-ctx.Done():
			go func() {
				<-a.done
				a.close()
			}()
			return nil, ctx.Err()
		}
	}
	return open(ctx, addr)
}

func (a *ahead) close() {
	if a.conn != nil {
		_ = a.conn.Close()
	}
}

// Warm begins to open the connection of the first call: names are looked up, root
// certificates read, TLS agreed. It returns at once. If it cannot, the first call
// will find out; a start is never the worse for it.
func (c *Client) Warm() {
	u := c.endpoint
	if u == nil || u.Host == "" {
		return
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); proxy != nil || err != nil {
		return
	}
	open, port := c.dialer.openTLS, "443"
	if u.Scheme == "http" {
		open, port = c.dialer.open, "80"
	}
	a := &ahead{addr: address(u, port), done: make(chan struct{})}
	c.dialer.ahead.Store(a)
	go func() {
		defer close(a.done)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if conn, err := open(ctx, a.addr); err == nil {
			a.conn, a.at = conn, time.Now()
		}
	}()
}

// address is what net/http dials for u.
func address(u *url.URL, port string) string {
	if p := u.Port(); p != "" {
		port = p
	}
	return net.JoinHostPort(u.Hostname(), port)
}
