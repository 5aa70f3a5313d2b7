package spend_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/spend"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/clamd"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/corewallet"
	"github.com/adit-mining/adit/wallet/program"
)

func TestCoinsAreMovedStepByStep(t *testing.T) {
	w := faked(t)
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []spend.Step{spend.Fetching, spend.Verifying, spend.Scanning, spend.Installing, spend.Starting, spend.Syncing, spend.Moving, spend.Balancing}
	if got := w.steps(); !slices.Equal(got, want) {
		t.Errorf("steps %v, want %v", got, want)
	}
	end := w.last()
	if end.Balance.Total() != 5e8-1000 || end.To != "address1" || len(end.TxIDs) != 1 || end.Scan.Verdict != clamd.OK {
		t.Errorf("the end is %+v", end)
	}
	for _, p := range w.said {
		if p.Fraction == 1 && p.State == spend.Running {
			t.Errorf("%s is at 100 %% and not done", p.Step)
		}
	}
	if w.wallet.imports > 0 {
		t.Error("the key was imported")
	}
}

func TestTheKeyIsImported(t *testing.T) {
	w := faked(t)
	w.order.Way = spend.Import
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if end := w.last(); end.Balance.Total() != 5e8 || w.wallet.imports != 1 || w.wallet.key != key(t, 7) {
		t.Errorf("the end is %+v after %d imports", end, w.wallet.imports)
	}
	if steps := w.steps(); !slices.Contains(steps, spend.Importing) || slices.Contains(steps, spend.Moving) {
		t.Errorf("steps %v", steps)
	}
}

func TestAWrongBirthdayIsNoticedAndAskedAbout(t *testing.T) {
	w := faked(t)
	w.order.Way, w.order.Expect = spend.Import, 5e8
	w.wallet.coinsAt = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC) // a month before the birthday
	var missing []coin.Amount
	w.config.Ask.Rescan = func(_ context.Context, _ program.Imported, m coin.Amount) (time.Time, bool, error) {
		missing = append(missing, m)
		return time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), true, nil
	}
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if end := w.last(); end.Missing != 0 || end.Balance.Total() != 5e8 || len(missing) != 1 || missing[0] != 5e8 {
		t.Errorf("the end is %+v, asked %v", end, missing)
	}
	w = faked(t)
	w.order.Way, w.order.Expect = spend.Import, 5e8
	w.wallet.coinsAt = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	if err := w.run(t.Context()); err != nil { // nobody to ask
		t.Fatal(err)
	}
	if end := w.last(); end.Missing != 5e8 {
		t.Errorf("Missing = %v, want all", end.Missing)
	}
}

// Every step is broken in both ways, undone and done-but-failed, and then the way is
// gone again: nothing happens twice.
func TestACrashAtAnyStepDoesNoHarm(t *testing.T) {
	for _, way := range []spend.Way{spend.Move, spend.Import} {
		var names []string
		w := faked(t)
		w.order.Way = way
		w.config = spend.CrashAt(w.config, func(step string, done bool) error {
			if !done {
				names = append(names, step)
			}
			return nil
		})
		if err := w.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(names) < 10 {
			t.Fatalf("only %v can be broken", names)
		}
		names = slices.DeleteFunc(names, func(name string) bool { return name == string(spend.Starting) }) // it ends at the end
		for _, name := range names {
			for _, done := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s done=%v", way, name, done), func(t *testing.T) { crashOnce(t, way, name, done) })
			}
		}
	}
}

func crashOnce(t *testing.T, way spend.Way, name string, done bool) {
	w := faked(t)
	w.order.Way = way
	crash, crashed := errors.New("crash"), false
	w.config = spend.CrashAt(w.config, func(step string, after bool) error {
		if step == name && after == done && !crashed {
			crashed = true
			return crash
		}
		return nil
	})
	if err := w.run(t.Context()); !errors.Is(err, crash) || w.wallet.running != 0 {
		t.Fatalf("the first Run = %v, %d programs run", err, w.wallet.running)
	}
	if err := w.run(t.Context()); err != nil {
		t.Fatalf("the second Run = %v", err)
	}
	if w.downloads != 1 {
		t.Errorf("%d downloads", w.downloads)
	}
	if way == spend.Move {
		anew := name == "note finished" && done // it was all over, and is begun anew
		if len(w.sweeps) != 1 && !anew {
			t.Errorf("transactions %v, want one", w.sweeps)
		}
		if end := w.last(); end.Balance.Total() != 5e8-1000 && !anew {
			t.Errorf("the end is %+v", end)
		}
		return
	}
	if end := w.last(); end.Balance.Total() != 5e8 || w.wallet.imports > 2 {
		t.Errorf("the end is %+v after %d imports", end, w.wallet.imports)
	}
}

func TestASecondRunAfterTheEndMovesWhatCameSince(t *testing.T) {
	w := faked(t)
	for range 2 {
		if err := w.run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.sweeps) != 2 || w.downloads != 1 || len(w.wallet.addresses) != 2 {
		t.Errorf("%d transactions to %v, %d downloads; want 2 to fresh addresses, and one", len(w.sweeps), w.wallet.addresses, w.downloads)
	}
}

func TestTheWalletLosesItsFolderAndAnotherAddressIsUsed(t *testing.T) {
	w := faked(t)
	crash := errors.New("crash")
	w.config = spend.CrashAt(w.config, func(step string, done bool) error {
		if step == "note address" && done {
			return crash
		}
		return nil
	})
	if err := w.run(t.Context()); !errors.Is(err, crash) {
		t.Fatal(err)
	}
	w.wallet.addresses = []string{"another"} // the wallet of the noted address is gone
	w.config = spend.CrashAt(w.config, nil)
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if to := w.last().To; to != "address2" {
		t.Errorf("the coins went to %s, which is nobody's", to)
	}
}

func TestWhatStopsIt(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(w *world)
		code  spend.Code
		step  spend.Step
	}{
		{"no wallet for the coin", func(w *world) { w.order.Network = cointest.Network(t, "dogecoin", "main") }, spend.NoWallet, spend.Fetching},
		{"no build for the computer", func(w *world) { w.config.Arch = "arm64" }, spend.NoBuild, spend.Fetching},
		{"a tampered download", func(w *world) { w.body = slices.Clone(w.body); w.body[len(w.body)/2] ^= 1 }, spend.WrongFile, spend.Verifying},
		{"no site", func(w *world) { w.site.Close() }, spend.NoNetwork, spend.Fetching},
		{"an archive with another program in it", func(w *world) {
			w.config.Programs[0].Builds[0].Files[0].SHA256 = digest([]byte("another"))
		}, spend.BadArchive, spend.Installing},
		{"a virus", func(w *world) { w.scan = clamd.Result{Verdict: clamd.Found, Name: "Unix.Stealer"} }, spend.Infected, spend.Scanning},
		{"a program that hangs", func(w *world) { w.wallet.syncErr = corewallet.ErrHangs }, spend.Hangs, spend.Syncing},
		{"a program of another coin", func(w *world) { w.wallet.syncErr = corewallet.ErrWrongChain }, spend.WrongChain, spend.Syncing},
		{"nothing to move", func(w *world) { w.moverErr = spend.ErrNothing }, spend.Nothing, spend.Moving},
		{"no key", func(w *world) {
			w.config.Key = func(context.Context) (wallet.Key, time.Time, error) {
				return wallet.Key{}, time.Time{}, errors.New("locked")
			}
		}, spend.KeyLocked, spend.Moving},
		{"no", func(w *world) {
			w.config.Ask.Confirm = func(context.Context, spend.Sending) (bool, error) { return false, nil }
		}, spend.Declined, spend.Moving},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := faked(t)
			c.spoil(w)
			err := w.run(t.Context())
			if code(err) != c.code {
				t.Fatalf("Run = %v, want %s", err, c.code)
			}
			clear(t, err)
			if end := w.last(); end.State != spend.Failed || end.Step != c.step || end.Problem == nil {
				t.Errorf("the end is %s %s %v, want it failed at %s", end.Step, end.State, end.Problem, c.step)
			}
			if len(w.sweeps) > 0 || w.wallet.imports > 0 || w.wallet.running > 0 {
				t.Error("something was moved, or runs on")
			}
			if c.code == spend.WrongFile || c.code == spend.Infected {
				nothingLeft(t, w.config.Store.Dir)
			}
		})
	}
}

// nothingLeft looks for programs and downloads.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			t.Errorf("%s is left", path)
		}
		return nil
	})
}

func TestWhatWasNotScannedIsToldAsThat(t *testing.T) {
	w := faked(t)
	w.scan = clamd.Result{Why: clamd.NoScanner}
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.last().Scan; got.Verdict != clamd.NotScanned {
		t.Errorf("Scan = %+v, want NOT SCANNED", got)
	}
	// A scanner that comes later finds what is installed.
	w.scan = clamd.Result{Verdict: clamd.Found, Name: "Unix.Stealer"}
	if err := w.run(t.Context()); code(err) != spend.Infected {
		t.Errorf("Run = %v, want infected", err)
	}
	nothingLeft(t, w.config.Store.Dir)
}

func TestALargeArchiveIsScannedFileByFile(t *testing.T) {
	w := faked(t)
	var scanned []string
	w.config.Scan = func(_ context.Context, path string) clamd.Result {
		scanned = append(scanned, filepath.Base(path))
		if filepath.Ext(path) == ".part" {
			return clamd.Result{Why: clamd.TooLarge}
		}
		return clamd.Result{Verdict: clamd.OK}
	}
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.last().Scan; got.Verdict != clamd.OK || len(scanned) != 3 {
		t.Errorf("Scan = %+v of %v, want OK of the archive's two files", got, scanned)
	}
}

func TestAChangedProgramIsInstalledAnewAndNeverStarted(t *testing.T) {
	w := faked(t)
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	on, err := w.config.Store.Have(w.config.Programs[0], w.config.Programs[0].Builds[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(on.Path(), []byte("evil"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := spend.Open(t.Context(), w.config, w.order); code(err) != spend.NotInstalled {
		t.Errorf("Open = %v, want not-installed", err)
	}
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(on.Path()); err != nil || string(text) == "evil" || w.downloads != 2 {
		t.Errorf("the program is %q, %v after %d downloads", text, err, w.downloads)
	}
}

func TestAnUnreadableNoteStopsEverything(t *testing.T) {
	w := faked(t)
	if err := os.MkdirAll(w.config.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.config.Dir, "litecoin-regtest.json"), []byte(`{"form":1`), 0o600); err != nil {
		t.Fatal(err)
	}
	err := w.run(t.Context())
	clear(t, err)
	if len(w.sweeps) > 0 || w.downloads > 0 {
		t.Error("something was done")
	}
}

func TestCancellingAtAnyStepEndsEverything(t *testing.T) {
	for _, way := range []spend.Way{spend.Move, spend.Import} {
		w := faked(t)
		w.order.Way = way
		if err := w.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, step := range w.steps() {
			w := faked(t)
			w.order.Way = way
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("the person has changed their mind")
			err := spend.Run(ctx, w.config, w.order, func(p spend.Progress) {
				if p.Step == step {
					cancel(why)
				}
			})
			if step == spend.Balancing && err == nil {
				continue // it was over before it looked
			}
			if !errors.Is(err, why) || w.wallet.running > 0 {
				t.Errorf("%s %s: Run = %v, %d programs run", way, step, err, w.wallet.running)
			}
			if err := w.run(t.Context()); err != nil {
				t.Errorf("%s %s: Run after it = %v", way, step, err)
			}
			if w.downloads > 2 || len(w.sweeps) > 1 {
				t.Errorf("%s %s: %d downloads, transactions %v", way, step, w.downloads, w.sweeps)
			}
		}
	}
}

func TestTheCatalogueIsNotAskedForBlockedOnes(t *testing.T) {
	w := install.Wallet{Blocked: []install.Blocked{{Version: "30.0", Reason: "It can delete wallets."}}}
	for version, want := range map[string]bool{"30.0": true, "30.0.0": true, "30.2": false, "30": true, "3.0": false} {
		if _, got := w.BlockedVersion(version); got != want {
			t.Errorf("%s is blocked: %v, want %v", version, got, want)
		}
	}
}

// What is said of the change is what the tests of the drivers have seen.
func TestEachWayIsExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, driver := range []install.WalletDriver{install.Core, install.Electrum} {
		for _, way := range []spend.Way{spend.Move, spend.Import} {
			about := spend.AboutWay(way, driver)
			if about.ID == "" || about.Text == "" {
				t.Errorf("%s with %s is not explained", way, driver)
			}
			seen[about.ID] = true
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d explanations, want three", len(seen))
	}
}
