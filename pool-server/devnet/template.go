package devnet

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mining"
)

// longPoll is how long a template request may wait for something new.
const longPoll = 60 * time.Second

// template is the answer to getblocktemplate, BIP 22, 23 and 145, with Core's fields.
type template struct {
	Capabilities      []string              `json:"capabilities"`
	Version           int32                 `json:"version"`
	Rules             []string              `json:"rules"`
	VBAvailable       map[string]int        `json:"vbavailable"`
	VBRequired        int                   `json:"vbrequired"`
	PreviousBlockHash string                `json:"previousblockhash"`
	Transactions      []templateTransaction `json:"transactions"`
	CoinbaseAux       map[string]string     `json:"coinbaseaux"`
	CoinbaseValue     int64                 `json:"coinbasevalue"`
	LongPollID        string                `json:"longpollid"`
	Target            string                `json:"target"`
	MinTime           int64                 `json:"mintime"`
	Mutable           []string              `json:"mutable"`
	NonceRange        string                `json:"noncerange"`
	SigOpLimit        int                   `json:"sigoplimit"`
	SizeLimit         int                   `json:"sizelimit"`
	WeightLimit       int                   `json:"weightlimit"`
	CurTime           int64                 `json:"curtime"`
	Bits              string                `json:"bits"`
	Height            int32                 `json:"height"`
	WitnessCommitment string                `json:"default_witness_commitment"`
}

type templateTransaction struct {
	Data    string `json:"data"`
	TxID    string `json:"txid"`
	Hash    string `json:"hash"`
	Depends []int  `json:"depends"` // places in the template's list, from 1
	Fee     int64  `json:"fee"`
	SigOps  int64  `json:"sigops"`
	Weight  int64  `json:"weight"`
}

// templateRequest is the parameter of getblocktemplate.
type templateRequest struct {
	Mode       string   `json:"mode"`
	Rules      []string `json:"rules"`
	LongPollID string   `json:"longpollid"`
	Data       string   `json:"data"` // of a proposal
}

// getBlockTemplate waits when the caller already has the newest template, until tip
// or mempool change or longPoll has passed. It takes the mutex itself.
func (c *Chain) getBlockTemplate(ctx context.Context, a arguments) (any, error) {
	var r templateRequest
	if err := a.optional(0, &r); err != nil {
		return nil, err
	}
	switch r.Mode {
	case "", "template":
	case "proposal":
		return c.propose(r.Data)
	default:
		return nil, &RPCError{codeParameter, "Invalid mode"}
	}
	c.mu.Lock()
	updates := c.updates
	current := c.usable() == nil && r.LongPollID == c.longPollID()
	c.mu.Unlock()
	if current {
		c.wait(ctx, updates, longPoll)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(); err != nil {
		return nil, err
	}
	return c.currentTemplate(r)
}

// longPollID names the present state of tip and mempool.
func (c *Chain) longPollID() string {
	return fmt.Sprintf("%s%d", c.chain.BestSnapshot().Hash, c.updates)
}

// currentTemplate is the template for now: the cached one with the time of day.
func (c *Chain) currentTemplate(r templateRequest) (*template, error) {
	if c.syncing {
		return nil, &RPCError{codeInitialDownload, "The coin is in initial sync and waiting for blocks..."}
	}
	segwit := false
	for _, rule := range r.Rules {
		segwit = segwit || rule == "segwit" || rule == "!segwit"
	}
	if !segwit {
		return nil, &RPCError{codeParameter,
			`getblocktemplate must be called with the segwit rule set (call with {"rules": ["segwit"]})`}
	}
	if c.template == nil {
		t, err := c.newTemplate()
		if err != nil {
			return nil, fmt.Errorf("make block template: %w", err)
		}
		c.template = t
	}
	t := *c.template
	t.CurTime = max(c.clock.AdjustedTime().Unix(), t.MinTime)
	return &t, nil
}

func (c *Chain) newTemplate() (*template, error) {
	made, err := c.generator.NewBlockTemplate(nil)
	if err != nil {
		return nil, err
	}
	b := made.Block
	transactions, err := templateTransactions(made)
	if err != nil {
		return nil, err
	}
	commitment, err := witnessCommitment(btcutil.NewBlock(b))
	if err != nil {
		return nil, err
	}
	return &template{
		Capabilities:      []string{"proposal"},
		Version:           b.Header.Version,
		Rules:             []string{"csv", "!segwit", "taproot"},
		VBAvailable:       map[string]int{},
		PreviousBlockHash: b.Header.PrevBlock.String(),
		Transactions:      transactions,
		CoinbaseAux:       map[string]string{},
		CoinbaseValue:     b.Transactions[0].TxOut[0].Value,
		LongPollID:        c.longPollID(),
		Target:            targetText(b.Header.Bits),
		MinTime:           mining.MinimumMedianTime(c.chain.BestSnapshot()).Unix(),
		Mutable:           []string{"time", "transactions", "prevblock"},
		NonceRange:        "00000000ffffffff",
		SigOpLimit:        blockchain.MaxBlockSigOpsCost,
		SizeLimit:         blockchain.MaxBlockWeight,
		WeightLimit:       blockchain.MaxBlockWeight,
		Bits:              bitsText(b.Header.Bits),
		Height:            made.Height,
		WitnessCommitment: commitment,
	}, nil
}

// templateTransactions describes all of the template's transactions but the coinbase.
func templateTransactions(made *mining.BlockTemplate) ([]templateTransaction, error) {
	list := []templateTransaction{}
	position := map[chainhash.Hash]int{}
	for i, tx := range made.Block.Transactions {
		if i == 0 {
			continue
		}
		data, err := encodeTransaction(tx)
		if err != nil {
			return nil, err
		}
		depends := []int{}
		for _, in := range tx.TxIn {
			if at, inside := position[in.PreviousOutPoint.Hash]; inside {
				depends = append(depends, at)
			}
		}
		position[tx.TxHash()] = i
		list = append(list, templateTransaction{
			Data: data, TxID: tx.TxHash().String(), Hash: tx.WitnessHash().String(), Depends: depends,
			Fee: made.Fees[i], SigOps: made.SigOpCosts[i],
			Weight: blockchain.GetTransactionWeight(btcutil.NewTx(tx)),
		})
	}
	return list, nil
}

// witnessCommitment is the script of the coinbase output that BIP 141 asks for. Core
// gives it for blocks without witnesses too.
func witnessCommitment(b *btcutil.Block) (string, error) {
	coinbase := btcutil.NewTx(b.MsgBlock().Transactions[0].Copy())
	mining.AddWitnessCommitment(coinbase, b.Transactions())
	outs := coinbase.MsgTx().TxOut
	if len(outs) == 0 {
		return "", errors.New("coinbase without outputs")
	}
	return hex.EncodeToString(outs[len(outs)-1].PkScript), nil
}

// propose checks a block but for its proof of work, BIP 23.
func (c *Chain) propose(data string) (any, error) {
	raw, err := hex.DecodeString(data)
	if err != nil || data == "" {
		return nil, &RPCError{codeDeserialization, "Block decode failed"}
	}
	b, err := decodeBlock(raw)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(); err != nil {
		return nil, err
	}
	if have, err := c.chain.HaveBlock(b.Hash()); err != nil {
		return nil, c.fail(err)
	} else if have {
		return c.duplicate(b.Hash()), nil
	}
	if err := c.chain.CheckConnectBlockTemplate(b); err != nil {
		return c.verdict(b, err)
	}
	return nil, nil
}

func bitsText(bits uint32) string { return fmt.Sprintf("%08x", bits) }

func targetText(bits uint32) string { return fmt.Sprintf("%064x", blockchain.CompactToBig(bits)) }
