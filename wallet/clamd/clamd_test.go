package clamd_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/adit-mining/adit/packaging/needs"
	"github.com/adit-mining/adit/wallet/clamd"
)

// fake is a clamd that answers each command as the test says; read says whether it reads
// the stream first, up to a number of bytes.
type fake struct {
	version, answer string
	limit           int // bytes of the stream that it takes
	hang            bool
	got             chan []byte // what was streamed
}

func (f *fake) start(t testing.TB, network string) (address string) {
	t.Helper()
	address = "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "clamd.ctl")
	}
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	f.got = make(chan []byte, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go f.serve(conn)
		}
	}()
	return l.Addr().String()
}

func (f *fake) serve(conn net.Conn) {
	defer conn.Close()
	var command []byte
	for b := make([]byte, 1); ; {
		if _, err := io.ReadFull(conn, b); err != nil {
			return
		}
		if b[0] == 0 {
			break
		}
		command = append(command, b[0])
	}
	if string(command) == "zVERSION" {
		io.WriteString(conn, f.version+"\x00")
		return
	}
	var all []byte
	for {
		var length uint32
		if binary.Read(conn, binary.BigEndian, &length) != nil {
			return
		}
		if length == 0 {
			break
		}
		part := make([]byte, length)
		if _, err := io.ReadFull(conn, part); err != nil {
			return
		}
		all = append(all, part...)
		if f.limit > 0 && len(all) > f.limit {
			io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
			return
		}
	}
	f.got <- all
	if f.hang {
		io.Copy(io.Discard, conn)
		return
	}
	io.WriteString(conn, f.answer+"\x00")
}

const version = "ClamAV 1.4.6/27500/Mon Nov 23 09:00:00 2026"

func TestWhatClamdSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		fake    fake
		verdict clamd.Verdict
		found   string
		why     clamd.Reason
	}{
		{"clean", fake{version: version, answer: "stream: OK"}, clamd.OK, "", ""},
		{"found", fake{version: version, answer: "stream: Win.Test.EICAR_HDB-1 FOUND"}, clamd.Found, "Win.Test.EICAR_HDB-1", ""},
		{"found without a name", fake{version: version, answer: "stream:  FOUND"}, clamd.NotScanned, "", clamd.Failed},
		{"error", fake{version: version, answer: "stream: Can't allocate memory ERROR"}, clamd.NotScanned, "", clamd.Failed},
		{"too large", fake{version: version, limit: 1000}, clamd.NotScanned, "", clamd.TooLarge},
		{"hangs", fake{version: version, hang: true}, clamd.NotScanned, "", clamd.Silent},
		{"nothing", fake{version: version}, clamd.NotScanned, "", clamd.Failed},
		{"ok in other words", fake{version: version, answer: "OK OK"}, clamd.NotScanned, "", clamd.Failed},
		{"no clamd", fake{version: "SSH-2.0-OpenSSH_9.2", answer: "stream: OK"}, clamd.NotScanned, "", clamd.Failed},
	} {
		for _, network := range []string{"unix", "tcp"} {
			if network == "unix" && runtime.GOOS == "windows" {
				continue
			}
			t.Run(c.name+" "+network, func(t *testing.T) {
				t.Parallel()
				f := c.fake
				client := clamd.Client{Addresses: []string{"/nowhere/clamd.ctl", f.start(t, network)}, Patience: 500 * time.Millisecond}
				sent := bytes.Repeat([]byte("miner"), 100_000)
				got := client.Scan(t.Context(), bytes.NewReader(sent))
				if got.Verdict != c.verdict || got.Name != c.found || got.Why != c.why {
					t.Errorf("Scan = %+v, want %v %q %q", got, c.verdict, c.found, c.why)
				}
				if c.verdict != clamd.NotScanned && (got.Engine != version || !bytes.Equal(<-f.got, sent)) {
					t.Errorf("engine %q, or clamd got other bytes than were sent", got.Engine)
				}
			})
		}
	}
}

func TestWithoutClamdNothingIsScanned(t *testing.T) {
	t.Parallel()
	none := clamd.Client{Addresses: []string{filepath.Join(t.TempDir(), "none"), "127.0.0.1:1"}}
	if got := none.Scan(t.Context(), strings.NewReader("x")); got.Verdict != clamd.NotScanned || got.Why != clamd.NoScanner {
		t.Errorf("Scan = %+v, want NOT SCANNED, no scanner", got)
	}
	if text := (clamd.Result{}).Verdict.String(); text != "NOT SCANNED" {
		t.Errorf("the zero verdict is %q", text)
	}
	if got := none.ScanFile(t.Context(), filepath.Join(t.TempDir(), "none")); got.Why != clamd.Unread {
		t.Errorf("ScanFile of no file = %+v", got)
	}
}

func TestAFileThatCannotBeReadIsNotScanned(t *testing.T) {
	t.Parallel()
	f := fake{version: version, answer: "stream: OK"}
	client := clamd.Client{Addresses: []string{f.start(t, "tcp")}, Patience: time.Second}
	broken := io.MultiReader(strings.NewReader("begin"), iotest.ErrReader(errors.New("the disk is broken")))
	if got := client.Scan(t.Context(), broken); got.Verdict != clamd.NotScanned || got.Why != clamd.Unread {
		t.Errorf("Scan = %+v, want NOT SCANNED, unread", got)
	}
}

func TestScanEndsWithItsContext(t *testing.T) {
	t.Parallel()
	f := fake{version: version, hang: true}
	client := clamd.Client{Addresses: []string{f.start(t, "tcp")}, Patience: time.Hour}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got := client.Scan(ctx, strings.NewReader("x")); got.Verdict != clamd.NotScanned {
		t.Errorf("Scan = %+v, want NOT SCANNED", got)
	}
}

// TestARealClamd runs Debian's clamd with a list of one test signature.
func TestARealClamd(t *testing.T) {
	t.Parallel()
	path := needs.Program(t, "clamd", "/usr/sbin/clamd")
	dir, err := os.MkdirTemp("", "adit-clamd") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	const bad = "this text is bad as far as this test is concerned"
	write(t, filepath.Join(dir, "test.ndb"), "Adit.Test.Bad:0:*:"+hexOf(bad)+"\n")
	socket := filepath.Join(dir, "clamd.ctl")
	conf := filepath.Join(dir, "clamd.conf")
	write(t, conf, "Foreground yes\nDatabaseDirectory "+dir+"\nLocalSocket "+socket+"\nStreamMaxLength 1M\nUser "+userName()+"\n")
	ctx, cancel := context.WithCancel(context.Background())
	daemon := exec.CommandContext(ctx, path, "-c", conf)
	var out bytes.Buffer
	daemon.Stdout, daemon.Stderr = &out, &out
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); daemon.Wait() })
	client := clamd.Client{Addresses: []string{socket}, Patience: 20 * time.Second}
	got := client.Scan(t.Context(), strings.NewReader("harmless"))
	for deadline := time.Now().Add(30 * time.Second); got.Why == clamd.NoScanner && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		got = client.Scan(t.Context(), strings.NewReader("harmless"))
	}
	if got.Verdict != clamd.OK || !strings.HasPrefix(got.Engine, "ClamAV ") {
		t.Fatalf("a harmless text: %+v; clamd prints %s", got, out.String())
	}
	if got := client.Scan(t.Context(), strings.NewReader(strings.Repeat("x", 5000)+bad)); got.Verdict != clamd.Found || !strings.HasPrefix(got.Name, "Adit.Test.Bad") {
		t.Errorf("a bad text: %+v, want it found", got)
	}
	if got := client.Scan(t.Context(), bytes.NewReader(make([]byte, 5<<20))); got.Verdict != clamd.NotScanned || got.Why != clamd.TooLarge {
		t.Errorf("a text above the limit: %+v, want NOT SCANNED, too large", got)
	}
}
