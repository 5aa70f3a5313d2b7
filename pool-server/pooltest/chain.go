package pooltest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// chain is the fake daemon's chain: a template, and the blocks that came in. It
// checks nothing about a block: the real daemons do that.
type chain struct {
	mu       sync.Mutex
	template map[string]any
	changed  chan struct{}    // closed at each change of the template
	version  int              // counts changes; the long poll id
	blocks   []string         // hashes on the main chain, genesis' child first
	side     map[string]int64 // heights of blocks off the main chain
	first    int64            // height of blocks[0]
	headers  int64            // added to the height, for a daemon that is behind
	ibd      bool
	dead     bool
	raw      map[string]string // submitted blocks by hash
	headerOf map[string][]byte // headers of MineBlock's blocks, by hash
	verdict  *string           // for the next submissions; nil accepts
}

func (c *chain) start(template []byte) error {
	if err := json.Unmarshal(template, &c.template); err != nil {
		return err
	}
	height, ok := c.template["height"].(float64)
	if !ok {
		return fmt.Errorf("no height")
	}
	c.first = int64(height) - 1
	c.blocks = []string{c.template["previousblockhash"].(string)}
	c.side, c.raw, c.changed = make(map[string]int64), make(map[string]string), make(chan struct{})
	return nil
}

// change runs f on the chain and wakes the long polls.
func (c *chain) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	c.version++
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *chain) stop()   { c.change(func() { c.dead = true }) }
func (c *chain) resume() { c.change(func() { c.dead = false }) }

// extend puts a block on top and moves the template up. The chain must be locked.
func (c *chain) extend(hash string) {
	c.blocks = append(c.blocks, hash)
	c.retip()
}

func (c *chain) retip() {
	c.template["previousblockhash"] = c.blocks[len(c.blocks)-1]
	c.template["height"] = c.first + int64(len(c.blocks))
}

// NextBlock adds a block that somebody else found and returns its hash. name tells
// blocks of different branches apart.
func (d *Daemon) NextBlock(name string) (hash string) {
	d.chain.change(func() {
		sum := sha256.Sum256(fmt.Append(nil, name, len(d.chain.blocks)))
		hash = hex.EncodeToString(sum[:])
		d.chain.extend(hash)
	})
	return hash
}

// DropBlocks takes the last n blocks off the main chain; they stay known.
func (d *Daemon) DropBlocks(n int) {
	d.chain.change(func() {
		keep := len(d.chain.blocks) - n
		for i, hash := range d.chain.blocks[keep:] {
			d.chain.side[hash] = d.chain.first + int64(keep+i)
		}
		d.chain.blocks = d.chain.blocks[:keep]
		d.chain.retip()
	})
}

// SetTemplate changes fields of the template: a nil value deletes one.
func (d *Daemon) SetTemplate(fields map[string]any) {
	d.chain.change(func() {
		for k, v := range fields {
			if d.chain.template[k] = v; v == nil {
				delete(d.chain.template, k)
			}
		}
	})
}

// SetBehind makes the daemon say that it lacks that many blocks, and whether it is
// in its initial download.
func (d *Daemon) SetBehind(blocks int64, initialDownload bool) {
	d.chain.change(func() { d.chain.headers, d.chain.ibd = blocks, initialDownload })
}

// SetVerdict is submitblock's answer from now on; an empty one accepts again.
func (d *Daemon) SetVerdict(reason string) {
	d.chain.change(func() {
		if d.chain.verdict = &reason; reason == "" {
			d.chain.verdict = nil
		}
	})
}

// Blocks returns the submitted blocks in hex, by hash in display order.
func (d *Daemon) Blocks() map[string]string {
	d.chain.mu.Lock()
	defer d.chain.mu.Unlock()
	return maps.Clone(d.chain.raw)
}

// Height is the height of the daemon's tip.
func (d *Daemon) Height() int64 {
	d.chain.mu.Lock()
	defer d.chain.mu.Unlock()
	return d.chain.height()
}

func (c *chain) height() int64 { return c.first + int64(len(c.blocks)) - 1 }

// addChainMethods gives the daemon the calls that every daemon has.
func (d *Daemon) addChainMethods() {
	c := &d.chain
	d.method["getblocktemplate"] = c.getBlockTemplate
	d.method["submitblock"] = c.submitBlock
	d.method["getblockheader"] = c.getBlockHeader
	d.method["getblock"] = c.getBlock
	d.method["getbestblockhash"] = c.locked(func() any { return c.blocks[len(c.blocks)-1] })
	d.method["getblockcount"] = c.locked(func() any { return c.height() })
	d.method["getconnectioncount"] = c.locked(func() any { return 8 })
	d.method["getblockchaininfo"] = c.locked(func() any {
		return map[string]any{
			"chain": "regtest", "blocks": c.height(), "headers": c.height() + c.headers,
			"bestblockhash": c.blocks[len(c.blocks)-1], "initialblockdownload": c.ibd, "verificationprogress": 1,
		}
	})
}

func (c *chain) locked(f func() any) Handler {
	return func(context.Context, []json.RawMessage) (any, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return f(), nil
	}
}

// getBlockTemplate answers at once, or with the current long poll id when the
// template changes.
func (c *chain) getBlockTemplate(ctx context.Context, params []json.RawMessage) (any, error) {
	var ask struct {
		LongPollID string `json:"longpollid"`
	}
	if len(params) > 0 {
		if err := json.Unmarshal(params[0], &ask); err != nil {
			return nil, &RPCError{-8, err.Error()}
		}
	}
	for {
		c.mu.Lock()
		id, changed := fmt.Sprintf("%s%d", c.blocks[len(c.blocks)-1], c.version), c.changed
		if c.dead {
			c.mu.Unlock()
			return nil, &RPCError{-9, "Shutting down"} // what Core says then
		}
		if id != ask.LongPollID {
			t := maps.Clone(c.template)
			t["longpollid"] = id
			c.mu.Unlock()
			return t, nil
		}
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *chain) submitBlock(_ context.Context, params []json.RawMessage) (result any, err error) {
	var text string
	if len(params) == 0 || json.Unmarshal(params[0], &text) != nil {
		return nil, &RPCError{-8, "submitblock needs a block"}
	}
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) < 81 {
		return nil, &RPCError{-22, "Block decode failed"}
	}
	first := sha256.Sum256(raw[:80])
	id := sha256.Sum256(first[:])
	slices.Reverse(id[:])
	hash := hex.EncodeToString(id[:])
	c.change(func() {
		switch _, known := c.raw[hash]; {
		case known:
			result = "duplicate"
		case c.verdict != nil:
			result = *c.verdict
		default:
			c.raw[hash] = text
			c.addHeader(hash, raw[:80])
			c.extend(hash)
		}
	})
	return result, nil
}

func (c *chain) getBlockHeader(_ context.Context, params []json.RawMessage) (any, error) {
	var hash string
	if len(params) == 0 || json.Unmarshal(params[0], &hash) != nil {
		return nil, &RPCError{-8, "getblockheader needs a hash"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if wantsRaw(params) {
		return c.rawHeader(hash)
	}
	if at := slices.Index(c.blocks, hash); at >= 0 {
		return map[string]any{"hash": hash, "confirmations": len(c.blocks) - at, "height": c.first + int64(at)}, nil
	}
	if height, known := c.side[hash]; known {
		return map[string]any{"hash": hash, "confirmations": -1, "height": height}, nil
	}
	return nil, &RPCError{-5, "Block not found"}
}

// getBlock gives the bytes of a block that was submitted; of others the chain has
// none. Which transactions it holds it tells nobody.
func (c *chain) getBlock(_ context.Context, params []json.RawMessage) (any, error) {
	var hash string
	if len(params) == 0 || json.Unmarshal(params[0], &hash) != nil {
		return nil, &RPCError{-8, "getblock needs a hash"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	raw, known := c.raw[hash]
	if !known {
		return nil, &RPCError{-5, "Block not found"}
	}
	if len(params) > 1 && (string(params[1]) == "0" || string(params[1]) == "false") {
		return raw, nil
	}
	return map[string]any{"hash": hash, "tx": []string{}}, nil
}
