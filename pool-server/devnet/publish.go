package devnet

import (
	"context"
	"net"
	"slices"
)

// Publish lets ZeroMQ subscribers hear of each new tip, as Core's zmqpubhashblock and
// zmqpubrawblock do, until ctx ends, which is no error. It owns the listener.
func (c *Chain) Publish(ctx context.Context, listener net.Listener) error {
	return c.publisher.Serve(ctx, listener)
}

// publish tells of a new tip. A tip that an operator went back to is not told of, as
// Core does not raise rawblock for it. The mutex is held.
func (c *Chain) publish(last event) {
	if !last.connected {
		return
	}
	raw, err := last.block.Bytes()
	if err != nil { // it has been in the chain: cannot be
		return
	}
	hash := *last.block.Hash()
	slices.Reverse(hash[:]) // display order
	c.publisher.Publish("hashblock", hash[:])
	c.publisher.Publish("rawblock", raw)
}
