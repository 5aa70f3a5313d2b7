package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
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

func runLoad(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("load", stderr)
	var o load.Options
	f.StringVar(&o.Addr, "addr", "127.0.0.1:3333", "host:port of the stratum port")
	f.IntVar(&o.Connections, "connections", 100, "connections at once")
	f.Float64Var(&o.Rate, "rate", 0, "shares a second, all connections together; 0 = as many as the server takes, negative = none")
	f.DurationVar(&o.Duration, "duration", 20*time.Second, "how long, from when all are connected")
	f.StringVar(&o.User, "user", loadUser(), "who mines; {n} is the connection's number. The default is nobody: what it earns is lost")
	f.StringVar(&o.Password, "password", "x", "the password; d=0.001 asks for a difficulty")
	algorithm := f.String("algorithm", string(pow.SHA256d), "sha256d or scrypt")
	f.IntVar(&o.Pipeline, "pipeline", 16, "shares of one connection without an answer")
	asJSON := f.Bool("json", false, "print one JSON object instead of a table")
	if err := parse(f, args); err != nil {
		return err
	}
	a, err := pow.ParseAlgorithm(*algorithm)
	if err != nil {
		return err
	}
	o.Algorithm = a
	report, err := load.Run(ctx, o)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(stdout).Encode(report)
	}
	return report.WriteTable(stdout)
}
