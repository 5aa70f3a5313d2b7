package node

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
)

// Output is an amount for an address.
type Output struct {
	Address string
	Amount  coin.Amount
}

// SignOptions bound what BuildAndSign may do.
type SignOptions struct {
	FeeRate       coin.Amount // per 1000 virtual bytes; 0 means the daemon's estimate
	MaxFee        coin.Amount // of the whole transaction; 0 means no limit
	ConfirmTarget int         // blocks within which it should be mined; 0 means 6
	ChangeAddress string      // empty means a new one of the wallet
}

// SignedTx is a transaction ready to be sent.
type SignedTx struct {
	Raw     string // hex
	TxID    string
	Outputs []Output // net amounts, in the order asked for, one per different address
	Fee     coin.Amount
}

// ErrBuilt is wrapped where the wallet built something other than was asked for.
var ErrBuilt = errors.New("wallet built an unexpected transaction")

// BuildAndSign makes and signs a transaction that pays outputs, whose receivers
// bear the fee in equal parts. It never sends it. Outputs to one address are
// joined. The wallet keeps the spent coins locked so that nothing else uses them
// until the transaction is sent, Release is called, or the daemon restarts; if
// BuildAndSign fails they are released.
//
// A crash in here leaves nothing but such locks, see ReleaseExcept.
func (c *Client) BuildAndSign(ctx context.Context, outputs []Output, o SignOptions) (SignedTx, error) {
	outputs, err := joinOutputs(outputs)
	if err != nil {
		return SignedTx{}, err
	}
	if err := c.refuseLocked(ctx); err != nil {
		return SignedTx{}, err
	}
	rate, err := c.feeRate(ctx, o)
	if err != nil {
		return SignedTx{}, err
	}
	funded, err := c.fund(ctx, outputs, rate, o)
	if err != nil {
		return SignedTx{}, err
	}
	tx, err := c.signChecked(ctx, funded, outputs, o)
	if err != nil {
		// The caller's context may be what ended: release with time of our own.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.config.Timeout)
		defer cancel()
		return SignedTx{}, errors.Join(err, c.Release(ctx, funded))
	}
	return tx, nil
}

// refuseLocked returns ErrLocked if the wallet is encrypted and not open. Funding
// would take a change address from a locked wallet each time, and before long it
// had none left, whoever opens it then.
func (c *Client) refuseLocked(ctx context.Context) error {
	const method = "getwalletinfo"
	var info struct {
		UnlockedUntil *int64 `json:"unlocked_until"` // only of an encrypted wallet
	}
	err := c.walletCall(ctx, method, nil, &info)
	switch {
	case codeOf(err) == codeMethodNotFound:
		return nil
	case err != nil:
		return err
	case info.UnlockedUntil != nil && *info.UnlockedUntil == 0:
		return &CallError{Node: c.name, Method: method, Kind: ErrLocked, Cause: errors.New("it is encrypted and not open"), Advice: adviceFor(ErrLocked)}
	}
	return nil
}

// joinOutputs adds up outputs to the same address, which daemons refuse.
func joinOutputs(outputs []Output) ([]Output, error) {
	if len(outputs) == 0 {
		return nil, errors.New("a transaction needs an output")
	}
	at := make(map[string]int, len(outputs))
	var joined []Output
	for _, o := range outputs {
		if o.Amount <= 0 {
			return nil, fmt.Errorf("output to %s: amount %v is not positive", o.Address, o.Amount)
		}
		if i, ok := at[o.Address]; ok {
			joined[i].Amount += o.Amount
			continue
		}
		at[o.Address] = len(joined)
		joined = append(joined, o)
	}
	return joined, nil
}

// feeRate is the rate per 1000 virtual bytes: the caller's, the daemon's estimate,
// or ten times the lowest that is relayed where there is no estimate (a young
// chain).
func (c *Client) feeRate(ctx context.Context, o SignOptions) (coin.Amount, error) {
	if o.FeeRate > 0 {
		return o.FeeRate, nil
	}
	target := o.ConfirmTarget
	if target <= 0 {
		target = 6
	}
	var estimate struct {
		FeeRate json.Number `json:"feerate"`
	}
	err := c.Call(ctx, "estimatesmartfee", []any{target}, &estimate)
	if err == nil && estimate.FeeRate != "" {
		return c.amount(estimate.FeeRate)
	}
	if err != nil && codeOf(err) == 0 {
		return 0, err
	}
	var info struct {
		RelayFee json.Number `json:"relayfee"`
	}
	if err := c.Call(ctx, "getnetworkinfo", nil, &info); err != nil {
		return 0, err
	}
	lowest, err := c.amount(info.RelayFee)
	return 10 * lowest, err
}

// fund has the wallet choose and lock coins for outputs; it returns the unsigned
// transaction in hex.
func (c *Client) fund(ctx context.Context, outputs []Output, rate coin.Amount, o SignOptions) (string, error) {
	pay := make([]map[string]json.Number, len(outputs))
	from := make([]int, len(outputs)) // all outputs bear the fee
	for i, out := range outputs {
		pay[i] = map[string]json.Number{out.Address: c.number(out.Amount)}
		from[i] = i
	}
	var raw string
	if err := c.Call(ctx, "createrawtransaction", []any{[]any{}, pay}, &raw); err != nil {
		return "", err
	}
	options := map[string]any{
		"subtractFeeFromOutputs": from,
		"lockUnspents":           true,
		"feeRate":                c.number(rate),
		"changePosition":         len(outputs),
	}
	if o.ChangeAddress != "" {
		options["changeAddress"] = o.ChangeAddress
	}
	var funded struct {
		Hex string `json:"hex"`
	}
	if err := c.walletCall(ctx, "fundrawtransaction", []any{raw, options}, &funded); err != nil {
		return "", c.whyNotFunded(ctx, outputs, err)
	}
	return funded.Hex, nil
}

// whyNotFunded finds out whether the wallet is too poor, or an output too small to
// bear its part of the fee: Core has one code for these and for every other trouble
// with funding.
func (c *Client) whyNotFunded(ctx context.Context, outputs []Output, refusal error) error {
	if codeOf(refusal) != codeWallet {
		return refusal
	}
	var rpc *RPCError
	if errors.As(refusal, &rpc) && strings.Contains(rpc.Message, "too small") { // "The transaction amount is too small to pay the fee", "... to send after the fee has been deducted"
		return fmt.Errorf("%w: %w", ErrTooSmall, refusal)
	}
	var total coin.Amount
	for _, o := range outputs {
		total += o.Amount
	}
	if balance, err := c.Balance(ctx); err == nil && balance < total {
		return fmt.Errorf("%w: %v are there, %v are needed (%s): %w", ErrFunds, balance, total, adviceFor(ErrFunds), refusal)
	}
	return refusal
}

// signChecked signs the funded transaction and makes sure that it pays what was
// asked for.
func (c *Client) signChecked(ctx context.Context, funded string, outputs []Output, o SignOptions) (SignedTx, error) {
	var signed struct {
		Hex      string `json:"hex"`
		Complete bool   `json:"complete"`
	}
	err := c.walletCall(ctx, "signrawtransactionwithwallet", []any{funded}, &signed)
	if codeOf(err) == codeMethodNotFound { // before Core 0.17
		err = c.walletCall(ctx, "signrawtransaction", []any{funded}, &signed)
	}
	if err != nil {
		return SignedTx{}, err
	}
	if !signed.Complete {
		return SignedTx{}, fmt.Errorf("%w: it cannot sign all inputs; are some keys watch-only?", ErrBuilt)
	}
	decoded, err := c.decode(ctx, signed.Hex)
	if err != nil {
		return SignedTx{}, err
	}
	tx := SignedTx{Raw: signed.Hex, TxID: decoded.TxID}
	if tx.Outputs, tx.Fee, err = c.compare(ctx, outputs, decoded); err != nil {
		return SignedTx{}, err
	}
	if o.MaxFee > 0 && tx.Fee > o.MaxFee {
		return SignedTx{}, fmt.Errorf("%w: fee %v is above the limit of %v", ErrBuilt, tx.Fee, o.MaxFee)
	}
	return tx, nil
}

// compare checks that decoded begins with outputs, each a little less, and returns
// the net amounts and their difference, the fee.
func (c *Client) compare(ctx context.Context, outputs []Output, decoded decodedTx) (net []Output, fee coin.Amount, err error) {
	if len(decoded.Outputs) < len(outputs) || len(decoded.Outputs) > len(outputs)+1 {
		return nil, 0, fmt.Errorf("%w: %d outputs for %d receivers", ErrBuilt, len(decoded.Outputs), len(outputs))
	}
	for i, want := range outputs {
		out := decoded.Outputs[i]
		amount, err := c.amount(out.Value)
		if err != nil {
			return nil, 0, err
		}
		if amount <= 0 || amount > want.Amount {
			return nil, 0, fmt.Errorf("%w: output %d pays %v instead of at most %v", ErrBuilt, i, amount, want.Amount)
		}
		if err := c.samePlace(ctx, want.Address, out); err != nil {
			return nil, 0, err
		}
		net = append(net, Output{want.Address, amount})
		fee += want.Amount - amount
	}
	return net, fee, nil
}

// samePlace checks that out pays to address. An address may have several
// spellings (old and new P2SH prefixes, cashaddr), so the script decides.
func (c *Client) samePlace(ctx context.Context, address string, out decodedOutput) error {
	if out.Script.Address == address || len(out.Script.Addresses) == 1 && out.Script.Addresses[0] == address {
		return nil
	}
	info, err := c.ValidateAddress(ctx, address)
	if err != nil {
		return err
	}
	if len(info.Script) == 0 || hex.EncodeToString(info.Script) != out.Script.Hex {
		return fmt.Errorf("%w: an output does not pay to %s", ErrBuilt, address)
	}
	return nil
}
