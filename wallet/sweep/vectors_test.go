package sweep_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/sweep"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func transaction(t testing.TB, s string) *wire.MsgTx {
	t.Helper()
	var tx wire.MsgTx
	if err := tx.DeserializeNoWitness(bytes.NewReader(unhex(t, s))); err != nil {
		t.Fatal(err)
	}
	return &tx
}

// The examples "Native P2WPKH" and "P2SH-P2WPKH" of BIP 143,
// https://github.com/bitcoin/bips/blob/master/bip-0143.mediawiki
func TestDigestOfBIP143(t *testing.T) {
	n := cointest.Network(t, "bitcoin", "main")
	for _, v := range []struct {
		name, tx, private, script, digest, signature string
		form                                         sweep.Form
		input                                        int
		amount                                       int64
	}{
		{
			"native", "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000",
			"619c335025c7f4012e556c2a58b2506e30b8511b53ade95ea316fd8c3286feb9", "00141d0f172a0ecb48aee1be1f2687d2963ae33f71a1",
			"c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670",
			"304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee",
			sweep.FormP2WPKH, 1, 600_000_000,
		},
		{
			"in P2SH", "0100000001db6b1b20aa0fd7b23880be2ecbd4a98130974cf4748fb66092ac4d3ceb1a54770100000000feffffff02b8b4eb0b000000001976a914a457b684d7f0d539a46a45bbc043f35b59d0d96388ac0008af2f000000001976a914fd270b1ee6abcaea97fea7ad0402e8bd8ad6d77c88ac92040000",
			"eb696a065ef48a2192da5b28b694f87544b30fae8327c4510137a922f32c6dcf", "a9144733f37cf4db86fbc2efed2500b4f4e49f31202387",
			"64f3b0f4dd2bb3aa1ce8566d220cc74dda9df97d8490cc81d89d735c92e59fb6",
			"3044022047ac8e878352d3ebbde1c94ce3a10d057c24175747116f8288e5d794d12d482f0220217f36a485cae903c713331d877c1f64677e3622ad4010726870540656fe9dcb",
			sweep.FormP2SHP2WPKH, 0, 1_000_000_000,
		},
	} {
		k, err := wallet.KeyFromBytes(unhex(t, v.private))
		if err != nil {
			t.Fatal(err)
		}
		tx := transaction(t, v.tx)
		for _, s := range scriptsOf(t, n, k.PublicKey()) {
			if s.Form != v.form {
				continue
			}
			if !bytes.Equal(s.Bytes, unhex(t, v.script)) {
				t.Errorf("%s: script %x", v.name, s.Bytes)
			}
			// The digest of ours that also does FORKID, and the library's.
			digest := sweep.ForkDigest(tx, v.input, s.Code(), v.amount, uint32(txscript.SigHashAll))
			fetch := txscript.NewCannedPrevOutputFetcher(s.Bytes, v.amount)
			theirs, err := txscript.CalcWitnessSigHash(s.Code(), txscript.NewTxSigHashes(tx, fetch), txscript.SigHashAll, tx, v.input, v.amount)
			if err != nil || hex.EncodeToString(digest) != v.digest || hex.EncodeToString(theirs) != v.digest {
				t.Errorf("%s: digest %x and %x (%v), want %s", v.name, digest, theirs, err, v.digest)
			}
			private, _ := btcec.PrivKeyFromBytes(unhex(t, v.private))
			if got := ecdsa.Sign(private, digest).Serialize(); hex.EncodeToString(got) != v.signature {
				t.Errorf("%s: signature %x, want %s", v.name, got, v.signature)
			}
		}
	}
}

// The test "P2PK FORKID" of src/test/data/script_tests.json in Bitcoin Cash Node and
// its relatives: the key 1, 123450 coins, and the two transactions that
// src/test/script_tests.cpp builds around a script.
func TestForkIDSignatureOfBitcoinCash(t *testing.T) {
	const amount = 12_345_000_000_000
	one := make([]byte, 32)
	one[31] = 1
	private, public := btcec.PrivKeyFromBytes(one)
	script := append(append([]byte{65}, public.SerializeUncompressed()...), txscript.OP_CHECKSIG)
	credit := wire.NewMsgTx(1)
	credit.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&chainhash.Hash{}, ^uint32(0)), []byte{0, 0}, nil))
	credit.AddTxOut(wire.NewTxOut(amount, script))
	id := credit.TxHash()
	spend := wire.NewMsgTx(1)
	spend.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&id, 0), nil, nil))
	spend.AddTxOut(wire.NewTxOut(amount, nil))
	const forkID, all = 0x40, 0x01
	digest := sweep.ForkDigest(spend, 0, script, amount, forkID|all)
	const want = "30440220368d68340dfbebf99d5ec87d77fba899763e466c0a7ab2fa0221fb868ab0f3ef0220266c1a52a8e5b7b597613b80cf53814d3925dfb6715dce712c8e7a25e63a0440"
	signature, err := ecdsa.ParseDERSignature(unhex(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if !signature.Verify(digest, private.PubKey()) {
		t.Error("the published signature does not fit our digest")
	}
	if signature.Verify(sweep.ForkDigest(spend, 0, script, amount+1, forkID|all), private.PubKey()) {
		t.Error("the digest does not commit to the amount")
	}
	if signature.Verify(sweep.ForkDigest(spend, 0, script, amount, all), private.PubKey()) {
		t.Error("the digest does not commit to FORKID")
	}
}
