package view

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
)

// hoursCard limits mining to times of the day. Without a span it is always allowed.
type hoursCard struct {
	content fyne.CanvasObject
	actions Actions
	rows    *fyne.Container
	shown   []settings.Hours
	always  *widget.Label
}

func newHoursCard(actions Actions) *hoursCard {
	h := &hoursCard{actions: actions, rows: stacked(8), always: newSaying("hours.always")}
	add := widget.NewButtonWithIcon(say("hours.add", nil), theme.ContentAddIcon(), func() {
		h.put(append(slices.Clone(h.shown), settings.Hours{From: "22:00", To: "06:00"}))
	})
	h.content = card("hours.title", h.always, h.rows, inset(inLine(add)))
	return h
}

// put asks for other hours.
func (h *hoursCard) put(hours []settings.Hours) {
	if len(hours) == 0 {
		hours = nil
	}
	h.actions.change(func(s *settings.Settings) { s.Rules.Hours = hours })
}

func (h *hoursCard) show(s model.State) {
	hours := s.Settings.Rules.Hours
	reveal(h.always, len(hours) == 0)
	if reflect.DeepEqual(h.shown, hours) {
		return
	}
	h.shown = slices.Clone(hours)
	h.rows.RemoveAll()
	for i := range hours {
		h.rows.Add(h.newSpan(i))
	}
}

// newSpan is one span of time: its days, when it begins and ends.
func (h *hoursCard) newSpan(i int) fyne.CanvasObject {
	span := h.shown[i]
	with := func(change func(*settings.Hours)) {
		all := slices.Clone(h.shown)
		change(&all[i])
		h.put(all)
	}
	from := newTimeChoice(span.From, func(at string) { with(func(o *settings.Hours) { o.From = at }) })
	to := newTimeChoice(span.To, func(at string) { with(func(o *settings.Hours) { o.To = at }) })
	remove := widget.NewButtonWithIcon("", theme.DeleteIcon(), func() { h.put(slices.Delete(slices.Clone(h.shown), i, i+1)) })
	remove.Importance = widget.LowImportance
	dash := newText(theme.SizeNameText)
	dash.Text = say("hours.to", nil)
	times := inLine(from, dash, to, remove)
	var days []fyne.CanvasObject
	for day := range 7 {
		on := len(span.Days) == 0 || slices.Contains(span.Days, day)
		b := widget.NewButton(say("weekday."+strconv.Itoa(day), nil), func() {
			with(func(o *settings.Hours) { o.Days = turnedDay(o.Days, day) })
		})
		b.Importance = widget.LowImportance
		if on {
			b.Importance = widget.MediumImportance
		}
		days = append(days, b)
	}
	week := newWell(container.New(&tiles{least: 44}, days...))
	return inset(container.New(&fold{share: 1, least: 560, gap: 8}, week, times))
}

// turnedDay adds a day to some, or takes it away; all and none are both every day.
func turnedDay(days []int, day int) []int {
	if len(days) == 0 {
		days = []int{0, 1, 2, 3, 4, 5, 6}
	}
	changed := slices.DeleteFunc(slices.Clone(days), func(d int) bool { return d == day })
	if len(changed) == len(days) {
		changed = append(changed, day)
		slices.Sort(changed)
	}
	if len(changed) == 0 || len(changed) == 7 {
		return nil
	}
	return changed
}

func newTimeChoice(at string, chosen func(at string)) *widget.Select {
	var all []string
	for half := range 48 {
		all = append(all, fmt.Sprintf("%02d:%02d", half/2, half%2*30))
	}
	list := widget.NewSelect(all, nil)
	list.Selected = at // set before it listens: this is not the user's doing
	list.OnChanged = chosen
	return list
}
