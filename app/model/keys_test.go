package model_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

// safe is a folder with a key, as a test wants it.
type safe struct {
	mu        sync.Mutex
	ring      wallet.Keyring
	password  string // of the owner's; empty: none
	typed     bool   // it was typed, and not forgotten
	forgotten int
}

func (s *safe) open(key wallet.Key) func() (model.Opened, error) {
	s.ring = wallet.Keyring{Secret: wallet.SecretFromKey(key)}
	return func() (model.Opened, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		k := s.ring.Key()
		o := model.Opened{Ring: s.ring, Public: k.MiningKey(), Hash: k.PubKeyHash(), Created: true, Protected: s.password != ""}
		if o.Protected && !s.typed {
			o.Ring, o.Locked, o.Created = wallet.Keyring{}, true, false
		}
		return o, nil
	}
}

func (s *safe) unlock(password string) (wallet.Keyring, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if password != s.password {
		return wallet.Keyring{}, wallet.ErrPassphrase
	}
	s.typed = true
	return s.ring, nil
}

func (s *safe) lock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.typed = false
	s.forgotten++
}

func (s *safe) protect(password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.password, s.typed = password, true
	return nil
}

func (s *safe) replace(r wallet.Keyring) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ring = r
	return "/data/key-old.age", nil
}

// owing is what a pool says of an account that it owes something.
var owing = model.PoolAnswered{URL: poolURL, Info: pool("litecoin", "scrypt"), Miner: &poolapi.MinerStats{
	Coins: []poolapi.CoinMiner{{Coin: "litecoin", Symbol: "LTC", Network: "regtest", Immature: "0.001"}}}}

func TestTheBackupIsAskedForWhenThereIsSomethingToLose(t *testing.T) {
	fresh := live(first(), opened, seen)
	for name, tt := range map[string]struct {
		s    model.State
		want bool
	}{
		"a fresh key":         {fresh, false},
		"a pool joined":       {live(fresh, answered), false},
		"mining, no share":    {live(fresh, answered, model.Start{}, model.Tick{Now: noon.Add(time.Minute)}), false},
		"a share accepted":    {live(fresh, answered, model.MinerSaid{Unit: "cpu0", Event: miners.Accepted{N: 1}}, model.Tick{Now: noon.Add(time.Minute)}), true},
		"the pool owes coins": {live(fresh, owing, model.Tick{Now: noon.Add(time.Minute)}), true},
		"no key":              {live(first(), model.KeyFailed{Err: errors.New("x")}, owing, model.Tick{Now: noon.Add(time.Minute)}), false},
	} {
		if got := tt.s.WantsBackup(); got != tt.want {
			t.Errorf("%s: asked %v, want %v", name, got, tt.want)
		}
	}
}

func TestTheBackupIsAskedForUntilItIsDoneAlsoAfterARestart(t *testing.T) {
	s := live(first(), opened, seen, owing, model.Tick{Now: noon.Add(time.Minute)})
	again := first()
	again.Settings = s.Settings
	if again = live(again, opened); !again.WantsBackup() {
		t.Error("after a restart nobody asks any more")
	}
	for _, step := range []struct {
		stage settings.BackupStage
		asks  bool
		what  model.Happening
	}{{settings.WordsShown, true, ""}, {settings.BackupDone, false, model.BackedUp}, {settings.WordsShown, false, ""}, {settings.BackupProved, false, model.BackupTried},
		{settings.BackupDone, false, ""}} {
		before := len(s.History)
		s = live(s, model.BackupReached{Stage: step.stage, Way: settings.ByHand})
		if s.WantsBackup() != step.asks || s.BackedUp() == step.asks {
			t.Errorf("after %s: asks %v, backed up %v", step.stage, s.WantsBackup(), s.BackedUp())
		}
		if noted := len(s.History) > before; noted != (step.what != "") || noted && s.History[before].What != step.what {
			t.Errorf("after %s the history has %v", step.stage, s.History[before:])
		}
	}
	if b := s.Settings.Backup; b.Stage != settings.BackupProved || b.At.IsZero() || b.Way != settings.ByHand {
		t.Errorf("%+v", b)
	}
}

func TestAnotherKeyNeedsABackupOfItsOwn(t *testing.T) {
	s := live(first(), opened, seen, owing, model.Tick{Now: noon.Add(time.Minute)}, model.BackupReached{Stage: settings.BackupDone, Way: settings.ByHand},
		model.CoinsSent{Symbol: "LTC", Amount: 5})
	if !s.WantsNewKey() || !happened(s, model.Moved) {
		t.Error("nobody offers a new key")
	}
	s = live(s, model.KeyReplaced{By: model.KeyRenewed})
	if s.Key.Ready || !happened(s, model.KeyRenewed) {
		t.Errorf("the old key is still there: %+v", s.Key)
	}
	other := opened
	other.Hash[0] ^= 0xff
	if s = live(s, other); s.BackedUp() || s.WantsNewKey() || s.WantsBackup() {
		t.Error("the new key has the old one's record")
	}
}

func TestALockedKeyMinesAndIsLockedByItselfAgain(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	w.with(t, c, func(ctx context.Context, e *model.Engine, state func() model.State) {
		state()
		if err := e.Protect(ctx, "correct horse"); err != nil {
			t.Fatal(err)
		}
		if s := state(); !s.Key.Protected || s.Key.Locked {
			t.Fatalf("%+v", s.Key)
		}
		time.Sleep(11 * time.Minute)
		s := state()
		if !s.Key.Locked || s.Phase() != model.Mining || w.safe.forgotten == 0 {
			t.Errorf("locked %v, %s, forgotten %d times", s.Key.Locked, s.Phase(), w.safe.forgotten)
		}
		for name, err := range map[string]error{
			"words": second(e.Words()), "paper": second(e.Paper(ctx, model.Sheet{})), "file": second(e.SaveFile(ctx, "/stick", "x")),
			"renew": second(e.Renew(ctx)), "new words": second(e.RenewWords(ctx)), "protect": e.Protect(ctx, ""), "send": second(e.Send(ctx, model.SpendPlan{})),
		} {
			if !errors.Is(err, model.ErrLocked) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := e.Unlock(ctx, "wrong"); !errors.Is(err, wallet.ErrPassphrase) {
			t.Errorf("a wrong password: %v", err)
		}
		if err := e.Unlock(ctx, "correct horse"); err != nil {
			t.Fatal(err)
		}
		if s := state(); s.Key.Locked {
			t.Error("it is still locked")
		}
		if _, err := e.Words(); err != nil {
			t.Error(err)
		}
		e.Do(ctx, model.LockKey{})
		if s := state(); !s.Key.Locked {
			t.Error("it does not lock")
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestRestoringMinesForTheOtherKeyAndProvingChangesNothing(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	w.with(t, c, func(ctx context.Context, e *model.Engine, state func() model.State) {
		before := state().Key.Account
		mine, err := e.Look(strings.Repeat("00", 31)+"07", "")
		if err != nil || !mine.Same || mine.Old == "" {
			t.Fatalf("%+v, %v", mine, err)
		}
		e.Prove(ctx, mine)
		if s := state(); s.Settings.Backup.Stage != settings.BackupProved || s.Key.Account != before {
			t.Errorf("%+v", s.Settings.Backup)
		}
		words := "legal winner thank year wave sausage worth useful legal winner thank yellow"
		other, err := e.Look(words, "")
		if err != nil || other.Same || other.Kind != wallet.ReadWords {
			t.Fatalf("%+v, %v", other, err)
		}
		if text := fmt.Sprintf("%v %+v %#v", other, other, other); strings.Contains(text, "sausage") {
			t.Errorf("it prints %s", text)
		}
		if next := other.Numbered(1); next.Account == other.Account || next.Index != 1 || next.Numbered(0).Account != other.Account {
			t.Errorf("key 1 of the words is %s", next.Account)
		}
		e.Prove(ctx, other)
		if s := state(); s.Key.Account != before {
			t.Error("proving took another key")
		}
		kept, err := e.Restore(ctx, other)
		if err != nil || kept == "" {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		s := state()
		if s.Key.Account == before || s.Key.Account != other.Account || s.BackedUp() {
			t.Errorf("mines for %s, want %s", s.Key.Account, other.Account)
		}
		w.mu.Lock()
		user := w.plans[len(w.plans)-1].User
		w.mu.Unlock()
		if !strings.HasPrefix(user, other.Account) {
			t.Errorf("the program mines for %s", user)
		}
	})
}

func TestAnOrderToSpendIsToldStepByStepAndEnds(t *testing.T) {
	order := model.SpendOrder{Coin: "litecoin", Network: "regtest", Way: model.MoveToWallet}
	s := live(first(), opened, seen, owing, model.Spend{Order: order})
	if !s.Spending.Busy || s.Spending.Symbol != "LTC" {
		t.Fatalf("%+v", s.Spending)
	}
	if again := live(s, model.Spend{Order: model.SpendOrder{Coin: "other"}}); again.Spending.Order != order {
		t.Error("a second order takes the first one's place")
	}
	s = live(s, model.SpendWent{Spending: model.Spending{Step: model.SpendSync, At: 1, Of: 2}})
	if s.Spending.Step != model.SpendSync || s.Spending.Order != order || !s.Spending.Busy {
		t.Errorf("%+v", s.Spending)
	}
	stopped := live(s, model.StopSpending{}, model.SpendEnded{Err: errors.New("late")})
	if stopped.Spending.Busy || stopped.Spending.Fault.Code != "" {
		t.Errorf("%+v", stopped.Spending)
	}
	failed := live(s, model.SpendEnded{Err: &model.SpendError{Code: model.NoRoom, Err: errors.New("no space left")}})
	if failed.Spending.Busy || failed.Spending.Done || failed.Spending.Fault.Code != model.Code(model.NoRoom) {
		t.Errorf("%+v", failed.Spending)
	}
	if done := live(s, model.SpendEnded{}); !done.Spending.Done {
		t.Errorf("%+v", done.Spending)
	}
}

// A wallet program's passphrase goes from who types it to who asks, and nowhere else.
func TestAWalletsPassphraseIsAskedForAndNotKept(t *testing.T) {
	const passphrase = "open sesame, please"
	w := &world{}
	c := w.config(t)
	var got []string
	c.Spend = func(ctx context.Context, _ wallet.Keyring, _ model.SpendOrder, _ func(model.Spending), ask model.Passphrase) error {
		for _, again := range []bool{false, true} {
			answer, err := ask(ctx, again)
			if err != nil {
				return err
			}
			got = append(got, answer)
		}
		_, err := ask(ctx, true)
		return err
	}
	w.with(t, c, func(ctx context.Context, e *model.Engine, state func() model.State) {
		state()
		e.AnswerWallet("nobody asked")
		e.Do(ctx, model.Spend{Order: model.SpendOrder{Coin: "litecoin", Network: "regtest", Way: model.UseInWallet}})
		for n, wrong := range []bool{false, true} {
			if p := state().Spending; !p.Asking || p.Wrong != wrong || p.Questions != n+1 {
				t.Fatalf("question %d: %+v", n, p)
			}
			e.AnswerWallet(passphrase)
		}
		if s := state(); strings.Contains(fmt.Sprintf("%+v", s), passphrase) {
			t.Error("the passphrase is in the state")
		}
		if !slices.Equal(got, []string{passphrase, passphrase}) {
			t.Errorf("the program got %q", got)
		}
		e.Do(ctx, model.StopSpending{})
		if p := state().Spending; p.Asking || p.Busy {
			t.Errorf("after the stop: %+v", p)
		}
	})
}

func TestNewWordsBecomeTheKeyAndTheOldOneIsKept(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	w.with(t, c, func(ctx context.Context, e *model.Engine, state func() model.State) {
		before := state().Key.Account
		old, err := e.Words()
		if err != nil {
			old = nil // it is a raw key
		}
		if _, err := e.RenewWords(ctx); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second) // of the test's own time
		s := state()
		words, err := e.Words()
		if err != nil || len(words) != 12 || slices.Equal(words, old) || s.Key.Account == before || s.Key.Words != 12 {
			t.Errorf("%d words, %v; the key is %+v", len(words), err, s.Key)
		}
		if s.BackedUp() {
			t.Error("nobody made a backup of it")
		}
	})
}
