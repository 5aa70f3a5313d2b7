package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// Fault is one thing that is wrong with the configuration.
type Fault struct {
	File string // relative to the configuration folder
	Line int    // 0 when the fault is about something that is missing
	Key  string // such as ports[0].difficulty
	Text string // what is wrong and what to write instead
}

func (f Fault) Error() string {
	where := f.File
	if f.Line > 0 {
		where += ":" + strconv.Itoa(f.Line)
	}
	if f.Key == "" {
		return where + ": " + f.Text
	}
	return where + ": " + f.Key + ": " + f.Text
}

// Faults is everything that is wrong, in the order of the files.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// document is one parsed file: it decodes into structs and remembers at which
// line each key stands, so that later checks can name it.
type document struct {
	file   string
	text   []byte
	lines  map[string]int
	faults Faults
}

// decodeFile reads text into the struct that into points to, on top of the
// defaults that are in it already.
func decodeFile(file string, text []byte, into any) *document {
	d := &document{file: file, text: text, lines: map[string]int{}}
	value, err := hujson.Parse(text)
	if err != nil {
		d.faults = append(d.faults, d.syntaxFault(err))
		return d
	}
	d.decode("", value, reflect.ValueOf(into).Elem())
	return d
}

// syntaxFault turns hujson's "hujson: line 3, column 7: ..." into a fault.
func (d *document) syntaxFault(err error) Fault {
	text := strings.TrimPrefix(err.Error(), "hujson: ")
	line := 0
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, tail, ok := strings.Cut(rest, ","); ok {
			line, _ = strconv.Atoi(number)
			if _, after, ok := strings.Cut(tail, ": "); ok {
				text = after
			}
		}
	}
	return Fault{File: d.file, Line: line, Text: "not valid JSON: " + text}
}

func (d *document) fault(key string, format string, args ...any) {
	d.faults = append(d.faults, Fault{File: d.file, Line: d.lines[key], Key: key, Text: fmt.Sprintf(format, args...)})
}

func (d *document) decode(key string, v hujson.Value, into reflect.Value) {
	if key != "" {
		d.lines[key] = 1 + bytes.Count(d.text[:min(v.StartOffset, len(d.text))], []byte("\n"))
	}
	_, own := into.Addr().Interface().(json.Unmarshaler)
	switch {
	case into.Kind() == reflect.Struct && !own:
		d.decodeObject(key, v, into)
	case into.Kind() == reflect.Slice && into.Type().Elem().Kind() == reflect.Struct:
		d.decodeArray(key, v, into)
	default:
		d.decodeLeaf(key, v, into)
	}
}

func (d *document) decodeObject(key string, v hujson.Value, into reflect.Value) {
	object, ok := v.Value.(*hujson.Object)
	if !ok {
		d.fault(key, "want { … } with the keys %s", strings.Join(keysOf(into.Type()), ", "))
		return
	}
	seen := map[string]bool{}
	for _, member := range object.Members {
		name := member.Name.Value.(hujson.Literal).String()
		path := join(key, name)
		field, known := fieldNamed(into, name)
		switch {
		case !known:
			d.lines[path] = 1 + bytes.Count(d.text[:member.Name.StartOffset], []byte("\n"))
			d.fault(path, "unknown key; known here: %s", strings.Join(keysOf(into.Type()), ", "))
		case seen[name]:
			d.lines[path] = 1 + bytes.Count(d.text[:member.Name.StartOffset], []byte("\n"))
			d.fault(path, "stands twice; remove one")
		default:
			d.decode(path, member.Value, field)
		}
		seen[name] = true
	}
}

func (d *document) decodeArray(key string, v hujson.Value, into reflect.Value) {
	array, ok := v.Value.(*hujson.Array)
	if !ok {
		d.fault(key, "want a list [ … ]")
		return
	}
	into.SetLen(0)
	for i, element := range array.Elements {
		item := reflect.New(into.Type().Elem()).Elem()
		if start, ok := defaultOf(item.Type()); ok {
			item.Set(start)
		}
		d.decode(fmt.Sprintf("%s[%d]", key, i), element, item)
		into.Set(reflect.Append(into, item))
	}
}

// defaultOf returns the defaults of the elements of a list.
func defaultOf(t reflect.Type) (reflect.Value, bool) {
	for _, d := range []any{defaultDaemon(), defaultPort()} {
		if reflect.TypeOf(d) == t {
			return reflect.ValueOf(d), true
		}
	}
	return reflect.Value{}, false
}

func (d *document) decodeLeaf(key string, v hujson.Value, into reflect.Value) {
	v.Standardize()
	raw := bytes.TrimSpace(v.Pack())
	if err := json.Unmarshal(raw, into.Addr().Interface()); err != nil {
		d.fault(key, "%s", leafText(err, into.Type(), raw))
	}
}

func leafText(err error, t reflect.Type, raw []byte) string {
	if _, ok := err.(*json.UnmarshalTypeError); !ok {
		return err.Error()
	}
	want := map[reflect.Kind]string{
		reflect.String: "text in quotes", reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Float64: "a number",
		reflect.Map: `names with numbers, such as {"EUR": 80.5}`,
	}[t.Kind()]
	if want == "" {
		want = "another value"
	}
	return fmt.Sprintf("want %s, have %s", want, raw)
}

func fieldNamed(into reflect.Value, name string) (reflect.Value, bool) {
	for i := range into.NumField() {
		if into.Type().Field(i).IsExported() && keyOf(into.Type().Field(i)) == name {
			return into.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if k := keyOf(t.Field(i)); k != "" && k != "-" {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	return keys
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
