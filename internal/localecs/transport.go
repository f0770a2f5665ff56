package localecs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
)

// Transport returns a [http.RoundTripper] that calls the server without a network. A
// lost answer is a reset connection, a truncated one ends in
// [io.ErrUnexpectedEOF], both as over TCP.
//
// It is for simulations: together with a [ManualClock] nothing is left to chance.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	w := &recorder{header: http.Header{}}
	aborted := w.serve(t.server, r)
	if aborted && w.status == 0 {
		return nil, fmt.Errorf("read %s: %w", r.URL.Host, syscall.ECONNRESET)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err // the client has stopped waiting
	}
	body := io.Reader(bytes.NewReader(w.body.Bytes()))
	length := int64(w.body.Len())
	if aborted {
		body, length = io.MultiReader(body, brokenReader{}), -1
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}, nil
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }

// serve calls the server and reports whether it broke off.
func (w *recorder) serve(s *Server, r *http.Request) (aborted bool) {
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			aborted = true
		}
	}()
	s.ServeHTTP(w, r)
	return false
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
