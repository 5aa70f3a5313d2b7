package config

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// NewPool is what Init needs to know to write a configuration.
type NewPool struct {
	Name       string // of the server, "" = the default
	Coin       string
	Network    string
	Daemons    []string // http://USER:PASS@host:port
	ZMQ        []string // tcp://host:port where the daemons publish blocks, in the daemons' order; may be fewer
	Address    string
	Wallet     string // name of the daemon's wallet, "" = its default
	Stratum    string // host:port to listen on
	HTTP       string // host:port to listen on
	Database   string // of the ledger, postgres://USER:PASSWORD@host:port/name, "" = a file
	Difficulty float64
	VarDiff    bool
	ShareEvery time.Duration // 0 = default
	Durability string
	FeePercent float64

	Scheme         string  // PROP, PPLNS, SOLO or PPS, "" = PROP
	Window         float64 // of PPLNS, in network difficulties, 0 = default
	ReserveLimit   string  // of PPS, in coins, "" = 0
	SoloFeePercent float64

	PayoutsOff     bool          // credits collect, nothing is sent: for a daemon without a wallet
	PayoutMinimum  string        // in coins, "" = default
	PayoutInterval time.Duration // 0 = default: 10 minutes, 5 seconds on regtest
	Confirmations  int
}

//go:embed server.json.tmpl
var serverTemplate string

//go:embed pool.json.tmpl
var poolTemplate string

// Init writes a new pool into the configuration folder dir, which is made if it
// is not there. server.json is written only if there is none: a second Init adds
// a second coin. Nothing that exists is overwritten. It returns the written files.
// Passwords go to secrets/ with mode 0600, not into the pool's file.
func Init(dir string, n NewPool) ([]string, error) {
	if err := n.complete(); err != nil {
		return nil, err
	}
	w := &writer{dir: dir}
	id := n.ID()
	daemons, err := n.daemons(w, id)
	if err != nil {
		return nil, err
	}
	server := filepath.Join(dir, serverFile)
	if _, err := os.Stat(server); errors.Is(err, fs.ErrNotExist) {
		database, err := n.database(w)
		if err != nil {
			return nil, err
		}
		w.render(serverFile, serverTemplate, struct {
			NewPool
			Database newDatabase
		}{n, database})
	} else if n.Database != "" {
		return nil, fmt.Errorf("%s is there already, and its ledger: all coins of a folder are in one ledger, leave --database out", server)
	}
	w.render(filepath.Join(poolsDir, id+".json"), poolTemplate, struct {
		NewPool
		Daemons []Daemon
	}{n, daemons})
	names, err := w.commit()
	if err == nil {
		_, err = Load(dir)
	}
	if err != nil {
		// What was written is new and wrong: a second try must not stumble over it.
		for _, name := range names {
			os.Remove(name)
		}
		return nil, fmt.Errorf("nothing was written, because of this:\n%w", err)
	}
	return names, nil
}

// ID returns the name of the pool's file: the coin, and the network unless it is
// the main one.
func (n NewPool) ID() string {
	id := n.Coin
	if n.Network != "main" {
		id += "-" + n.Network
	}
	return id
}

// complete fills in defaults and turns a coin's symbol into its id.
func (n *NewPool) complete() error {
	c, err := coin.Lookup(n.Coin)
	if err != nil {
		return err
	}
	n.Coin = c.ID
	for flag, v := range map[string]float64{"difficulty": n.Difficulty, "fee": n.FeePercent, "solo-fee": n.SoloFeePercent, "window": n.Window} {
		if math.IsNaN(v) || math.IsInf(v, 0) { // JSON has no word for them
			return fmt.Errorf("%s: want a number, have %v", flag, v)
		}
	}
	d := DefaultPool()
	if n.Name == "" {
		n.Name = Default().Name
	}
	if n.PayoutMinimum == "" {
		n.PayoutMinimum = d.Payouts.Minimum.String()
	}
	if n.Scheme = strings.ToUpper(n.Scheme); n.Scheme == "" {
		n.Scheme = d.Payouts.Scheme
	}
	if n.Window == 0 {
		n.Window = d.Payouts.Window
	}
	if n.ReserveLimit == "" {
		n.ReserveLimit = "0"
	}
	if n.PayoutInterval == 0 {
		n.PayoutInterval = d.Payouts.Interval.D()
		if n.Network == "regtest" {
			n.PayoutInterval = 5 * time.Second
		}
	}
	if n.ShareEvery == 0 {
		n.ShareEvery = defaultPort().VarDiff.ShareEvery.D()
	}
	if n.Durability == "" {
		n.Durability = DurabilityFsync
	}
	return nil
}

// daemons parses the daemons' addresses and plans a secret file for each.
func (n NewPool) daemons(w *writer, id string) ([]Daemon, error) {
	var list []Daemon
	for i, raw := range n.Daemons {
		u, err := url.Parse(raw)
		if err != nil || u.Hostname() == "" || u.Port() == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User == nil {
			// The address is not repeated here: it may hold a password.
			return nil, errors.New("daemon address: want http://USER:PASSWORD@host:port, with %XX for special characters")
		}
		wallet, named := strings.CutPrefix(u.Path, "/wallet/") // as in a URL for the coin's own command line
		if !named {
			wallet = n.Wallet
		}
		if (!named && strings.Trim(u.Path, "/") != "") || u.RawQuery != "" {
			return nil, errors.New("daemon address: want nothing behind host:port but /wallet/NAME")
		}
		password, _ := u.User.Password()
		file := fmt.Sprintf("%s/%s.rpc", secretsDir, id)
		if i > 0 {
			file = fmt.Sprintf("%s/%s-%d.rpc", secretsDir, id, i+1)
		}
		w.secret(file, password)
		d := Daemon{URL: u.Scheme + "://" + u.Host, User: u.User.Username(), PasswordFile: file, Wallet: wallet}
		if i < len(n.ZMQ) {
			d.ZMQ = n.ZMQ[i]
		}
		list = append(list, d)
	}
	if len(list) == 0 {
		return nil, errors.New("no daemon: give its address as --daemon http://USER:PASSWORD@host:port")
	}
	if len(n.ZMQ) > len(list) {
		return nil, fmt.Errorf("%d ZeroMQ addresses for %d daemons: give one for each, in the same order", len(n.ZMQ), len(list))
	}
	return list, nil
}

// FirstJob is what the pool's file says about the first job after a block.
func (n NewPool) FirstJob() string {
	if c, err := coin.Lookup(n.Coin); err == nil {
		if network, err := c.Network(n.Network); err == nil {
			return defaultFirstJob(network)
		}
	}
	return FirstJobFull
}

// writer collects files and writes them only when all are ready.
type writer struct {
	dir   string
	files []pendingFile
	err   error
}

type pendingFile struct {
	name string
	text []byte
	mode os.FileMode
}

func (w *writer) secret(name, value string) {
	w.files = append(w.files, pendingFile{name, []byte(value + "\n"), 0o600})
}

func (w *writer) render(name, text string, data any) {
	functions := template.FuncMap{"json": func(v any) (string, error) {
		b, err := json.Marshal(v)
		return string(b), err
	}}
	var b bytes.Buffer
	if err := template.Must(template.New(name).Funcs(functions).Parse(text)).Execute(&b, data); err != nil && w.err == nil {
		w.err = fmt.Errorf("write %s: %w", name, err)
	}
	w.files = append(w.files, pendingFile{name, b.Bytes(), 0o644})
}

func (w *writer) commit() ([]string, error) {
	if w.err != nil {
		return nil, w.err
	}
	for _, f := range w.files {
		if _, err := os.Stat(filepath.Join(w.dir, f.name)); err == nil {
			return nil, fmt.Errorf("%s is there already: edit it, or remove it first", filepath.Join(w.dir, f.name))
		}
	}
	var names []string
	for _, f := range w.files {
		path := filepath.Join(w.dir, f.name)
		mode := os.FileMode(0o755)
		if f.mode == 0o600 {
			mode = 0o700
		}
		if err := os.MkdirAll(filepath.Dir(path), mode); err != nil {
			return names, fmt.Errorf("write the configuration: %w", err)
		}
		if err := writeNew(path, f.text, f.mode); err != nil {
			return names, fmt.Errorf("write the configuration: %w", err)
		}
		names = append(names, path)
	}
	return names, nil
}

// writeNew writes a file that must not exist yet.
func writeNew(path string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
