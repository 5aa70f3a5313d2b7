package view

import (
	"github.com/adit-mining/adit/app/model"
)

// tasks does what the user asked for and what has to be waited for: the page at the
// pool opens when the pool has given its address.
type tasks struct {
	actions Actions
	opened  int // Page.Asked of the page that was opened last
}

func (t *tasks) show(s model.State) {
	if s.Page.URL != "" && !s.Page.Busy && s.Page.Asked > t.opened {
		t.opened = s.Page.Asked
		t.actions.Open(s.Page.URL)
	}
}
