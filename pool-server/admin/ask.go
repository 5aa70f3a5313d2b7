package admin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/adit-mining/adit/pool-server/ledger"
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
}

// askPage says what an order would do, and has a button that does it.
func (p *Panel) askPage(w http.ResponseWriter, r *http.Request, s session) {
	p.ask(w, r, s, http.StatusOK, "")
}

func (p *Panel) ask(w http.ResponseWriter, r *http.Request, s session, status int, trouble string) {
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
	view := askView{frame: p.frame("Are you sure?", &s), Pool: pool, Order: o, Halt: prospect.Halt, Trouble: trouble}
	view.tell(prospect)
	p.show(w, status, "ask", view)
}

// order reads what a page or a form is about.
func (p *Panel) order(r *http.Request) (Pool, Order, bool) {
	o := Order{
		Action: Action(r.PathValue("action")), Pool: r.PathValue("pool"),
		Reason: strings.TrimSpace(r.PostFormValue("reason")),
		About:  r.PostFormValue("about"),
	}
	// What is no number is payout or block 0, which does not exist.
	o.Payout, _ = strconv.ParseInt(r.FormValue("payout"), 10, 64)
	o.Block, _ = strconv.ParseInt(r.FormValue("block"), 10, 64)
	pools := p.c.Pools()
	at := slices.IndexFunc(pools, func(p Pool) bool { return p.ID == o.Pool })
	known := slices.Contains([]Action{Resume, Abandon, Settle}, o.Action)
	if at < 0 || !known {
		return Pool{}, o, false
	}
	return pools[at], o, true
}

// tell says what the order would do.
func (v *askView) tell(p Prospect) {
	money := v.Pool.Symbol
	switch v.Order.Action {
	case Resume:
		v.Heading, v.Button = "Go on paying", "It is sound: go on paying"
		v.Will = append(v.Will, fmt.Sprintf("Payouts of %s go on at once.", v.Pool.ID))
		for _, one := range p.Open {
			v.Will = append(v.Will, fmt.Sprintf("Payout %d of %s %s to %s is sent again, the same bytes, until it is in the chain.", one.ID, v.Pool.Coins(one.Total()), money, people(len(one.Outputs))))
		}
		v.Will = append(v.Will, fmt.Sprintf("Accounts that are due may be paid from %s %s that are owed and payable.", v.Pool.Coins(p.Totals.Balance), money))
		v.Warning = "If what payouts are halted at is still so, they halt again. If you have not looked, somebody may be paid twice."
	case Abandon:
		v.Heading, v.Button = fmt.Sprintf("Give up payout %d", p.Payout.ID), "This payout can never be mined: give its money back"
		total := v.Pool.Coins(p.Payout.Total())
		v.Will = []string{
			fmt.Sprintf("Payout %d of %s %s to %s is given up. Its transaction is %s.", p.Payout.ID, total, money, people(len(p.Payout.Outputs)), p.Payout.TxID),
			fmt.Sprintf("%s %s go back to the balances of these accounts, and a later payout pays them again, with another transaction.", total, money),
			"Payouts stay halted until you say that all is sound.",
		}
		v.Who, v.More = first(p.Payout.Outputs, shownAccounts)
		v.Warning = fmt.Sprintf("If the transaction is mined after all, %s paid twice, and the pool loses %s %s. This cannot be undone.", are(len(p.Payout.Outputs)), total, money)
	case Settle:
		v.Heading, v.Button = fmt.Sprintf("Let block %d go", p.Block.Height), "The block is gone: the pool bears the loss"
		reward := v.Pool.Coins(p.Block.Reward)
		v.Will = []string{
			fmt.Sprintf("Block %s at height %d is not looked at any more. It brought %s %s.", p.Block.Hash, p.Block.Height, reward, money),
			fmt.Sprintf("What miners were credited for it they keep, up to %s %s. The pool's own money makes up for it.", reward, money),
			"Payouts stay halted until you say that all is sound.",
		}
		v.Warning = "If the block comes back into the chain, the book does not take notice. This cannot be undone."
	}
}

func are(accounts int) string {
	if accounts == 1 {
		return "this account is"
	}
	return fmt.Sprintf("these %s are", people(accounts))
}

// carryOut does what the page has asked about.
func (p *Panel) carryOut(w http.ResponseWriter, r *http.Request, s session) {
	pool, o, ok := p.order(r)
	switch {
	case !ok:
		p.say(w, &s, http.StatusNotFound, "No such page", "There is nothing at this address.")
		return
	case o.Reason == "":
		p.ask(w, r, s, http.StatusUnprocessableEntity, "Say in a few words why, for the book.")
		return
	case utf8.RuneCountInString(o.Reason) > maxReason:
		p.ask(w, r, s, http.StatusUnprocessableEntity, fmt.Sprintf("The reason is longer than %d letters.", maxReason))
		return
	}
	err := Do(r.Context(), p.c.Book, pool.Hand, By{Who: s.who, Source: sender(r)}, o)
	switch {
	case errors.Is(err, ErrRefused), errors.Is(err, ledger.ErrState), errors.Is(err, ledger.ErrNotFound):
		p.say(w, &s, http.StatusConflict, "It was not done", sentence(err))
	case err != nil:
		p.c.Log.Error("operator's order failed", "action", o.Action, "pool", o.Pool, "err", err)
		p.say(w, &s, http.StatusInternalServerError, "Look at it again", sentence(err))
	default:
		p.c.Log.Info("operator's order", "action", o.Action, "pool", o.Pool, "who", s.who, "reason", o.Reason)
		http.Redirect(w, r, Root+"/payouts?done="+string(o.Action), http.StatusSeeOther)
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
