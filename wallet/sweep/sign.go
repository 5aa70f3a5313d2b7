package sweep

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
)

// Signed is a transaction ready to be sent.
type Signed struct {
	TxID string
	Raw  []byte
	Transaction
}

// forkID is the bit of the hash type that makes a signature worthless on the chain
// that Bitcoin Cash left.
const forkID = 0x40

// Sign signs all transactions of p with k, which must be the key that p was made
// for, and runs each input through the script engine. The same plan gives the same
// bytes every time (RFC 6979).
func Sign(p Plan, k wallet.Key) ([]Signed, error) {
	r, err := rulesOf(p.Network)
	if err != nil {
		return nil, err
	}
	if k.IsZero() || k.PublicKey() != p.Public {
		return nil, errors.New("sign the sweep: the plan is for another key")
	}
	if to, err := ParseDestination(p.Network, p.To.String()); err != nil || to != p.To {
		return nil, errors.New("sign the sweep: the plan has no address")
	}
	scripts, err := Scripts(p.Network, p.Public) // not those that came with the plan
	if err != nil {
		return nil, err
	}
	secret := k.Bytes()
	private, _ := btcec.PrivKeyFromBytes(secret[:])
	defer private.Zero()
	var all []Signed
	for _, t := range p.Transactions {
		tx, spent, err := build(t, p.To)
		if err != nil {
			return nil, err
		}
		s := signer{tx: tx, spent: spent, hashes: txscript.NewTxSigHashes(tx, fetcher(tx, spent)), rules: r, private: private}
		if err := s.sign(scripts); err != nil {
			return nil, fmt.Errorf("sign the sweep: %w", err)
		}
		signed, err := s.finish(t)
		if err != nil {
			return nil, fmt.Errorf("check the signed sweep: %w", err)
		}
		all = append(all, signed)
	}
	return all, nil
}

// build makes the unsigned transaction, and the outputs that it spends.
func build(t Transaction, to coin.Address) (*wire.MsgTx, []*wire.TxOut, error) {
	tx := wire.NewMsgTx(1) // every coin's nodes pass version 1 on
	var spent []*wire.TxOut
	left := t.Amount + t.Fee
	for _, o := range t.Inputs {
		h, err := chainhash.NewHashFromStr(o.TxID)
		if err != nil {
			return nil, nil, fmt.Errorf("transaction id: %w", err)
		}
		tx.AddTxIn(wire.NewTxIn(wire.NewOutPoint(h, o.Index), nil, nil))
		spent = append(spent, wire.NewTxOut(int64(o.Amount), o.Script))
		left -= o.Amount
	}
	if left != 0 || t.Amount <= 0 || t.Fee <= 0 {
		return nil, nil, errors.New("sign the sweep: the plan's amounts do not add up")
	}
	tx.AddTxOut(wire.NewTxOut(int64(t.Amount), to.Script()))
	return tx, spent, nil
}

func fetcher(tx *wire.MsgTx, spent []*wire.TxOut) *txscript.MultiPrevOutFetcher {
	f := txscript.NewMultiPrevOutFetcher(nil)
	for i, in := range tx.TxIn {
		f.AddPrevOut(in.PreviousOutPoint, spent[i])
	}
	return f
}

// signer signs the inputs of one transaction.
type signer struct {
	tx      *wire.MsgTx
	spent   []*wire.TxOut
	hashes  *txscript.TxSigHashes
	rules   rules
	private *btcec.PrivateKey
}

func (s *signer) sign(scripts []Script) error {
	owners := make([]Script, len(s.spent))
	for i, out := range s.spent {
		owner, ok := find(scripts, out.PkScript)
		if !ok {
			return fmt.Errorf("input %d is not the key's", i)
		}
		owners[i] = owner
		digest, err := s.digest(i, owner)
		if err != nil {
			return err
		}
		signature := append(ecdsa.Sign(s.private, digest).Serialize(), s.hashType())
		s.tx.TxIn[i].SignatureScript, s.tx.TxIn[i].Witness = unlock(owner, signature)
	}
	return s.check(owners)
}

func (s *signer) hashType() byte {
	if s.rules.signing == signingForkID {
		return byte(txscript.SigHashAll) | forkID
	}
	return byte(txscript.SigHashAll)
}

// digest is what input i's signature is made over.
func (s *signer) digest(i int, owner Script) ([]byte, error) {
	switch {
	case s.rules.signing == signingForkID:
		return forkDigest(s.tx, s.hashes, i, owner.code(), s.spent[i].Value, uint32(s.hashType())), nil
	case owner.witness():
		return txscript.CalcWitnessSigHash(owner.code(), s.hashes, txscript.SigHashAll, s.tx, i, s.spent[i].Value)
	}
	return txscript.CalcSignatureHash(owner.code(), txscript.SigHashAll, s.tx, i)
}

// unlock returns what shows that an output is spent by its owner.
func unlock(owner Script, signature []byte) (script []byte, witness wire.TxWitness) {
	push := func(b []byte) []byte { return append([]byte{byte(len(b))}, b...) }
	switch owner.Form {
	case FormP2WPKH:
		return nil, wire.TxWitness{signature, owner.public}
	case FormP2SHP2WPKH:
		return push(owner.redeem), wire.TxWitness{signature, owner.public}
	}
	return append(push(signature), push(owner.public)...), nil
}

// check runs every input through btcd's script engine under the rules that nodes
// pass transactions on by. The engine does not know FORKID, whose inputs are all
// P2PKH: there the signature is checked, and that the key is the script's.
func (s *signer) check(owners []Script) error {
	fetch := fetcher(s.tx, s.spent)
	for i, out := range s.spent {
		if s.rules.signing == signingForkID {
			if err := s.checkFork(i, owners[i]); err != nil {
				return fmt.Errorf("input %d: %w", i, err)
			}
			continue
		}
		engine, err := txscript.NewEngine(out.PkScript, s.tx, i, txscript.StandardVerifyFlags, nil, s.hashes, out.Value, fetch)
		if err == nil {
			err = engine.Execute()
		}
		if err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
	}
	return nil
}

func (s *signer) checkFork(i int, owner Script) error {
	script := s.tx.TxIn[i].SignatureScript
	if len(script) < 2 || int(script[0])+2 > len(script) {
		return errors.New("no signature")
	}
	der, rest := script[1:script[0]], script[script[0]+1:]
	signature, err := ecdsa.ParseDERSignature(der)
	if err != nil {
		return err
	}
	key, err := btcec.ParsePubKey(rest[1:])
	if err != nil {
		return err
	}
	digest, err := s.digest(i, owner)
	if err != nil {
		return err
	}
	h := coin.HashPubKey(rest[1:])
	if !signature.Verify(digest, key) || !bytes.Equal(owner.Bytes[3:23], h[:]) {
		return errors.New("the signature is wrong")
	}
	return nil
}

// forkDigest is BIP 143's digest with any hash type whose lowest bits are those of
// SIGHASH_ALL. btcd's own takes no hash type above 255 and no FORKID bit.
func forkDigest(tx *wire.MsgTx, hashes *txscript.TxSigHashes, i int, code []byte, amount int64, hashType uint32) []byte {
	var b bytes.Buffer
	number := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // a Buffer takes all
	in := tx.TxIn[i]
	number(tx.Version)
	b.Write(hashes.HashPrevOutsV0[:])
	b.Write(hashes.HashSequenceV0[:])
	b.Write(in.PreviousOutPoint.Hash[:])
	number(in.PreviousOutPoint.Index)
	_ = wire.WriteVarBytes(&b, 0, code)
	number(amount)
	number(in.Sequence)
	b.Write(hashes.HashOutputsV0[:])
	number(tx.LockTime)
	number(hashType)
	return chainhash.DoubleHashB(b.Bytes())
}

// finish serialises the signed transaction and reads it again.
func (s *signer) finish(t Transaction) (Signed, error) {
	var raw bytes.Buffer
	if err := s.tx.Serialize(&raw); err != nil {
		return Signed{}, err
	}
	again, err := readTransaction(raw.Bytes())
	switch {
	case err != nil:
		return Signed{}, err
	case again.TxHash() != s.tx.TxHash():
		return Signed{}, errors.New("it reads as another transaction")
	case virtualSize(again) > t.Size:
		return Signed{}, fmt.Errorf("it is larger than planned: %d instead of %d", virtualSize(again), t.Size)
	}
	return Signed{TxID: s.tx.TxHash().String(), Raw: raw.Bytes(), Transaction: t}, nil
}

// virtualSize is the size that fees are counted by (BIP 141).
func virtualSize(tx *wire.MsgTx) int {
	return (tx.SerializeSizeStripped()*3 + tx.SerializeSize() + 3) / 4
}

// readTransaction reads one whole transaction that somebody else wrote.
func readTransaction(raw []byte) (*wire.MsgTx, error) {
	var tx wire.MsgTx
	r := bytes.NewReader(raw)
	if err := tx.Deserialize(r); err != nil {
		return nil, fmt.Errorf("%w: no transaction: %w", ErrSource, err)
	}
	if r.Len() != 0 || len(tx.TxIn) == 0 {
		return nil, fmt.Errorf("%w: no transaction", ErrSource)
	}
	return &tx, nil
}
