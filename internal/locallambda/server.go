package locallambda

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// maxHeaderBytes leaves room for the error cause that aws-lambda-go puts into a
// header, which may have up to 1 MiB and would not fit net/http's default.
const maxHeaderBytes = 2 << 20

// runtimeAPI is the runtime API of one process, on a port of its own. What a
// process may ask, and how it is answered, follows AWS's runtime interface
// emulator.
type runtimeAPI struct {
	functionARN string
	addr        string
	server      *http.Server
	served      chan struct{} // closed when the server has ended

	ready      chan struct{} // closed by the first request for an invocation
	readyAt    time.Time     // when that came; valid once ready is closed
	initFailed chan answer   // holds the initialisation error, if one is posted

	mu         sync.Mutex
	initPosted bool
	isReady    bool
	current    *invocation      // from being offered until the process asks for the next
	hasAnswer  bool             // current is answered
	waiter     chan *invocation // of the request for the next invocation that is open
}

func listenRuntimeAPI(functionARN string) (*runtimeAPI, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("runtime API: %w", err)
	}
	a := &runtimeAPI{
		functionARN: functionARN,
		addr:        listener.Addr().String(),
		served:      make(chan struct{}),
		ready:       make(chan struct{}),
		initFailed:  make(chan answer, 1),
	}
	a.server = &http.Server{
		Handler:        a.routes(),
		MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:       log.New(io.Discard, "", 0), // broken connections are the child's affair
	}
	go func() {
		defer close(a.served)
		_ = a.server.Serve(listener) // always ends with ErrServerClosed
	}()
	return a, nil
}

func (a *runtimeAPI) routes() http.Handler {
	const root = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+root+"invocation/next", a.next)
	mux.HandleFunc("POST "+root+"invocation/{id}/response", a.response)
	mux.HandleFunc("POST "+root+"invocation/{id}/error", a.invocationError)
	mux.HandleFunc("POST "+root+"init/error", a.initError)
	mux.HandleFunc("/", notFound)
	return mux
}

// close ends the server and every request that is open.
func (a *runtimeAPI) close() {
	_ = a.server.Close()
	<-a.served
}

// offer gives the process an invocation. The one before must be settled.
func (a *runtimeAPI) offer(inv *invocation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current, a.hasAnswer = inv, false
	if a.waiter != nil {
		a.waiter <- inv // never blocks: one place, and this is the only send
		a.waiter = nil
	}
}

// next answers with the current invocation, and waits until there is one.
func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	waiter := a.ask()
	select {
	case inv, ok := <-waiter:
		if !ok {
			forbidden(w, "Ready", "Ready")
			return
		}
		inv.send(w, a.functionARN)
	case <-r.Context().Done():
		// An invocation that came at this very moment stays the current one, and
		// is sent when the process asks again.
		a.withdraw(waiter)
	}
}

// ask returns where the next invocation will come. It also tells that the process
// is initialised, or done with the invocation it answered. A process that asks
// again before it has answered gets the same invocation again, as in AWS's
// emulator; if it asks twice at a time, the older request is refused, since it is
// most likely one that was given up.
func (a *runtimeAPI) ask() chan *invocation {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.isReady {
		a.isReady, a.readyAt = true, time.Now()
		close(a.ready)
	}
	if a.current != nil && a.hasAnswer {
		close(a.current.settled)
		a.current = nil
	}
	if a.waiter != nil {
		close(a.waiter)
		a.waiter = nil
	}
	waiter := make(chan *invocation, 1)
	if a.current != nil {
		waiter <- a.current
	} else {
		a.waiter = waiter
	}
	return waiter
}

func (a *runtimeAPI) withdraw(waiter chan *invocation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiter == waiter {
		a.waiter = nil
	}
}

// running returns the current invocation if it has this id, and whether it is
// answered already.
func (a *runtimeAPI) running(id string) (inv *invocation, answered bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current == nil || a.current.id != id {
		return nil, false
	}
	return a.current, a.hasAnswer
}

// answer records the answer to an invocation, unless it has one or is over.
func (a *runtimeAPI) answer(inv *invocation, ans answer) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current != inv || a.hasAnswer {
		return false
	}
	a.hasAnswer = true
	inv.answered <- ans // never blocks: one place, and this is the only send
	return true
}

// failInit records that the initialisation failed, unless it is over.
func (a *runtimeAPI) failInit(ans answer) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.isReady || a.initPosted {
		return false
	}
	a.initPosted = true
	a.initFailed <- ans
	return true
}
