package clamd_test

import (
	"encoding/hex"
	"os"
	"os/user"
	"testing"
)

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func hexOf(text string) string { return hex.EncodeToString([]byte(text)) }

// userName is who the tests run as: clamd started by root would become somebody else, who
// may not read our folder.
func userName() string {
	u, err := user.Current()
	if err != nil {
		return "root"
	}
	return u.Username
}
