package view_test

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/view"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

const poolURL = "https://pool.example"

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.Local)

func TestMain(m *testing.M) {
	for _, name := range []string{"LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"} {
		os.Setenv(name, "en_US.UTF-8")
	}
	if err := view.LoadWords(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// window returns a home with what it was told to do.
func window(t *testing.T) (*view.Home, fyne.Window, *[]model.Event) {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(view.Theme{})
	var done []model.Event
	w := test.NewTempWindow(t, nil)
	home := view.New(w, view.Actions{Do: func(ev model.Event) { done = append(done, ev) }, Copy: func(string) {}})
	w.SetContent(home.Content())
	w.SetPadded(false)
	w.Resize(fyne.NewSize(980, 720))
	return home, w, &done
}

// states are the screens that a user can meet, by name.
func states() map[string]model.State {
	chosen := settings.Default()
	chosen.Pool = poolURL
	fresh := model.First(noon, settings.Default(), nil, "builtin", []pow.Algorithm{pow.Scrypt})
	joined := model.First(noon, chosen, nil, "builtin", []pow.Algorithm{pow.Scrypt})
	warm := 61.0
	machine := hwdetect.Machine{Devices: []hwdetect.Device{
		{Kind: hwdetect.CPUKind, Name: "AMD Ryzen 7 5800X 8-Core", TemperatureC: &warm, Mineable: true, CPU: &hwdetect.CPU{Cores: 8, Threads: 16}},
		{Kind: hwdetect.GPUKind, Name: "NVIDIA GeForce GTX 1050 Ti", GPU: &hwdetect.GPU{}, Reason: "The nouveau driver cannot run mining programs.",
			Advice: "Install NVIDIA's own driver, then start the computer again."},
	}}
	ready := []model.Event{
		model.KeyOpened{Public: "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5", Hash: coin.PubKeyHash{1, 2, 3}, Created: true},
		model.MachineSeen{Machine: machine},
	}
	info := poolapi.PoolInfo{Version: 1, Name: "Example pool", FeePercent: 1, Coins: []poolapi.CoinInfo{{ID: "litecoin", Name: "Litecoin", Symbol: "LTC",
		Network: "main", Algorithm: "scrypt", Ports: []poolapi.PortInfo{{URL: "stratum+tcp://pool.example:3333", Difficulty: 0.001}}}}}
	stats := &poolapi.MinerStats{Coins: []poolapi.CoinMiner{{Coin: "litecoin", Symbol: "LTC", Network: "main", Pending: "0.03140000",
		Immature: "0.00150000", Paid: "12.50000000", PayoutMinimum: "0.10000000", HashrateLow: 9100, HashrateHigh: 12700}}}
	said := func(events ...miners.Event) (all []model.Event) {
		for _, e := range events {
			all = append(all, model.MinerSaid{Event: e})
		}
		return all
	}
	after := func(s model.State, groups ...[]model.Event) model.State {
		for _, g := range groups {
			for _, ev := range g {
				s = s.After(ev)
			}
		}
		return s
	}
	answered := []model.Event{model.PoolAnswered{URL: poolURL, Info: info, Miner: stats}}
	working := append([]model.Event{model.Start{}}, said(miners.Started{PID: 1}, miners.Connected{}, miners.Hashrate{Hashrate: 10530, Device: miners.Whole})...)
	mining := said(miners.Accepted{N: 1234}, miners.Rejected{N: 3, Reason: "stale share"})
	hinted := after(fresh, ready)
	hinted.Hint = "https://litepool.example"
	longHint := hinted
	longHint.Hint = "https://" + strings.Repeat("very-long-name.", 12) + "example"
	rich := after(joined, ready, answered, working, mining)
	rich.Balances = []model.Balance{{Coin: "litecoin", Symbol: "LTC", Network: "main", Pending: 123456789012345, Paid: 8765432109876543, Minimum: 1}}
	return map[string]model.State{
		"hint":      hinted,
		"long-hint": longHint,
		"rich":      rich, // more coins than there are, in the longest words
		"opening":   joined,
		"no-pool":   after(fresh, ready),
		"stopped":   after(joined, ready, answered),
		"searching": after(joined, ready, answered, working),
		"mining":    after(joined, ready, answered, working, mining),
		"waiting": after(joined, ready, answered, working, mining, said(miners.Disconnected{Code: miners.CodeDisconnected, Reason: "connection reset"}),
			[]model.Event{model.PoolFailed{URL: poolURL, Err: os.ErrDeadlineExceeded}}),
		"refused": after(joined, ready, answered, working, said(miners.Problem{Code: miners.CodeAuthFailed, Detail: "unknown key"})),
		"no-key":  after(joined, []model.Event{model.KeyFailed{Err: os.ErrPermission}}),
	}
}

// TestScreens compares what is drawn with testdata. After a wanted change, look at
// testdata/failed and copy it; ADIT_ARTIFACTS gets pictures of the screens.
func TestScreens(t *testing.T) {
	for name, s := range states() {
		t.Run(name, func(t *testing.T) {
			home, w, _ := window(t)
			home.Show(s)
			settle(home.Content())
			picture(t, "screen-"+name, w)
			test.AssertRendersToMarkup(t, name+".xml", w.Canvas())
		})
	}
}

// settle lays a content out until heights follow from widths, as Fyne's driver
// does before it paints.
func settle(content fyne.CanvasObject) {
	for range 4 {
		walk(content, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
			switch o := o.(type) {
			case *fyne.Container:
				if o.Layout != nil {
					o.Layout.Layout(o.Objects, o.Size())
				}
			case fyne.Widget:
				test.WidgetRenderer(o).Layout(o.Size())
			}
		})
	}
}

// picture writes what a window looks like, where somebody wants to look.
func picture(t *testing.T, name string, w fyne.Window) {
	dir := os.Getenv("ADIT_ARTIFACTS")
	if dir == "" {
		return
	}
	for variant, th := range map[string]fyne.Theme{"dark": pinned{theme.VariantDark}, "light": pinned{theme.VariantLight}} {
		fyne.CurrentApp().Settings().SetTheme(th)
		f, err := os.Create(filepath.Join(dir, name+"-"+variant+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, software.RenderCanvas(w.Canvas(), th)); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	fyne.CurrentApp().Settings().SetTheme(view.Theme{})
}

func TestTheBigButtonDoesWhatItSays(t *testing.T) {
	for name, want := range map[string]struct {
		text  string
		event model.Event
	}{
		"stopped": {"Start mining", model.Start{}},
		"mining":  {"Stop", model.Stop{}},
		"waiting": {"Stop", model.Stop{}},
		"refused": {"Try again", model.Retry{}},
	} {
		t.Run(name, func(t *testing.T) {
			home, w, done := window(t)
			home.Show(states()[name])
			b := bigButton(w)
			if b.Text != want.text || b.Disabled() {
				t.Fatalf("button %q, disabled %v; want %q", b.Text, b.Disabled(), want.text)
			}
			test.Tap(b)
			if len(*done) != 1 || (*done)[0] != want.event {
				t.Errorf("did %v, want %v", *done, want.event)
			}
		})
	}
}

func TestPoolIsJoinedByTypingItsAddress(t *testing.T) {
	home, w, done := window(t)
	home.Show(states()["no-pool"])
	entry := find(w, func(e *widget.Entry) bool { return e.Visible() })
	test.Type(entry, "pool.example")
	entry.OnSubmitted(entry.Text)
	if len(*done) != 1 || (*done)[0] != (model.ChoosePool{URL: "pool.example"}) {
		t.Errorf("did %v", *done)
	}
}

func TestBackupAsksForTheSamePasswordTwice(t *testing.T) {
	home, w, done := window(t)
	home.Show(states()["stopped"])
	test.Tap(find(w, func(b *widget.Button) bool { return b.Text == "Save a backup" }))
	sheet := w.Canvas().Overlays().Top()
	if sheet == nil {
		t.Fatal("no question")
	}
	entries := findIn(sheet, func(*widget.Entry) bool { return true })
	save := findIn(sheet, func(b *widget.Button) bool { return b.Text == "Save a backup" })[0]
	for _, wrong := range [][2]string{{"short", "short"}, {"long enough", "long enouhg"}} {
		entries[0].SetText(wrong[0])
		entries[1].SetText(wrong[1])
		test.Tap(save)
		if len(*done) != 0 {
			t.Fatalf("%q and %q were accepted", wrong[0], wrong[1])
		}
	}
	entries[1].SetText("long enough")
	entries[2].SetText("/stick")
	test.Tap(save)
	if len(*done) != 1 || (*done)[0] != (model.SaveBackup{Folder: "/stick", Password: "long enough"}) {
		t.Errorf("did %v", *done)
	}
	if w.Canvas().Overlays().Top() != nil {
		t.Error("the question is still there")
	}
}

func TestShowingTheSameStateAgainDrawsNothing(t *testing.T) {
	home, w, _ := window(t)
	s := states()["mining"]
	home.Show(s)
	before := test.RenderToMarkup(w.Canvas())
	if n := testing.AllocsPerRun(20, func() { home.Show(s) }); n > 2500 {
		t.Errorf("%v allocations to show what is shown already", n)
	}
	if test.RenderToMarkup(w.Canvas()) != before {
		t.Error("the screen has changed")
	}
}

// pinned is Adit's theme in one variant, whatever the system says.
type pinned struct{ variant fyne.ThemeVariant }

func bigButton(w fyne.Window) *widget.Button {
	return find(w, func(b *widget.Button) bool {
		return b.Visible() && b.Icon != nil && b.Size().Height > 50
	})
}
