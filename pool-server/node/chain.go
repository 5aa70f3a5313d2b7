package node

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// Template asks for a block template. rules are the coin's template rules; with
// the LongPollID of an earlier template the daemon answers only once there is a
// better one, which may take half an hour.
func (c *Client) Template(ctx context.Context, rules []string, longPollID string) (*work.Template, error) {
	return c.template(ctx, func() {}, rules, longPollID)
}

// template is Template that runs gate when the answer is there, before it is read.
func (c *Client) template(ctx context.Context, gate func(), rules []string, longPollID string) (*work.Template, error) {
	ask := struct {
		Capabilities []string `json:"capabilities"`
		Rules        []string `json:"rules,omitempty"`
		LongPollID   string   `json:"longpollid,omitempty"`
	}{[]string{"coinbasevalue", "longpoll"}, rules, longPollID}
	timeout := c.config.Timeout
	if longPollID != "" {
		timeout = longPollTimeout
	}
	var raw json.RawMessage
	if err := c.callGated(ctx, gate, c.root, timeout, "getblocktemplate", []any{ask}, &raw); err != nil {
		return nil, err
	}
	t, err := work.ParseTemplate(raw)
	if err != nil {
		return nil, fmt.Errorf("getblocktemplate at %s: %w", c.name, err)
	}
	return t, nil
}

// SubmitBlock hands a serialised block to the daemon. The verdict is empty if the
// block was accepted, otherwise BIP 22's reason ("duplicate", "high-hash", ...) or
// the daemon's own words. An error means that there is no verdict.
func (c *Client) SubmitBlock(ctx context.Context, raw []byte) (verdict string, err error) {
	var answer *string
	if err := c.Call(ctx, "submitblock", []any{hex.EncodeToString(raw)}, &answer); err != nil {
		return "", err
	}
	if answer == nil {
		return "", nil
	}
	return normalVerdict(*answer), nil
}

// BestBlock returns the hash of the daemon's tip.
func (c *Client) BestBlock(ctx context.Context) (hash pow.Hash, err error) {
	err = c.Call(ctx, "getbestblockhash", nil, &hash)
	return hash, err
}

// ChainInfo is a daemon's view of its chain and network.
type ChainInfo struct {
	Chain                string   `json:"chain"` // "main", "test", "regtest" (btcd: "mainnet", ...)
	Blocks               int64    `json:"blocks"`
	Headers              int64    `json:"headers"`
	BestHash             pow.Hash `json:"bestblockhash"`
	InitialBlockDownload bool     `json:"initialblockdownload"`
	Progress             float64  `json:"verificationprogress"` // 0 to 1
	Peers                int      `json:"-"`
}

// Synced reports whether the daemon has every block that it has heard of. One
// block may be on its way.
func (i ChainInfo) Synced() bool { return !i.InitialBlockDownload && i.Blocks+1 >= i.Headers }

// ChainInfo asks for the state of the chain and the number of peers.
func (c *Client) ChainInfo(ctx context.Context) (ChainInfo, error) {
	var info ChainInfo
	if err := c.Call(ctx, "getblockchaininfo", nil, &info); err != nil {
		return ChainInfo{}, err
	}
	if err := c.Call(ctx, "getconnectioncount", nil, &info.Peers); err != nil {
		return ChainInfo{}, err
	}
	return info, nil
}

// BlockStatus is where a block stands in the chain.
type BlockStatus struct {
	Known         bool  // the daemon has the block
	Confirmations int64 // 1 for the tip; -1 if it is not on the main chain or not known
	Height        int64 // 0 if not known
}

// OnMainChain reports whether the block is part of the main chain.
func (s BlockStatus) OnMainChain() bool { return s.Known && s.Confirmations > 0 }

// BlockStatus asks the daemon for the block with this hash. A daemon that has
// not caught up does not know blocks that exist: see Group.BlockStatus.
func (c *Client) BlockStatus(ctx context.Context, hash pow.Hash) (BlockStatus, error) {
	var s BlockStatus
	var header struct {
		Confirmations int64 `json:"confirmations"`
		Height        int64 `json:"height"`
	}
	err := c.Call(ctx, "getblockheader", []any{hash.String(), true}, &header)
	switch codeOf(err) {
	case codeNotFound:
		return BlockStatus{Confirmations: -1}, nil
	case codeInternal:
		// btcd cannot tell the height of a block beside its main chain, but has it.
		var raw string
		if again := c.Call(ctx, "getblockheader", []any{hash.String(), false}, &raw); again == nil {
			return BlockStatus{Known: true, Confirmations: -1}, nil
		}
	}
	if err != nil {
		return s, err
	}
	return BlockStatus{Known: true, Confirmations: header.Confirmations, Height: header.Height}, nil
}

// isKind reports whether err is of one of the kinds.
func isKind(err error, kinds ...error) bool {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
