package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/backup"
)

// refused makes sure that a backup is refused, with an error that is want unless that is
// nil, and leaves nothing behind.
func refused(t *testing.T, what string, text []byte, want error) {
	t.Helper()
	home := t.TempDir()
	file, dir := filepath.Join(home, "b.adit"), filepath.Join(home, "restored")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), file, backup.Target{Dir: dir}); err == nil || want != nil && !errors.Is(err, want) {
		t.Errorf("%s: restore says %v, want %v", what, err, want)
	}
	if entries, _ := os.ReadDir(home); len(entries) != 1 {
		t.Errorf("%s: left behind: %v", what, entries)
	}
}

func TestABackupThatIsCutOrChangedIsRefused(t *testing.T) {
	file, _ := write(t, newPool(t), false)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 9, 10, 100, len(whole) / 2, len(whole) - 9, len(whole) - 8, len(whole) - 1} {
		if _, err := backup.Verify(bytes.NewReader(whole[:n])); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("cut after %d of %d bytes: %v", n, len(whole), err)
		}
	}
	for i := 10; i < len(whole); i += 1 + len(whole)/200 { // before is gzip's header, which says nothing of the content
		changed := bytes.Clone(whole)
		changed[i] ^= 1 << (i % 8)
		_, err := backup.Verify(bytes.NewReader(changed))
		if err != nil && !errors.Is(err, backup.ErrDamaged) || err == nil && !bytes.Equal(unzipped(t, changed), unzipped(t, whole)) { // some bits fill up bytes
			t.Errorf("bit of byte %d of %d: %v", i, len(whole), err)
		}
	}
	refused(t, "half a backup", whole[:len(whole)/2], backup.ErrDamaged)
	refused(t, "something behind its end", append(bytes.Clone(whole), whole...), backup.ErrDamaged)
	refused(t, "something else", []byte("this is no backup"), backup.ErrDamaged)
}

func unzipped(t testing.TB, text []byte) []byte {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestAnArchiveThatIsNoBackupIsRefused(t *testing.T) {
	file, _ := write(t, newPool(t), false)
	for what, change := range map[string]func(t *testing.T, members []member) []member{
		"a changed file": func(t *testing.T, ms []member) []member {
			find(t, ms, "server.json").text[3] ^= 1
			return ms
		},
		"a changed row": func(t *testing.T, ms []member) []member {
			rows := find(t, ms, "ledger/accounts.jsonl")
			rows.text = bytes.Replace(rows.text, []byte("0102"), []byte("0103"), 1)
			return ms
		},
		"no manifest":      func(t *testing.T, ms []member) []member { return ms[1:] },
		"a member too few": func(t *testing.T, ms []member) []member { return ms[:len(ms)-1] },
		"a member too many": func(t *testing.T, ms []member) []member {
			return append(ms, member{tar.Header{Name: "pools/other.json", Typeflag: tar.TypeReg, Mode: 0o600}, []byte("{}")})
		},
		"a link": func(t *testing.T, ms []member) []member {
			m := find(t, ms, "server.json")
			m.Typeflag, m.Linkname, m.Size, m.text = tar.TypeSymlink, "/etc/passwd", 0, nil
			return ms
		},
		"a folder": func(t *testing.T, ms []member) []member {
			m := find(t, ms, "server.json")
			m.Typeflag, m.Size, m.text = tar.TypeDir, 0, nil
			return ms
		},
		"records of pax": func(t *testing.T, ms []member) []member {
			m := find(t, ms, "server.json")
			m.Format, m.PAXRecords = tar.FormatPAX, map[string]string{"ADIT.x": "y"}
			return ms
		},
		"another order": func(t *testing.T, ms []member) []member {
			ms[1], ms[2] = ms[2], ms[1]
			return ms
		},
	} {
		refused(t, what, pack(t, change(t, unpack(t, file))), backup.ErrDamaged)
	}
}

// TestNamesThatLeadElsewhereAreRefused renames a member in the manifest and in the archive.
func TestNamesThatLeadElsewhereAreRefused(t *testing.T) {
	file, _ := write(t, newPool(t), false)
	for _, name := range []string{
		"../evil.json", "/etc/evil.json", "pools/../../evil.json", "pools/../evil.json", `pools\..\evil.json`, "pools/a:b.json",
		"pools/x/y.json", "pools/", "pools/.json/..", "data/ledger.db", "evil.json", "Server.json/", "./server.json", "pools//x.json",
		"pools/\x00.json", "pools/\n.json", "secrets/../../x", "ledger/../x.jsonl", "", ".", "pools/" + strings.Repeat("x", 300) + ".json",
	} {
		members := unpack(t, file)
		members[0].text = bytes.Replace(members[0].text, []byte(`"pools/`+poolID+`.json"`), mustJSON(t, name), 1)
		if _, err := backup.Verify(bytes.NewReader(pack(t, members))); !errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), "no file of a backup is called so") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestSizesThatAreNotThereAreRefused claims more than there is, in every place.
func TestSizesThatAreNotThereAreRefused(t *testing.T) {
	file, _ := write(t, newPool(t), false)
	for what, change := range map[string]func(m *backup.Manifest){
		"a huge file":       func(m *backup.Manifest) { m.Members[0].Size = 1 << 40 },
		"a negative size":   func(m *backup.Manifest) { m.Members[0].Size = -1 },
		"a huge table":      func(m *backup.Manifest) { m.Members[len(m.Members)-1].Size = 1 << 60 },
		"too many members":  func(m *backup.Manifest) { m.Members = make([]backup.Member, 1_000_000) },
		"twice the same":    func(m *backup.Manifest) { m.Members = append(m.Members, m.Members[0]) },
		"no server.json":    func(m *backup.Manifest) { m.Members = m.Members[2:] },
		"another program's": func(m *backup.Manifest) { m.Format = "tar" },
		"no schema":         func(m *backup.Manifest) { m.Schema = 0 },
		"a nameless table": func(m *backup.Manifest) {
			m.Members[len(m.Members)-1].Table = nil
		},
	} {
		members := unpack(t, file)
		var m backup.Manifest
		if err := json.Unmarshal(members[0].text, &m); err != nil {
			t.Fatal(err)
		}
		change(&m)
		members[0].text = mustJSON(t, m)
		refused(t, what, pack(t, members), backup.ErrDamaged)
	}
	var out bytes.Buffer // a header that claims 8 EiB, and nothing behind it
	zip := gzip.NewWriter(&out)
	if err := tar.NewWriter(zip).WriteHeader(&tar.Header{Name: "manifest.json", Typeflag: tar.TypeReg, Size: 1 << 62, Format: tar.FormatGNU}); err != nil {
		t.Fatal(err)
	}
	zip.Close()
	refused(t, "a huge manifest", out.Bytes(), backup.ErrDamaged)
}

func TestABackupOfANewerProgramIsRefused(t *testing.T) {
	file, _ := write(t, newPool(t), false)
	for _, change := range []func(m *backup.Manifest){
		func(m *backup.Manifest) { m.Version = 2 },
		func(m *backup.Manifest) { m.Schema += 100 },
	} {
		members := unpack(t, file)
		var m backup.Manifest
		if err := json.Unmarshal(members[0].text, &m); err != nil {
			t.Fatal(err)
		}
		change(&m)
		members[0].text = mustJSON(t, m)
		dir := filepath.Join(t.TempDir(), "restored")
		newer := filepath.Join(t.TempDir(), "b")
		if err := os.WriteFile(newer, pack(t, members), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), newer, backup.Target{Dir: dir}); err == nil || !strings.Contains(err.Error(), "newer version") {
			t.Errorf("got %v, want a refusal for a newer version", err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Error("something is left")
		}
	}
}

// TestMoneyThatWasMadeUpIsRefused changes rows together with the manifest, as somebody
// does who knows the form: what contradicts itself is found all the same.
func TestMoneyThatWasMadeUpIsRefused(t *testing.T) {
	file, _ := write(t, newPool(t), false)
	for what, change := range map[string]func(ms []member){
		"an amount": func(ms []member) {
			rows := find(t, ms, "ledger/entries.jsonl")
			rows.text = bytes.Replace(rows.text, []byte("4900000000"), []byte("9900000000"), 1)
		},
		"a balance": func(ms []member) {
			rows := find(t, ms, "ledger/balances.jsonl")
			rows.text = bytes.Replace(rows.text, []byte("4900000000"), []byte("9900000000"), 1)
		},
		"a missing account": func(ms []member) {
			rows := find(t, ms, "ledger/accounts.jsonl")
			rows.text = rows.text[bytes.IndexByte(rows.text, '\n')+1:]
		},
		"no JSON": func(ms []member) {
			rows := find(t, ms, "ledger/shares.jsonl")
			rows.text = append(rows.text, "[1,2"...)
		},
		"a value too many": func(ms []member) {
			rows := find(t, ms, "ledger/pools.jsonl")
			rows.text = bytes.Replace(rows.text, []byte("]"), []byte(",1]"), 1)
		},
	} {
		members := unpack(t, file)
		before := pack(t, members)
		change(members)
		agree(t, members)
		after := pack(t, members)
		if bytes.Equal(before, after) {
			t.Fatalf("%s: nothing was changed", what)
		}
		if _, err := backup.Verify(bytes.NewReader(after)); err != nil {
			t.Errorf("%s: the test's archive is no archive: %v", what, err)
		}
		refused(t, what, after, nil)
	}
}

// FuzzVerify gives Verify archives that anybody may have made, in gzip that is sound.
func FuzzVerify(f *testing.F) {
	file, _ := write(f, newPool(f), true)
	whole, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	archive := unzipped(f, whole)
	f.Add(archive)
	f.Add(archive[:1024])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, archive []byte) {
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		zip.Write(archive)
		zip.Close()
		m, err := backup.Verify(&packed)
		if err != nil {
			return
		}
		for _, o := range m.Members {
			if !filepath.IsLocal(filepath.FromSlash(o.Name)) {
				t.Errorf("took %q", o.Name)
			}
		}
	})
}
