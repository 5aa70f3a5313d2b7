package devnet

import (
	"context"
	"encoding/hex"
)

func miningMethods() map[string]method {
	return map[string]method{
		"getblocktemplate":  {run: (*Chain).getBlockTemplate, alone: true},
		"submitblock":       {needs: 1, run: (*Chain).submitBlockCall, alone: true},
		"generatetoaddress": {needs: 2, run: (*Chain).generateToAddress, alone: true},
		"getmininginfo":     {run: (*Chain).getMiningInfo},
	}
}

func (c *Chain) submitBlockCall(_ context.Context, a arguments) (any, error) {
	text, err := a.text(0)
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, &RPCError{codeDeserialization, "Block decode failed"}
	}
	verdict, err := c.SubmitBlock(raw)
	if verdict == "" {
		return nil, err
	}
	return verdict, err
}

func (c *Chain) generateToAddress(ctx context.Context, a arguments) (any, error) {
	var blocks int
	if err := a.optional(0, &blocks); err != nil {
		return nil, err
	}
	to, err := a.text(1)
	if err != nil {
		return nil, err
	}
	return c.Generate(ctx, blocks, to)
}

func (c *Chain) getMiningInfo(context.Context, arguments) (any, error) {
	return map[string]any{
		"blocks":        c.chain.BestSnapshot().Height,
		"bits":          bitsText(c.params.PowLimitBits),
		"target":        targetText(c.params.PowLimitBits),
		"difficulty":    difficulty(c.params.PowLimitBits),
		"networkhashps": 0,
		"pooledtx":      c.pool.Count(),
		"chain":         "regtest",
		"warnings":      "",
	}, nil
}
