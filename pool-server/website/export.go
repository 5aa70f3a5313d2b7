package website

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
)

const (
	exportsRate, exportsBurst = 0.2, 20          // whole histories for one network address, per second and at once
	exportPage                = 500              // entries that are read at a time: memory does not follow the history
	exportPatience            = 30 * time.Second // for the visitor to take one page
)

var errManyExports = errors.New("too many histories at once; try again in a minute")

// history is all entries of one kind, read page by page.
type history[T any] struct {
	name string // of the file
	page func(ctx context.Context, at minerAt, before int64) (some []T, next int64, err error)
}

func (s *site) creditHistory() history[poolapi.Credit] {
	return history[poolapi.Credit]{
		name: "credits",
		page: func(ctx context.Context, at minerAt, before int64) (all []poolapi.Credit, next int64, err error) {
			some, err := s.Book.Credits(ctx, at.pool.ID, at.account, before, exportPage)
			if len(some) == exportPage {
				next = some[exportPage-1].ID
			}
			return at.pool.credits(some), next, err
		},
	}
}

func (s *site) payoutHistory() history[poolapi.Receipt] {
	return history[poolapi.Receipt]{
		name: "payouts",
		page: func(ctx context.Context, at minerAt, before int64) (all []poolapi.Receipt, next int64, err error) {
			some, err := s.Book.AccountPayouts(ctx, at.pool.ID, at.account, ledger.Confirmed, before, exportPage)
			if len(some) == exportPage {
				next = some[exportPage-1].ID
			}
			return at.receipts(some), next, err
		},
	}
}

func (s *site) creditsCSV(w http.ResponseWriter, r *http.Request) {
	export(s, w, r, s.creditHistory(), &sheet[poolapi.Credit]{header: creditHeader, row: creditRow})
}

func (s *site) creditsJSON(w http.ResponseWriter, r *http.Request) {
	export(s, w, r, s.creditHistory(), &list[poolapi.Credit]{})
}

func (s *site) payoutsCSV(w http.ResponseWriter, r *http.Request) {
	export(s, w, r, s.payoutHistory(), &sheet[poolapi.Receipt]{header: payoutHeader, row: payoutRow})
}

func (s *site) payoutsJSON(w http.ResponseWriter, r *http.Request) {
	export(s, w, r, s.payoutHistory(), &list[poolapi.Receipt]{})
}

// export answers with a history of the miner of the path, of the coins that are asked
// for, and writes it while it reads. If it cannot go on, the connection is cut: half a
// history must not look like a whole one.
func export[T any](s *site, w http.ResponseWriter, r *http.Request, h history[T], f format[T]) {
	m, ok := s.known(w, r)
	if !ok {
		return
	}
	pools := s.chosen(m, r)
	switch {
	case len(pools) == 0:
		problem(w, http.StatusBadRequest, errNoCoin)
		return
	case !s.exports.allow(web.Sender(r), time.Now()):
		problem(w, http.StatusTooManyRequests, errManyExports)
		return
	}
	some, next, err := h.page(r.Context(), pools[0], 0)
	if err != nil {
		document(s, w, r, some, err)
		return
	}
	kind, ending := f.kind()
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Disposition", `attachment; filename="`+h.name+"-"+m.account+ending+`"`)
	for {
		if err = write(w, f, some); err != nil {
			break
		}
		if next == 0 {
			if pools = pools[1:]; len(pools) == 0 {
				err = f.end(w)
				break
			}
		}
		if some, next, err = h.page(r.Context(), pools[0], next); err != nil {
			break
		}
	}
	if err != nil {
		s.Log.Warn("a history was not sent whole", "path", r.Pattern, "err", err)
		panic(http.ErrAbortHandler)
	}
}

// write writes a page and gives the visitor time to take it.
func write[T any](w http.ResponseWriter, f format[T], some []T) error {
	out := http.NewResponseController(w)
	if err := out.SetWriteDeadline(time.Now().Add(exportPatience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if err := f.write(w, some); err != nil {
		return err
	}
	if err := out.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
