package doctor

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

const (
	maxPorts     = 16       // of a pool that are looked at
	maxGreeting  = 64 << 10 // bytes that a port may send before it answers
	connectTries = 3        // whose median is the latency
)

// subscribe is the first line of every miner. It signs nobody in.
const subscribe = `{"id":1,"method":"mining.subscribe","params":["adit-doctor/1"]}` + "\n"

// ports tries the first port of each coin and switch.
func (c Config) ports(ctx context.Context, info poolapi.PoolInfo) []Finding {
	var looks []func(context.Context) []Finding
	add := func(name string, ports []poolapi.PortInfo) {
		if len(ports) > 0 && len(looks) < maxPorts {
			looks = append(looks, func(ctx context.Context) []Finding { return []Finding{c.port(ctx, printable(name), ports[0].URL)} })
		}
	}
	for _, coin := range info.Coins {
		add(coin.Name, coin.Ports)
	}
	for _, s := range info.Switches {
		add(s.Name, s.Ports)
	}
	if len(looks) == 0 {
		return []Finding{finding(checkStratum, Trouble, "none")}
	}
	return each(ctx, looks)
}

// port connects to one port and asks as a miner would.
func (c Config) port(ctx context.Context, name, address string) Finding {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Port() == "" {
		return finding(checkStratum, Trouble, "bad-address", "name", name, "address", printable(address))
	}
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	args := []string{"name", name, "address", printable(u.Host), "port", u.Port()}
	conn, latency, err := c.connect(ctx, u.Host)
	if err != nil {
		return finding(checkStratum, Trouble, whyNot(err), append(args, "detail", printable(err.Error()))...)
	}
	defer conn.Close()
	end, _ := ctx.Deadline() // set above
	_ = conn.SetDeadline(end)
	if strings.HasSuffix(u.Scheme, "ssl") || strings.HasSuffix(u.Scheme, "tls") {
		secured := tls.Client(conn, &tls.Config{ServerName: u.Hostname(), RootCAs: c.Roots})
		if err := secured.HandshakeContext(ctx); err != nil {
			return finding(checkStratum, Trouble, "tls", append(args, "detail", printable(err.Error()))...)
		}
		conn = secured
	}
	code, reason, answered := greet(conn)
	args = append(args, "ms", milliseconds(latency), "answer_ms", milliseconds(answered))
	switch {
	case code != "":
		return finding(checkStratum, Trouble, code, append(args, "reason", reason)...)
	case latency > slowConnect:
		return finding(checkStratum, Notice, "slow", args...)
	}
	return finding(checkStratum, Good, "ok", args...)
}

// connect connects several times and keeps the last connection. latency is the
// median; looking the name up happens at the first time only.
func (c Config) connect(ctx context.Context, address string) (conn net.Conn, latency time.Duration, err error) {
	var took []time.Duration
	for range connectTries {
		if conn != nil {
			address = conn.RemoteAddr().String()
			conn.Close()
		}
		begin := time.Now()
		if conn, err = c.dialer().DialContext(ctx, "tcp", address); err != nil {
			return nil, 0, err
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return conn, took[connectTries/2], nil
}

// greet subscribes and waits for the answer. code is empty if it is a good one.
func greet(conn net.Conn) (code, reason string, took time.Duration) {
	begin := time.Now()
	if _, err := io.WriteString(conn, subscribe); err != nil {
		return "silent", "", 0
	}
	lines := bufio.NewScanner(io.LimitReader(conn, maxGreeting))
	lines.Buffer(nil, maxGreeting)
	for lines.Scan() {
		var line struct {
			ID     *json.RawMessage `json:"id"`
			Result json.RawMessage  `json:"result"`
			Error  json.RawMessage  `json:"error"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return "not-stratum", "", 0
		}
		if line.ID == nil || string(*line.ID) != "1" {
			continue // a difficulty or a job, which some pools send first
		}
		if isNull(line.Error) && !isNull(line.Result) {
			return "", "", time.Since(begin)
		}
		return "rejected", printable(string(line.Error)), 0
	}
	return "silent", "", 0
}

func isNull(v json.RawMessage) bool { return len(v) == 0 || string(v) == "null" }
