package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-mining/adit/miners/durable"
)

func TestReplaceLeavesOnlyTheNewFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "records.json")
	for _, text := range []string{"old", "new"} {
		if err := durable.Replace(path, []byte(text)); err != nil {
			t.Fatalf("Replace = %v", err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("the file holds %q, want %q", got, text)
		}
	}
	wantFiles(t, dir, 1)
}

func TestReplaceThatFailsLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken") // a folder: no file can take its place
	if err := os.MkdirAll(filepath.Join(path, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.Replace(path, []byte("new")); err == nil {
		t.Error("Replace of a folder succeeded")
	}
	wantFiles(t, dir, 1)
}

func TestRemoveIsFineWithNothingThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "marker")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := durable.Remove(path); err != nil {
			t.Errorf("Remove = %v", err)
		}
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

func wantFiles(t *testing.T, dir string, want int) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != want {
		t.Errorf("%d files left (%v), want %d", len(entries), err, want)
	}
}
