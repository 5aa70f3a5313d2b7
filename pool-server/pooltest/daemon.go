package pooltest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/zmq"
)

// The login of every Daemon.
const (
	DaemonUser     = "pool"
	DaemonPassword = "correct horse"
)

// Handler answers one RPC method. An *RPCError becomes the daemon's error answer;
// ctx ends when the caller hangs up.
type Handler func(ctx context.Context, params []json.RawMessage) (result any, err error)

// RPCError is an error answer of a Daemon.
type RPCError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Error returns the message.
func (e *RPCError) Error() string { return e.Message }

// Fault is one way to misbehave. The zero value is no fault.
type Fault struct {
	Delay     time.Duration // before doing anything
	Drop      bool          // hang up without having done anything
	DropAfter bool          // do it, then hang up instead of answering
	Status    int           // answer with this HTTP status and no JSON
	Err       *RPCError     // answer with this error
}

// Ready-made faults, as real daemons show them.
var (
	Unsynced      = Fault{Err: &RPCError{-10, "Litecoin Core is in initial sync and waiting for blocks..."}}
	Unconnected   = Fault{Err: &RPCError{-9, "Litecoin Core is not connected!"}}
	WarmingUp     = Fault{Err: &RPCError{-28, "Loading block index..."}}
	WrongPassword = Fault{Status: http.StatusUnauthorized}
	QueueFull     = Fault{Status: http.StatusServiceUnavailable}
)

// Call is a call that a Daemon received, whatever became of it.
type Call struct {
	Path   string // "/" or "/wallet/name"
	Method string
	Params []json.RawMessage
}

// Daemon is a fake coin daemon: a JSON-RPC server over HTTP with as many methods
// as the test gives it, and a chain of its own that accepts every block (see
// chain.go). It is safe for concurrent use.
type Daemon struct {
	URL string // without login

	server *httptest.Server
	mu     sync.Mutex // guards what follows
	method map[string]Handler
	once   map[string][]Fault // used up one by one; "" is for every method
	always map[string]Fault
	calls  []Call
	chain  chain

	publisher   zmq.Publisher
	publishOnly string // a topic; "" is all
}

// NewDaemon starts a daemon on a loopback port. template is the getblocktemplate
// answer it begins with, see Recorded.
func NewDaemon(t testing.TB, template []byte) *Daemon {
	t.Helper()
	d := NewDaemonWithoutPort(t, template)
	d.server = httptest.NewServer(d)
	d.URL = d.server.URL
	t.Cleanup(d.Die)
	return d
}

// NewDaemonWithoutPort returns a daemon that is reached only through Transport:
// for tests under synctest, where nothing may wait for the network.
func NewDaemonWithoutPort(t testing.TB, template []byte) *Daemon {
	t.Helper()
	d := &Daemon{
		URL:    "http://127.0.0.1:9332",
		method: make(map[string]Handler), once: make(map[string][]Fault), always: make(map[string]Fault),
	}
	if err := d.chain.start(template); err != nil {
		t.Fatalf("pooltest: template: %v", err)
	}
	d.addChainMethods()
	return d
}

// Die closes the port and every connection: calls are refused from now on. Of a
// daemon without a port it ends the long polls that are under way.
func (d *Daemon) Die() {
	d.chain.stop() // Close would wait for long polls
	if d.server == nil {
		d.chain.resume()
		return
	}
	d.server.CloseClientConnections()
	d.server.Close()
}

// Revive opens the same port again after Die.
func (d *Daemon) Revive(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", d.server.Listener.Addr().String())
	if err != nil {
		t.Fatalf("pooltest: open the daemon's port again: %v", err)
	}
	d.chain.resume()
	d.server = httptest.NewUnstartedServer(d)
	d.server.Listener.Close()
	d.server.Listener = l
	d.server.Start()
}

// Handle sets or replaces a method.
func (d *Daemon) Handle(method string, h Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.method[method] = h
}

// Handler returns what answers a method now, to be wrapped.
func (d *Daemon) Handler(method string) Handler {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.method[method]
}

// Once makes the next calls of method misbehave, one fault each. An empty method
// stands for all.
func (d *Daemon) Once(method string, faults ...Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.once[method] = append(d.once[method], faults...)
}

// Always makes every call of method misbehave until it is called with Fault{}. An
// empty method stands for all.
func (d *Daemon) Always(method string, f Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.always[method] = f
}

// Calls returns the calls of method so far, or all if it is empty.
func (d *Daemon) Calls(method string) []Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := slices.Clone(d.calls)
	return slices.DeleteFunc(all, func(c Call) bool { return method != "" && c.Method != method })
}

// ServeHTTP is the daemon's RPC port.
func (d *Daemon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	if user != DaemonUser || password != DaemonPassword {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var call struct {
		Method string            `json:"method"`
		Params []json.RawMessage `json:"params"`
		ID     json.RawMessage   `json:"id"`
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	fault, handle := d.receive(Call{r.URL.Path, call.Method, call.Params})
	select {
	case <-time.After(fault.Delay):
	case <-r.Context().Done():
		return
	}
	if fault.Drop {
		panic(http.ErrAbortHandler)
	}
	if fault.Status != 0 {
		w.WriteHeader(fault.Status)
		return
	}
	result, err := any(nil), error(fault.Err)
	if fault.Err == nil {
		result, err = handle(r.Context(), call.Params)
	}
	if fault.DropAfter {
		panic(http.ErrAbortHandler)
	}
	answer(w, call.ID, result, err)
}

// receive notes the call and returns what is to be done about it.
func (d *Daemon) receive(c Call) (Fault, Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, c)
	fault := d.always[""]
	if f, ok := d.always[c.Method]; ok {
		fault = f
	}
	for _, key := range []string{"", c.Method} {
		if queue := d.once[key]; len(queue) > 0 {
			fault, d.once[key] = queue[0], queue[1:]
		}
	}
	handle, ok := d.method[c.Method]
	if !ok {
		handle = func(context.Context, []json.RawMessage) (any, error) {
			return nil, &RPCError{-32601, "Method not found"}
		}
	}
	return fault, handle
}

// answer writes a response as Bitcoin Core does: errors have a JSON body and
// status 500, or 404 for an unknown method.
func answer(w http.ResponseWriter, id json.RawMessage, result any, err error) {
	body := map[string]any{"result": result, "error": nil, "id": id}
	status := http.StatusOK
	if err != nil {
		var rpc *RPCError
		if !errors.As(err, &rpc) {
			rpc = &RPCError{-1, err.Error()}
		}
		body["result"], body["error"], status = nil, rpc, http.StatusInternalServerError
		if rpc.Code == -32601 {
			status = http.StatusNotFound
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// Transport reaches the daemon without a network, on the caller's goroutine.
func (d *Daemon) Transport() http.RoundTripper { return roundTripper{d} }

type roundTripper struct{ d *Daemon }

// RoundTrip runs the request through ServeHTTP. A dropped connection is an
// unexpected end of file, as it is over TCP.
func (rt roundTripper) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if v := recover(); v == http.ErrAbortHandler {
			resp, err = nil, io.ErrUnexpectedEOF
		} else if v != nil {
			panic(v)
		}
	}()
	rec := &httptest.ResponseRecorder{Body: new(bytes.Buffer)}
	rt.d.ServeHTTP(rec, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return rec.Result(), nil
}
