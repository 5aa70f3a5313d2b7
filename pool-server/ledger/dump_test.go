package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// busyBook has something in most of its tables: blocks in every state, payouts in every
// state, accounts with odd names, lists, hours.
func busyBook(t *testing.T) *book {
	b := newBook(t)
	ctx := t.Context()
	odd := share("d\u00fcrer \u26cf \" \\ <&>", 1e-9)
	odd.Worker = "rig\nwith\ttabs\u2028"
	b.mature(b.find(7, share("alice", 1.0/3), share("bob", 0.1), odd))
	b.ok(b.PutPayeeList(ctx, "alice", payeeList(3)))
	b.ok(b.SaveHours(ctx, []ledger.Hour{{Pool: pool, Account: "alice", Worker: "rig", Start: start, Hashrate: 1.1e12, Accepted: 7}}))
	b.ok(b.SetAccountSettings(ctx, "bob", ledger.AccountSettings{Private: true}))
	p := b.create()
	b.ok(b.sign(p, "tx1"))
	b.ok(b.SetSent(ctx, p.ID))
	b.ok(b.SetConfirmed(ctx, p.ID))
	b.accept(b.find(8, share("bob", 2)))
	b.ok(b.OrphanBlock(ctx, b.find(9, share("carol", 3)).ID, "the chain went on without it"))
	b.mature(b.find(10, share("carol", 5), share("bad dave", 5)))
	intent := b.create()
	b.ok(b.CancelUnsigned(ctx, intent.ID, "it was a test"))
	b.create()
	b.find(11, share("erin", 1e15))
	b.apply(share("frank", 4))
	b.ok(b.FollowLog(ctx, "log1"))
	return b
}

// nowhere is where a book can be made.
func nowhere(t *testing.T) string {
	t.Helper()
	if onPostgres() {
		return server.Database(t, "")
	}
	return filepath.Join(t.TempDir(), "new.db")
}

// dumped is a dump in memory.
type dumped struct {
	schema  int
	tables  []ledger.Table
	content map[string][]byte
	tallies map[string]ledger.Tally
}

func dump(t *testing.T, where string) dumped {
	t.Helper()
	d, err := ledger.DumpAt(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	all := dumped{schema: d.Schema, tables: d.Tables, content: map[string][]byte{}, tallies: map[string]ledger.Tally{}}
	for _, table := range d.Tables {
		var b bytes.Buffer
		if all.tallies[table.Name], err = d.Write(t.Context(), table, &b); err != nil {
			t.Fatal(err)
		}
		all.content[table.Name] = b.Bytes()
	}
	return all
}

func (d dumped) fill(ctx context.Context, l *ledger.Load) error {
	for _, table := range d.tables {
		if err := l.Table(ctx, table, bytes.NewReader(d.content[table.Name])); err != nil {
			return err
		}
	}
	return nil
}

func (d dumped) wantEqual(t *testing.T, other dumped) {
	t.Helper()
	if d.schema != other.schema || len(d.tables) != len(other.tables) {
		t.Fatalf("schema %d with %d tables, want %d with %d", other.schema, len(other.tables), d.schema, len(d.tables))
	}
	for name, want := range d.content {
		if got := other.content[name]; !bytes.Equal(got, want) {
			t.Errorf("table %s:\ngot\n%swant\n%s", name, got, want)
		}
		if !d.tallies[name].Equal(other.tallies[name]) {
			t.Errorf("table %s: got %+v, want %+v", name, other.tallies[name], d.tallies[name])
		}
	}
}

func TestADumpHasTheWholeBookAndMakesItAgain(t *testing.T) {
	b := busyBook(t)
	before := dump(t, b.path)
	for _, table := range before.tables {
		if rows := before.tallies[table.Name].Rows; rows == 0 && strings.Contains("pools accounts workers blocks raw_blocks rounds block_rounds shares totals payouts payout_outputs holds journal entries balances hours account_settings payee_lists block_weights", table.Name) {
			t.Errorf("table %s is empty: the test shows nothing of it", table.Name)
		}
	}
	if sum := before.tallies["entries"].Sums["amount"]; sum != "0" {
		t.Errorf("the entries of the dump add up to %s", sum)
	}
	path := nowhere(t)
	if err := ledger.Fill(t.Context(), path, before.schema, before.fill); err != nil {
		t.Fatal(err)
	}
	before.wantEqual(t, dump(t, path))
	again, err := ledger.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Check(t.Context()); err != nil {
		t.Error(err)
	}
	// And the book goes on with numbers of its own.
	if _, err := again.Apply(t.Context(), b.position+1, b.position+1, []ledger.Share{share("gina", 1), share("alice", 1)}); err != nil {
		t.Error(err)
	}
	if open, err := again.OpenPayouts(t.Context(), pool); err != nil || len(open) != 1 {
		t.Errorf("open payouts %v, %v; want the one", open, err)
	}
}

// TestABookMovesBetweenDatabases dumps from one database into the other and back.
func TestABookMovesBetweenDatabases(t *testing.T) {
	if !onPostgres() {
		t.Skip("when PostgreSQL's turn has come")
	}
	there := dump(t, busyBook(t).path)
	file, back := filepath.Join(t.TempDir(), "ledger.db"), nowhere(t)
	if err := ledger.Fill(t.Context(), file, there.schema, there.fill); err != nil {
		t.Fatal(err)
	}
	here := dump(t, file)
	there.wantEqual(t, here)
	if err := ledger.Fill(t.Context(), back, here.schema, here.fill); err != nil {
		t.Fatal(err)
	}
	here.wantEqual(t, dump(t, back))
}

func TestADumpIsOfOneMoment(t *testing.T) {
	b := busyBook(t)
	d, err := ledger.DumpAt(t.Context(), b.path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	first := map[string]string{}
	for round := range 2 {
		for _, table := range d.Tables {
			var w bytes.Buffer
			if _, err := d.Write(t.Context(), table, &w); err != nil {
				t.Fatal(err)
			}
			if round == 0 {
				first[table.Name] = w.String()
				b.apply(share("late "+table.Name, 1)) // the book goes on meanwhile
			} else if first[table.Name] != w.String() {
				t.Errorf("table %s has changed", table.Name)
			}
		}
	}
}

func TestABookThatIsUsedIsNotFilled(t *testing.T) {
	b := busyBook(t)
	all := dump(t, b.path)
	if err := ledger.Fill(t.Context(), b.path, all.schema, all.fill); !errors.Is(err, ledger.ErrNotEmpty) {
		t.Errorf("got %v, want ErrNotEmpty", err)
	}
	all.wantEqual(t, dump(t, b.path))
}

func TestABookIsFilledAsAWholeOrNotAtAll(t *testing.T) {
	all := dump(t, busyBook(t).path)
	path := nowhere(t)
	for name, change := range map[string]func(*ledger.Load) error{
		"a fault": func(*ledger.Load) error { return errors.New("a fault") },
		"a row too few in the entries": func(l *ledger.Load) error {
			return l.Table(t.Context(), all.tables[indexOf(all, "pools")], strings.NewReader(`[99,"x",null,null]`+"\n"+`[100]`))
		},
		"no JSON": func(l *ledger.Load) error {
			return l.Table(t.Context(), all.tables[0], strings.NewReader("{"))
		},
	} {
		err := ledger.Fill(t.Context(), path, all.schema, func(ctx context.Context, l *ledger.Load) error {
			return errors.Join(all.fill(ctx, l), change(l))
		})
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// An entry is missing: its movement does not add up, which the database sees.
	lost := all
	lost.content = map[string][]byte{}
	for name, text := range all.content {
		lost.content[name] = text
	}
	_, lost.content["entries"], _ = bytes.Cut(all.content["entries"], []byte("\n"))
	if err := ledger.Fill(t.Context(), path, all.schema, lost.fill); err == nil {
		t.Error("a movement that does not add up: no error")
	}
	if err := ledger.Fill(t.Context(), path, all.schema, all.fill); err != nil {
		t.Errorf("after the faults: %v", err)
	}
}

func indexOf(d dumped, table string) int {
	for i, t := range d.tables {
		if t.Name == table {
			return i
		}
	}
	return -1
}

// TestADumpOfEveryOldSchemaIsBroughtUpToDate makes a book with each schema that there
// ever was.
func TestADumpOfEveryOldSchemaIsBroughtUpToDate(t *testing.T) {
	newest := dump(t, newBook(t).path).schema
	for schema := 1; schema < newest; schema++ {
		t.Run(fmt.Sprint(schema), func(t *testing.T) {
			old, path := nowhere(t), nowhere(t)
			if err := ledger.Fill(t.Context(), old, schema, oldRows); err != nil {
				t.Fatal(err)
			}
			all := dump(t, old)
			if all.schema != schema {
				t.Fatalf("the dump is of schema %d, want %d", all.schema, schema)
			}
			if err := ledger.Fill(t.Context(), path, schema, all.fill); err != nil {
				t.Fatal(err)
			}
			all.wantEqual(t, dump(t, path))
			l, err := ledger.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			s, err := l.AccountSummary(t.Context(), pool, "alice")
			if err != nil || s.Balance != 42 {
				t.Errorf("alice has %v, %v; want 42", s.Balance, err)
			}
			if err := l.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	if err := ledger.Fill(t.Context(), nowhere(t), newest+1, oldRows); err == nil {
		t.Error("a dump of a newer version: no error")
	}
}

// oldRows is a correction of 42 units, in the columns that there always were.
func oldRows(ctx context.Context, l *ledger.Load) error {
	table := func(name, columns, rows string) error {
		t := ledger.Table{Name: name}
		for _, c := range strings.Fields(columns) {
			name, kind, _ := strings.Cut(c, ":")
			t.Columns = append(t.Columns, ledger.Column{Name: name, Type: kind})
		}
		return l.Table(ctx, t, strings.NewReader(rows))
	}
	consumer := table("consumer", "id:int position:int", "[1,5]")
	if consumer != nil { // since migration 8
		consumer = table("consumer", "id:int position:int log:text restored:int", `[1,5,"",0]`)
	}
	pools := table("pools", "id:int name:text halted_reason:text halted_at:int", `[1,"litecoin",null,null]`)
	if pools != nil { // since migration 10
		pools = table("pools", "id:int name:text halted_reason:text halted_at:int shares:int accounts:int", `[1,"litecoin",null,null,0,0]`)
	}
	return errors.Join(consumer, pools,
		table("accounts", "id:int name:text", "[1,\"@pool\"]\n[2,\"@fee\"]\n[3,\"@dust\"]\n[4,\"alice\"]"),
		table("journal", "id:int pool_id:int cause:text block_id:int payout_id:int note:text made_at:int total:int",
			`[1,1,"correction",null,null,"a gift",1700000000000,0]`),
		table("entries", "journal_id:int kind:text account_id:int amount:int", "[1,\"reward\",1,-42]\n[1,\"balance\",4,42]"),
	)
}

func TestARestoredBookIsMarkedAndPaysNothing(t *testing.T) {
	b := busyBook(t)
	all := dump(t, b.path)
	path := nowhere(t)
	err := ledger.Fill(t.Context(), path, all.schema, func(ctx context.Context, l *ledger.Load) error {
		return errors.Join(all.fill(ctx, l), l.MarkRestored(ctx, []string{"other"}, "b.adit", "restored", start), l.Check(ctx))
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, name := range []string{pool, "other"} {
		if reason, halted, err := l.Halted(t.Context(), name); !halted || reason != "restored" || err != nil {
			t.Errorf("pool %s: halted %v %q %v", name, halted, reason, err)
		}
	}
	if m, err := l.Mark(t.Context(), "other", ledger.MarkWatched); err != nil || !m.At.Equal(start) {
		t.Errorf("the wallet is watched from %v, %v; want %v", m.At, err, start)
	}
	open, err := l.OpenPayouts(t.Context(), pool)
	if err != nil || len(open) != 0 {
		t.Errorf("unsigned payouts stay: %v %v", open, err)
	}
	mark, err := l.LogMark(t.Context())
	if want := (ledger.LogMark{Log: "log1", Position: b.position, Restored: true}); mark != want || err != nil {
		t.Errorf("got %+v %v, want %+v", mark, err, want)
	}
	if err := l.FollowLog(t.Context(), "log2"); err != nil {
		t.Fatal(err)
	}
	mark, err = l.LogMark(t.Context())
	if want := (ledger.LogMark{Log: "log2", Position: b.position}); mark != want || err != nil {
		t.Errorf("got %+v %v, want %+v", mark, err, want)
	}
	origins, err := l.Origins(t.Context())
	if err != nil || len(origins) != 1 || origins[0].Kind != ledger.OriginBackup || origins[0].Source != "b.adit" || time.Since(origins[0].Time) > time.Hour {
		t.Errorf("got %+v %v", origins, err)
	}
}
