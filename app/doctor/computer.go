package doctor

import (
	"context"
	"fmt"
	"strconv"

	"github.com/adit-mining/adit/hwdetect"
)

// anyProgram is what any mining program takes of the main memory, in bytes.
const anyProgram = 256 << 20

// drivers tells which devices cannot mine, and why.
func (c Config) drivers(context.Context) []Finding {
	var found []Finding
	mines := false
	for _, d := range c.Machine.Devices {
		mines = mines || d.Mineable
		found = append(found, judgeDevice(d))
	}
	switch {
	case len(found) == 0:
		return []Finding{finding(checkDrivers, Unknown, "unknown")}
	case !mines:
		found = append(found, finding(checkDrivers, Trouble, "none"))
	}
	return found
}

// judgeDevice passes on what hwdetect says of a device, in its words, and the cause
// with its values for whoever has other words.
func judgeDevice(d hwdetect.Device) Finding {
	if d.Mineable {
		return finding(checkDrivers, Good, "ok", "device", d.Name)
	}
	args := []string{"device", d.Name, "id", d.ID, "reason", d.Reason, "advice", d.Advice, "cause", string(d.Cause)}
	for name, value := range d.CauseArgs {
		args = append(args, name, value)
	}
	return finding(checkDrivers, Notice, "cannot", args...)
}

// pages tells whether there are large memory pages for the mining program.
func (c Config) pages(context.Context) []Finding {
	return []Finding{judgePages(c.Pages)}
}

func judgePages(p *HugePages) Finding {
	switch {
	case p == nil:
		return finding(checkPages, Unknown, "unknown")
	case !p.MayLock:
		return finding(checkPages, Notice, "right")
	case p.Free < p.Wanted:
		return finding(checkPages, Notice, "few", "free", strconv.Itoa(p.Free), "wanted", strconv.Itoa(p.Wanted))
	}
	return finding(checkPages, Good, "ok", "free", strconv.Itoa(p.Free))
}

// memory tells whether the mining program has room.
func (c Config) memory(context.Context) []Finding {
	return []Finding{judgeMemory(c.Machine.Memory, c.Need)}
}

func judgeMemory(have hwdetect.Memory, need Memory) Finding {
	if need.Bytes == 0 {
		need.Bytes = anyProgram
	}
	args := []string{"total", gibibytes(have.Total), "free", gibibytes(have.Available), "need", gibibytes(need.Bytes), "algorithm", need.Algorithm}
	switch {
	case have.Total == 0:
		return finding(checkMemory, Unknown, "unknown")
	case have.Total < need.Bytes:
		return finding(checkMemory, Trouble, "little", args...)
	case have.Available < need.Bytes:
		return finding(checkMemory, Notice, "short", args...)
	}
	return finding(checkMemory, Good, "ok", args...)
}

func gibibytes(n uint64) string { return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30)) }
