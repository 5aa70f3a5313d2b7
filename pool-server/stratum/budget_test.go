package stratum_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// TestTrustedFloodIsReadSlowly floods from an address that is never banned: what it
// costs the server must have a bound, for everybody shares its processor.
func TestTrustedFloodIsReadSlowly(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		most       int // lines in a minute
	}{
		{"garbage", "{[\n", 800},
		{"names that nobody can be paid by", `{"id":1,"method":"mining.authorize","params":["bad","x"]}` + "\n", 1500},
		{"pings", `{"id":1,"method":"mining.ping","params":[]}` + "\n", 62_000},
		{"shares of no job", `{"id":1,"method":"mining.submit","params":["alice","ff","00000000","00000000","00000000"]}` + "\n", 62_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
				m := l.connect(t, "127.0.0.1")
				m.login("alice")
				m.conn.SetDeadline(time.Time{})
				go io.Copy(io.Discard, m.conn)
				const chunk = 50
				lines := 0
				for start := time.Now(); time.Since(start) < time.Minute; lines += chunk {
					if _, err := io.WriteString(m.conn, strings.Repeat(tt.line, chunk)); err != nil {
						t.Fatalf("after %d lines: %v", lines, err)
					}
				}
				if lines > tt.most {
					t.Errorf("%d lines were taken in a minute, want at most %d", lines, tt.most)
				}
				m.conn.Close()
			})
		})
	}
}

// TestGoodSharesAreReadAtOnce sends far more good shares than requests are free.
func TestGoodSharesAreReadAtOnce(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		m := l.connect(t, "192.0.2.1")
		m.login("alice")
		start := time.Now()
		for range 2000 {
			m.submit("alice", m.solve(true))
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("2,000 good shares were held up for %v", took)
		}
		m.conn.Close()
	})
}
