//go:build !windows

package durable_test

import (
	"syscall"
	"testing"

	"github.com/adit-mining/adit/miners/durable"
)

func TestOnlyOnWindowsIsADeniedFileTriedAgain(t *testing.T) {
	for _, err := range []error{syscall.EACCES, syscall.EPERM, syscall.EBUSY, nil} {
		if durable.Barred(err) {
			t.Errorf("%v is taken for a moment's", err)
		}
	}
}
