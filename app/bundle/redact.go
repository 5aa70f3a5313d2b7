package bundle

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// blot stands where something was taken out.
const blot = "***"

// How long a word, in bytes of its folded form, must be to be taken out: at all; also
// in the middle of another word; also where it is broken up.
const shortest, anywhere, brokenUp = 3, 8, 16

// Redact takes out of text all that is secret or tells who or where somebody is: the
// known words in whatever letter case, escaped or broken into lines, and what by its
// form is a key, an address of any coin, seed words, a user's name or folder, an
// e-mail or network address, a computer's name in a local network, or a number of one
// piece of hardware. It would rather take too much. A known word of less than three
// letters stays; one of less than eight goes only where it stands alone.
func Redact(text string, known ...string) string {
	text = takeOut(text, known)
	for _, p := range patterns {
		text = p.ReplaceAllString(text, "${keep}"+blot+"${tail}")
	}
	text = ipv4.ReplaceAllStringFunc(text, redactIP)
	return ipv6.ReplaceAllStringFunc(text, redactIP)
}

// patterns are forms of what is taken out; of a match the groups keep and tail stay.
var patterns = []*regexp.Regexp{
	// Seed words, in a line or one below the other, numbered or not, also escaped.
	regexp.MustCompile(`(?P<keep>)\b[a-z]{3,8}(?:(?:[\s,"'+]|%20|%0A|\\+[nrt])+(?:\d{1,2}[.):]\s*)?[a-z]{3,8}){11,}\b`),
	regexp.MustCompile(`(?P<keep>)\b[A-Z]{3,8}(?:(?:[\s,"'+]|%20|%0A|\\+[nrt])+(?:\d{1,2}[.):]\s*)?[A-Z]{3,8}){11,}\b`),
	// Keys and addresses: base58, bech32, hex. Then fingerprints and MAC addresses.
	regexp.MustCompile(`(?P<keep>)[A-Za-z0-9]{25,}`),
	regexp.MustCompile(`(?P<keep>)\b(?:[0-9A-Fa-f]{2}[:-]){5,}[0-9A-Fa-f]{2}\b`),
	regexp.MustCompile(`(?P<keep>)[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}`),
	// Whose folder it is. A name with a space is known by the backslash behind it.
	regexp.MustCompile(`(?i)(?P<keep>(?:/|%2f)(?:home|users)(?:/|%2f)+)[^/\s"'%\\:]+`),
	regexp.MustCompile(`(?i)(?P<keep>\\+users\\+)(?:[^/\\\r\n"':]{1,64}(?P<tail>\\)|[^/\\\s"':]+)`),
	// Who somebody is on a command line, in an address, in JSON.
	regexp.MustCompile(`(?P<keep>(?:^|[\s"'])(?:-[upOU]|--?(?:user|pass|password|userpass|wallet|wal|ewal|epsw|worker|rig-id))[ =]+)(?:"[^"\n]*"|\S+)`),
	regexp.MustCompile(`(?P<keep>://)[^\s/@"']+(?P<tail>@)`),
	regexp.MustCompile(`(?i)(?P<keep>\\*"(?:user|pass|password|login|wallet|worker|rig-id|hostname|token|access-token)\\*"\s*:\s*\\*")[^"\\]+`),
	regexp.MustCompile(`(?i)(?P<keep>)[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+`),
	// Names of computers in local networks, numbers of their parts.
	regexp.MustCompile(`(?i)(?P<keep>)\b[\w-]+(?:\.[\w-]+)*\.(?:local|lan|home|internal|localdomain|fritz\.box|home\.arpa)\b`),
	regexp.MustCompile(`(?i)(?P<keep>\b(?:serial(?:[ _-]?(?:number|num|no))?|s/n|uuid|machine[ _-]?id)["']?\s*[:=#]\s*["']?)[^\s"',;*]+`),
}

// ipv4 and ipv6 find what might be an address.
var (
	ipv4 = regexp.MustCompile(`\b(?:\d{1,3}\.){3}\d{1,3}\b`)
	ipv6 = regexp.MustCompile(`(?:\b[0-9A-Fa-f]{1,4})?:(?:[0-9A-Fa-f]{0,4}:){1,6}(?:[0-9A-Fa-f]{1,4}\b)?(?:(?:\.\d{1,3}){3}\b)?`)
)

// redactIP leaves addresses that every computer has, and what is none.
func redactIP(candidate string) string {
	left := strings.TrimPrefix(candidate, ":") // of what stands around it
	for _, c := range []string{candidate, left, strings.TrimSuffix(candidate, ":"), strings.TrimSuffix(left, ":")} {
		ip, err := netip.ParseAddr(c)
		if err == nil && !ip.IsLoopback() && !ip.IsUnspecified() {
			return strings.Replace(candidate, c, blot, 1)
		}
	}
	return candidate
}

// takeOut blots the known words out of text.
func takeOut(text string, known []string) string {
	var found []piece
	for _, breaks := range []bool{false, true} {
		if breaks && !strings.Contains(text, `\`) {
			continue // it would be the same
		}
		whole, bare := fold(text, folding{breaks: breaks}), fold(text, folding{breaks: breaks, bare: true})
		for _, word := range withAccounts(known) {
			w := strings.TrimSpace(string(fold(word, folding{}).text))
			found = append(found, whole.find(w, len(w) < anywhere)...)
			if w := string(fold(word, folding{bare: true}).text); len(w) >= brokenUp {
				found = append(found, bare.find(w, false)...)
			}
		}
	}
	return cut(text, found)
}

// withAccounts adds the account in front of a worker's name, by which it is known in
// other places.
func withAccounts(known []string) []string {
	all := slices.Clone(known)
	for _, word := range known {
		if account, _, found := strings.Cut(word, "."); found && len(account) >= brokenUp {
			all = append(all, account)
		}
	}
	return all
}

// piece is a part of a text, from inclusive to exclusive.
type piece struct{ from, to int }

// find returns where word is, also where it overlaps with itself.
func (f folded) find(word string, alone bool) []piece {
	if len(word) < shortest {
		return nil
	}
	var found []piece
	text := string(f.text)
	for at := 0; ; at++ {
		next := strings.Index(text[at:], word)
		if next < 0 {
			return found
		}
		at += next
		end := at + len(word)
		if !alone || !letterBefore(text[:at]) && !letterAfter(text[end:]) {
			found = append(found, piece{int(f.from[at]), int(f.to[end-1])})
		}
	}
}

func letterBefore(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func letterAfter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// cut replaces pieces of text, which may overlap, by blots.
func cut(text string, pieces []piece) string {
	slices.SortFunc(pieces, func(a, b piece) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	done := 0
	for i, p := range pieces {
		if i == 0 || p.from >= done {
			b.WriteString(text[done:p.from])
			b.WriteString(blot)
		}
		done = max(done, p.to)
	}
	b.WriteString(text[done:])
	return b.String()
}
