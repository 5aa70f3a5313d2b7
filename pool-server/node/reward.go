package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// errCoinbase is wrapped where a block's bytes are not laid out as Bitcoin's.
var errCoinbase = errors.New("the block's coinbase cannot be read")

// BlockReward is what a block's coinbase pays to script, in the words of the chain
// and not of the template: all daemons are asked, and those that have the block must
// agree. It is 0 if the coinbase pays nothing there. A block off the main chain has a
// reward too; see BlockStatus. An error means that nobody can tell: no daemon has the
// block, or they disagree, which is ErrDisagree.
func (g *Group) BlockReward(ctx context.Context, hash pow.Hash, script []byte) (coin.Amount, error) {
	rewards, errs := make([]coin.Amount, len(g.nodes)), make([]error, len(g.nodes))
	var wg sync.WaitGroup
	for i, n := range g.nodes {
		wg.Go(func() { rewards[i], errs[i] = n.client.BlockReward(ctx, hash, script) })
	}
	wg.Wait()
	told := -1
	for i, reward := range rewards {
		switch {
		case errs[i] != nil:
		case told < 0:
			told = i
		case reward != rewards[told]:
			return 0, fmt.Errorf("reward of block %v: %w: %v at %s, %v at %s",
				hash, ErrDisagree, rewards[told], g.nodes[told].client.Name(), reward, g.nodes[i].client.Name())
		}
	}
	if told < 0 {
		return 0, fmt.Errorf("reward of block %v: no daemon tells it: %w", hash, errors.Join(errs...))
	}
	return rewards[told], nil
}

// BlockReward asks one daemon for what the coinbase of a block pays to script.
func (c *Client) BlockReward(ctx context.Context, hash pow.Hash, script []byte) (coin.Amount, error) {
	raw, err := c.rawBlock(ctx, hash)
	if err != nil {
		return 0, err
	}
	reward, err := coinbasePays(raw, hash, script)
	if errors.Is(err, errCoinbase) {
		return c.describedReward(ctx, hash, script)
	}
	return reward, err
}

// rawBlock gets a block's bytes. The second parameter is a number or a truth value:
// which of them a daemon wants is found by trying.
func (c *Client) rawBlock(ctx context.Context, hash pow.Hash) ([]byte, error) {
	var text string
	err := c.Call(ctx, "getblock", []any{hash.String(), 0}, &text)
	switch codeOf(err) {
	case codeMisc, codeType, codeInvalidParam, codeInvalidParams:
		err = c.Call(ctx, "getblock", []any{hash.String(), false}, &text)
	}
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("getblock at %s: %w", c.name, err)
	}
	return raw, nil
}

// describedReward has the daemon take the coinbase apart: of a merge-mined block,
// for one, which carries another chain's header before its transactions.
func (c *Client) describedReward(ctx context.Context, hash pow.Hash, script []byte) (coin.Amount, error) {
	var block struct {
		Transactions []string `json:"tx"`
	}
	if err := c.Call(ctx, "getblock", []any{hash.String()}, &block); err != nil {
		return 0, err
	}
	if len(block.Transactions) == 0 {
		return 0, fmt.Errorf("getblock at %s: %w: it lists no transactions", c.name, errCoinbase)
	}
	coinbase := block.Transactions[0]
	var tx struct {
		Inputs []struct {
			Coinbase *string `json:"coinbase"`
		} `json:"vin"`
		Outputs []decodedOutput `json:"vout"`
	}
	// Without an index of all transactions a daemon wants to know the block, or knows
	// only what is unspent, which a young reward is.
	err := c.Call(ctx, "getrawtransaction", []any{coinbase, 1, hash.String()}, &tx)
	if codeOf(err) != 0 {
		err = c.Call(ctx, "getrawtransaction", []any{coinbase, 1}, &tx)
	}
	if err != nil {
		return 0, err
	}
	if len(tx.Inputs) != 1 || tx.Inputs[0].Coinbase == nil {
		return 0, fmt.Errorf("getrawtransaction at %s: %w: %s is no coinbase", c.name, errCoinbase, coinbase)
	}
	var sum coin.Amount
	for _, out := range tx.Outputs {
		if out.Script.Hex != hex.EncodeToString(script) {
			continue
		}
		amount, err := c.amount(out.Value)
		if err != nil {
			return 0, fmt.Errorf("getrawtransaction at %s: %w", c.name, err)
		}
		if sum, err = sumAmounts(sum, amount); err != nil {
			return 0, fmt.Errorf("getrawtransaction at %s: %w", c.name, err)
		}
	}
	return sum, nil
}

// coinbasePays reads the first transaction of a block's bytes and adds up what it
// pays to script. errCoinbase means that the bytes are laid out in another way.
func coinbasePays(raw []byte, hash pow.Hash, script []byte) (coin.Amount, error) {
	if len(raw) < pow.HeaderSize {
		return 0, fmt.Errorf("%w: %d bytes", errCoinbase, len(raw))
	}
	once := sha256.Sum256(raw[:pow.HeaderSize])
	if pow.HashFromBytes(sha256.Sum256(once[:])) != hash {
		return 0, fmt.Errorf("%w: its header is not that of %v", errCoinbase, hash)
	}
	r := &byteReader{rest: raw[pow.HeaderSize:]}
	transactions := r.count()
	r.take(4) // version
	inputs := r.count()
	if inputs == 0 { // the mark of a transaction with witnesses
		r.take(1)
		inputs = r.count()
	}
	if transactions == 0 || inputs != 1 || !bytes.Equal(r.take(36), nothing[:]) {
		return 0, fmt.Errorf("%w: its first transaction spends something", errCoinbase)
	}
	r.take(r.count()) // the input's script
	r.take(4)         // its sequence
	var sum coin.Amount
	for range r.count() {
		value, to := r.take(8), r.take(r.count())
		if r.short {
			break
		}
		if !bytes.Equal(to, script) {
			continue
		}
		amount := binary.LittleEndian.Uint64(value)
		if amount > math.MaxInt64 {
			return 0, fmt.Errorf("%w: an amount without bounds", errCoinbase)
		}
		var err error
		if sum, err = sumAmounts(sum, coin.Amount(amount)); err != nil {
			return 0, fmt.Errorf("%w: %w", errCoinbase, err)
		}
	}
	if r.short {
		return 0, fmt.Errorf("%w: it ends too early", errCoinbase)
	}
	return sum, nil
}

// nothing is the outpoint that a coinbase spends.
var nothing = [36]byte{32: 0xff, 33: 0xff, 34: 0xff, 35: 0xff}

// byteReader reads Bitcoin's serialisation. Once it is short it gives nothing more.
type byteReader struct {
	rest  []byte
	short bool
}

func (r *byteReader) take(n uint64) []byte {
	if r.short || n > uint64(len(r.rest)) {
		r.short = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

// count reads a number of things that follow. More than there are bytes left cannot be.
func (r *byteReader) count() uint64 {
	first := r.take(1)
	if r.short {
		return 0
	}
	n := uint64(first[0])
	if n >= 0xfd {
		var wide [8]byte
		copy(wide[:], r.take(1<<(n-0xfc)))
		n = binary.LittleEndian.Uint64(wide[:])
	}
	if n > uint64(len(r.rest)) {
		r.short = true
		return 0
	}
	return n
}

// sumAmounts adds two amounts that are not negative.
func sumAmounts(a, b coin.Amount) (coin.Amount, error) {
	if a < 0 || b < 0 || a > math.MaxInt64-b {
		return 0, fmt.Errorf("amounts %v and %v have no sum", a, b)
	}
	return a + b, nil
}
