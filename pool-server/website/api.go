package website

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// document answers with a JSON document, or with what went wrong: a stranger
// learns that something did, the log learns what.
func document[T any](s *site, w http.ResponseWriter, r *http.Request, doc T, err error) {
	if err != nil {
		s.Log.Error("document not made", "path", r.Pattern, "err", err)
		problem(w, http.StatusInternalServerError, errors.New("the pool cannot read its books at the moment; try again later"))
		return
	}
	writeJSON(w, http.StatusOK, doc)
}

// problem answers a request that cannot be served.
func problem(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, poolapi.Problem{Error: err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, doc any) {
	body, err := json.Marshal(doc)
	if err != nil { // a number that JSON cannot say; a fault of ours
		status, body = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written down"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Access-Control-Allow-Origin", "*") // browsers send no cookies along to a star
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the visitor may be gone
}

// readAtMost reads a request's body, if it is no longer than limit.
func readAtMost(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, fmt.Errorf("the body cannot be read, or is longer than %d bytes", limit)
	}
	return body, nil
}

func (s *site) infoDocument(w http.ResponseWriter, r *http.Request) {
	info := s.Info()
	info.Coins = slices.Clone(info.Coins)
	for i := range info.Coins {
		info.Coins[i] = reachable(info.Coins[i], r)
	}
	document(s, w, r, info, nil)
}

func (s *site) poolDocument(w http.ResponseWriter, r *http.Request) {
	doc, err := s.poolStats(r.Context())
	document(s, w, r, doc, err)
}

func (s *site) blocksDocument(w http.ResponseWriter, r *http.Request) {
	doc, err := s.blocks(r.Context(), s.selected(r.FormValue("coin")), listLength)
	document(s, w, r, doc, err)
}

func (s *site) payoutsDocument(w http.ResponseWriter, r *http.Request) {
	doc, err := s.payouts(r.Context(), s.selected(r.FormValue("coin")), "", listLength)
	document(s, w, r, doc, err)
}

func (s *site) minerDocument(w http.ResponseWriter, r *http.Request) {
	m, err := s.miner(r.PathValue("account"))
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return
	}
	computers, _, err := s.details(r, m.account)
	if err == nil {
		err = s.payTo(r.Context(), &m, s.owns(r, m.account))
	}
	if err != nil {
		document(s, w, r, poolapi.MinerStats{}, err)
		return
	}
	doc, err := s.minerStats(r.Context(), m, computers)
	document(s, w, r, doc, err)
}

func (s *site) noDocument(w http.ResponseWriter, r *http.Request) {
	problem(w, http.StatusNotFound, errors.New("there is no such document; "+poolapi.InfoPath+" says what this pool offers"))
}
