package view

import (
	"fyne.io/fyne/v2"

	"github.com/adit-mining/adit/app/model"
)

// tasks does what comes of something that the user did and what has to be waited for:
// the page at the pool opens when the pool has given its address, and who opened a
// pool's link is asked about it.
type tasks struct {
	window  fyne.Window
	actions Actions
	opened  int    // Page.Asked of the page that was opened last
	invited string // the pool that was asked about last
}

func (t *tasks) show(s model.State) {
	if s.Page.URL != "" && !s.Page.Busy && s.Page.Asked > t.opened {
		t.opened = s.Page.Asked
		t.actions.Open(s.Page.URL)
	}
	if s.Invitation != t.invited {
		if t.invited = s.Invitation; t.invited != "" {
			askInvitation(t.window, t.invited, t.actions)
		}
	}
}
