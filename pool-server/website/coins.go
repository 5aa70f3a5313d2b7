package website

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
)

// Gateway is how a pool's daemon helps those who move their coins.
type Gateway interface {
	Known(key string) bool // whether an answer about its coins needs no work of the daemon
	Unspent(key string) (poolapi.Unspent, error)
	Fee(ctx context.Context) (poolapi.Fee, error)
	Transaction(ctx context.Context, txid string, height int64) (poolapi.Transaction, error)
	Send(ctx context.Context, raw string) (poolapi.SendAnswer, error)
}

// What one network address may ask of the gateways, per second and at once.
const (
	askRate, askBurst   = 20, 600 // of anything: a sweep looks at each coin's transaction
	lookRate, lookBurst = 0.1, 6  // keys whose coins are to be looked for
	sendRate, sendBurst = 0.5, 20 // transactions

	maxSend = 1 << 20 // bytes of a body with a transaction
)

// asking is the limits of the gateways.
type asking struct{ ask, look, send *limiters }

func newAsking() asking {
	return asking{newLimiters(askRate, askBurst), newLimiters(lookRate, lookBurst), newLimiters(sendRate, sendBurst)}
}

var (
	errAsking    = errors.New("too many requests from your network; try again in a moment")
	errNoGateway = errors.New("this pool does not offer that for this coin")
)

// gateway returns the gateway that a request is for, and counts the request. If there
// is none or it is too much, ok is false and the answer is given already.
func (s *site) gateway(w http.ResponseWriter, r *http.Request) (g Gateway, ok bool) {
	if !s.asking.ask.allow(web.Sender(r), time.Now()) {
		tooMany(w)
		return nil, false
	}
	for _, p := range s.Pools() {
		name := r.PathValue("coin")
		if p.Gateway != nil && (strings.EqualFold(name, p.Info.ID) || name == p.ID) {
			return p.Gateway, true
		}
	}
	problem(w, http.StatusNotFound, errNoGateway)
	return nil, false
}

func tooMany(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "2")
	problem(w, http.StatusTooManyRequests, errAsking)
}

// tell answers with a document of a gateway, or with its problem.
func tell[T any](w http.ResponseWriter, doc T, err error) {
	var told interface {
		error
		HTTPStatus() int
	}
	switch {
	case errors.As(err, &told):
		problem(w, told.HTTPStatus(), err)
	case err != nil:
		problem(w, http.StatusBadGateway, errors.New("the coin's daemon does not help at the moment; try again later"))
	default:
		writeJSON(w, http.StatusOK, doc)
	}
}

func (s *site) unspentDocument(w http.ResponseWriter, r *http.Request) {
	g, ok := s.gateway(w, r)
	if !ok {
		return
	}
	key := strings.ToLower(r.PathValue("key"))
	if !g.Known(key) && !s.asking.look.allow(web.Sender(r), time.Now()) {
		tooMany(w)
		return
	}
	doc, err := g.Unspent(key)
	if err == nil && doc.State == poolapi.UnspentLooking {
		writeJSON(w, http.StatusAccepted, doc)
		return
	}
	tell(w, doc, err)
}

func (s *site) feeDocument(w http.ResponseWriter, r *http.Request) {
	if g, ok := s.gateway(w, r); ok {
		doc, err := g.Fee(r.Context())
		tell(w, doc, err)
	}
}

func (s *site) transactionDocument(w http.ResponseWriter, r *http.Request) {
	g, ok := s.gateway(w, r)
	if !ok {
		return
	}
	height := int64(0)
	if text := r.FormValue("height"); text != "" {
		var err error
		if height, err = strconv.ParseInt(text, 10, 64); err != nil {
			problem(w, http.StatusBadRequest, errors.New("height: want a number"))
			return
		}
	}
	doc, err := g.Transaction(r.Context(), strings.ToLower(r.PathValue("txid")), height)
	tell(w, doc, err)
}

func (s *site) takeTransaction(w http.ResponseWriter, r *http.Request) {
	g, ok := s.gateway(w, r)
	if !ok {
		return
	}
	if !s.asking.send.allow(web.Sender(r), time.Now()) {
		tooMany(w)
		return
	}
	body, err := readAtMost(w, r, maxSend)
	if err != nil {
		problem(w, http.StatusRequestEntityTooLarge, err)
		return
	}
	var request poolapi.SendRequest
	if err := json.Unmarshal(body, &request); err != nil {
		problem(w, http.StatusBadRequest, errors.New(`want {"raw": "…"} with the signed transaction in hex`))
		return
	}
	doc, err := g.Send(r.Context(), request.Raw)
	tell(w, doc, err)
}
