package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"github.com/adit-mining/adit/app/instance"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/startup"
	"github.com/adit-mining/adit/app/view"
	"github.com/adit-mining/adit/assets"
)

// appID names Adit to the system: its preferences, its notifications.
const appID = "org.adit-mining.adit"

// window opens the window and returns when it is closed and all is gone.
func window(ctx context.Context, args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit", flag.ContinueOnError)
	data := flags.String("data", "", "`folder` for key and settings")
	pool := flags.String("pool", "", "`address` of the pool to join")
	start := flags.Bool("start", false, "begin to mine at once")
	hidden := flags.Bool("hidden", false, "stay in the tray, where there is one, until opened from there")
	link := flags.String("link", "", "`adit://` link that was clicked on")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	if !hasDisplay() {
		return errors.New("there is no screen to open a window on; adit mine works without one")
	}
	dir, err := dataDir(*data)
	if err != nil {
		return err
	}
	invited, err := invitation(*link)
	if err != nil {
		return usageError{err}
	}
	only, err := instance.Take(dir)
	if errors.Is(err, instance.ErrRunning) {
		if instance.Deliver(ctx, dir, *link) == nil {
			return nil // the first one has come to the front
		}
		sayRunning(ctx)
	}
	if err != nil {
		return err
	}
	defer only.Release()
	cleanSheets() // of a run that was cut off
	defer cleanSheets()
	refreshStartup()
	chosen, fault := settings.Load(dir)
	config, closeAll := engineConfig(dir, chosen, fault)
	defer closeAll()
	config.Start = *start || chosen.ResumeMining
	config.Hint, config.HintFault = hint()
	var first []model.Event
	if *pool != "" {
		first = append(first, model.ChoosePool{URL: *pool})
	}
	if invited != nil {
		first = append(first, invited)
	}
	show(ctx, model.New(config), only, first, dir, *hidden, config.HasWallet)
	return nil
}

// invitation returns what the engine is told of a link, nil without one.
func invitation(link string) (model.Event, error) {
	if link == "" {
		return nil, nil
	}
	pool, err := startup.ParseLink(link)
	if err != nil {
		return nil, err
	}
	return model.Invite{URL: pool}, nil
}

// refreshStartup sees to it that the system starts this Adit and not one that was
// here before, and that it brings adit:// links here. What the system refuses is
// worth no word: both are conveniences.
func refreshStartup() {
	self, err := os.Executable()
	if err != nil {
		return
	}
	_ = startup.Refresh(self, hiddenFlag)
	_ = startup.RegisterLinks(self)
}

// hint returns the pool that a file beside this program suggests.
func hint() (pool string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil // then nothing is beside it
	}
	return settings.LoadHint(filepath.Dir(self))
}

// newApp makes Fyne's app with Adit's look.
func newApp() fyne.App {
	nameLocale()
	a := app.NewWithID(appID)
	a.SetIcon(fyne.NewStaticResource("adit.png", assets.IconPNG))
	a.Settings().SetTheme(view.Theme{})
	return a
}

// sayRunning shows that another Adit is open, until that window is closed.
func sayRunning(ctx context.Context) {
	a := newApp()
	w := a.NewWindow("Adit")
	w.SetContent(view.Running(w.Close))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(460, 240))
	w.CenterOnScreen()
	quit := context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })
	w.ShowAndRun()
	quit()
}

// show runs engine and window until one of them ends.
func show(ctx context.Context, engine *model.Engine, only *instance.Lock, first []model.Event, data string, hidden bool, hasWallet func(coin, network string) bool) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()

	a := newApp()
	d := newDesk(a, data, engine.Output, func(ev model.Event) { engine.Do(ctx, ev) }, custody(ctx, engine, running.Go, hasWallet))
	running.Go(func() {
		engine.Run(ctx, func(s model.State) { fyne.Do(func() { d.show(s) }) })
	})
	running.Go(func() {
		only.Run(ctx, func(link string) { // another Adit was started: that means this one
			fyne.Do(d.open)
			if invited, err := invitation(link); err == nil && invited != nil {
				engine.Do(ctx, invited)
			}
		})
	})
	for _, ev := range first {
		engine.Do(ctx, ev)
	}
	quit := context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })
	d.run(hidden)
	quit()
}

func hasDisplay() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// nameLocale spares a system without a language an error message of Fyne's, which
// does not take "C" for one.
func nameLocale() {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		switch os.Getenv(name) {
		case "", "C", "POSIX", "C.UTF-8":
		default:
			return
		}
	}
	os.Unsetenv("LC_ALL")
	os.Unsetenv("LC_MESSAGES")
	os.Setenv("LANG", "en_US.UTF-8")
}
