package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/stratum/load"
)

// loadUser is who load mines for unless told otherwise: a key hash that nobody
// holds the key of. What a load test earns on a real coin is lost, so the flag's
// help says it.
func loadUser() string {
	sum := sha256.Sum256([]byte("adit-pool load"))
	return hex.EncodeToString(sum[:20]) + ".{n}"
}

// loadFlags are the flags of load that are not a field of load.Options as they stand.
type loadFlags struct {
	load.Options
	algorithm, churn, mix, bad, blocks string
	secure, insecure, json             bool
}

func (o *loadFlags) define(f *flag.FlagSet) {
	f.StringVar(&o.Addr, "addr", "127.0.0.1:3333", "host:port of the stratum port; several with commas between are taken in turn")
	f.IntVar(&o.Connections, "connections", 100, "connections at once")
	f.Float64Var(&o.Rate, "rate", 0, "shares a second, all connections together; 0 = as many as the server takes, negative = none")
	f.DurationVar(&o.Duration, "duration", 20*time.Second, "how long, from when all are connected")
	f.DurationVar(&o.Ramp, "ramp", 0, "make the connections evenly over this time; 0 = as fast as they can be made")
	f.StringVar(&o.User, "user", loadUser(), "who mines; {n} is the connection's number. The default is nobody: what it earns is lost")
	f.StringVar(&o.Password, "password", "x", "the password; d=0.001 asks for a difficulty")
	f.StringVar(&o.algorithm, "algorithm", string(pow.SHA256d), "the pool's algorithm, as miners call it")
	f.IntVar(&o.Pipeline, "pipeline", 16, "shares of one connection without an answer")
	f.StringVar(&o.churn, "churn", "0/s", "connections that leave and come back, as in 10/s; every other one asks for the session that it had")
	f.DurationVar(&o.Reconnect, "reconnect", time.Second, "until a connection that broke is made again; 0 = never")
	f.StringVar(&o.bad, "bad", "", "connections that misbehave, in all ways that there are, as in 5%")
	f.StringVar(&o.mix, "mix", "", "the same one by one, by weight: honest=90,duplicate=2,stale=2,lowdiff=2,unauthorised=1,garbage=1,huge=1,slow=1,halfopen=1,slowloris=1,floods=1")
	f.BoolVar(&o.secure, "tls", false, "speak TLS")
	f.BoolVar(&o.insecure, "insecure", false, "with --tls: take any certificate, a self-signed one too")
	f.StringVar(&o.blocks, "blocks-from", "", "a file to which a line is added when a block came (bitcoind: -blocknotify='date +%s.%N >> FILE'), or http://host:port to be asked then; latencies are measured from there")
	f.BoolVar(&o.json, "json", false, "print one JSON object instead of a table")
}

// options makes load's options of the flags.
func (o *loadFlags) options() (_ load.Options, err error) {
	if o.Algorithm, err = pow.ParseAlgorithm(o.algorithm); err != nil {
		return o.Options, err
	}
	if o.Churn, err = strconv.ParseFloat(strings.TrimSuffix(o.churn, "/s"), 64); err != nil {
		return o.Options, fmt.Errorf("--churn %q: want connections a second, as in 10/s", o.churn)
	}
	switch {
	case o.mix != "" && o.bad != "":
		return o.Options, fmt.Errorf("--mix and --bad exclude each other")
	case o.bad != "":
		o.Mix, err = load.ParseMix(strings.TrimSuffix(o.bad, "%") + "%")
	case o.mix != "":
		o.Mix, err = load.ParseMix(o.mix)
	}
	if o.secure {
		o.TLS = &tls.Config{InsecureSkipVerify: o.insecure} // as the flag says
	}
	return o.Options, err
}

func runLoad(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("load", stderr)
	var flags loadFlags
	flags.define(f)
	if err := parse(f, args); err != nil {
		return err
	}
	o, err := flags.options()
	if err != nil {
		return err
	}
	if flags.blocks != "" {
		blocks, stop, err := load.BlocksFrom(ctx, flags.blocks)
		if err != nil {
			return err
		}
		defer stop()
		o.Blocks = blocks
	}
	if isTerminal(stderr) {
		o.Progress = func(p load.Progress) { fmt.Fprintf(stderr, "\r%s\x1b[K", p) }
	}
	report, err := load.Run(ctx, o)
	if o.Progress != nil {
		fmt.Fprintf(stderr, "\r\x1b[K")
	}
	if err != nil {
		return err
	}
	if flags.json {
		return json.NewEncoder(stdout).Encode(report)
	}
	return report.WriteTable(stdout)
}

// isTerminal reports whether somebody may look at what is written to w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
