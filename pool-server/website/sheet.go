package website

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// format is how a history is written down.
type format[T any] interface {
	kind() (contentType, ending string)
	write(w io.Writer, some []T) error
	end(w io.Writer) error // after the last entry
}

// sheet is a table as RFC 4180 wants it.
type sheet[T any] struct {
	header []string
	row    func(T) []string
	begun  bool
}

func (*sheet[T]) kind() (contentType, ending string) {
	return "text/csv; charset=utf-8; header=present", ".csv"
}

func (f *sheet[T]) write(w io.Writer, some []T) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if !f.begun {
		f.begun = true
		if err := out.Write(f.header); err != nil {
			return err
		}
	}
	for _, one := range some {
		record := f.row(one)
		for i := range record {
			record[i] = cell(record[i])
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (*sheet[T]) end(io.Writer) error { return nil }

// list is a JSON list.
type list[T any] struct{ begun bool }

func (*list[T]) kind() (contentType, ending string) {
	return "application/json; charset=utf-8", ".json"
}

func (f *list[T]) write(w io.Writer, some []T) error {
	for _, one := range some {
		text, err := json.Marshal(one)
		if err != nil {
			return err
		}
		before := ",\n"
		if !f.begun {
			f.begun, before = true, "["
		}
		if _, err := io.WriteString(w, before+string(text)); err != nil {
			return err
		}
	}
	return nil
}

func (f *list[T]) end(w io.Writer) error {
	text := "]\n"
	if !f.begun {
		text = "[]\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// The columns of the sheets. Their names and order stay; new ones come last.
var (
	creditHeader = []string{"time", "coin", "symbol", "cause", "amount", "state", "height", "block", "scheme", "reward", "fee", "recipients",
		"shares", "difficulty", "all_difficulty", "accounts", "from", "to", "note"}
	payoutHeader = []string{"time", "coin", "symbol", "payout", "amount", "fee", "net", "txid", "address"}
)

func payoutRow(r poolapi.Receipt) []string {
	return []string{moment(r.Time), r.Coin, r.Symbol, strconv.FormatInt(r.ID, 10), r.Amount, r.Fee, r.Net, r.TxID, r.Address}
}

// creditRow is a credit in a sheet. One that was taken back counts nothing, and is
// written so: sheets get added up.
func creditRow(c poolapi.Credit) []string {
	amount, state := c.Amount, "booked"
	var height, hash, scheme, reward, fee, recipients, shares, difficulty, all, accounts, from, to string
	if b := c.Block; b != nil {
		state, height, hash, scheme = b.Status, strconv.FormatInt(b.Height, 10), b.Hash, b.Scheme
		reward, fee, recipients = b.Reward, b.Fee, b.Recipients
		if c.Undone {
			amount = "0"
		}
		if b.Explained {
			shares, difficulty = strconv.FormatInt(b.Shares, 10), exactly(b.Difficulty)
			all, accounts = exactly(b.AllDifficulty), strconv.FormatInt(b.Accounts, 10)
		}
	}
	if p := c.Shares; p != nil {
		shares, difficulty, from, to = strconv.FormatInt(p.Shares, 10), exactly(p.Difficulty), moment(p.From), moment(p.To)
	}
	return []string{moment(c.Time), c.Coin, c.Symbol, c.Cause, amount, state, height, hash, scheme, reward, fee, recipients,
		shares, difficulty, all, accounts, from, to, c.Note}
}

// cell makes text harmless for programs that take a cell for a formula if it begins like
// one. Numbers stay as they are.
func cell(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text == "" || !strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", first) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// exactly writes a number so that it is read back as the same.
func exactly(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
