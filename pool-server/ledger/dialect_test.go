package ledger_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
)

func TestPlaceholdersAreNumberedOutsideOfQuotes(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT 1":                        "SELECT 1",
		"a = ? AND b = ?":                 "a = $1 AND b = $2",
		"a = ?1 AND b = ?2 AND c = ?1":    "a = $1 AND b = $2 AND c = $1",
		"a = ?12":                         "a = $12",
		"a = '?' AND b = ?":               "a = '?' AND b = $1",
		`"what?" = ? OR x = 'it''s ?'`:    `"what?" = $1 OR x = 'it''s ?'`,
		"(?, ?, ?), (?)":                  "($1, $2, $3), ($4)",
		"CASE ?2 WHEN '' THEN 0 ELSE ?1":  "CASE $2 WHEN '' THEN 0 ELSE $1",
		strings.Repeat("?", 11):           "$1$2$3$4$5$6$7$8$9$10$11",
		"x = 'a' || ? || \"b\" || '\"?' ": "x = 'a' || $1 || \"b\" || '\"?' ",
	} {
		if got := ledger.Numbered(query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}
