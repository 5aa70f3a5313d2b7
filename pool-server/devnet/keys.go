package devnet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"github.com/adit-mining/adit/miners/durable"
)

// role says what a key of the wallet is for.
type role string

const (
	receiveKey role = "receive"
	changeKey  role = "change"
	importKey  role = "import"
)

// key is one private key of the wallet.
type key struct {
	private    *btcec.PrivateKey
	compressed bool
	role       role
}

// script is an output script that a key can spend.
type script struct {
	key    *key
	redeem []byte // the witness program inside a P2SH output, else nil
}

// scriptsOf lists the output scripts that a key spends: P2PKH, and for a compressed
// key P2WPKH and P2SH-P2WPKH too.
func scriptsOf(k *key, params *chaincfg.Params) (map[string]script, error) {
	legacy, err := keyAddress(k, "legacy", params)
	if err != nil {
		return nil, err
	}
	list := map[string]script{}
	add := func(a address.Address, redeem []byte) error {
		s, err := txscript.PayToAddrScript(a)
		list[string(s)] = script{k, redeem}
		return err
	}
	if err := add(legacy, nil); err != nil || !k.compressed {
		return list, err
	}
	segwit, err := keyAddress(k, "bech32", params)
	if err != nil {
		return nil, err
	}
	redeem, err := txscript.PayToAddrScript(segwit)
	if err != nil {
		return nil, err
	}
	nested, err := address.NewAddressScriptHash(redeem, params)
	if err != nil {
		return nil, err
	}
	return list, errors.Join(add(segwit, nil), add(nested, redeem))
}

// public is the key's public key as its addresses hash it.
func (k *key) public() []byte {
	if k.compressed {
		return k.private.PubKey().SerializeCompressed()
	}
	return k.private.PubKey().SerializeUncompressed()
}

// keyAddress is a key's address of a type: "legacy", "p2sh-segwit" or "bech32".
func keyAddress(k *key, kind string, params *chaincfg.Params) (address.Address, error) {
	hash := address.Hash160(k.public())
	switch kind {
	case "legacy":
		return address.NewAddressPubKeyHash(hash, params)
	case "bech32":
		return address.NewAddressWitnessPubKeyHash(hash, params)
	case "p2sh-segwit":
		segwit, err := address.NewAddressWitnessPubKeyHash(hash, params)
		if err != nil {
			return nil, err
		}
		redeem, err := txscript.PayToAddrScript(segwit)
		if err != nil {
			return nil, err
		}
		return address.NewAddressScriptHash(redeem, params)
	}
	return nil, &RPCError{codeAddressOrKey, fmt.Sprintf("Unknown address type '%s'", kind)}
}

// parseAddress reads an address of this network.
func parseAddress(text string, params *chaincfg.Params) (address.Address, error) {
	a, err := address.DecodeAddress(text, params)
	if err != nil {
		return nil, err
	}
	if _, bare := a.(*address.AddressPubKey); bare || !a.IsForNet(params) {
		return nil, errors.New("not an address of this network")
	}
	return a, nil
}

// newKey makes a random key and stores it.
func (w *wallet) newKey(r role) (*key, error) {
	private, err := btcec.NewPrivateKey()
	if err != nil {
		return nil, err
	}
	k := &key{private: private, compressed: true, role: r}
	return k, w.store(k)
}

// store appends a key to the wallet's file, durably, then takes it up. After a failed
// write no more keys are stored: the file may end in half a line, which the next
// start cuts off, but which another line would join.
func (w *wallet) store(k *key) error {
	if w.failed != nil {
		return w.failed
	}
	wif, err := btcutil.NewWIF(k.private, w.params, k.compressed)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.file, "%s %s\n", wif, k.role)
	if err == nil {
		err = w.file.Sync()
	}
	if err != nil {
		w.failed = fmt.Errorf("write wallet: %w", err)
		return w.failed
	}
	return w.add(k)
}

// holds reports whether the wallet has a key already.
func (w *wallet) holds(k *key) (bool, error) {
	scripts, err := scriptsOf(k, w.params)
	if err != nil {
		return false, err
	}
	for s := range scripts {
		if _, known := w.scripts[s]; !known {
			return false, nil
		}
	}
	return true, nil
}

// add makes the wallet watch what a key can spend.
func (w *wallet) add(k *key) error {
	scripts, err := scriptsOf(k, w.params)
	if err != nil {
		return err
	}
	for s, how := range scripts {
		if _, known := w.scripts[s]; !known {
			w.scripts[s] = how
		}
	}
	if k.role == changeKey {
		w.change = k
	}
	return nil
}

// openKeys reads the wallet's file: a line "WIF role" for each key, readable by its
// owner only. A last line without its end was torn by a crash; its key was never
// told to anybody.
func (w *wallet) openKeys(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	w.file = file
	content, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(content, '\n') + 1
	if whole < len(content) {
		if err := errors.Join(file.Truncate(int64(whole)), file.Sync()); err != nil {
			return err
		}
	}
	number := 0
	for line := range strings.Lines(string(content[:whole])) {
		number++
		if err := w.readKey(line); err != nil {
			return fmt.Errorf("%s line %d: %w", filepath.Base(path), number, err)
		}
	}
	return durable.SyncDir(filepath.Dir(path))
}

func (w *wallet) readKey(line string) error {
	fields := strings.Fields(line)
	if len(fields) != 2 {
		return errors.New("want a key and its role")
	}
	k, err := parseWIF(fields[0], w.params)
	if err != nil {
		return err
	}
	k.role = role(fields[1])
	return w.add(k)
}

// parseWIF reads a private key of this network. The error does not repeat it.
func parseWIF(text string, params *chaincfg.Params) (*key, error) {
	wif, err := btcutil.DecodeWIF(text)
	if err != nil || !wif.IsForNet(params) {
		return nil, &RPCError{codeAddressOrKey, "Invalid private key encoding"}
	}
	return &key{private: wif.PrivKey, compressed: wif.CompressPubKey, role: importKey}, nil
}
