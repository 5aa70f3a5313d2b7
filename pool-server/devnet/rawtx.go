package devnet

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

const (
	finalSequence = wire.MaxTxInSequenceNum
	lockSequence  = wire.MaxTxInSequenceNum - 1 // lets a lock time count
	// replaceableSequence is BIP 125's signal.
	replaceableSequence = wire.MaxTxInSequenceNum - 2
)

// createRawTransaction takes inputs, outputs, lock time and replaceable. Outputs are
// an object or a list of objects; their order is kept. As in Core before version 24,
// transactions are final unless replaceable is asked for.
func (c *Chain) createRawTransaction(_ context.Context, a arguments) (any, error) {
	var inputs []rawInput
	var lockTime uint32
	var replaceable bool
	if err := a.optional(0, &inputs); err != nil {
		return nil, err
	}
	if err := a.optional(2, &lockTime); err != nil {
		return nil, err
	}
	if err := a.optional(3, &replaceable); err != nil {
		return nil, err
	}
	tx := wire.NewMsgTx(2)
	tx.LockTime = lockTime
	for _, i := range inputs {
		at, err := i.outpoint()
		if err != nil {
			return nil, err
		}
		in := wire.NewTxIn(&at, nil, nil)
		in.Sequence = sequenceFor(lockTime, replaceable)
		if i.Sequence != nil {
			in.Sequence = *i.Sequence
		}
		tx.AddTxIn(in)
	}
	if !a.has(1) {
		return nil, &RPCError{codeParameter, "Invalid parameter, output argument must be non-null"}
	}
	outs, err := c.readOutputs(a[1])
	if err != nil {
		return nil, err
	}
	tx.TxOut = outs
	return encodeTransaction(tx)
}

func sequenceFor(lockTime uint32, replaceable bool) uint32 {
	switch {
	case replaceable:
		return replaceableSequence
	case lockTime > 0:
		return lockSequence
	}
	return finalSequence
}

// readOutputs reads {address: amount, ...} or [{address: amount}, ...], in order.
func (c *Chain) readOutputs(raw json.RawMessage) ([]*wire.TxOut, error) {
	objects := []json.RawMessage{raw}
	if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] == '[' {
		if err := json.Unmarshal(raw, &objects); err != nil {
			return nil, &RPCError{codeType, err.Error()}
		}
	}
	var outs []*wire.TxOut
	seen := map[string]bool{}
	for _, object := range objects {
		err := eachField(object, func(name string, value json.RawMessage) error {
			if seen[name] {
				return &RPCError{codeParameter, "Invalid parameter, duplicated address: " + name}
			}
			seen[name] = true
			out, err := c.readOutput(name, value)
			outs = append(outs, out)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return outs, nil
}

func (c *Chain) readOutput(name string, value json.RawMessage) (*wire.TxOut, error) {
	if name == "data" {
		var text string
		_ = json.Unmarshal(value, &text) // no string: no hex
		data, err := hex.DecodeString(text)
		if err != nil || text == "" {
			return nil, &RPCError{codeParameter, "Data must be hexadecimal string"}
		}
		script, err := txscript.NullDataScript(data)
		return wire.NewTxOut(0, script), err
	}
	script, err := c.payTo(name)
	if err != nil {
		return nil, err
	}
	var amount coins
	if err := (arguments{value}).optional(0, &amount); err != nil {
		return nil, err
	}
	return wire.NewTxOut(int64(amount), script), nil
}

// payTo is the output script of an address.
func (c *Chain) payTo(text string) ([]byte, error) {
	a, err := parseAddress(text, c.params)
	if err != nil {
		return nil, &RPCError{codeAddressOrKey, "Invalid Bitcoin address: " + text}
	}
	return txscript.PayToAddrScript(a)
}

// eachField visits the fields of a JSON object in their order.
func eachField(object json.RawMessage, visit func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return &RPCError{codeType, fmt.Sprintf("JSON value %s is not an object", object)}
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return &RPCError{codeType, err.Error()}
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return &RPCError{codeType, err.Error()}
		}
		if err := visit(name.(string), value); err != nil { // an object's keys are strings
			return err
		}
	}
	return nil
}
