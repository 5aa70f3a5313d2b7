package ledger

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/stdlib"
)

// The types of columns, as a Dump has them.
const (
	columnInt   = "int"   // 64 bits
	columnReal  = "real"  // 64 bits
	columnText  = "text"  //
	columnBytes = "bytes" // base64 in JSON
)

// A Column is a column of a Table.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"` // int, real, text or bytes
}

// A Table is a table of the book, in the form that is the same for every database.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	key     []string // of its rows, which come in this order
}

// A Tally is what the rows of a table come to.
type Tally struct {
	Rows int64             `json:"rows"`
	Sums map[string]string `json:"sums,omitempty"` // of the columns that hold money or shares
}

// Equal reports whether t and u are the same.
func (t Tally) Equal(u Tally) bool {
	if t.Rows != u.Rows || len(t.Sums) != len(u.Sums) {
		return false
	}
	for name, sum := range t.Sums {
		if u.Sums[name] != sum {
			return false
		}
	}
	return true
}

// A Dump is the whole book as it was at one moment, while others go on writing. It
// must be closed.
type Dump struct {
	Schema   int    // number of the last migration
	Position uint64 // of the share log, up to which it is applied
	Log      string // the share log's identity; empty: not known
	Tables   []Table

	state *state
	book  *reader // closed with it
}

// unsaid are the tables that a new book has by itself.
var unsaid = []string{"migrations", "zero"}

// summed are the columns whose sums a Tally has.
var summed = []string{"amount", "reward", "gross", "net", "fee", "shares"}

// DumpAt reads the book that lies at where, as Open has it, without changing it: neither
// is it made if it is not there, nor is its schema brought up to date.
func DumpAt(ctx context.Context, where string) (_ *Dump, err error) {
	d := &Dump{}
	if d.book, err = readerAt(where); err == nil {
		if d.state, err = d.book.snapshot(ctx); err == nil {
			err = d.open(ctx)
		}
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the ledger %s: %w", shown(where), err)
	}
	return d, nil
}

func readerAt(where string) (*reader, error) {
	if isPostgres(where) {
		_, c, err := connections(where)
		if err != nil {
			return nil, err
		}
		c.RuntimeParams["statement_timeout"] = "0" // a big table takes as long as it takes
		return &reader{stdlib.OpenDB(*c), postgres()}, nil
	}
	path, err := filepath.Abs(where)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dataSource(path, "ro", "query_only(1)"))
	return &reader{db, sqlite()}, err
}

func (d *Dump) open(ctx context.Context) (err error) {
	if err := d.state.QueryRowContext(ctx, "SELECT max(version) FROM migrations").Scan(&d.Schema); err != nil {
		return err
	}
	if d.Tables, err = tables(ctx, d.state, d.state.dialect); err != nil {
		return err
	}
	columns := "position, ''"
	if hasColumn(d.Tables, "consumer", "log") {
		columns = "position, log"
	}
	return d.state.QueryRowContext(ctx, "SELECT "+columns+" FROM consumer").Scan(&d.Position, &d.Log)
}

func hasColumn(all []Table, table, column string) bool {
	return slices.ContainsFunc(all, func(t Table) bool {
		return t.Name == table && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == column })
	})
}

// Close ends the dump.
func (d *Dump) Close() error {
	if d.state != nil && d.state.Tx != nil {
		_ = d.state.Rollback() // nothing was written
	}
	return d.book.Close()
}

// Write writes the rows of a table to w in the order of its key, a line of JSON each:
// the columns' values in a list. It writes the same bytes as often as it is called, and
// for books that hold the same, whatever their databases.
func (d *Dump) Write(ctx context.Context, t Table, w io.Writer) (Tally, error) {
	tally, err := writeRows(ctx, d.state, t, w)
	if err != nil {
		return Tally{}, fmt.Errorf("dump table %s: %w", t.Name, err)
	}
	return tally, nil
}

func writeRows(ctx context.Context, q querier, t Table, w io.Writer) (Tally, error) {
	rows, err := q.QueryContext(ctx, t.query())
	if err != nil {
		return Tally{}, err
	}
	defer rows.Close()
	out := bufio.NewWriterSize(w, 1<<16)
	sums := newSums(t)
	row, into := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range row {
		into[i] = &row[i]
	}
	var line bytes.Buffer
	lines := json.NewEncoder(&line)
	lines.SetEscapeHTML(false)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return Tally{}, err
		}
		for i, c := range t.Columns {
			if row[i], err = plain(c, row[i]); err != nil {
				return Tally{}, fmt.Errorf("column %s: %w", c.Name, err)
			}
		}
		sums.add(row)
		line.Reset()
		if err := lines.Encode(row); err != nil {
			return Tally{}, err
		}
		if _, err := out.Write(line.Bytes()); err != nil {
			return Tally{}, err
		}
	}
	if err := rows.Err(); err != nil {
		return Tally{}, err
	}
	return sums.tally(), out.Flush()
}

// query reads all rows in the order of the key.
func (t Table) query() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quoted(c.Name)
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + quoted(t.Name) + " ORDER BY " + strings.Join(t.key, ", ")
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// odd is a text that is not UTF-8, which JSON cannot say: its bytes.
type odd struct {
	Bytes []byte `json:"bytes"`
}

// plain is a value of column c as JSON has it.
func plain(c Column, v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case int64:
		if c.Type == columnInt {
			return v, nil
		}
		if c.Type == columnReal {
			return float64(v), nil
		}
	case float64:
		if c.Type == columnReal {
			return v, nil
		}
	case string:
		if c.Type == columnText && utf8.ValidString(v) {
			return v, nil
		}
		if c.Type == columnText {
			return odd{[]byte(v)}, nil
		}
	case []byte:
		if c.Type == columnBytes {
			return v, nil
		}
	}
	return nil, fmt.Errorf("a value of type %T where %s is wanted", v, c.Type)
}

// sums adds up what a table's rows hold.
type sums struct {
	rows    int64
	names   []string
	columns []int
	totals  []big.Int
	term    big.Int
}

func newSums(t Table) *sums {
	s := &sums{}
	for i, c := range t.Columns {
		if c.Type == columnInt && slices.Contains(summed, c.Name) {
			s.names, s.columns = append(s.names, c.Name), append(s.columns, i)
		}
	}
	s.totals = make([]big.Int, len(s.names))
	return s
}

func (s *sums) add(row []any) {
	s.rows++
	for i, column := range s.columns {
		if v, ok := row[column].(int64); ok { // not null
			s.totals[i].Add(&s.totals[i], s.term.SetInt64(v))
		}
	}
}

func (s *sums) tally() Tally {
	t := Tally{Rows: s.rows}
	for i, name := range s.names {
		if t.Sums == nil {
			t.Sums = map[string]string{}
		}
		t.Sums[name] = s.totals[i].String()
	}
	return t
}
