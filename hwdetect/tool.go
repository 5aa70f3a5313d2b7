package hwdetect

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// patience is how long a tool may take. system_profiler needs a second or two, and
// nvidia-smi as many per sleeping card.
const patience = 15 * time.Second

// tool runs one of the system's tools and returns what it printed and what it
// complained of, also when it failed. A recording has the text in a file, named by
// the tool and by those arguments that are words.
func (p Prober) tool(ctx context.Context, name string, args ...string) (printed, complaints string, err error) {
	if p.Root != "" {
		text, err := os.ReadFile(p.path("tools", recordName(name, args)))
		return string(text), "", err
	}
	path, err := findTool(name)
	if err != nil {
		return "", "", err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.WaitDelay = time.Second // a child of its own may hold its output open
	hideWindow(cmd)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("run %s: %w", name, err)
	}
	return string(out), said.String(), err
}

func recordName(name string, args []string) string {
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			name += "-" + arg
		}
	}
	return name
}
