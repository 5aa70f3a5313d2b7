//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A limit on the size of files stands in for a full disk.
func TestASecretThatDoesNotFitLeavesNothingBehind(t *testing.T) {
	file := filepath.Join(t.TempDir(), "words.txt")
	limited := exec.CommandContext(t.Context(), "/bin/sh", "-c", `ulimit -f 0; exec "$@"`, "sh", headless(t), "key", "new", "--out", file)
	if r := finish(t, limited, ""); r.code != 1 || !strings.Contains(r.stderr, file) {
		t.Errorf("without room: %+v", r)
	}
	if _, err := os.Lstat(file); !os.IsNotExist(err) {
		t.Errorf("a part of the secret, or an empty file, is left: %v", err)
	}
	if r := adit(t, "", "key", "new", "--out", file); r.code != 0 {
		t.Errorf("with room again: %+v", r)
	}
	if r := adit(t, "", "key", "new", "--out", file); r.code != 1 || !strings.Contains(r.stderr, "new file's name") {
		t.Errorf("over a file that is there: %+v", r)
	}
}
