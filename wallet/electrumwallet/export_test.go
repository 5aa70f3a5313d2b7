package electrumwallet

import "context"

// Amount is amount, for its tests.
var Amount = amount

// Call makes a call about the wallet, as a person's click would.
func (w *Wallet) Call(ctx context.Context, method string, params map[string]any, result any) error {
	if method != "broadcast" {
		params = w.on(params)
	}
	return w.call(ctx, method, params, result)
}
