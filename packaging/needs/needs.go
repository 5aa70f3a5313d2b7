// Package needs is for tests on real parts: where one is missing, the test is skipped,
// or fails if ADIT_REQUIRE_DAEMONS is set, as it is by make test. packaging/setup.sh
// installs them all.
package needs

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Missing ends the test that lacks a part.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("ADIT_REQUIRE_DAEMONS") != "" {
		t.Fatalf("%s is missing: packaging/setup.sh test", what)
	}
	t.Skipf("%s is missing: packaging/setup.sh test", what)
}

// Program returns the path of a program that has one of these names or paths.
func Program(t testing.TB, names ...string) (path string) {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, strings.Join(names, " or "))
	return ""
}
