package miners

import (
	"io"
	"regexp"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// recording returns what a program printed as it printed it, where whoever recorded
// it turned it into UTF-16, as PowerShell's ">" does, or put a byte order mark before
// it. What has no such mark is left as it is.
func recording(r io.Reader) io.Reader {
	return transform.NewReader(r, unicode.BOMOverride(encoding.Nop.NewDecoder()))
}

// wrapping is what a recorder puts before each line: docker compose and swarm the
// container's name, pm2 the process's; a system's journal, ts, docker and Kubernetes the time, and behind
// it who printed the line or on which stream; OpenWrt's logread, of cgminer's routers,
// also the weekday and a level; Vertcoin's One-Click Miner a level and the program.
var wrapping = regexp.MustCompile(`^(?:(?:\w[\w.-]*(?:[_-]\d+|@[\w.-]+)|\d+\|[A-Za-z][\w.-]*) +\| )?` +
	`(?:[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} \w+\.\w+ [^\s\[:]+(?:\[\d+\])?: ` +
	`|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+ \[[A-Z]+\] \[\w+\] ` +
	`|(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-][\d:]+)?)` +
	`(?: [\w.-]+ [^\s\[]+\[\d+\]:| std(?:out|err) [FP])?(?: |$))?`)

// copied is a colour as Windows' console shows it, in text that was copied from there.
var copied = regexp.MustCompile(`←\[[\d;]*m`)

// unwrapped returns what a program printed of a recorded line.
func unwrapped(line string) string {
	return copied.ReplaceAllString(line[len(wrapping.FindString(line)):], "")
}
