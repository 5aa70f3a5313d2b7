package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/control"
)

// actionBlockNotify and its values are what the command sends to the running server.
const (
	actionBlockNotify = "blocknotify"
	valueCoin         = "coin"
	valueHash         = "hash"
)

// runBlockNotify is what a daemon's -blocknotify calls. It reads no configuration: a
// daemon starts it for each block, and milliseconds count.
func runBlockNotify(ctx context.Context, args []string, _, stderr io.Writer) error {
	f := newFlags("blocknotify", stderr)
	dir := f.String("dir", "adit-pool", "the configuration folder")
	coin := f.String("coin", "", "the pool's id or the coin's id or symbol, if there are several pools")
	if err := f.Parse(args); err != nil {
		return err
	}
	values := url.Values{valueCoin: {*coin}}
	switch f.NArg() {
	case 0:
	case 1:
		if _, err := pow.ParseHash(f.Arg(0)); err != nil {
			return fmt.Errorf("block hash: %w", err)
		}
		values.Set(valueHash, f.Arg(0))
	default:
		return fmt.Errorf("unexpected argument %q", f.Arg(1))
	}
	_, err := control.Call(ctx, config.ControlFile(*dir), actionBlockNotify, values)
	return err
}

// controls is what the command line can ask of the running server.
func (s *server) controls() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /"+actionBlockNotify, func(w http.ResponseWriter, r *http.Request) {
		if err := s.blockNotify(r.PostFormValue(valueCoin), r.PostFormValue(valueHash)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintln(w, "told")
	})
	mux.HandleFunc("POST /"+actionPay, s.payByHand)
	mux.HandleFunc("POST /"+actionStatus, func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(s.report(r.Context()))
	})
	s.adminControls(mux)
	return mux
}

// blockNotify makes the pools of a coin, or all of them, look for a new block. hash
// may be empty. It is only a hint, and does not wait.
func (s *server) blockNotify(coin, hash string) error {
	var block pow.Hash
	if hash != "" {
		var err error
		if block, err = pow.ParseHash(hash); err != nil {
			return fmt.Errorf("block hash: %w", err)
		}
	}
	var ids []string
	told := false
	for _, p := range s.pools {
		ids = append(ids, p.config.ID)
		if !p.isCalled(coin) {
			continue
		}
		told = true
		if hash == "" {
			p.nodes.Notify()
			continue
		}
		p.nodes.NotifyBlock(block)
	}
	if !told {
		return errors.New("no such pool: " + coin + "; there are " + strings.Join(ids, ", "))
	}
	return nil
}

// isCalled reports whether name means the pool; an empty one means all.
func (p *pool) isCalled(name string) bool {
	return name == "" || name == p.config.ID || strings.EqualFold(name, p.config.Coin) || strings.EqualFold(name, p.config.CoinData().Symbol)
}
