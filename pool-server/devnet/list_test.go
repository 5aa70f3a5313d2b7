package devnet_test

import (
	"encoding/json"
	"slices"
	"testing"
)

type listed struct {
	TxID, Category, Address string
	Amount                  json.Number
	Confirmations           int64
}

func TestHistoryListsWhatWasSentSinceABlock(t *testing.T) {
	d := start(t, t.TempDir())
	to, _ := foreign(t, d)
	d.generate(110, d.address("bech32"))
	var first, second, best string
	d.call("sendtoaddress", &first, to, 1)
	best = d.generate(1, d.address("bech32"))[0]
	d.call("sendtoaddress", &second, to, 2)
	sent := func(all []listed) (ids []string) {
		for _, e := range all {
			if e.Category == "send" && e.Address == to {
				ids = append(ids, e.TxID)
			}
		}
		return ids
	}
	var since struct{ Transactions []listed }
	d.call("listsinceblock", &since, best)
	if got := sent(since.Transactions); !slices.Equal(got, []string{second}) {
		t.Errorf("since the block: got %v, want %v", got, second)
	}
	d.call("listsinceblock", &since)
	if got := sent(since.Transactions); len(got) != 2 || !slices.Contains(got, first) {
		t.Errorf("since ever: got %v", got)
	}
	var all, page []listed
	for skip := 0; ; skip += 50 {
		d.call("listtransactions", &page, "*", 50, skip)
		all = append(all, page...)
		if len(page) < 50 {
			break
		}
	}
	if got := sent(all); len(got) != 2 {
		t.Errorf("in pages: got %v", got)
	}
	at := slices.IndexFunc(all, func(e listed) bool { return e.TxID == first && e.Category == "send" })
	if e := all[at]; e.Confirmations != 1 || units(t, e.Amount) != -1_0000_0000 {
		t.Errorf("got %+v, want a coin sent, one deep", e)
	}
	if code := d.refused("listsinceblock", "00"); code == 0 {
		t.Error("a block that nobody knows was taken")
	}
}
