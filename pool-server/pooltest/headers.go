package pooltest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"net"
	"slices"
	"strconv"
	"testing"
)

// MineBlock adds a block that somebody else found, as NextBlock does, with a real
// header: it has the proof of work, by double SHA-256, that the template's bits ask
// for, and its time is the template's. getblockheader knows it, and so does whoever
// listens to the publisher. Its bits should be a regtest's.
func (d *Daemon) MineBlock() (hash string, header []byte) {
	hash, header = d.PrepareBlock()
	d.TellBlock(hash, header)
	return hash, header
}

// PrepareBlock makes MineBlock's block without adding it.
func (d *Daemon) PrepareBlock() (hash string, header []byte) {
	d.chain.mu.Lock()
	defer d.chain.mu.Unlock()
	return d.chain.mine()
}

// TellBlock adds a prepared block and tells the publisher's listeners.
func (d *Daemon) TellBlock(hash string, header []byte) {
	d.chain.change(func() {
		d.chain.addHeader(hash, header)
		d.chain.extend(hash)
	})
	d.PublishBlock(hash, header)
}

// PublishOnly restricts the publisher to one topic.
func (d *Daemon) PublishOnly(topic string) { d.publishOnly = topic }

// PublishAgain tells the publisher's listeners of one of MineBlock's blocks again.
func (d *Daemon) PublishAgain(hash string) {
	d.chain.mu.Lock()
	header := d.chain.headerOf[hash]
	d.chain.mu.Unlock()
	d.PublishBlock(hash, header)
}

// PublishBlock only tells the publisher's listeners of a block, whatever it is.
func (d *Daemon) PublishBlock(hash string, header []byte) {
	id, err := hex.DecodeString(hash)
	if err != nil {
		panic(err)
	}
	if d.publishOnly != "rawblock" {
		d.publisher.Publish("hashblock", id)
	}
	if d.publishOnly != "hashblock" {
		d.publisher.Publish("rawblock", append(slices.Clone(header), 0))
	}
}

// Hex is how daemons write bytes.
func Hex(b []byte) string { return hex.EncodeToString(b) }

// Publish opens the daemon's ZeroMQ publisher until the test ends and returns its
// address.
func (d *Daemon) Publish(t testing.TB) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("pooltest: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- d.publisher.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("pooltest: publisher: %v", err)
		}
	})
	return "tcp://" + listener.Addr().String()
}

func (c *chain) addHeader(hash string, header []byte) {
	if c.headerOf == nil {
		c.headerOf = make(map[string][]byte)
	}
	c.headerOf[hash] = header
}

// mine finds a header on the tip. The chain must be locked.
func (c *chain) mine() (hash string, header []byte) {
	previous, err := hex.DecodeString(c.blocks[len(c.blocks)-1])
	if err != nil {
		panic(err)
	}
	slices.Reverse(previous)
	bits, err := strconv.ParseUint(c.template["bits"].(string), 16, 32)
	if err != nil {
		panic(err)
	}
	header = make([]byte, 80)
	binary.LittleEndian.PutUint32(header, 0x20000000)
	copy(header[4:], previous)
	binary.LittleEndian.PutUint32(header[68:], uint32(c.template["curtime"].(float64)))
	binary.LittleEndian.PutUint32(header[72:], uint32(bits))
	target := new(big.Int).Lsh(big.NewInt(int64(bits&0xffffff)), uint(8*(bits>>24-3)))
	for nonce := uint32(0); ; nonce++ {
		binary.LittleEndian.PutUint32(header[76:], nonce)
		first := sha256.Sum256(header)
		id := sha256.Sum256(first[:])
		slices.Reverse(id[:])
		if new(big.Int).SetBytes(id[:]).Cmp(target) <= 0 {
			return hex.EncodeToString(id[:]), header
		}
	}
}

// rawHeader answers getblockheader without its details.
func (c *chain) rawHeader(hash string) (any, error) {
	if h, known := c.headerOf[hash]; known {
		return hex.EncodeToString(h), nil
	}
	return nil, &RPCError{-5, "Block not found"}
}

// wantsRaw reports whether a call of getblockheader asks for the header itself.
func wantsRaw(params []json.RawMessage) bool {
	return len(params) > 1 && string(params[1]) == "false"
}
