package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/durable"
	"github.com/adit-mining/adit/packaging/bubble"
)

var errBarred = errors.New("somebody else has it open")

func TestWhatIsBarredForAMomentIsTriedAgain(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		start, tries := time.Now(), 0
		err := durable.Patiently(func() error {
			tries++
			if time.Since(start) < 300*time.Millisecond {
				return &os.LinkError{Op: "rename", Err: errBarred}
			}
			return nil
		}, func(err error) bool { return errors.Is(err, errBarred) })
		if err != nil || tries < 4 || time.Since(start) > 600*time.Millisecond {
			t.Errorf("after %d tries in %v: %v", tries, time.Since(start), err)
		}
	})
}

func TestWhatStaysBarredFailsAfterTwoSeconds(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		start, tries := time.Now(), 0
		err := durable.Patiently(func() error { tries++; return errBarred }, func(err error) bool { return err != nil })
		waited := time.Since(start)
		if !errors.Is(err, errBarred) || waited < 2*time.Second || waited > 2500*time.Millisecond || tries > 20 {
			t.Errorf("after %d tries in %v: %v", tries, waited, err)
		}
	})
}

func TestOtherErrorsAreNotTriedAgain(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		start, tries := time.Now(), 0
		err := durable.Patiently(func() error { tries++; return fs.ErrNotExist }, func(err error) bool { return errors.Is(err, errBarred) })
		if tries != 1 || time.Since(start) != 0 || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after %d tries in %v: %v", tries, time.Since(start), err)
		}
	})
}
