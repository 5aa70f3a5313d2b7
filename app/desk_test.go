package main

import (
	"testing"
	"time"

	"fyne.io/systray"
)

// Who opens the tray's menu is about to choose: the window's loop is to be quick at once.
func TestTheTraysMenuWakesTheLoop(t *testing.T) {
	d, held := &desk{hidden: true}, make(chan struct{})
	if d.pause() != dozeHidden {
		t.Fatalf("in the tray the loop is held for %v", d.pause())
	}
	go func() {
		d.hold(time.Hour)
		close(held)
	}()
	select {
	case systray.TrayOpenedCh <- struct{}{}:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not listen for the menu")
	}
	<-held
	if d.pause() != 0 {
		t.Errorf("the loop is held for %v again", d.pause())
	}
}
