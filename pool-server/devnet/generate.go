package devnet

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/mining"
	"github.com/btcsuite/btcd/wire/v2"
)

// Generate mines blocks with the mempool's transactions on the calling goroutine,
// paying their rewards to an address, and returns their hashes. It is for tests; the
// work is real, so with DefaultBits a block takes seconds. More than about six blocks
// a second push the chain's clock ahead of ours, for each must be later than the median
// of eleven; two hours ahead blocks are refused, which takes some 40,000 of them.
func (c *Chain) Generate(ctx context.Context, blocks int, to string) ([]string, error) {
	payTo, err := parseAddress(to, c.params)
	if err != nil {
		return nil, &RPCError{codeAddressOrKey, "Error: Invalid address"}
	}
	hashes := []string{}
	for len(hashes) < blocks {
		b, err := c.solve(ctx, payTo)
		if err != nil {
			return hashes, err
		}
		var raw bytes.Buffer
		if err := b.Serialize(&raw); err != nil {
			return hashes, err
		}
		verdict, err := c.SubmitBlock(raw.Bytes())
		if err != nil {
			return hashes, err
		}
		switch verdict {
		case "":
			hashes = append(hashes, b.BlockHash().String())
		case "inconclusive": // somebody else was faster
		default:
			return hashes, fmt.Errorf("generated block refused: %s", verdict)
		}
	}
	return hashes, nil
}

// solve makes a block on the present tip and finds its proof of work.
func (c *Chain) solve(ctx context.Context, payTo address.Address) (*wire.MsgBlock, error) {
	made, err := c.draft(payTo)
	if err != nil {
		return nil, err
	}
	target := blockchain.CompactToBig(made.Block.Header.Bits)
	for {
		// A random extranonce keeps apart what is mined at one height by two branches.
		if err := c.generator.UpdateExtraNonce(made.Block, made.Height, uint64(rand.Uint32())); err != nil {
			return nil, err
		}
		header := &made.Block.Header
		for header.Nonce = 0; header.Nonce < 1<<24; header.Nonce++ {
			hash := header.BlockHash()
			if blockchain.HashToBig(&hash).Cmp(target) <= 0 {
				return made.Block, nil
			}
			if header.Nonce%(1<<12) == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
	}
}

func (c *Chain) draft(payTo address.Address) (*mining.BlockTemplate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(); err != nil {
		return nil, err
	}
	return c.generator.NewBlockTemplate(payTo)
}
