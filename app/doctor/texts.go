package doctor

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// text is what a code means, and what to do about it, in English. A name in
// braces is the place of a value.
type text struct{ what, do string }

const (
	checkCable = "Check that this computer is online: open any web page."
	setClock   = "Let the system set date and time by itself, in its settings under date and time."
	restore    = "Tell your antivirus to restore the file and to leave Adit's folder alone, then start Adit again."
	firewall   = "Allow Adit in the firewall of this computer and of the router, or try another network, such as a phone's."
	laterPool  = "Try again in some minutes. If it stays so, ask the pool, or choose another one."
	wrongPool  = "Check the address for typing errors, or choose another pool."
)

// texts are all that can be found, by check and code.
func texts() map[string]text {
	return map[string]text{
		"address.ok":   {"The pool's address is well formed: {{.address}}", ""},
		"address.none": {"No pool is chosen yet.", "Choose a pool in Adit, or name one with --pool."},
		"address.bad":  {"“{{.address}}” is not a pool's address.", "Write it like https://pool.example."},

		"dns.ok":           {"{{.host}} was found in {{.ms}} ms ({{.family}}).", ""},
		"dns.literal":      {"{{.host}} is an address already and needs no look-up.", ""},
		"dns.slow":         {"{{.host}} was found, but it took {{.ms}} ms.", "If web pages start slowly too, set another DNS server in the network settings or the router."},
		"dns.unknown-name": {"There is no computer named {{.host}}.", wrongPool},
		"dns.failed":       {"The name {{.host}} could not be looked up: the DNS server does not answer.", checkCable + " If it is, set another DNS server in the network settings or the router."},
		"dns.skipped":      {"Not looked at, because the pool's address is not known.", ""},

		"tls.ok":        {"{{.host}} proves who it is, until {{.until}}.", ""},
		"tls.near":      {"{{.host}} is in your own network and needs no certificate.", ""},
		"tls.plain":     {"The connection to {{.host}} is not encrypted: others on the way can read and change it.", "If the pool has an https:// address, use that."},
		"tls.soon":      {"The certificate of {{.host}} ends soon, on {{.until}}.", "There is nothing to do yet; if it is not renewed by then, tell the pool."},
		"tls.clock":     {"The certificate of {{.host}} is good, but this computer's clock is so wrong that it looks bad.", setClock},
		"tls.expired":   {"The certificate of {{.host}} ended on {{.until}}.", "Tell the pool to renew it. Do not mine there until then."},
		"tls.early":     {"The certificate of {{.host}} begins only on {{.from}}.", "If today is later, set this computer's clock. If not, tell the pool."},
		"tls.host":      {"The certificate is not for {{.host}}: this may be another server than it claims to be.", wrongPool},
		"tls.authority": {"The certificate of {{.host}} is by “{{.issuer}}”, which this computer does not trust.", "If an antivirus or your company's network looks into encrypted connections, make an exception for the pool. If not, do not mine there."},
		"tls.invalid":   {"The certificate of {{.host}} is not good: {{.detail}}", "Tell the pool. Do not mine there until it is."},
		"tls.broken":    {"{{.host}} does not answer with encryption, although its address begins with https.", "Try the address with http://, or ask the pool for the right one."},
		"tls.skipped":   {"Not looked at, because no connection was made.", ""},

		"http.ok":           {"{{.name}} answers in {{.ms}} ms.", ""},
		"http.refused":      {"{{.host}} refuses connections: nothing listens at this address.", laterPool},
		"http.timeout":      {"{{.host}} does not answer.", checkCable + " " + firewall},
		"http.unreachable":  {"There is no way to {{.host}} from this network.", checkCable},
		"http.unknown-name": {"{{.host}} was not asked, because its name was not found.", checkCable + " " + wrongPool},
		"http.failed":       {"The connection to {{.host}} failed: {{.detail}}", laterPool},
		"http.captive":      {"A web page of {{.at}} answered in place of the pool {{.host}}.", "If this network has a login page, open a web page and sign in. If not, check the pool's address."},
		"http.proxy":        {"A proxy in between wants a user name and a password before it lets anything through to {{.host}}.", "Ask who runs this network, or try another one."},
		"http.server":       {"The pool {{.host}} is in trouble itself: it answered {{.status}}.", laterPool},
		"http.not-pool":     {"{{.host}} is there, but it is not a pool that Adit knows (it answered {{.status}}).", wrongPool},
		"http.newer":        {"{{.host}} is newer than this Adit.", "Update Adit."},
		"http.skipped":      {"Not looked at, because the pool's address is not known.", ""},

		"clock.ok":      {"The clock is right ({{.zone}}).", ""},
		"clock.ahead":   {"The clock is {{.difference}} ahead of the pool's ({{.zone}}).", setClock},
		"clock.behind":  {"The clock is {{.difference}} behind the pool's ({{.zone}}).", setClock},
		"clock.zone":    {"The clock is {{.difference}} off, as if it were set for another time zone than {{.zone}}.", "Set the time zone first, then date and time, or let the system set both by itself."},
		"clock.unknown": {"The clock could not be compared: the pool did not tell its time.", ""},
		"clock.skipped": {"Not looked at, because the pool's address is not known.", ""},

		"stratum.ok":           {"{{.name}}: {{.address}} connects in {{.ms}} ms and answers in {{.answer_ms}} ms.", ""},
		"stratum.slow":         {"{{.name}}: {{.address}} is far away, connecting takes {{.ms}} ms. A part of the work will come too late.", "Choose a pool that is nearer, or use a cable in place of wireless."},
		"stratum.refused":      {"{{.name}}: nothing listens at {{.address}}.", laterPool},
		"stratum.timeout":      {"{{.name}}: {{.address}} does not answer, although the pool's website does. Something in between blocks port {{.port}}.", firewall},
		"stratum.unreachable":  {"{{.name}}: there is no way to {{.address}} from this network.", firewall},
		"stratum.unknown-name": {"{{.name}}: the name in {{.address}} was not found.", laterPool},
		"stratum.failed":       {"{{.name}}: the connection to {{.address}} failed: {{.detail}}", laterPool},
		"stratum.tls":          {"{{.name}}: {{.address}} could not prove who it is: {{.detail}}", "If the clock is right, tell the pool."},
		"stratum.silent":       {"{{.name}}: {{.address}} takes the connection and says nothing. Something in between may hold it up.", firewall},
		"stratum.not-stratum":  {"{{.name}}: something other than a pool answers at {{.address}}.", firewall},
		"stratum.rejected":     {"{{.name}}: {{.address}} sends miners away: {{.reason}}", laterPool},
		"stratum.bad-address":  {"{{.name}}: the pool names a port that is no address: {{.address}}", "Tell the pool."},
		"stratum.none":         {"The pool offers no port to mine at.", laterPool},
		"stratum.skipped":      {"Not looked at, because it is not known for sure what the pool offers.", ""},

		"disk.ok":      {"There is room on the disk: {{.free}}.", ""},
		"disk.low":     {"The disk has only {{.free}} left.", "Make some room before it is full."},
		"disk.full":    {"The disk is full: {{.free}} left. Key, settings and programs cannot be saved.", "Make some room: empty the trash, remove what you do not need."},
		"disk.unknown": {"The room on the disk could not be told.", ""},

		"folder.ok":           {"Key and settings are kept in {{.folder}}, for you alone.", ""},
		"folder.new":          {"{{.folder}} will be made when Adit starts.", ""},
		"folder.open":         {"Other users of this computer can look into {{.folder}} (mode {{.mode}}).", "Run: chmod 700 on that folder."},
		"folder.read-only":    {"{{.folder}} is on a disk that can only be read.", "Unlock the disk, or choose another folder with --data."},
		"folder.not-writable": {"Nothing can be saved in {{.folder}}: {{.detail}}", "Make yourself the folder's owner, or choose another one with --data."},
		"folder.not-folder":   {"{{.folder}} is a file and no folder.", "Move it away, or choose another folder with --data."},
		"folder.unreadable":   {"{{.folder}} cannot be looked at: {{.detail}}", "Make yourself the folder's owner, or choose another one with --data."},
		"folder.unknown":      {"It is not known where Adit keeps its files.", ""},

		"settings.ok":      {"Your settings can be read.", ""},
		"settings.damaged": {"Your settings cannot be read, so Adit uses those of a first start: {{.detail}}", "Mend {{.file}}, or move it away and choose anew."},
		"settings.unknown": {"It is not known where Adit keeps its files.", ""},

		"antivirus.ok":         {"All mining programs are whole.", ""},
		"antivirus.none":       {"No mining program is installed yet, and there is no sign of an antivirus.", ""},
		"antivirus.present":    {"{{.product}} watches this computer. It may take mining programs for malware.", ""},
		"antivirus.missing":    {"{{.file}} was installed and is gone. An antivirus has probably taken it away.", restore},
		"antivirus.empty":      {"{{.file}} was emptied. An antivirus has probably done it.", restore},
		"antivirus.blocked":    {"{{.file}} is blocked by an antivirus.", restore},
		"antivirus.unreadable": {"{{.file}} cannot be read.", restore},

		"drivers.ok":      {"{{.device}} can mine.", ""},
		"drivers.cannot":  {"{{.device}} cannot mine. {{.reason}}", "{{.advice}}"},
		"drivers.none":    {"No device of this computer can mine.", "Look at the devices above, one after the other."},
		"drivers.unknown": {"No device was found.", ""},

		"pages.ok":      {"There are large memory pages: {{.free}} are free.", ""},
		"pages.few":     {"Only {{.free}} of the {{.wanted}} large memory pages that the mining program would like are free. It mines all the same, some coins a good deal slower.", "Run: sudo sysctl -w vm.nr_hugepages={{.wanted}}"},
		"pages.right":   {"You may not lock pages in memory, which makes some coins a good deal slower.", "Give your account the right to lock pages in memory (Local Security Policy, User Rights Assignment), then sign out and in again."},
		"pages.unknown": {"Large memory pages could not be looked at. Mining works without them.", ""},

		"memory.ok":      {"There is memory enough: {{.free}} free of {{.total}}.", ""},
		"memory.short":   {"Only {{.free}} of memory is free, and mining takes {{.need}}.", "Close some programs, or tabs of the browser."},
		"memory.little":  {"The computer has {{.total}} of memory, and mining takes {{.need}}.", "Choose another coin."},
		"memory.unknown": {"The memory could not be looked at.", ""},

		"rights.ok":             {"Adit has the rights that it needs, and no more.", ""},
		"rights.administrator":  {"Adit runs with all rights over this computer, which it does not need.", "Start it as an ordinary user."},
		"rights.noexec":         {"No program may be started from {{.folder}}.", "Choose another folder with --data, on a disk that is not mounted with noexec."},
		"rights.not-executable": {"{{.file}} may not be started: it lacks the right to be run.", "Run: chmod +x on that file."},
	}
}

// Codes returns every Check+"."+Code that there is, sorted: each needs a text for
// what, and one for what to do where HasAdvice says so.
func Codes() []string { return slices.Sorted(maps.Keys(texts())) }

// HasAdvice reports whether there is something to do about a code of Codes.
func HasAdvice(code string) bool { return texts()[code].do != "" }

// finding makes a Finding. args are names and values in turn.
func finding(check string, level Level, code string, args ...string) Finding {
	f := Finding{Check: check, Level: level, Code: code}
	var places []string
	for i := 0; i+1 < len(args); i += 2 {
		if f.Args == nil {
			f.Args = map[string]string{}
		}
		f.Args[args[i]] = args[i+1]
		places = append(places, "{{."+args[i]+"}}", args[i+1])
	}
	fill := strings.NewReplacer(places...)
	t := texts()[check+"."+code]
	f.What, f.Do = fill.Replace(t.what), fill.Replace(t.do)
	return f
}

// maxShown is the most that is shown of a text that others made, in bytes.
const maxShown = 200

// printable makes a text that others made fit to be shown in a terminal.
func printable(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > maxShown {
		s = strings.ToValidUTF8(s[:maxShown], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
