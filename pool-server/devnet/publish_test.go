package devnet_test

import (
	"context"
	"encoding/hex"
	"net"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/devnet"
	"github.com/adit-mining/adit/pool-server/zmq"
)

// TestNewTipsArePublished: subscribers hear hash and block, as Core's would.
func TestNewTipsArePublished(t *testing.T) {
	c, err := devnet.Open(devnet.Options{Dir: t.TempDir(), Bits: 0x207fffff})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	address, err := c.NewAddress()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended, heard := make(chan error, 2), make(chan zmq.Message, 1000)
	go func() { ended <- c.Publish(ctx, listener) }()
	go func() {
		s := zmq.Subscriber{Address: "tcp://" + listener.Addr().String()}
		s.Run(ctx, func(m zmq.Message) { heard <- m })
		ended <- nil
	}()
	defer func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}()
	mined := map[string]bool{}
	for range 1000 { // until the subscription has arrived
		hashes, err := c.Generate(ctx, 1, address)
		if err != nil {
			t.Fatal(err)
		}
		mined[hashes[0]] = true
		select {
		case m := <-heard:
			if m.Topic != "hashblock" || !mined[hex.EncodeToString(m.Body)] {
				t.Errorf("first heard %+v, want the hash of one of %v", m, mined)
			}
			if m = <-heard; m.Topic != "rawblock" || m.Size <= 80 {
				t.Errorf("then heard %+v, want the block", m)
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("nothing was heard")
}
