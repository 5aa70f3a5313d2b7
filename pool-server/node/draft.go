package node

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// plan lists the wallet's coins and decides what the transaction is to be.
func (c *Client) plan(ctx context.Context, outputs []Output, changeAddress string, t terms) (*plan, error) {
	coins, err := c.coins(ctx, c.config.WalletAddress, changeAddress)
	if err != nil {
		return nil, err
	}
	if len(coins) == 0 {
		needed, err := sumAsked(payeesOf(outputs, nil))
		return nil, errors.Join(err, &FundsError{Needed: needed})
	}
	payees, err := c.payees(ctx, outputs, coins[0])
	if err != nil {
		return nil, err
	}
	p, err := draw(coins, payees, place{script: coins[0].script}, t)
	if err != nil || p.change == 0 {
		return p, err
	}
	back, err := c.wayBack(ctx, changeAddress, coins, payees)
	if err != nil {
		return nil, err
	}
	return draw(coins, payees, back, t)
}

func payeesOf(outputs []Output, scripts [][]byte) []payee {
	all := make([]payee, len(outputs))
	for i, o := range outputs {
		all[i] = payee{place: place{address: o.Address}, asked: o.Amount}
		if scripts != nil {
			all[i].script = scripts[i]
		}
	}
	return all
}

// payees finds out what scripts the addresses stand for: the daemon makes a draft of
// the transaction, spending any coin, and says what it would pay to.
func (c *Client) payees(ctx context.Context, outputs []Output, sample walletCoin) ([]payee, error) {
	raw, err := c.create(ctx, []walletCoin{sample}, outputs)
	if err != nil {
		return nil, err
	}
	decoded, err := c.decode(ctx, raw)
	if err != nil {
		return nil, err
	}
	at := make(map[string]string, len(outputs))
	for _, out := range decoded.Outputs {
		if address := out.address(); address != "" {
			at[address] = out.Script.Hex
		}
	}
	scripts := make([][]byte, len(outputs))
	for i, o := range outputs {
		if scripts[i], err = hex.DecodeString(at[o.Address]); err != nil {
			return nil, fmt.Errorf("decoderawtransaction at %s: script: %w", c.name, err)
		}
		if len(scripts[i]) > 0 {
			continue
		}
		// An address may have several spellings (old and new P2SH prefixes, cashaddr).
		if scripts[i], err = c.scriptOf(ctx, o.Address, decoded); err != nil {
			return nil, err
		}
	}
	return payeesOf(outputs, scripts), nil
}

// scriptOf asks for the script of an address, which has to be among decoded's outputs.
func (c *Client) scriptOf(ctx context.Context, address string, decoded decodedTx) ([]byte, error) {
	info, err := c.ValidateAddress(ctx, address)
	switch {
	case err != nil:
		return nil, err
	case info.MWEB:
		return nil, fmt.Errorf("%w: %s is a confidential one, which a payment to several cannot reach", ErrAddress, address)
	case !info.Valid:
		return nil, fmt.Errorf("%w: %s is not one of this coin's", ErrAddress, address)
	}
	for _, out := range decoded.Outputs {
		if len(info.Script) > 0 && out.Script.Hex == hex.EncodeToString(info.Script) {
			return info.Script, nil
		}
	}
	return nil, fmt.Errorf("%w: an output does not pay to %s", ErrBuilt, address)
}

// wayBack decides where change goes: to an address of the wallet that is in use and
// is not paid by this transaction.
func (c *Client) wayBack(ctx context.Context, wanted string, coins []walletCoin, payees []payee) (place, error) {
	paid := make(map[string]bool, len(payees))
	for _, r := range payees {
		paid[string(r.script)] = true
	}
	for _, address := range []string{wanted, c.config.WalletAddress} {
		if address == "" {
			continue
		}
		info, err := c.ValidateAddress(ctx, address)
		if err != nil {
			return place{}, err
		}
		if !info.IsMine && address == wanted {
			return place{}, fmt.Errorf("%w: the wallet does not have the key of %s, so change cannot go there", ErrAddress, address)
		}
		if info.IsMine && len(info.Script) > 0 && !paid[string(info.Script)] {
			return place{address, info.Script}, nil
		}
	}
	for _, w := range sortedBy(coins, oursFirst) {
		if w.address != "" && !paid[string(w.script)] {
			return place{w.address, w.script}, nil
		}
	}
	return c.newPlace(ctx)
}

// newPlace makes an address for change, for a wallet all of whose addresses are paid.
func (c *Client) newPlace(ctx context.Context) (place, error) {
	var address string
	err := c.ask(ctx, "change address", &address,
		way{wallet: true, method: "getrawchangeaddress"},
		way{wallet: true, method: "getnewaddress"})
	if err != nil {
		return place{}, err
	}
	info, err := c.ValidateAddress(ctx, address)
	if err == nil && len(info.Script) == 0 {
		err = fmt.Errorf("%w: the wallet's %s has no script", ErrAddress, address)
	}
	return place{address, info.Script}, err
}

// create has the daemon put an unsigned transaction together. All daemons take the
// outputs as one object, and some of them only so.
func (c *Client) create(ctx context.Context, inputs []walletCoin, outputs []Output) (raw string, err error) {
	type input struct {
		outpoint
		Sequence uint32 `json:"sequence"`
	}
	spend := make([]input, len(inputs))
	for i, w := range inputs {
		spend[i] = input{w.at, finalSequence}
	}
	pay := []byte{'{'}
	for i, o := range outputs {
		name, err := json.Marshal(o.Address)
		if err != nil {
			return "", err
		}
		if i > 0 {
			pay = append(pay, ',')
		}
		pay = append(append(append(pay, name...), ':'), c.number(o.Amount)...)
	}
	pay = append(pay, '}')
	err = c.Call(ctx, "createrawtransaction", []any{spend, json.RawMessage(pay)}, &raw)
	return raw, err
}

// finalSequence says that an input, and with it the transaction, is final.
const finalSequence = 0xffffffff
