package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// What a database says of its tables' columns, table by table, and of what tables refer to.
const (
	sqliteFields = `SELECT t.name, c.name, c.type, c.pk FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.name`
	sqliteReferences = `SELECT t.name, f."table" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'`
	postgresFields   = `SELECT c.relname, a.attname, format_type(a.atttypid, NULL), coalesce(array_position(k.conkey, a.attnum), 0)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname COLLATE "C", a.attname COLLATE "C"`
	postgresReferred = `SELECT c.relname, p.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
		WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace`
)

// tables lists the tables of the book but those that are unsaid, each behind the ones
// that it refers to. The columns are in the order of their names.
func tables(ctx context.Context, q querier, d dialect) ([]Table, error) {
	fieldsQuery, tiesQuery := sqliteFields, sqliteReferences
	if d.postgres {
		fieldsQuery, tiesQuery = postgresFields, postgresReferred
	}
	rows, err := q.QueryContext(ctx, fieldsQuery)
	fields, err := collect(rows, err, scanField)
	if err != nil {
		return nil, err
	}
	rows, err = q.QueryContext(ctx, tiesQuery)
	ties, err := collect(rows, err, scanReference)
	if err != nil {
		return nil, err
	}
	all, err := tablesOf(fields, d)
	if err != nil {
		return nil, err
	}
	return inOrder(all, ties)
}

// A field is what a database says of a column.
type field struct {
	table, name, kind string
	key               int // place in the table's key from 1; 0: none
}

func scanField(rows *sql.Rows) (f field, err error) {
	err = rows.Scan(&f.table, &f.name, &f.kind, &f.key)
	return f, err
}

// A reference is a table that needs another one.
type reference struct{ from, to string }

func scanReference(rows *sql.Rows) (r reference, err error) {
	err = rows.Scan(&r.from, &r.to)
	return r, err
}

// columnTypes are the databases' words for the types that a book's columns have.
var columnTypes = map[string]string{
	"integer": columnInt, "bigint": columnInt,
	"real": columnReal, "double precision": columnReal,
	"text": columnText,
	"blob": columnBytes, "bytea": columnBytes,
}

// tablesOf puts the columns together, which stand in the order of their tables' names.
func tablesOf(fields []field, d dialect) (all []Table, err error) {
	keys := map[int]string{}
	finish := func() error {
		t := &all[len(all)-1]
		for i := 1; i <= len(keys); i++ {
			t.key = append(t.key, keys[i])
		}
		clear(keys)
		if len(t.key) == 0 {
			return fmt.Errorf("table %s has no key", t.Name)
		}
		return nil
	}
	for i, f := range fields {
		if slices.Contains(unsaid, f.table) {
			continue
		}
		kind, known := columnTypes[strings.ToLower(f.kind)]
		if !known {
			return nil, fmt.Errorf("column %s of table %s is of type %q, which a dump cannot say", f.name, f.table, f.kind)
		}
		if len(all) == 0 || all[len(all)-1].Name != f.table {
			all = append(all, Table{Name: f.table})
		}
		t := &all[len(all)-1]
		t.Columns = append(t.Columns, Column{f.name, kind})
		if f.key > 0 {
			keys[f.key] = quoted(f.name)
			if d.postgres && kind == columnText {
				keys[f.key] += ` COLLATE "C"` // byte by byte, as SQLite has it
			}
		}
		if i+1 == len(fields) || fields[i+1].table != f.table {
			if err := finish(); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// inOrder sorts tables so that each stands behind those that it refers to.
func inOrder(all []Table, references []reference) (sorted []Table, err error) {
	done := map[string]bool{}
	for len(sorted) < len(all) {
		before := len(sorted)
		for _, t := range all {
			waits := slices.ContainsFunc(references, func(r reference) bool {
				return r.from == t.Name && r.to != t.Name && !done[r.to] && !slices.Contains(unsaid, r.to)
			})
			if !done[t.Name] && !waits {
				done[t.Name] = true
				sorted = append(sorted, t)
			}
		}
		if len(sorted) == before {
			return nil, fmt.Errorf("tables refer to each other in a circle: none can be filled first")
		}
	}
	return sorted, nil
}
