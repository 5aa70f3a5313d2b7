package bundle

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// folded is a text in which what looks different and says the same is the same. from
// and to say where in the first text each byte of it comes from.
type folded struct {
	text     []byte
	from, to []int32
}

// How a text is folded.
type folding struct {
	// breaks takes \n, \r and \t for the white space that they are in JSON. On
	// Windows they may begin a folder's name.
	breaks bool
	// bare leaves only letters and digits, and the asterisks of a blot. It finds a
	// secret that was broken into lines or groups.
	bare bool
}

// nested is how often a text may be put into another one that escapes it.
const nested = 6

func fold(text string, how folding) folded {
	f := room(len(text))
	for i := range len(text) {
		f.add(text[i:i+1], int32(i), int32(i+1))
	}
	for range nested {
		next := f.unescaped(how.breaks)
		if len(next.text) == len(f.text) { // each escape gets shorter
			break
		}
		f = next
	}
	return f.plain(how.bare)
}

func room(size int) folded {
	return folded{make([]byte, 0, size), make([]int32, 0, size), make([]int32, 0, size)}
}

// unescaped returns f without one layer of the escapes of JSON and of URLs.
func (f folded) unescaped(breaks bool) folded {
	if bytes.IndexByte(f.text, '%') < 0 && bytes.IndexByte(f.text, '\\') < 0 {
		return f
	}
	out := room(len(f.text))
	for i := 0; i < len(f.text); {
		b, n := readEscape(f.text[i:], breaks)
		if n == 0 {
			b, n = string(f.text[i:i+1]), 1
		}
		out.add(b, f.from[i], f.to[i+n-1])
		i += n
	}
	return out
}

// plain returns f in small letters, with one kind of slash and of white space, and
// one where there are several.
func (f folded) plain(bare bool) folded {
	out := room(len(f.text))
	last := ' '
	for i := 0; i < len(f.text); {
		r, n := utf8.DecodeRune(f.text[i:])
		switch {
		case r == '\\':
			r = '/'
		case r == '+' || unicode.IsSpace(r): // + is a blank in a URL's query
			r = ' '
		default:
			r = unicode.ToLower(unicode.ToUpper(r))
		}
		counts := !bare || r == '*' || unicode.IsLetter(r) || unicode.IsDigit(r)
		again := r == last && (r == '/' || r == ' ')
		if counts && !again {
			out.add(string(r), f.from[i], f.to[i+n-1])
		}
		last = r
		i += n
	}
	return out
}

func (f *folded) add(text string, from, to int32) {
	f.text = append(f.text, text...)
	for range len(text) {
		f.from, f.to = append(f.from, from), append(f.to, to)
	}
}

// readEscape returns what the escape at the beginning of s stands for and how long
// it is, 0 where there is none.
func readEscape(s []byte, breaks bool) (text string, n int) {
	switch {
	case len(s) >= 3 && s[0] == '%' && isHex(s[1:3]):
		v, _ := strconv.ParseUint(string(s[1:3]), 16, 8)
		return string([]byte{byte(v)}), 3
	case len(s) < 2 || s[0] != '\\':
		return "", 0
	case strings.IndexByte(`\"/`, s[1]) >= 0:
		return string(s[1:2]), 2
	case breaks && strings.IndexByte("nrt", s[1]) >= 0:
		return " ", 2
	}
	r, n := readUnicode(s)
	if utf16.IsSurrogate(r) {
		second, m := readUnicode(s[n:])
		if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
			n += m
		}
	}
	if n == 0 {
		return "", 0
	}
	return string(r), n
}

// readUnicode reads \u00e9.
func readUnicode(s []byte) (unit rune, n int) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' || !isHex(s[2:6]) {
		return 0, 0
	}
	v, _ := strconv.ParseUint(string(s[2:6]), 16, 16)
	return rune(v), 6
}

func isHex(s []byte) bool {
	for _, b := range s {
		if !(b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F') {
			return false
		}
	}
	return true
}
