package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNotEmpty is returned for a book that holds something already.
var ErrNotEmpty = errors.New("it holds a book already")

// Limits of what is read from a dump.
const (
	maxLine   = 64 << 20 // bytes of one row: a raw block in base64, and more
	loadRows  = 50       // rows of one statement
	loadBytes = 1 << 20  // of lines that are collected for one statement, at least one
)

// A Load fills a new book with the rows of a Dump.
type Load struct {
	t       tx
	tables  []Table
	current bool
}

// Fill makes a book at where, which must be new or empty, with the schema of a dump,
// and lets fill load its tables, in one transaction: if fill returns an error, the book
// is left empty. The book is opened by Open afterwards, which brings its schema up to date.
func Fill(ctx context.Context, where string, schema int, fill func(context.Context, *Load) error) (err error) {
	if schema < 1 {
		return fmt.Errorf("make the ledger %s: no schema %d", shown(where), schema)
	}
	l, err := openAt(ctx, where, schema)
	if err != nil {
		return fmt.Errorf("make the ledger: %w", err) // which names it
	}
	l.dialect.limit = 0 // a big book takes as long as it takes
	defer func() { err = errors.Join(err, l.Close()) }()
	err = l.update(ctx, func(ctx context.Context, t tx) error {
		load := &Load{t: t, current: schema == newest()}
		if load.tables, err = tables(ctx, t.conn, t.dialect); err != nil {
			return err
		}
		if t.dialect.postgres {
			if err := t.exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
				return err
			}
		}
		if err := load.clear(ctx); err != nil {
			return err
		}
		if err := fill(ctx, load); err != nil {
			return err
		}
		return load.number(ctx)
	})
	if err != nil {
		return fmt.Errorf("fill the ledger %s: %w", shown(where), err)
	}
	return nil
}

// clear refuses a book that was used, and takes out what migrations have put in: the
// dump has it, too.
func (d *Load) clear(ctx context.Context) error {
	var used bool
	if err := d.t.get(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM pools) OR EXISTS (SELECT 1 FROM workers)
		OR EXISTS (SELECT 1 FROM consumer WHERE position > 0) THEN 1 ELSE 0 END`, nil, &used); err != nil {
		return err
	}
	if used {
		return ErrNotEmpty
	}
	for _, t := range slices.Backward(d.tables) {
		var rows int64
		if err := d.t.get(ctx, "SELECT count(*) FROM "+quoted(t.Name), nil, &rows); err != nil {
			return err
		}
		if rows == 0 { // some cannot be deleted from
			continue
		}
		if err := d.t.exec(ctx, "DELETE FROM "+quoted(t.Name)); err != nil {
			return err
		}
	}
	return nil
}

// number makes PostgreSQL give new rows numbers behind those that were loaded.
func (d *Load) number(ctx context.Context) error {
	if !d.t.dialect.postgres {
		return nil
	}
	for _, t := range d.tables {
		if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == "id" }) {
			continue
		}
		name := quoted(t.Name)
		if err := d.t.exec(ctx, "SELECT setval(pg_get_serial_sequence('"+name+"', 'id'), max(id)) FROM "+name+" HAVING max(id) IS NOT NULL"); err != nil {
			return fmt.Errorf("number the rows of table %s: %w", t.Name, err)
		}
	}
	return nil
}

// Table loads the rows of a table from what Dump.Write has written. The tables must
// come in the dump's order. Balances follow from the entries and are read only.
func (d *Load) Table(ctx context.Context, t Table, r io.Reader) error {
	own := slices.IndexFunc(d.tables, func(o Table) bool { return o.Name == t.Name })
	if own < 0 || !sameColumns(d.tables[own], t) {
		return fmt.Errorf("load table %s: the ledger has no such table with these columns", t.Name)
	}
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 1<<16), maxLine)
	b := &loadBatch{t: t}
	for n := 1; in.Scan(); n++ {
		row, err := parseRow(t, in.Bytes())
		if err != nil {
			return fmt.Errorf("load table %s: row %d: %w", t.Name, n, err)
		}
		if t.Name == "balances" { // the database sums the entries itself
			continue
		}
		b.add(row, len(in.Bytes()))
		if b.full() {
			if err := b.flush(ctx, d.t); err != nil {
				return fmt.Errorf("load table %s: row %d or one of some before it: %w", t.Name, n, err)
			}
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("load table %s: %w", t.Name, err)
	}
	if err := b.flush(ctx, d.t); err != nil {
		return fmt.Errorf("load table %s: %w", t.Name, err)
	}
	return nil
}

// sameColumns compares columns in whatever order.
func sameColumns(a, b Table) bool {
	byName := func(t Table) []Column {
		return slices.SortedFunc(slices.Values(t.Columns), func(c, d Column) int { return strings.Compare(c.Name, d.Name) })
	}
	return slices.Equal(byName(a), byName(b))
}

// Write is Dump.Write for what is loaded so far, to compare.
func (d *Load) Write(ctx context.Context, t Table, w io.Writer) (Tally, error) {
	own := slices.IndexFunc(d.tables, func(o Table) bool { return o.Name == t.Name })
	if own < 0 {
		return Tally{}, fmt.Errorf("the ledger has no table %s", t.Name)
	}
	tally, err := writeRows(ctx, d.t.conn, d.tables[own], w)
	if err != nil {
		return Tally{}, fmt.Errorf("read table %s again: %w", t.Name, err)
	}
	return tally, nil
}

// Tables are the names of the tables that a dump must have.
func (d *Load) Tables() (names []string) {
	for _, t := range d.tables {
		names = append(names, t.Name)
	}
	return names
}

// Current reports whether the schema is the one that this program works with.
func (d *Load) Current() bool { return d.current }

// MarkRestored is Ledger.MarkRestored, in the transaction of the load. The schema must be
// the current one.
func (d *Load) MarkRestored(ctx context.Context, pools []string, source, reason string, made time.Time) error {
	if err := d.number(ctx); err != nil {
		return err
	}
	return d.t.markRestored(ctx, pools, source, reason, made)
}

// Check is Ledger.Check, in the transaction of the load.
func (d *Load) Check(ctx context.Context) error { return broken(check(ctx, d.t.conn, d.t.dialect)) }

// loadBatch collects rows for one statement.
type loadBatch struct {
	t      Table
	values []any
	rows   int
	bytes  int
}

func (b *loadBatch) add(row []any, size int) {
	b.values = append(b.values, row...)
	b.rows++
	b.bytes += size
}

func (b *loadBatch) full() bool { return b.rows == loadRows || b.bytes >= loadBytes }

func (b *loadBatch) flush(ctx context.Context, t tx) error {
	if b.rows == 0 {
		return nil
	}
	names := make([]string, len(b.t.Columns))
	for i, c := range b.t.Columns {
		names[i] = quoted(c.Name)
	}
	one := "(?" + strings.Repeat(", ?", len(names)-1) + ")"
	err := t.exec(ctx, "INSERT INTO "+quoted(b.t.Name)+" ("+strings.Join(names, ", ")+") VALUES "+
		one+strings.Repeat(", "+one, b.rows-1), b.values...)
	b.values, b.rows, b.bytes = b.values[:0], 0, 0
	return err
}

// parseRow reads a line of a dump.
func parseRow(t Table, line []byte) ([]any, error) {
	var fields []json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return nil, err
	}
	if len(fields) != len(t.Columns) {
		return nil, fmt.Errorf("%d values for %d columns", len(fields), len(t.Columns))
	}
	row := make([]any, len(fields))
	for i, c := range t.Columns {
		var err error
		if row[i], err = parseValue(c, fields[i]); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return row, nil
}

func parseValue(c Column, text json.RawMessage) (any, error) {
	if bytes.Equal(text, []byte("null")) {
		return nil, nil
	}
	switch c.Type {
	case columnInt:
		return strconv.ParseInt(string(text), 10, 64)
	case columnReal:
		v, err := strconv.ParseFloat(string(text), 64)
		if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
			err = fmt.Errorf("%s is no number", text)
		}
		return v, err
	case columnText:
		if len(text) > 0 && text[0] == '{' {
			var o odd
			err := json.Unmarshal(text, &o)
			return string(o.Bytes), err
		}
		var v string
		err := json.Unmarshal(text, &v)
		return v, err
	}
	v := []byte{}
	err := json.Unmarshal(text, &v)
	return v, err
}
