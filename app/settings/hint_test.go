package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/app/settings"
)

func TestHintIsTheAddressOfAPool(t *testing.T) {
	if pool, err := settings.LoadHint(t.TempDir()); pool != "" || err != nil {
		t.Errorf("no file: %q, %v", pool, err)
	}
	for text, want := range map[string]string{
		`{"pool":"https://pool.example"}`:                          "https://pool.example",
		`{"pool":"http://127.0.0.1:8080/","logo":"x","version":2}`: "http://127.0.0.1:8080/",
		``:                                 "",
		`{}`:                               "",
		`{"pool":5}`:                       "",
		`{"pool":"https://pool.example"`:   "",
		`{"pool":"ftp://pool.example"}`:    "",
		`{"pool":"javascript:alert(1)"}`:   "",
		`{"pool":"https://u:p@pool.test"}`: "",
		`{"pool":"` + strings.Repeat("a", 100<<10) + `"}`: "",
		"\xff\xfe": "",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, settings.HintName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		pool, err := settings.LoadHint(dir)
		if pool != want || (err == nil) != (want != "") {
			t.Errorf("%.60s: %q, %v; want %q", text, pool, err, want)
		}
	}
}
