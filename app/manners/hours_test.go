package manners_test

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // Windows has none of its own

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/settings"
)

// judge returns the processor's verdict at one moment with those hours.
func judge(hours []settings.Hours, at time.Time) manners.Verdict {
	g := newGuest()
	g.rules.Hours, g.now = hours, at
	return g.look()["cpu0"]
}

func hours(from, to string, days ...int) settings.Hours {
	return settings.Hours{Days: days, From: from, To: to}
}

func TestHours(t *testing.T) {
	night := []settings.Hours{hours("22:00", "06:30")}
	weekend := []settings.Hours{hours("08:00", "20:00", 6, 0)}
	fridayNight := []settings.Hours{hours("23:00", "01:00", 5)}
	two := []settings.Hours{hours("12:00", "13:00"), hours("20:00", "21:00", 3)}
	allDay := []settings.Hours{hours("00:00", "00:00", 1)}
	for _, row := range []struct {
		hours []settings.Hours
		zone  string
		at    string
		until string // the next opening; empty: mining is allowed
	}{
		{nil, "UTC", "2026-03-04 12:00:00", ""},
		{[]settings.Hours{hours("nonsense", "06:00")}, "UTC", "2026-03-04 12:00:00", ""},
		{night, "UTC", "2026-03-04 21:59:59", "2026-03-04 22:00"},
		{night, "UTC", "2026-03-04 22:00:00", ""},
		{night, "UTC", "2026-03-05 00:00:00", ""},
		{night, "UTC", "2026-03-05 06:29:59", ""},
		{night, "UTC", "2026-03-05 06:30:00", "2026-03-05 22:00"},
		{night, "America/New_York", "2026-03-04 21:00:00", "2026-03-04 22:00"},
		{weekend, "Asia/Kolkata", "2026-03-06 23:00:00", "2026-03-07 08:00"},
		{weekend, "Asia/Kolkata", "2026-03-07 08:00:00", ""},
		{weekend, "Asia/Kolkata", "2026-03-08 20:00:00", "2026-03-14 08:00"},
		{fridayNight, "UTC", "2026-03-06 23:30:00", ""},
		{fridayNight, "UTC", "2026-03-07 00:59:00", ""},
		{fridayNight, "UTC", "2026-03-06 00:30:00", "2026-03-06 23:00"},
		{fridayNight, "UTC", "2026-03-07 23:30:00", "2026-03-13 23:00"},
		{two, "UTC", "2026-03-04 14:00:00", "2026-03-04 20:00"},
		{two, "UTC", "2026-03-05 14:00:00", "2026-03-06 12:00"},
		{allDay, "UTC", "2026-03-02 23:59:59", ""},
		{allDay, "UTC", "2026-03-03 00:00:00", "2026-03-09 00:00"},
		// Berlin goes from 02:00 to 03:00 on 29 March and from 03:00 back to 02:00 on
		// 25 October 2026.
		{[]settings.Hours{hours("02:30", "05:00")}, "Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29 03:00"},
		{[]settings.Hours{hours("02:30", "05:00")}, "Europe/Berlin", "2026-03-29 03:00:00", ""},
		{[]settings.Hours{hours("02:10", "02:50")}, "Europe/Berlin", "2026-03-29 01:00:00", "2026-03-30 02:10"},
		{night, "Europe/Berlin", "2026-03-29 12:00:00", "2026-03-29 22:00"},
		{night, "Europe/Berlin", "2026-03-29 06:30:00", "2026-03-29 22:00"},
		{[]settings.Hours{hours("04:00", "05:00")}, "Europe/Berlin", "2026-10-25 01:30:00", "2026-10-25 04:00"},
		{[]settings.Hours{hours("02:30", "05:00")}, "Europe/Berlin", "2026-10-25 01:30:00", "2026-10-25 02:30"},
		// Lord Howe Island's summer time is half an hour, Apia left out 30 December 2011.
		{[]settings.Hours{hours("02:10", "03:00")}, "Australia/Lord_Howe", "2026-10-04 01:59:00", "2026-10-04 02:30"},
		{[]settings.Hours{hours("08:00", "09:00", 5)}, "Pacific/Apia", "2011-12-29 12:00:00", "2012-01-06 08:00"},
	} {
		zone, err := time.LoadLocation(row.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation(time.DateTime, row.at, zone)
		if err != nil {
			t.Fatal(err)
		}
		v := judge(row.hours, at)
		if row.until == "" {
			want(t, fmt.Sprint(row), v, 100, manners.Fine)
			continue
		}
		want(t, fmt.Sprint(row), v, 0, manners.OffHours)
		if got := v.Until.Format("2006-01-02 15:04"); got != row.until || v.Args["From"] != v.Until.Format("15:04") {
			t.Errorf("%v: opens %s (%v)", row, got, v.Args)
		}
	}
}

func TestTheHourThatComesTwiceIsTheSameBothTimes(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(2026, 10, 25, 0, 15, 0, 0, time.UTC).In(zone) // 02:15 of summer
	span := []settings.Hours{hours("02:00", "02:30")}
	for _, at := range []time.Time{first, first.Add(time.Hour)} {
		want(t, at.String(), judge(span, at), 100, manners.Fine)
	}
	between := judge(span, first.Add(20*time.Minute))
	want(t, "between", between, 0, manners.OffHours)
	if want := first.Add(45 * time.Minute); !between.Until.Equal(want) {
		t.Errorf("opens %v, want %v", between.Until, want)
	}
}

// FuzzHours holds the next opening against the clock, minute by minute.
func FuzzHours(f *testing.F) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca"}
	f.Add(uint16(1320), uint16(390), uint16(600), uint16(660), uint8(0), uint8(127), int64(1774746000), uint8(1))
	f.Add(uint16(150), uint16(300), uint16(150), uint16(150), uint8(1), uint8(2), int64(1793000000), uint8(3))
	f.Fuzz(func(t *testing.T, from, to, from2, to2 uint16, days, days2 uint8, unix int64, zone uint8) {
		location, err := time.LoadLocation(zones[int(zone)%len(zones)])
		if err != nil {
			t.Fatal(err)
		}
		spans := []settings.Hours{
			hours(wall(from), wall(to), weekdays(days)...),
			hours(wall(from2), wall(to2), weekdays(days2)...),
		}
		at := time.Unix(unix%(1<<32), 0).In(location)
		v := judge(spans, at)
		switch {
		case v.Why == manners.Fine:
			return
		case v.Why != manners.OffHours || v.Until.IsZero() || !v.Until.After(at):
			t.Fatalf("%v at %v: %+v", spans, at, v)
		}
		want(t, "at the opening", judge(spans, v.Until), 100, manners.Fine)
		for m := at.Add(time.Minute); m.Before(v.Until); m = m.Add(7 * time.Minute) {
			if judge(spans, m).Why == manners.Fine {
				t.Fatalf("%v at %v: opens %v, but allows %v", spans, at, v.Until, m)
			}
		}
	})
}

func wall(minutes uint16) string {
	return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60)
}

func weekdays(bits uint8) (days []int) {
	for d := range 7 {
		if bits>>d&1 == 1 {
			days = append(days, d)
		}
	}
	return days
}
