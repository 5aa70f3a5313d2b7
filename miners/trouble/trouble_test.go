package trouble_test

import (
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/trouble"
)

func TestTheFirstSignThatFitsCounts(t *testing.T) {
	own := trouble.Signs{{"harmless*out of memory", ""}, {"gpu*lost", miners.CodeDeviceFailed}}
	signs := append(own, trouble.Common...)
	for _, row := range []struct {
		line string
		want miners.Code
	}{
		{"GPU 3 is lost", miners.CodeDeviceFailed},
		{"lost GPU", ""}, // in the other order
		{"Harmless: out of memory", ""},
		{"CUDA error: Out of Memory", miners.CodeOutOfMemory},
		{"Could not resolve host pool.example", miners.CodeDNSFailed},
		{"", ""},
	} {
		if got := signs.Of(row.line); got != row.want {
			t.Errorf("%q is %q, want %q", row.line, got, row.want)
		}
	}
}
