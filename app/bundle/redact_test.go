package bundle_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/adit-mining/adit/app/bundle"
)

// Made up, but of the right form.
var (
	publicKey = "02" + strings.Repeat("c0ffee12", 8)
	account   = strings.Repeat("c0ffee12", 5)
	wif       = "T" + strings.Repeat("7vKx9QmW2b", 5) + "h"
	bech32    = "ltc1q" + strings.Repeat("z9y8x7w6", 4) + "q"
	seed      = "abandon ability able about above absent absorb abstract absurd abuse access accident"
)

func TestWhatIsPersonalByItsFormGoes(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"key " + publicKey + ", account " + account, "key ***, account ***"},
		{"import " + wif + " now", "import *** now"},
		{"bip38 6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg.", "bip38 ***."},
		{"hex " + strings.Repeat("c0ffee12", 8) + ", 0x" + strings.Repeat("C0FFEE12", 8), "hex ***, ***"},
		{"xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi", "***"},
		{"AGE-SECRET-KEY-1" + strings.Repeat("QP", 29), "AGE-SECRET-KEY-***"},
		{"pays to " + bech32 + ".rig", "pays to ***.rig"},
		{"bitcoincash:q" + strings.Repeat("p3q9", 10), "bitcoincash:***"},
		{"words: " + seed + ".", "words: ***."},
		{"words:\n1. " + strings.ReplaceAll(seed, " ", "\n2. ") + "\n", "words:\n1. ***\n"},
		{strings.ToUpper(seed), "***"},
		{"/home/bob/adit and /Users/amy/x", "/home/***/adit and /Users/***/x"},
		{`C:\Users\Bob Smith\adit\xmrig.exe`, `C:\Users\***\adit\xmrig.exe`},
		{`"C:\\Users\\Bob Smith\\adit"`, `"C:\\Users\\***\\adit"`},
		{`C:\Users\bob and C:\Users\amy`, `C:\Users\*** and C:\Users\***`},
		{"file%3A%2F%2F%2Fhome%2Fbob%2Fx", "file%3A%2F%2F%2Fhome%2F***%2Fx"},
		{"write to bob.smith+x@mail.example!", "write to ***!"},
		{"mail=bob%40mail.example", "mail=***"},
		{"stratum+tcp://bob:pw@pool.example:3333", "stratum+tcp://***@pool.example:3333"},
		{"xmrig -u bob.rig -p hunter2 --threads 4", "xmrig -u *** -p *** --threads 4"},
		{`minerd --userpass=bob:x --pass "a b" -t 2`, `minerd --userpass=*** --pass *** -t 2`},
		{`{"user": "bob", "pass":"x y", "rig-id":"r", "algo":"rx/0"}`, `{"user": "***", "pass":"***", "rig-id":"***", "algo":"rx/0"}`},
		{"from 192.168.1.23:4711 to 127.0.0.1:3333", "from ***:4711 to 127.0.0.1:3333"},
		{"at [2001:db8::17]:3333, fe80::1%eth0: down, ::1 up", "at [***]:3333, ***%eth0: down, ::1 up"},
		{"peer:2001:db8::1: refused", "peer:***: refused"},
		{"mac 00:1a:2b:3c:4d:5e", "mac ***"},
		{"GPU-8a7b6c5d-1234-5678-9abc-def012345678", "GPU-***"},
		{"Serial Number: PF2ABC3", "Serial Number: ***"},
		{`"serial": "PF2ABC3"`, `"serial": "***"`},
		{"bobs-pc.local, bobs-pc.fritz.box", "***, ***"},
	} {
		if got := bundle.Redact(row.text); got != row.want {
			t.Errorf("Redact(%q)\n = %q, want\n   %q", row.text, got, row.want)
		}
	}
}

func TestWhatHelpsStays(t *testing.T) {
	for _, text := range []string{
		"[2026-03-04 12:34:56.789]  cpu      accepted (17/2) diff 50000 (45 ms)",
		"gpu-0000:0a:00.0 NVIDIA GeForce RTX 3060, driver 31.0.15.3623, 61 °C",
		"Windows 10.0.19045.3803, xmrig/6.26.0, kernel 6.8.0-45-generic",
		"std::bad_alloc at 0x7ffe12345678",
		"stratum+ssl://pool.example:3333 refused the user",
		`{"total_bytes": 17179869184, "temperature_c": 61.5}`,
		"Mining waited because the computer ran on battery, and went on 3 minutes later.",
		"/usr/lib/x86_64-linux-gnu/libOpenCL.so.1: cannot open shared object file",
	} {
		if got := bundle.Redact(text, "bob"); got != text {
			t.Errorf("Redact(%q)\n = %q", text, got)
		}
	}
}

func TestKnownWordsGoInEveryForm(t *testing.T) {
	for _, row := range []struct{ text, known, want string }{
		{"BOB and Bob, not bobcat", "bob", "*** and ***, not bobcat"},
		{"al is too short", "al", "al is too short"},
		{"bobs-laptop2", "bobs-laptop", "***2"},
		{"user=J%C3%B6rg%20M", "Jörg M", "user=***"},
		{"user=J%25C3%25B6rg+M", "Jörg M", "user=***"},
		{`"J\u00f6rg M" "J\\u00f6rg M"`, "Jörg M", `"***" "***"`},
		{`"\ud83d\ude80rocket"`, "🚀rocket", `"***"`},
		{`D:\\bobs stuff\\key D:/Bobs%20Stuff/key`, `D:\bobs stuff\key`, "*** ***"},
		{`"say \"hi bob\" he"`, `say "hi bob"`, `"*** he"`},
		{"c0ffee12 c0ffee12-c0ffee12\nc0ffee12", strings.Repeat("c0ffee12", 4), "***"},
		{`c0ffee12c0ff\nee12c0ffee12c0ffee12`, strings.Repeat("c0ffee12", 4), "***"},
		{"ababa", "aba", "ababa"},
		{"abcabcabcabc", "abcabcabc", "***"},
		{"as " + account + " alone", account + ".rig", "as *** alone"},
		{"100%25 of %", "percent", "100%25 of %"},
	} {
		if got := bundle.Redact(row.text, row.known); got != row.want {
			t.Errorf("Redact(%q, %q)\n = %q, want\n   %q", row.text, row.known, got, row.want)
		}
	}
}

// TestNoKnownSecretSurvives plants secrets in every disguise into noise.
func TestNoKnownSecretSurvives(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 800 {
		secret := newSecret(random)
		disguised, how := disguise(random, secret)
		text := noise(random) + " " + disguised + " " + noise(random)
		got := bundle.Redact(text, secret, "another")
		if strings.Contains(got, disguised) || strings.Contains(bare(got), bare(secret)) {
			t.Fatalf("%q, %s, survives in\n%q of\n%q", secret, how, got, text)
		}
	}
}

func newSecret(random *rand.Rand) string {
	letters := []string{"0123456789abcdef", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", "abc déf/\\ 'x", "ünïcödé"}[random.IntN(4)]
	runes := []rune(letters)
	var b strings.Builder
	b.WriteString("s7") // none is blank
	for range 10 + random.IntN(60) {
		b.WriteRune(runes[random.IntN(len(runes))])
	}
	b.WriteString("7s")
	return b.String()
}

func disguise(random *rand.Rand, s string) (disguised, how string) {
	switch random.IntN(4) {
	case 0:
		s, how = strings.ToUpper(s), " upper"
	case 1:
		s, how = strings.ToLower(s), " lower"
	case 2:
		s, how = strings.ReplaceAll(s, `\`, "/"), " slashes"
	}
	for range random.IntN(4) {
		switch random.IntN(4) {
		case 0:
			s, how = url.QueryEscape(s), how+" query"
		case 1:
			s, how = url.PathEscape(s), how+" path"
		case 2:
			text, _ := json.Marshal(s)
			s, how = strings.Trim(string(text), `"`), how+" json"
		case 3: // as a program writes it that keeps to ASCII
			text, _ := json.Marshal(s)
			s = strings.NewReplacer("é", `\u00e9`, "É", `\u00C9`, "ü", `\u00FC`).Replace(strings.Trim(string(text), `"`))
			how += " ascii"
		}
	}
	if isPlain(s) && len(s) >= 16 && random.IntN(2) == 0 {
		for range 1 + random.IntN(4) {
			at := random.IntN(len(s))
			s = s[:at] + []string{"\n", " ", "-", "\r\n    ", ", ", `", "`, "...", `\n`}[random.IntN(8)] + s[at:]
			if strings.Contains(s, `\n`) {
				return s, how + " broken"
			}
		}
		how += " broken"
	}
	return s, how
}

func isPlain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 0x7e || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) < 0
}

// bare is what somebody reads who undoes all disguises, with the blots.
func bare(s string) string {
	for range 8 {
		if t, err := url.QueryUnescape(s); err == nil {
			s = t
		}
		s = strings.NewReplacer(`\\`, `\`, `\u00e9`, "é", `\u00C9`, "É", `\u00FC`, "ü").Replace(s)
	}
	return strings.Map(func(r rune) rune {
		if r == '*' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func noise(random *rand.Rand) string {
	words := []string{"accepted", "12.5 kH/s", `{"a":1}`, "61 °C", "gpu0", "\n", "%", `\`, "/usr/bin", "ö", "=", "s7", "\xff"}
	var b strings.Builder
	for range random.IntN(20) {
		fmt.Fprint(&b, words[random.IntN(len(words))], " ")
	}
	return b.String()
}

func FuzzRedact(f *testing.F) {
	f.Add("user Bob at /home/bob with %42ob and \\u0042ob", "bob")
	f.Add("key c0ffee12 c0ffee12\nc0ffee12c0ffee12", strings.Repeat("c0ffee12", 4))
	f.Add("\xff%c3%28\\ud83d\\u", "x.y")
	f.Add("2001:db8::1: and 10.0.0.1", "hunter2")
	f.Fuzz(func(t *testing.T, text, known string) {
		once := bundle.Redact(text, known)
		if len(known) >= 8 && !strings.Contains(known, "*") && strings.Contains(once, known) && len(bare(known)) >= 8 {
			t.Errorf("Redact(%q, %q) = %q", text, known, once)
		}
		if again := bundle.Redact(once, known); len(again) > len(once)+len(text) {
			t.Errorf("%q grows to %q", once, again)
		}
	})
}
