// Package wire is as little of an HTTP server as the benchmarks need: it shares
// the machine with what it measures.
package wire

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// A Handler answers one request; body is valid until it returns. It writes the
// whole response, head included (see [Head]), and may wait. An error closes the
// connection.
type Handler func(r *http.Request, body []byte, w io.Writer) error

// A Server is a listener with its connections.
type Server struct {
	listener net.Listener
	handle   Handler
	group    sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
	total  int
}

// Serve answers requests on l until Close.
func Serve(l net.Listener, h Handler) *Server {
	s := &Server{listener: l, handle: h, conns: map[net.Conn]bool{}}
	s.group.Go(s.accept)
	return s
}

// Listen is Serve on a loopback port of its own.
func Listen(h Handler) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return Serve(l, h), nil
}

// Addr is where the server listens.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends the server and its connections, and waits for them.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	_ = s.listener.Close()
	s.group.Wait()
}

// Connections is how many there have been.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		if !s.add(c) {
			_ = c.Close()
			return
		}
		s.group.Go(func() {
			defer s.remove(c)
			s.talk(c)
		})
	}
}

func (s *Server) add(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[c] = true
	s.total++
	return true
}

func (s *Server) remove(c net.Conn) {
	_ = c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

func (s *Server) talk(c net.Conn) {
	in := bufio.NewReaderSize(c, 16<<10)
	out := bufio.NewWriterSize(c, 16<<10)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if err := s.handle(r, body, out); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
	}
}

// Head is the head of a response with a body of n bytes. fields are whole lines,
// each with its CRLF.
func Head(w io.Writer, status string, n int, fields string) error {
	_, err := fmt.Fprintf(w, "HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n", status, n, fields)
	return err
}
