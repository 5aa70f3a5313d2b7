package wallet_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/adit-mining/adit/packaging/needs"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// electrumRestores makes Electrum's own code do what it does when somebody types the
// words of another wallet into it: check them, and show the first addresses.
const electrumRestores = `
import sys
from electrum import bitcoin, keystore
for line in sys.stdin:
    words = line.strip()
    ok, known = keystore.bip39_is_checksum_valid(words)
    assert ok and known, "checksum"
    ks = keystore.from_bip43_rootseed(keystore.bip39_to_seed(words, ""), "m/84'/0'/0'", xtype="p2wpkh")
    for i in range(5):
        pubkey = ks.derive_pubkey(0, i).hex()
        print(pubkey, bitcoin.pubkey_to_address("p2wpkh", pubkey))
`

// TestElectrumRestoresTheWords: a backup is good without Adit. Each of the secrets has
// its mining key and the next ones as the first addresses of the restored wallet.
func TestElectrumRestoresTheWords(t *testing.T) {
	const python = "/usr/bin/python3" // Debian's, which has its packages
	if err := exec.Command(python, "-c", "import electrum").Run(); err != nil {
		needs.Missing(t, "electrum")
	}
	count := 50
	if long {
		count = 1000
	}
	var secrets []wallet.Secret
	var lines strings.Builder
	source := random()
	for range count {
		s, err := wallet.NewSecret(source)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, s)
		lines.WriteString(strings.Join(s.Words(), " ") + "\n")
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", electrumRestores)
	cmd.Stdin = strings.NewReader(lines.String())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	shown := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(shown) != 5*count {
		t.Fatalf("%d addresses, want %d", len(shown), 5*count)
	}
	n := cointest.Network(t, "bitcoin", "main")
	for i, line := range shown {
		k, err := secrets[i/5].Key(uint32(i % 5))
		if want := k.MiningKey() + " " + n.P2WPKH(k.PubKeyHash()).String(); err != nil || line != want {
			t.Errorf("%v, key %d: electrum shows %s, want %s, %v", secrets[i/5].Words(), i%5, line, want, err)
		}
	}
}
