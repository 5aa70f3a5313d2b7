package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/adit-mining/adit/pool-server/admin"
	"github.com/adit-mining/adit/pool-server/certificate"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/control"
	"github.com/adit-mining/adit/pool-server/gateway"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/metrics"
	"github.com/adit-mining/adit/pool-server/sharelog"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/pool-server/stratum"
)

// shutdownTime is how long the website may take to finish its answers.
const shutdownTime = 3 * time.Second

func runServe(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("serve", stderr)
	dir := f.String("dir", "adit-pool", "the configuration folder")
	acceptLost := f.Bool("accept-lost-shares", false, "go on without the shares of a share log that is lost; only after a start that was refused for it")
	if err := parse(f, args); err != nil {
		return err
	}
	c, err := config.Load(*dir)
	if err != nil {
		return err
	}
	log, closeLog, err := openLog(c, stderr)
	if err != nil {
		return err
	}
	defer closeLog()
	s, err := newServer(ctx, c, log, *acceptLost)
	if err != nil {
		return err
	}
	defer s.close()
	for _, p := range s.pools {
		for _, port := range p.ports {
			fmt.Fprintf(stdout, "stratum %s: stratum+tcp://%s\n", p.config.ID, port.listener.Addr())
		}
	}
	if s.metrics != nil {
		fmt.Fprintf(stdout, "metrics: http://%s%s\n", s.metrics.Addr(), metrics.Path)
	}
	fmt.Fprintf(stdout, "website: http://%s\n", s.web.Addr())
	return s.run(ctx)
}

// server is one running adit-pool: what all its pools share.
type server struct {
	config     *config.Config
	log        *slog.Logger
	began      time.Time
	acceptLost bool // the operator says that a lost share log is lost
	ledger     *ledger.Ledger
	shares     *sharelog.Log
	stats      *stats.Stats
	pools      []*pool
	web        net.Listener
	site       http.Handler
	admin      *admin.Panel
	metrics    net.Listener  // nil if metrics have no listener of their own
	numbers    http.Handler  // what is there
	door       *control.Door // for the command line
	unlock     func()        // lets others pay from this folder; nil: they can

	gate        *stratum.Door            // of all stratum ports
	certificate *certificate.Certificate // nil if there is none

	scanning gateway.Turn // held while a daemon looks for somebody's coins: one at a time

	notCounted atomic.Bool // shares are in the log, but the ledger does not take them
}

// newServer opens everything that can fail: files, ports, the pools' settings.
// Nothing runs yet. close gives it back. acceptLost lets it go on behind a share
// log that was lost.
func newServer(ctx context.Context, c *config.Config, log *slog.Logger, acceptLost bool) (*server, error) {
	s := &server{config: c, log: log, began: time.Now(), acceptLost: acceptLost, stats: stats.New(stats.Options{}), scanning: gateway.NewTurn()}
	if err := s.open(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *server) open(ctx context.Context) (err error) {
	c, log := s.config, s.log
	// The share log holds the folder's lock: a second server ends here.
	s.shares, err = sharelog.Open(sharelog.Options{
		Dir:        filepath.Join(c.DataDir(), "sharelog"),
		URL:        c.Server.ShareLog.URL,
		Durability: sharelog.Durability(c.Server.ShareLog.Durability),
		AcceptLost: s.acceptLost,
		Log:        log.With("part", "sharelog"),
	})
	var damage *sharelog.DamageError
	switch {
	case errors.As(err, &damage):
		return fmt.Errorf("%w. Put the folder back as it was; nothing was changed. "+
			"If it is lost for good, start once with --accept-lost-shares to go on without what the ledger has not applied yet", err)
	case err != nil:
		return fmt.Errorf("open the share log: %w", err)
	}
	if s.unlock, err = lockPayments(c); err != nil {
		return err
	}
	if s.ledger, err = openLedger(ctx, c); err != nil {
		return fmt.Errorf("open the ledger: %w. %s", err, ledgerAdvice(c))
	}
	if err := s.matchLogAndLedger(ctx); err != nil {
		return err
	}
	if err := s.openGate(); err != nil {
		return err
	}
	if s.web, err = net.Listen("tcp", c.Server.HTTP.Listen); err != nil {
		return fmt.Errorf("http.listen: %w", err)
	}
	if s.door, err = control.Open(config.ControlFile(c.Dir)); err != nil {
		return err
	}
	for _, p := range c.EnabledPools() {
		opened, err := newPool(ctx, s, p)
		if err != nil {
			return fmt.Errorf("pool %s: %w", p.ID, err)
		}
		s.pools = append(s.pools, opened)
	}
	if s.site, err = s.newSite(); err != nil {
		return fmt.Errorf("website: %w", err)
	}
	if err := s.openAdmin(); err != nil {
		return err
	}
	return s.openMetrics()
}

func (s *server) close() {
	for _, p := range s.pools {
		p.close()
	}
	if s.web != nil {
		s.web.Close() // already closed after a run
	}
	if s.metrics != nil {
		s.metrics.Close()
	}
	if s.door != nil {
		if err := s.door.Close(); err != nil {
			s.log.Warn("close the control port", "err", err)
		}
	}
	if s.ledger != nil {
		if err := s.ledger.Close(); err != nil {
			s.log.Error("close the ledger", "err", err)
		}
	}
	if s.shares != nil {
		if err := s.shares.Close(); err != nil {
			s.log.Error("close the share log", "err", err)
		}
	}
	if s.unlock != nil {
		s.unlock()
	}
}

// run runs everything until ctx ends or a part fails. The share log's writer
// outlives the stratum servers, so that shares under way are still answered.
func (s *server) run(ctx context.Context) error {
	logCtx, stopLog := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLog()
	var writer errgroup.Group
	writer.Go(func() error { return s.shares.Run(logCtx) })

	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return s.applyShares(ctx) })
	parts.Go(func() error { return s.serveHTTP(ctx, "website", s.web, s.site) })
	if s.metrics != nil {
		parts.Go(func() error { return s.serveHTTP(ctx, "metrics", s.metrics, s.numbers) })
	}
	parts.Go(func() error { return s.door.Run(ctx, s.controls()) })
	parts.Go(func() error { return s.takeSnapshots(ctx) })
	parts.Go(func() error { return s.tidy(ctx) })
	if s.certificate != nil {
		parts.Go(func() error { return s.certificate.Run(ctx) })
	}
	for _, p := range s.pools {
		parts.Go(func() error { return p.run(ctx) })
	}
	s.log.Info("the pool is up", "pools", len(s.pools), "website", "http://"+s.web.Addr().String())
	err := parts.Wait()
	stopLog()
	err = errors.Join(err, writer.Wait())
	s.log.Info("the pool has stopped")
	return err
}

// serveHTTP answers on l, which is called name, until ctx ends.
func (s *server) serveHTTP(ctx context.Context, name string, l net.Listener, h http.Handler) error {
	web := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	var g errgroup.Group
	g.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		if err := web.Shutdown(stop); err != nil {
			return web.Close()
		}
		return nil
	})
	if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return g.Wait()
}
