package admin_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/admin"
	"github.com/adit-mining/adit/pool-server/ledger"
)

const (
	sound    = "It is sound: go on paying"
	giveBack = "This payout can never be mined: give its money back"
	gone     = "The block is gone: the pool bears the loss"
)

func TestThePageSaysHowPayoutsFare(t *testing.T) {
	w := newWorld(t)
	cookie := w.operator()
	state := func(want ...string) {
		t.Helper()
		page := w.get("/admin/payouts", cookie).Body.String()
		has(t, page, want...)
		hasNot(t, page, sound, giveBack, gone)
	}
	state("Paying", "as soon as somebody is due")
	w.status.NextPayout = time.Now().Add(time.Hour)
	state("Paying", "may begin at")
	w.status.Payments = "the wallet is locked"
	state("Waiting", "the wallet is locked")
	w.status.Blocks = "no daemon answers"
	state("Waiting", "no daemon answers")
	w.status.LastPass = time.Time{}
	state("Starting")

	w.mined("alice", "bob")
	p := w.sent("f00d")
	w.mined("alice")
	w.wallet.spendable, w.wallet.confirmations["f00d"] = 400_000_000, 2
	state(fmt.Sprintf("Payout %d", p.ID), "f00d", "6.25 LTC to 2 accounts", "2 confirmations", "Missing to pay all", "-2.25")
	w.wallet.confirmations["f00d"] = -7
	state("another one spent its coins, 7 confirmations ago")
}

func TestAHangingWalletDoesNotHoldThePage(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.book.Close()
		w.mined("alice")
		w.sent("f00d")
		w.wallet.hangs = true
		cookie := w.operator()
		began := time.Now()
		has(t, w.get("/admin/payouts", cookie).Body.String(), "not known", "the wallet does not answer")
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAConflictIsMendedWithTwoButtons(t *testing.T) {
	w := newWorld(t)
	w.mined("alice", "bob")
	txid := strings.Repeat("f00d", 16)
	p := w.sent(txid)
	w.wallet.confirmations[txid] = -3
	w.halt(fmt.Sprintf("Payout %d: transaction %s conflicts with the chain", p.ID, txid))
	cookie := w.operator()
	page := w.get("/admin/payouts", cookie).Body.String()
	has(t, page, "Halted", "conflicts with the chain", "gettransaction "+txid, sound, giveBack)
	hasNot(t, page, gone)
	if n := strings.Count(page, `class="main"`) + strings.Count(page, `class="hard"`); n != 2 {
		t.Errorf("%d main buttons, want two", n)
	}

	abandon := fmt.Sprintf("/admin/payouts/%s/abandon?payout=%d", poolID, p.ID)
	has(t, w.get(abandon, cookie).Body.String(), "6.25 LTC to 2 accounts is given up", "alice", "bob", "3.125", "paid twice, and the pool loses 6.25 LTC", "You are anna, session 1.")
	if answer := w.press(abandon, "  ", cookie); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", answer.Code)
	}
	if answer := w.press(abandon, strings.Repeat("я", 1001), cookie); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("a reason that is too long: %d", answer.Code)
	}
	if answer := w.press(abandon, "its inputs went elsewhere", cookie); answer.Code != http.StatusSeeOther {
		t.Fatalf("abandon: %d %s", answer.Code, answer.Body)
	}
	if s, err := w.book.AccountSummary(t.Context(), poolID, "alice"); err != nil || s.Balance != 312_500_000 || s.Paying != 0 {
		t.Errorf("alice has %+v, %v", s, err)
	}
	page = w.get("/admin/payouts", cookie).Body.String()
	has(t, page, "Given up.", "its money is back in the balances", "Halted", sound)
	hasNot(t, w.get("/admin/payouts", cookie).Body.String(), "Given up.")
	hasNot(t, page, giveBack, "book it")
	if answer := w.press("/admin/payouts/"+poolID+"/resume", "nothing else", cookie); answer.Code != http.StatusSeeOther || w.halted() {
		t.Errorf("resume: %d %s", answer.Code, answer.Body)
	}
	want := []string{"anna|link|||given out on the console", "anna, session 1|sign in|||done",
		"anna, session 1|abandon|payout 1|its inputs went elsewhere|done", "anna, session 1|resume||nothing else|done"}
	if got := w.audit(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
	has(t, w.get("/admin/log", cookie).Body.String(), "its inputs went elsewhere", "nothing else")
}

func TestALostBlockIsSettled(t *testing.T) {
	w := newWorld(t)
	b := w.mined("alice")
	w.sent("f00d")
	w.halt("Block " + b.Hash + " is no longer on the main chain, but miners were paid for it: payout 1 is sent")
	cookie := w.operator()
	page := w.get("/admin/payouts", cookie).Body.String()
	has(t, page, fmt.Sprintf("getblockhash %d", b.Height), sound, gone)
	hasNot(t, page, giveBack)
	settle := fmt.Sprintf("/admin/payouts/%s/settle?block=%d", poolID, b.ID)
	has(t, w.get(settle, cookie).Body.String(), b.Hash, "6.25 LTC", "cannot be undone")
	if answer := w.press(settle, "the chain was split", cookie); answer.Code != http.StatusSeeOther {
		t.Fatalf("settle: %d %s", answer.Code, answer.Body)
	}
	if left, err := w.book.UnsettledBlocks(t.Context(), poolID); err != nil || len(left) != 0 {
		t.Errorf("got %v, %v", left, err)
	}
	w.wallet.err = errors.New("no such transaction") // the wallet knows no block
	page = w.get("/admin/payouts", cookie).Body.String()
	has(t, page, "Losses", "-6.25", sound)
	hasNot(t, page, gone, "book it")
}

func TestThePoolOnlyGivesUpByForceWhatMayBeMined(t *testing.T) {
	w := newWorld(t)
	w.mined("alice")
	p := w.sent("f00d")
	w.halt("f00d")
	w.mayBeMined = true
	cookie := w.operator()
	abandon := fmt.Sprintf("/admin/payouts/%s/abandon?payout=%d", poolID, p.ID)
	hasNot(t, w.get(abandon, cookie).Body.String(), "I know better")
	answer := w.press(abandon, "gone", cookie)
	if answer.Code != http.StatusConflict {
		t.Fatalf("got %d %s", answer.Code, answer.Body)
	}
	has(t, answer.Body.String(), "It may still be mined.", "I know better", `>gone</textarea>`)
	form := fields(answer.Body.String())
	form.Set("reason", "gone")
	form.Set("force", "yes")
	path, _, _ := strings.Cut(abandon, "?")
	if answer := w.post(path, form, cookie); answer.Code != http.StatusSeeOther {
		t.Errorf("by force: %d %s", answer.Code, answer.Body)
	}
	has(t, strings.Join(w.audit(), "\n"), "|abandon|payout 1|gone|failed: it may still be mined", "|abandon|payout 1, by force|gone|done")
}

func TestPaymentsThatTheBookDoesNotKnowAreBookedOrIgnored(t *testing.T) {
	w := newWorld(t)
	b := w.mined("alice")
	one, two := strings.Repeat("1", 64), strings.Repeat("2", 64)
	w.halt("The wallet has paid miners: " + one + " of yesterday, " + two + " of today, for block " + b.Hash[:60])
	w.wallet.confirmations = map[string]int64{one: 3, two: 0}
	cookie := w.operator()
	page := w.get("/admin/payouts", cookie).Body.String()
	has(t, page, `<option value="`+one, `<option value="`+two, "gettransaction "+one, "It paid our miners: book it", "It was no payout")
	hasNot(t, page, sound, giveBack, gone)
	ignore := "/admin/payouts/" + poolID + "/ignore?txid="
	has(t, w.get(ignore+two, cookie).Body.String(), two, "paid the same money again")
	if answer := w.press(ignore+two, "my own withdrawal", cookie); answer.Code != http.StatusSeeOther {
		t.Fatalf("ignore: %d %s", answer.Code, answer.Body)
	}
	page = w.get("/admin/payouts", cookie).Body.String()
	has(t, page, `name="txid" value="`+one)
	hasNot(t, page, `<option value="`+two)
	adopt := "/admin/payouts/" + poolID + "/adopt?txid="
	if answer := w.press(adopt+one, "paid by hand", cookie); answer.Code != http.StatusSeeOther {
		t.Fatalf("adopt: %d %s", answer.Code, answer.Body)
	}
	if last := w.carried[len(w.carried)-1]; last.Action != admin.Adopt || last.TxID != one || last.Reason != "paid by hand" {
		t.Errorf("got %+v", last)
	}
	if answer := w.press(ignore+two, "why", cookie); answer.Code != http.StatusConflict {
		t.Errorf("ignored twice: %d %s", answer.Code, answer.Body)
	}
	for _, bad := range []string{"x", strings.Repeat("G", 64), ""} {
		if answer := w.press(adopt+bad, "why", cookie); answer.Code != http.StatusConflict {
			t.Errorf("adopt %q: %d %s", bad, answer.Code, answer.Body)
		}
	}
	w.ok(w.book.NoteSend(t.Context(), poolID, ledger.OtherSend{TxID: one, Amount: 1, At: time.Now(), Reason: "x"}))
	has(t, w.get("/admin/payouts", cookie).Body.String(), sound)
}

func TestAccountsAreHeldAndReleasedAndPaidNow(t *testing.T) {
	w := newWorld(t)
	w.mined("alice")
	cookie := w.operator()
	at := "/admin/payouts/" + poolID
	has(t, w.get(at+"/hold?account=ALICE", cookie).Body.String(), "Account alice is not paid", "6.25 LTC that are payable")
	if answer := w.press(at+"/hold?account=ALICE", "asked to wait", cookie); answer.Code != http.StatusSeeOther {
		t.Fatalf("hold: %d %s", answer.Code, answer.Body)
	}
	has(t, w.get("/admin/payouts", cookie).Body.String(), "Held.", "asked to wait", "held by an operator", at+"/release")
	for path, words := range map[string]string{"/hold?account=nobody": "knows no account", "/release?account=bob": "is not held"} {
		if answer := w.press(at+path, "why", cookie); answer.Code != http.StatusConflict || !strings.Contains(answer.Body.String(), words) {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	if answer := w.press(at+"/release?account=alice", "asked again", cookie); answer.Code != http.StatusSeeOther {
		t.Errorf("release: %d %s", answer.Code, answer.Body)
	}
	if holds, err := w.book.Holds(t.Context(), poolID); err != nil || len(holds) != 0 {
		t.Errorf("got %v, %v", holds, err)
	}
	has(t, w.get(at+"/pay", cookie).Body.String(), "whatever the schedule says", "6.25 LTC")
	if answer := w.press(at+"/pay", "month's end", cookie); answer.Code != http.StatusSeeOther {
		t.Errorf("pay: %d %s", answer.Code, answer.Body)
	}
	if last := w.carried[len(w.carried)-1]; last.Action != admin.Pay || last.Account != "" {
		t.Errorf("got %+v", last)
	}
	w.halt("look")
	if answer := w.press(at+"/pay", "why", cookie); answer.Code != http.StatusConflict {
		t.Errorf("pay while halted: %d", answer.Code)
	}
}

func TestAReasonThatNamesNothingLeavesTheChoice(t *testing.T) {
	w := newWorld(t)
	w.mined("alice")
	w.sent("f00d")
	w.halt("somebody said stop")
	has(t, w.get("/admin/payouts", w.operator()).Body.String(), sound, giveBack, "logs/errors.log")
}

func TestOrdersThatDoNotFitAreRefusedAndSaid(t *testing.T) {
	w := newWorld(t)
	b := w.mined("alice")
	p := w.sent("f00d")
	cookie := w.operator()
	resume := "/admin/payouts/" + poolID + "/resume"
	refused := func(path, words string, status int) {
		t.Helper()
		if answer := w.press(path, "because", cookie); answer.Code != status || !strings.Contains(answer.Body.String(), words) {
			t.Errorf("%s: %d %s, want %d %q", path, answer.Code, answer.Body, status, words)
		}
	}
	refused(resume, "not halted", http.StatusConflict)
	w.halt("first")
	form := fields(w.get(resume, cookie).Body.String())
	form.Set("reason", "looked")
	w.ok(w.book.Resume(t.Context(), poolID))
	if answer := w.post(resume, form, cookie); answer.Code != http.StatusConflict {
		t.Errorf("somebody was faster: %d", answer.Code)
	}
	w.halt("another")
	if answer := w.post(resume, form, cookie); answer.Code != http.StatusConflict || !w.halted() {
		t.Errorf("a halt that the operator has not seen: %d, halted %v", answer.Code, w.halted())
	}
	at := "/admin/payouts/" + poolID
	refused(at+"/abandon?payout=77", "not in the ledger", http.StatusConflict)
	refused(at+"/abandon?payout=x", "not in the ledger", http.StatusConflict)
	refused(at+"/settle?block=77", "no block 77", http.StatusConflict)
	refused(at+"/delete", "nothing at this address", http.StatusNotFound)
	refused("/admin/payouts/other/resume", "nothing at this address", http.StatusNotFound)
	w.ok(w.book.SetConfirmed(t.Context(), p.ID))
	refused(fmt.Sprintf("%s/abandon?payout=%d", at, p.ID), "is confirmed", http.StatusConflict)
	w.ok(w.book.SettleBlock(t.Context(), b.ID))
	refused(fmt.Sprintf("%s/settle?block=%d", at, b.ID), "no block", http.StatusConflict)
	has(t, strings.Join(w.audit(), "\n"), "|resume||looked|not done: payouts of litecoin-main are not halted", "halted at something else by now")
}

func TestNothingHappensUnseen(t *testing.T) {
	w := newWorld(t)
	bad := &broken{Ledger: w.book}
	w.panel = bad
	w.restart()
	w.halt("look")
	cookie := w.operator()
	code := w.code()
	bad.audit = true
	if _, err := w.NewLink(t.Context(), "anna", "http://pool.example"); err == nil {
		t.Error("a link that is not in the log")
	}
	if answer := w.enter(code); answer.Code != http.StatusInternalServerError || len(answer.Result().Cookies()) > 0 {
		t.Errorf("a session that is not in the log: %d", answer.Code)
	}
	resume := "/admin/payouts/" + poolID + "/resume"
	if answer := w.press(resume, "looked", cookie); answer.Code != http.StatusInternalServerError || !w.halted() {
		t.Errorf("an order that is not in the log: %d", answer.Code)
	}
	bad.audit, bad.end = false, true
	if answer := w.press(resume, "looked", cookie); answer.Code != http.StatusInternalServerError || w.halted() {
		t.Errorf("an outcome that is not in the log: %d", answer.Code)
	} else {
		has(t, answer.Body.String(), "It was done, but")
	}
	bad.end, bad.read = false, true
	answer := w.get("/admin/payouts", cookie)
	if answer.Code != http.StatusInternalServerError {
		t.Errorf("a book that cannot be read: %d", answer.Code)
	}
	hasNot(t, answer.Body.String(), errDisk.Error())
}

func TestTheCommandLineAndThePageDecideAlike(t *testing.T) {
	w := newWorld(t)
	w.mined("alice")
	p := w.sent("f00d")
	order := admin.Order{Action: admin.Abandon, Pool: poolID, Payout: p.ID, Reason: "why"}
	by := admin.By{Who: "root, command line"}
	if _, err := admin.Do(t.Context(), w.book, w.hand, by, order); err == nil || !strings.Contains(err.Error(), "not halted") {
		t.Errorf("got %v", err)
	}
	w.halt("f00d")
	_, err := admin.Do(t.Context(), w.book, w.hand, by, order)
	w.ok(err)
	has(t, strings.Join(w.audit(), "\n"), "root, command line|abandon|payout 1|why|not done", "root, command line|abandon|payout 1|why|done")
}
