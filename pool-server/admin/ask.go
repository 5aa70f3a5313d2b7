package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/web"
)

// maxReason is the longest reason that is taken, in letters.
const maxReason = 1000

// askView is the page that asks once more before an order is carried out.
type askView struct {
	frame
	Pool    Pool
	Order   Order
	Heading string
	Button  string
	Will    []string              // what it does, in figures
	Who     []ledger.PayoutOutput // whom it is about
	More    int                   // that are not in Who
	Warning string
	Halt    string // what payouts are halted at
	Trouble string // why it was not done a moment ago
	Force   bool   // it can be done all the same
}

// Hard reports whether the order takes something that cannot be given back.
func (v askView) Hard() bool {
	return slices.Contains([]Action{Abandon, Settle, Ignore, Hold}, v.Order.Action)
}

// askPage says what an order would do, and has a button that does it.
func (p *Panel) askPage(w http.ResponseWriter, r *http.Request, s session) {
	p.ask(w, r, s, http.StatusOK, "", false)
}

// ask renders the page. trouble is why it was not done a moment ago, and force says that
// it can be done all the same.
func (p *Panel) ask(w http.ResponseWriter, r *http.Request, s session, status int, trouble string, force bool) {
	pool, o, ok := p.order(r)
	if !ok {
		p.say(w, &s, http.StatusNotFound, "No such page", "There is nothing at this address.")
		return
	}
	prospect, err := Foresee(r.Context(), p.c.Book, o)
	switch {
	case errors.Is(err, ErrRefused):
		p.say(w, &s, http.StatusConflict, "Not possible now", sentence(err))
		return
	case err != nil:
		p.sorry(w, r, err)
		return
	}
	o.About = markOf(prospect.Halt)
	view := askView{frame: p.frame("Are you sure?", &s), Pool: pool, Order: o, Halt: prospect.Halt, Trouble: trouble, Force: force}
	view.tell(prospect)
	p.show(w, status, "ask", view)
}

// actions are what the pages can do.
var actions = []Action{Resume, Abandon, Settle, Adopt, Ignore, Hold, Release, Pay}

// order reads what a page or a form is about.
func (p *Panel) order(r *http.Request) (Pool, Order, bool) {
	o := Order{
		Action: Action(r.PathValue("action")), Pool: r.PathValue("pool"),
		TxID:    strings.TrimSpace(r.FormValue("txid")),
		Account: strings.TrimSpace(r.FormValue("account")),
		Reason:  strings.TrimSpace(r.PostFormValue("reason")),
		Force:   r.PostFormValue("force") == "yes",
		About:   r.PostFormValue("about"),
	}
	// What is no number is payout or block 0, which does not exist.
	o.Payout, _ = strconv.ParseInt(r.FormValue("payout"), 10, 64)
	o.Block, _ = strconv.ParseInt(r.FormValue("block"), 10, 64)
	pools := p.c.Pools()
	at := slices.IndexFunc(pools, func(p Pool) bool { return p.ID == o.Pool })
	if at < 0 || !slices.Contains(actions, o.Action) {
		return Pool{}, o, false
	}
	if o.Account != "" {
		o.Account = pools[at].Account(o.Account)
	}
	return pools[at], o, true
}

// orderTime is how long an order may take: the wallet may be slow, and a run under way
// is waited for.
const orderTime = 10 * time.Minute

// carryOut does what the page has asked about.
func (p *Panel) carryOut(w http.ResponseWriter, r *http.Request, s session) {
	pool, o, ok := p.order(r)
	switch {
	case !ok:
		p.say(w, &s, http.StatusNotFound, "No such page", "There is nothing at this address.")
		return
	case o.Reason == "":
		p.ask(w, r, s, http.StatusUnprocessableEntity, "Say in a few words why, for the book.", false)
		return
	case utf8.RuneCountInString(o.Reason) > maxReason:
		p.ask(w, r, s, http.StatusUnprocessableEntity, fmt.Sprintf("The reason is longer than %d letters.", maxReason), false)
		return
	}
	// Some writers have no deadlines; then there are none to put off.
	slow := http.NewResponseController(w)
	_ = errors.Join(slow.SetWriteDeadline(time.Now().Add(orderTime)), slow.SetReadDeadline(time.Now().Add(orderTime)))
	// What has begun is finished, whether the operator waits for it or not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), orderTime)
	defer cancel()
	said, err := Do(ctx, p.c.Book, pool.Hand, By{Who: s.who, Source: web.Sender(r)}, o)
	if err == nil {
		p.c.Log.Info("operator's order", "action", o.Action, "pool", o.Pool, "who", s.who, "reason", o.Reason)
		p.door.tell(p.cookieOf(r), said)
		http.Redirect(w, r, Root+"/payouts", http.StatusSeeOther)
		return
	}
	p.c.Log.Warn("operator's order not done", "action", o.Action, "pool", o.Pool, "who", s.who, "err", err)
	switch {
	case errors.Is(err, ErrRefused), errors.Is(err, ledger.ErrState), errors.Is(err, ledger.ErrNotFound):
		p.say(w, &s, http.StatusConflict, "It was not done", sentence(err))
	case o.Action == Abandon && !o.Force:
		p.ask(w, r, s, http.StatusConflict, sentence(err), true)
	default:
		p.say(w, &s, http.StatusInternalServerError, "Look at it again", sentence(err))
	}
}

// logView is the page at /admin/log.
type logView struct {
	frame
	Audit []ledger.AuditEntry
}

const auditPage = 200 // entries

func (p *Panel) logPage(w http.ResponseWriter, r *http.Request, s session) {
	view := logView{frame: p.frame("Audit log", &s)}
	var err error
	if view.Audit, err = p.c.Book.AuditLog(r.Context(), auditPage); err != nil {
		p.sorry(w, r, err)
		return
	}
	p.show(w, http.StatusOK, "log", view)
}
