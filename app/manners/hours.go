package manners

import (
	"slices"
	"time"

	"github.com/adit-mining/adit/app/settings"
)

// clock is how a time of day is written.
const clock = "15:04"

// day is how many minutes the clock on the wall has.
const day = 24 * 60

// open reports whether hours allow mining at t. It goes by the clock on the wall: an
// hour that summer time leaves out allows nothing, one that comes twice is the same
// both times. No hours at all, or none that makes sense, allow always.
func open(hours []settings.Hours, t time.Time) bool {
	all := spans(hours)
	return len(all) == 0 || slices.ContainsFunc(all, func(s span) bool { return s.holds(t) })
}

// opening returns the first moment after t at which hours that do not allow t allow
// it; zero if there is none within a week and a day.
func opening(hours []settings.Hours, t time.Time) time.Time {
	all := spans(hours)
	t = t.Add(-time.Duration(t.Second())*time.Second - time.Duration(t.Nanosecond()))
	for limit := t.AddDate(0, 0, 8); !t.After(limit); {
		t = nextChange(all, t)
		if slices.ContainsFunc(all, func(s span) bool { return s.holds(t) }) {
			return t
		}
	}
	return time.Time{}
}

// nextChange returns the next moment at which a span may begin: when the clock shows
// its beginning, or when the clock is put forward or back.
func nextChange(all []span, t time.Time) time.Time {
	wait := day
	for _, s := range all {
		minutes := (s.from - minute(t) + day) % day
		if minutes > 0 {
			wait = min(wait, minutes)
		}
	}
	next := t.Add(time.Duration(wait) * time.Minute)
	if _, end := t.ZoneBounds(); !end.IsZero() && end.Before(next) {
		return end
	}
	return next
}

// span is a span of the day in minutes of the clock. One whose end is not after its
// beginning ends on the next day.
type span struct {
	days     []int
	from, to int
}

func spans(hours []settings.Hours) []span {
	var all []span
	for _, h := range hours {
		from, err := time.Parse(clock, h.From)
		to, err2 := time.Parse(clock, h.To)
		if err == nil && err2 == nil {
			all = append(all, span{h.Days, minute(from), minute(to)})
		}
	}
	return all
}

func minute(t time.Time) int { return t.Hour()*60 + t.Minute() }

// holds reports whether t is in s. Days are those on which a span begins.
func (s span) holds(t time.Time) bool {
	now, today := minute(t), int(t.Weekday())
	if s.from < s.to {
		return s.on(today) && now >= s.from && now < s.to
	}
	yesterday := (today + 6) % 7
	return s.on(today) && now >= s.from || s.on(yesterday) && now < s.to
}

func (s span) on(weekday int) bool {
	return len(s.days) == 0 || slices.Contains(s.days, weekday)
}
