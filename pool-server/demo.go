package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/devnet"
)

// The demo's pool: cheap shares at first, vardiff brings each miner to a few a second, so
// that a block has several; the coins may be spent after six confirmations.
const (
	demoUser          = "demo"
	demoDifficulty    = 1e-4
	demoShareEvery    = 300 * time.Millisecond
	demoConfirmations = devnet.DefaultMaturity + 1
	demoPayoutMinimum = "0.01"
	demoPayoutEvery   = 5 * time.Second
)

func runDemo(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("demo", stderr)
	dir := f.String("dir", "demo", "the folder for the demo's coin and pool")
	web := f.String("http", "127.0.0.1:8080", "host:port for the website and API")
	stratum := f.String("stratum", "127.0.0.1:3333", "host:port for miners")
	if err := parse(f, args); err != nil {
		return err
	}
	d, err := openDemo(*dir, *web, *stratum)
	if err != nil {
		return err
	}
	defer d.close()
	log, closeLog, err := openLog(d.config, stderr)
	if err != nil {
		return err
	}
	defer closeLog()
	coinCtx, stopCoin := context.WithCancel(context.WithoutCancel(ctx))
	var coin errgroup.Group
	coin.Go(func() error { return d.chain.Serve(coinCtx, d.rpc) })
	coin.Go(func() error { return d.chain.Publish(coinCtx, d.zmq) })
	defer func() {
		// The coin goes last: the pool still asks it while it stops.
		stopCoin()
		if err := coin.Wait(); err != nil {
			log.Error("the demo's coin", "err", err)
		}
	}()
	s, err := newServer(ctx, d.config, log, false)
	if err != nil {
		return err
	}
	defer s.close()
	address := s.web.Addr()
	fmt.Fprintf(stdout, "coin: a regtest chain of this program's own, in %s\n", filepath.Join(d.config.Dir, "coin"))
	fmt.Fprintf(stdout, "website: http://%s\n", address)
	fmt.Fprintf(stdout, "stratum: stratum+tcp://%s\n", s.pools[0].ports[0].listener.Addr())
	fmt.Fprintf(stdout, "mine on it: adit mine --pool http://%s\n", address)
	return s.run(ctx)
}

// demo is the demo's coin and configuration.
type demo struct {
	config *config.Config
	chain  *devnet.Chain
	rpc    net.Listener
	zmq    net.Listener
}

func (d *demo) close() {
	d.rpc.Close() // already closed after Serve
	if d.zmq != nil {
		d.zmq.Close()
	}
	if d.chain != nil {
		d.chain.Close()
	}
}

// openDemo opens the demo in dir. The first time it writes an ordinary
// configuration, which may be looked at and changed; the ports of the command line
// hold for this run.
func openDemo(dir, web, stratum string) (d *demo, err error) {
	d = &demo{}
	// Only this machine can reach the coin's RPC, at a port that is free.
	if d.rpc, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("the demo coin's port: %w", err)
	}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if d.zmq, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return d, fmt.Errorf("the demo coin's publisher: %w", err)
	}
	if _, statErr := os.Stat(filepath.Join(dir, "server.json")); errors.Is(statErr, fs.ErrNotExist) {
		return d, d.create(dir, web, stratum)
	}
	if d.config, err = config.Load(dir); err != nil {
		return d, err
	}
	pools := d.config.EnabledPools()
	if len(pools) != 1 || len(pools[0].Daemons) != 1 || pools[0].Daemons[0].User != demoUser {
		return d, fmt.Errorf("%s is not a demo's folder; choose another one with --dir", dir)
	}
	p := pools[0]
	p.Daemons[0].URL, p.Daemons[0].ZMQ = "http://"+d.rpc.Addr().String(), "tcp://"+d.zmq.Addr().String()
	p.Ports[0].Listen, d.config.Server.HTTP.Listen = stratum, web
	password, err := d.config.ReadSecret(p.Daemons[0].PasswordFile)
	if err != nil {
		return d, err
	}
	d.chain, err = devnet.Open(devnet.Options{Dir: filepath.Join(dir, "coin"), User: demoUser, Password: password.Reveal()})
	return d, err
}

func (d *demo) create(dir, web, stratum string) (err error) {
	password := rand.Text()
	if d.chain, err = devnet.Open(devnet.Options{Dir: filepath.Join(dir, "coin"), User: demoUser, Password: password}); err != nil {
		return err
	}
	address, err := d.chain.NewAddress()
	if err != nil {
		return err
	}
	_, err = config.Init(dir, config.NewPool{
		Name: "Adit demo pool", Coin: "bitcoin", Network: "regtest", Address: address,
		Daemons: []string{fmt.Sprintf("http://%s:%s@%s", demoUser, password, d.rpc.Addr())},
		ZMQ:     []string{"tcp://" + d.zmq.Addr().String()},
		Stratum: stratum, HTTP: web,
		Difficulty: demoDifficulty, VarDiff: true, ShareEvery: demoShareEvery,
		FeePercent: 1, PayoutMinimum: demoPayoutMinimum, PayoutInterval: demoPayoutEvery, Confirmations: demoConfirmations,
	})
	if err != nil {
		return err
	}
	d.config, err = config.Load(dir)
	return err
}
