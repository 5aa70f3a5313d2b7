package skim_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/skim"
)

func TestReadsWhatItIsAskedFor(t *testing.T) {
	r := skim.New([]byte(` {"a": -12 , "skip":{"deep":[1,{"x":"]}\""},true,null,1.5e3]},"n":null,"t":"pla\u0069n","\u0065":"e","list":["x","y", null],"none":[],"last":{}} `))
	var got []string
	r.Object(func(name []byte) {
		switch string(name) {
		case "a", "n":
			if n, ok := r.Int(); ok {
				got = append(got, string(name)+"="+string(rune('0'-n/12)))
			}
		case "t", "e":
			got = append(got, string(name)+"="+string(r.Text()))
		case "list":
			r.Array(func(i int) { got = append(got, string(r.Text())) })
		}
	})
	if err := r.End(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"a=1", "t=plain", "e=e", "x", "y", ""}; !slices.Equal(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
}

func TestFaultsEndReading(t *testing.T) {
	for _, text := range []string{
		"", " ", "{", "[", `"`, `"\"`, "{]", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, "[1,]", "[1 2]", "nul", "tru", "-", "01", "1.", "+1", "1 2", "{}{}", "\x00",
		strings.Repeat("[", 100) + strings.Repeat("]", 100), `{"a":"b`, `{1:2}`,
	} {
		r := skim.New([]byte(text))
		r.Skip()
		if err := r.End(); err == nil {
			t.Errorf("%q passes", text)
		}
	}
	for _, text := range []string{"1.5", "1e3", "9223372036854775808", `"1"`, "true", "-", "01", "--1"} {
		r := skim.New([]byte(text))
		if n, ok := r.Int(); ok || r.Err() == nil {
			t.Errorf("Int of %q = %d, %v", text, n, r.Err())
		}
	}
}

// FuzzSkim: whatever is JSON to encoding/json is to this package, and the other way
// round but for what stands in strings; values read are the same.
func FuzzSkim(f *testing.F) {
	f.Add([]byte(`{"result":{"a":[1,2,{"b":"\u00e4\\"}]},"error":null}`))
	f.Add([]byte(`[0.5, -1e-7, true, "x\"y", [], {}]`))
	f.Add([]byte(`"` + strings.Repeat(`\`, 7) + `"`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := skim.New(text)
		raw := r.Skip()
		err := r.End()
		switch valid := json.Valid(text); {
		case valid && err != nil && bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) <= 64:
			t.Fatalf("%q: %v", text, err)
		case valid && err == nil && !bytes.Equal(raw, bytes.TrimSpace(text)):
			t.Fatalf("%q was passed over as %q", text, raw)
		case !valid && err == nil && !bytes.Contains(text, []byte(`"`)):
			t.Fatalf("%q passes", text)
		}
		var s string
		q := skim.New(text)
		got := q.Text()
		if json.Unmarshal(text, &s) == nil && q.End() == nil && string(got) != s && json.Valid(text) && bytes.Contains(text, []byte(`\`)) {
			t.Fatalf("%q was read as %q, want %q", text, got, s)
		}
		var n int64
		w := skim.New(text)
		m, ok := w.Int()
		if isInt := json.Unmarshal(text, &n) == nil && string(bytes.TrimSpace(text)) != "null"; isInt != (ok && w.End() == nil) || isInt && n != m {
			t.Fatalf("%q was read as %d, want %d", text, m, n)
		}
	})
}
