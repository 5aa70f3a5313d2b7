package view

import (
	"strconv"
	"strings"

	"github.com/adit-mining/adit/app/settings"
)

// The settings that few need: which programs, under which name.

func (*settingsScreen) closed(actions Actions) control {
	return newSetToggle(actions, "closed", func(s settings.Settings) bool { return s.Closed },
		func(s *settings.Settings, on bool) { s.Closed = on })
}

func (*settingsScreen) worker(actions Actions) control {
	return newSetText(actions, "worker", "", func(s settings.Settings) string { return s.Worker },
		func(s *settings.Settings, text string) { s.Worker = strings.TrimSpace(text) })
}

// server takes whom to ask for coins in the pool's place.
func (*settingsScreen) server(actions Actions) control {
	return newSetText(actions, "server", say("set.server-hint", nil), func(s settings.Settings) string { return s.Server },
		func(s *settings.Settings, text string) { s.Server = strings.TrimSpace(text) })
}

// miner takes the path of the user's own program; nothing leaves the choice to Adit.
func (*settingsScreen) miner(actions Actions) control {
	return newSetText(actions, "miner", say("set.miner-hint", nil),
		func(s settings.Settings) string {
			if s.Miner == settings.AutoMiner {
				return ""
			}
			return s.Miner
		},
		func(s *settings.Settings, text string) {
			if s.Miner = strings.TrimSpace(text); s.Miner == "" {
				s.Miner = settings.AutoMiner
			}
		})
}

func (*settingsScreen) threads(actions Actions) control {
	return newSetText(actions, "threads", say("set.threads-hint", nil),
		func(s settings.Settings) string {
			if s.Threads == 0 {
				return ""
			}
			return strconv.Itoa(s.Threads)
		},
		func(s *settings.Settings, text string) {
			if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil || text == "" {
				s.Threads = n
			}
		})
}
