package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/backup"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

const (
	poolID   = "litecoin-regtest"
	account  = "0102030405060708090a0b0c0d0e0f1011121314"
	password = "a password of the daemon"
)

// newPool is a pool's folder with a ledger in which somebody is owed something.
func newPool(t testing.TB) *config.Config {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pool")
	_, err := config.Init(dir, config.NewPool{
		Name: "A pool", Coin: "litecoin", Network: "regtest", Daemons: []string{"http://user:a%20password%20of%20the%20daemon@127.0.0.1:1"},
		Address: cointest.Network(t, "litecoin", "regtest").P2WPKH(coin.PubKeyHash{1}).String(),
		Stratum: "127.0.0.1:0", HTTP: "127.0.0.1:0", Difficulty: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(c.DataDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	fillLedger(t, c)
	return c
}

func openLedger(t testing.TB, c *config.Config) *ledger.Ledger {
	t.Helper()
	where, err := c.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), where.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func fillLedger(t testing.TB, c *config.Config) {
	t.Helper()
	l := openLedger(t, c)
	defer l.Close()
	shares := make([]ledger.Share, 300)
	for i := range shares {
		shares[i] = ledger.Share{Pool: poolID, Account: fmt.Sprintf("%040x", i), Worker: "rig", Difficulty: 1 + float64(i)/3, Time: time.Now(), Height: 7}
	}
	shares[0].Account = account
	shares[299].Block = &ledger.FoundBlock{Hash: fmt.Sprintf("%064x", 7), Height: 7, Reward: 50_0000_0000, Raw: []byte("block"), Difficulty: 10}
	found, err := l.Apply(t.Context(), 1, 3, shares)
	if err != nil {
		t.Fatal(err)
	}
	err = l.SetBlockAccepted(t.Context(), found[0].ID, ledger.Acceptance{Confirmations: 1, Reward: 50_0000_0000,
		Credits: []ledger.Credit{{Account: account, Amount: 49_0000_0000}, {Account: ledger.FeeAccount, Amount: 1_0000_0000}}})
	if err == nil {
		err = l.MatureBlock(t.Context(), found[0].ID)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// write makes a backup of c in a file.
func write(t testing.TB, c *config.Config, secrets bool) (file string, m backup.Manifest) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "b.adit")
	m, err := backup.WriteFile(t.Context(), backup.Source{Config: c, Program: "test", Secrets: secrets}, file, false)
	if err != nil {
		t.Fatal(err)
	}
	return file, m
}

// member is a file in an archive, which a test changes.
type member struct {
	tar.Header
	text []byte
}

// unpack reads an archive as it is.
func unpack(t testing.TB, file string) (members []member) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(zip); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return members
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, member{*h, text})
	}
}

// pack makes an archive of members, whatever they are.
func pack(t testing.TB, members []member) []byte {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	archive := tar.NewWriter(zip)
	for _, m := range members {
		if m.Typeflag == tar.TypeReg {
			m.Size = int64(len(m.text))
		}
		if err := archive.WriteHeader(&m.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write(m.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// agree makes the manifest say what the members are.
func agree(t testing.TB, members []member) {
	t.Helper()
	var m backup.Manifest
	if err := json.Unmarshal(members[0].text, &m); err != nil {
		t.Fatal(err)
	}
	for i := range m.Members {
		for _, o := range members {
			if o.Name == m.Members[i].Name {
				sum := sha256.Sum256(o.text)
				m.Members[i].Size, m.Members[i].SHA256 = int64(len(o.text)), hex.EncodeToString(sum[:])
			}
		}
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	members[0].text = text
}

// find is the place of a member.
func find(t testing.TB, members []member, name string) *member {
	t.Helper()
	for i := range members {
		if members[i].Name == name {
			return &members[i]
		}
	}
	t.Fatalf("no member %s", name)
	return nil
}
