package website

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/web"
)

const (
	homeBlocks  = 10
	homePayouts = 10

	quietAfter = 2 * time.Minute // a computer that should report each 30 seconds
)

// pages are the parsed templates, by name.
type pages map[string]*template.Template

func loadPages(f files) (pages, error) {
	all := pages{}
	for _, name := range []string{"home", "miner", "payout", "message", "signin"} {
		t, err := template.New("").Funcs(words).Funcs(template.FuncMap{"asset": f.address}).
			ParseFS(embedded, "templates/base.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
}

// frame is what every page shows.
type frame struct {
	Title string
	Info  poolapi.PoolInfo
	Now   time.Time
}

func (s *site) frame(title string) frame {
	return frame{Title: title, Info: s.Info(), Now: now()}
}

// show renders a page. It is rendered whole before anything is sent.
func (s *site) show(w http.ResponseWriter, status int, page string, data any) {
	var out bytes.Buffer
	if err := s.pages[page].ExecuteTemplate(&out, "base", data); err != nil {
		s.Log.Error("page not rendered", "page", page, "err", err)
		http.Error(w, "This page cannot be shown at the moment.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the visitor may be gone
}

// message is a page that only says something.
type message struct {
	frame
	Text string
}

func (s *site) say(w http.ResponseWriter, status int, title, text string) {
	s.show(w, status, "message", message{s.frame(title), text})
}

// sorry is the page for a fault of ours.
func (s *site) sorry(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.Error("page not made", "path", r.Pattern, "err", err)
	s.say(w, http.StatusInternalServerError, "Not now", "The pool cannot read its books at the moment. Mining goes on; try this page again in a minute.")
}

func (s *site) noPage(w http.ResponseWriter, _ *http.Request) {
	s.say(w, http.StatusNotFound, "No such page", "There is nothing at this address.")
}

// home is the page at /.
type home struct {
	frame
	Coins   []homeCoin
	Blocks  []poolapi.Block
	Payouts []poolapi.Payout
}

// CanGoSolo reports whether m=solo can be had for a coin.
func (h home) CanGoSolo() bool {
	return slices.ContainsFunc(h.Coins, func(c homeCoin) bool { return c.Info.SoloFeePercent != nil })
}

type homeCoin struct {
	Info  poolapi.CoinInfo
	Stats poolapi.CoinStats
	Chart *chart // the last hour
}

func (s *site) homePage(w http.ResponseWriter, r *http.Request) {
	page, err := s.home(r)
	if err != nil {
		s.sorry(w, r, err)
		return
	}
	s.show(w, http.StatusOK, "home", page)
}

func (s *site) home(r *http.Request) (page home, err error) {
	page.frame = s.frame("")
	stats, err := s.poolStats(r.Context())
	if err != nil {
		return page, err
	}
	pools := s.Pools()
	for i, c := range stats.Coins {
		if i >= len(pools) || pools[i].Info.ID != c.Coin {
			continue // the pools have changed within this second
		}
		page.Coins = append(page.Coins, homeCoin{reachable(pools[i].Info, r), c, newChart(s.poolCurve(pools[i].ID))})
	}
	if page.Blocks, err = s.blocks(r.Context(), pools, homeBlocks); err != nil {
		return page, err
	}
	page.Payouts, err = s.payouts(r.Context(), pools, "", homePayouts)
	return page, err
}

// poolCurve is the pool's hashrate in the last hour, a value for each minute.
func (s *site) poolCurve(pool string) (values []float64) {
	for group := range slices.Chunk(s.Stats.Snapshots(pool), 6) {
		sum := 0.0
		for _, one := range group {
			sum += float64(one.Hashrate)
		}
		values = append(values, sum/float64(len(group)))
	}
	return values
}

// lookUp answers the form that asks for an account. The name comes by POST, so
// that a private key which is pasted by mistake is in no address and no log.
func (s *site) lookUp(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	m, err := s.miner(strings.TrimSpace(r.PostFormValue("account")))
	if err != nil {
		s.sayNobody(w, err)
		return
	}
	http.Redirect(w, r, "/miners/"+m.account, http.StatusSeeOther)
}

func (s *site) sayNobody(w http.ResponseWriter, err error) {
	text := err.Error()
	s.say(w, http.StatusBadRequest, "Whose miner?", strings.ToUpper(text[:1])+text[1:]+".")
}

// minerView is the page at /miners/{account}.
type minerView struct {
	frame
	Miner     poolapi.MinerStats
	Coins     []coinView
	Credits   []poolapi.Credit // the last ones
	Computers []computerView
	Owner     bool // the visitor is signed in as this account
	Private   bool // others do not see Computers
}

type coinView struct {
	poolapi.CoinMiner
	Info  poolapi.CoinInfo
	Chart *chart // the last hour
}

type computerView struct {
	poolapi.Telemetry
	Received time.Time
	Quiet    bool // it should have reported again since
}

func (s *site) minerPage(w http.ResponseWriter, r *http.Request) {
	m, err := s.miner(r.PathValue("account"))
	if err != nil {
		s.sayNobody(w, err)
		return
	}
	if m.account != r.PathValue("account") {
		http.Redirect(w, r, "/miners/"+m.account, http.StatusMovedPermanently)
		return
	}
	page, err := s.minerView(r, m)
	if err != nil {
		s.sorry(w, r, err)
		return
	}
	s.show(w, http.StatusOK, "miner", page)
}

func (s *site) minerView(r *http.Request, m miner) (page minerView, err error) {
	page = minerView{frame: s.frame("Miner " + web.Short(m.account)), Owner: s.owns(r, m.account)}
	computers, private, err := s.details(r, m.account)
	if err != nil {
		return page, err
	}
	page.Private = private
	if err := s.payTo(r.Context(), &m, page.Owner); err != nil {
		return page, err
	}
	for _, c := range computers {
		quiet := page.Now.Sub(c.received) > quietAfter
		page.Computers = append(page.Computers, computerView{c.Telemetry, c.received, quiet})
	}
	if page.Miner, err = s.minerStats(r.Context(), m, computers); err != nil {
		return page, err
	}
	if len(page.Miner.Coins) != len(m.at) {
		return page, errors.New("a pool is missing from the document")
	}
	if page.Credits, err = s.lastCredits(r.Context(), m); err != nil {
		return page, err
	}
	for i, c := range page.Miner.Coins {
		page.Coins = append(page.Coins, coinView{c, reachable(m.at[i].pool.Info, r), newChart(s.minerCurve(m.at[i]))})
	}
	return page, nil
}

// minerCurve is the account's hashrate in the last hour, averaged over five
// minutes, because single minutes of a small miner are mostly luck.
func (s *site) minerCurve(at minerAt) (values []float64) {
	minutes := s.Stats.SlidingHour(at.pool.ID, at.account, now())
	const span = 5
	for i := span; i <= len(minutes); i++ {
		sum := 0.0
		for _, m := range minutes[i-span : i] {
			sum += float64(m.Hashrate)
		}
		values = append(values, sum/span)
	}
	return values
}
