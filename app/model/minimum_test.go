package model_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

func TestThePoolIsAskedToPayFromAnotherBalanceOn(t *testing.T) {
	w := &world{}
	w.with(t, w.config(t), func(ctx context.Context, e *model.Engine, state func() model.State) {
		state()
		time.Sleep(time.Minute) // until there are balances
		least := func() coin.Amount {
			t.Helper()
			for _, b := range state().Balances {
				if b.Coin == "litecoin" && b.Network == "regtest" {
					return b.Minimum
				}
			}
			t.Fatal("no balance")
			return 0
		}
		if err := e.SetMinimum(ctx, poolURL, "litecoin", "regtest", "2.5"); err != nil {
			t.Fatal(err)
		}
		if got := least(); got != 250_000_000 {
			t.Errorf("paid from %v on, want 2.5", got)
		}
		if err := e.SetMinimum(ctx, poolURL, "litecoin", "regtest", ""); err != nil {
			t.Fatal(err)
		}
		if got := least(); got != 10_000_000 || len(w.minimums) != 2 || w.minimums[1].Minimum != nil || w.minimums[1].Number < w.minimums[0].Number {
			t.Errorf("paid from %v on after %+v, want the pool's own", got, w.minimums)
		}
		w.mu.Lock()
		w.refusePayees = &poolapi.StatusError{Status: http.StatusConflict, Reason: "no share yet"}
		w.mu.Unlock()
		if err := e.SetMinimum(ctx, poolURL, "litecoin", "regtest", "3"); err == nil || err.Error() != "no share yet" {
			t.Errorf("got %v, want the pool's words", err)
		}
	})
}

func TestAMinimumIsCheckedBeforeThePoolIsAsked(t *testing.T) {
	for typed, want := range map[string]string{
		"0.1": "0.10000000", " 0,5 ": "0.50000000", "100": "100.00000000",
		"0.09": "", "100.00000001": "", "": "", "1,5,0": "", "much": "", "-1": "", "1e3": "", "0.123456789": "",
	} {
		got, err := model.CheckMinimum("litecoin", "0.1", typed)
		if (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q: got %q, %v, want %q", typed, got, err, want)
		}
	}
	s := model.State{}
	s.Pool.Info.Coins = []poolapi.CoinInfo{{ID: "litecoin", Network: "main", PayoutMinimum: "0.1"}, {ID: "nocoin", Network: "main", PayoutMinimum: "1"}}
	if least, most, known := s.MinimumBounds("litecoin", "main"); !known || least != "0.10000000" || most != "100.00000000" {
		t.Errorf("got %s to %s, %v", least, most, known)
	}
	for _, unknown := range []string{"nocoin", "dogecoin"} {
		if _, _, known := s.MinimumBounds(unknown, "main"); known {
			t.Errorf("%s: known", unknown)
		}
	}
}
