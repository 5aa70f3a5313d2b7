// Command replayminer is a fake mining program for tests; see package replay.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/adit-mining/adit/miners/replay"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := replay.Main(ctx)
	stop()
	os.Exit(status)
}
