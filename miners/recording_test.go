package miners_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/adit-mining/adit/miners"
)

func TestWhatRecordersPutBeforeALineIsNotThePrograms(t *testing.T) {
	for _, before := range []string{
		"Nov 26 10:11:12 rig1 miner[123]: ",
		"Nov  6 10:11:12.123456 rig-1.local mine.sh[1]: ",
		"2026-03-14T21:09:40+0000 rig1 miner[12]: ",
		"2026-03-14T21:09:40.123456+02:00 rig1 miner[12]: ",
		"Nov 26 10:11:12 ",
		"2026-03-14T21:09:40.123456789Z ",
		"2026-03-14T21:09:40.123456789Z stdout F ",
		"Wed Feb 13 11:34:48 2019 daemon.err cgminer[1414]: ",
		"2021/03/22 18:49:32.210313 [DEBUG] [VerthashMiner] ",
		"miner_1  | ",
		"2|ccminer-3.8.3-4_ARM  | ",
		"0|xmrig  | ",
		"busy_miner.0.1cv0fhk09w6f@rig-1    | ",
		"adit-miner-1  | ",
		"miner-1  | 2026-03-14T21:09:40.123456789Z ",
		"\x1b[36mminer-1  |\x1b[0m ",
		"←[38;2;240;230;140m",
		"",
	} {
		recorded := before + "a2\r\n" + strings.TrimRight(before, " ") + "\r\n" + before + "r1 why←[0m"
		s, err := miners.Summarize(letters{}, strings.NewReader(recorded))
		if err != nil || *s.Accepted != 2 || *s.Rejected != 1 || len(s.Errors) != 1 || s.Errors[0] != "share-rejected: why" {
			t.Errorf("behind %q: %+v, %v", before, s, err)
		}
	}
}

// echo is a program whose every line is trouble.
type echo struct{ letters }

func (echo) NewParser() miners.Parser { return echoParser{} }

type echoParser struct{}

func (echoParser) Parse(line string) []miners.Event {
	return []miners.Event{miners.Problem{Code: miners.CodeFatal, Detail: line}}
}

func TestWhatAProgramPrintsIsNoRecorders(t *testing.T) {
	for _, line := range []string{
		"GPU 0: Idle", "[2026-03-14 21:09:40] x", "|0| 1|", "job | x", "10-02 17:15:08 x", "20260314 21:09:40 x", "  m  22:03:41|main  x", "    Name: x",
	} {
		s, err := miners.Summarize(echo{}, strings.NewReader(line))
		if want := "fatal: " + line; err != nil || len(s.Errors) != 1 || s.Errors[0] != want {
			t.Errorf("%q gives %q, %v, want %q", line, s.Errors, err, want)
		}
	}
}

func TestPowerShellsRecordingsAreRead(t *testing.T) {
	const printed = "a2\r\nr1 61°C │ warm\r\n"
	units := utf16.Encode([]rune("\uFEFF" + printed))
	var little, big []byte
	for _, u := range units {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	for name, recorded := range map[string]string{"UTF-16LE": string(little), "UTF-16BE": string(big), "UTF-8": "\uFEFF" + printed} {
		s, err := miners.Summarize(letters{}, strings.NewReader(recorded))
		if err != nil || *s.Accepted != 2 || s.Errors[0] != "share-rejected: 61°C │ warm" {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}
