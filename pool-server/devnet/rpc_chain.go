package devnet

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
)

func chainMethods() map[string]method {
	return map[string]method{
		"getblockchaininfo":  {run: (*Chain).getBlockchainInfo},
		"getblockcount":      {run: (*Chain).getBlockCount},
		"getbestblockhash":   {run: (*Chain).getBestBlockHash},
		"getblockhash":       {needs: 1, run: (*Chain).getBlockHash},
		"getblockheader":     {needs: 1, run: (*Chain).getBlockHeader},
		"getblock":           {needs: 1, run: (*Chain).getBlock},
		"getchaintips":       {run: (*Chain).getChainTips},
		"getdifficulty":      {run: (*Chain).getDifficulty},
		"getnetworkinfo":     {run: (*Chain).getNetworkInfo},
		"getconnectioncount": {run: constant(0)},
		"getpeerinfo":        {run: constant([]int{})},
		"invalidateblock":    {needs: 1, run: (*Chain).invalidateBlock},
		"reconsiderblock":    {needs: 1, run: (*Chain).reconsiderBlock},
	}
}

// constant is a call that always answers the same.
func constant(v any) func(*Chain, context.Context, arguments) (any, error) {
	return func(*Chain, context.Context, arguments) (any, error) { return v, nil }
}

func (c *Chain) getBlockchainInfo(context.Context, arguments) (any, error) {
	best := c.best()
	progress := 1.0
	if c.syncing {
		progress = 0.5
	}
	return map[string]any{
		"chain":                "regtest",
		"blocks":               best.height,
		"headers":              best.height,
		"bestblockhash":        best.hash.String(),
		"bits":                 bitsText(c.params.PowLimitBits),
		"target":               targetText(c.params.PowLimitBits),
		"difficulty":           difficulty(c.params.PowLimitBits),
		"time":                 best.header.Timestamp.Unix(),
		"mediantime":           best.medianTime(),
		"verificationprogress": progress,
		"initialblockdownload": c.syncing,
		"chainwork":            fmt.Sprintf("%064x", best.work),
		"size_on_disk":         c.journal.size,
		"pruned":               false,
		"softforks":            map[string]any{},
		"warnings":             "",
	}, nil
}

func (c *Chain) getBlockCount(context.Context, arguments) (any, error) {
	return c.chain.BestSnapshot().Height, nil
}

func (c *Chain) getBestBlockHash(context.Context, arguments) (any, error) {
	return c.chain.BestSnapshot().Hash.String(), nil
}

func (c *Chain) getDifficulty(context.Context, arguments) (any, error) {
	return difficulty(c.params.PowLimitBits), nil
}

func (c *Chain) getBlockHash(_ context.Context, a arguments) (any, error) {
	var height int64
	if err := a.optional(0, &height); err != nil {
		return nil, err
	}
	if height < 0 || height > int64(c.chain.BestSnapshot().Height) {
		return nil, &RPCError{codeParameter, "Block height out of range"}
	}
	hash, err := c.chain.BlockHashByHeight(int32(height))
	if err != nil {
		return nil, err
	}
	return hash.String(), nil
}

// namedBlock finds the block that parameter 0 names, on any branch.
func (c *Chain) namedBlock(a arguments) (*block, error) {
	hash, err := a.hash(0, "blockhash")
	if err != nil {
		return nil, err
	}
	b := c.blocks[*hash]
	if b == nil {
		return nil, &RPCError{codeAddressOrKey, "Block not found"}
	}
	return b, nil
}

// hash reads parameter i, a hash in display order.
func (a arguments) hash(i int, name string) (*chainhash.Hash, error) {
	text, err := a.text(i)
	if err != nil {
		return nil, err
	}
	return parseHash(text, name)
}

func parseHash(text, name string) (*chainhash.Hash, error) {
	if len(text) != 2*chainhash.HashSize {
		return nil, &RPCError{codeParameter,
			fmt.Sprintf("%s must be of length 64 (not %d, for '%s')", name, len(text), text)}
	}
	hash, err := chainhash.NewHashFromStr(text)
	if err != nil {
		return nil, &RPCError{codeParameter, fmt.Sprintf("%s must be hexadecimal string (not '%s')", name, text)}
	}
	return hash, nil
}

func (c *Chain) getBlockHeader(_ context.Context, a arguments) (any, error) {
	b, err := c.namedBlock(a)
	if err != nil {
		return nil, err
	}
	if verbose, err := a.verbosity(1, 1); err != nil {
		return nil, err
	} else if verbose > 0 {
		return c.describeHeader(b), nil
	}
	var raw strings.Builder
	err = b.header.Serialize(hex.NewEncoder(&raw))
	return raw.String(), err
}

func (c *Chain) describeHeader(b *block) map[string]any {
	h := map[string]any{
		"hash":          b.hash.String(),
		"confirmations": c.confirmations(b),
		"height":        b.height,
		"version":       b.header.Version,
		"versionHex":    fmt.Sprintf("%08x", uint32(b.header.Version)),
		"merkleroot":    b.header.MerkleRoot.String(),
		"time":          b.header.Timestamp.Unix(),
		"mediantime":    b.medianTime(),
		"nonce":         b.header.Nonce,
		"bits":          bitsText(b.header.Bits),
		"target":        targetText(b.header.Bits),
		"difficulty":    difficulty(b.header.Bits),
		"chainwork":     fmt.Sprintf("%064x", b.work),
		"nTx":           b.transactions,
	}
	if b.parent != nil {
		h["previousblockhash"] = b.parent.hash.String()
	}
	if c.chain.MainChainHasBlock(&b.hash) {
		if next, err := c.chain.BlockHashByHeight(b.height + 1); err == nil {
			h["nextblockhash"] = next.String()
		}
	}
	return h
}

// getBlock answers hex at verbosity 0, transaction ids at 1 and transactions at 2.
func (c *Chain) getBlock(_ context.Context, a arguments) (any, error) {
	b, err := c.namedBlock(a)
	if err != nil {
		return nil, err
	}
	verbosity, err := a.verbosity(1, 1)
	if err != nil {
		return nil, err
	}
	content, err := c.content(b)
	if err != nil {
		return nil, c.fail(err)
	}
	raw, err := content.Bytes()
	if err != nil {
		return nil, err
	}
	if verbosity <= 0 {
		return hex.EncodeToString(raw), nil
	}
	d := c.describeHeader(b)
	d["size"] = len(raw)
	d["strippedsize"] = content.MsgBlock().SerializeSizeStripped()
	d["weight"] = 3*content.MsgBlock().SerializeSizeStripped() + len(raw)
	d["tx"], err = c.describeContent(content, verbosity)
	return d, err
}

func (c *Chain) describeContent(b *btcutil.Block, verbosity int) (any, error) {
	ids, whole := []string{}, []any{}
	for _, tx := range b.Transactions() {
		ids = append(ids, tx.Hash().String())
		d, err := c.describeTransaction(tx.MsgTx())
		if err != nil {
			return nil, err
		}
		whole = append(whole, d)
	}
	if verbosity == 1 {
		return ids, nil
	}
	return whole, nil
}

func (c *Chain) getChainTips(context.Context, arguments) (any, error) {
	tips := []map[string]any{}
	for _, tip := range c.chain.ChainTips() {
		tips = append(tips, map[string]any{
			"height": tip.Height, "hash": tip.BlockHash.String(), "branchlen": tip.BranchLen, "status": tip.Status.String(),
		})
	}
	return tips, nil
}

// getNetworkInfo says version 27.0, the Core whose answers these follow, and in
// subversion what this really is.
func (c *Chain) getNetworkInfo(context.Context, arguments) (any, error) {
	return map[string]any{
		"version":            270000,
		"subversion":         "/Adit devnet:1 (btcd 0.26)/",
		"protocolversion":    70016,
		"localservices":      "0000000000000000",
		"localservicesnames": []string{},
		"localrelay":         false,
		"timeoffset":         0,
		"networkactive":      false,
		"connections":        0,
		"connections_in":     0,
		"connections_out":    0,
		"networks":           []string{},
		"relayfee":           coins(minRelayFee),
		"incrementalfee":     coins(minRelayFee),
		"localaddresses":     []string{},
		"warnings":           "",
	}, nil
}

func (c *Chain) invalidateBlock(_ context.Context, a arguments) (any, error) {
	hash, err := a.hash(0, "blockhash")
	if err != nil {
		return nil, err
	}
	return nil, c.invalidate(hash)
}

func (c *Chain) reconsiderBlock(_ context.Context, a arguments) (any, error) {
	hash, err := a.hash(0, "blockhash")
	if err != nil {
		return nil, err
	}
	return nil, c.reconsider(hash)
}
