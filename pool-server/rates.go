package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// ratesEvery is how often what vardiff knows of the workers is written down. A crash
// costs no more than that some begin a little off.
const ratesEvery = 5 * time.Minute

// ratesFile is where a pool's workers' rates lie: data/rates/POOL.json, a line each.
func (p *pool) ratesFile() string {
	return filepath.Join(p.server.config.DataDir(), "rates", p.config.ID+".json")
}

// loadRates reads what an earlier run wrote. It is a help only: if it cannot be read
// the pool starts without.
func (p *pool) loadRates() *stratum.Rates {
	rates := stratum.NewRates(0)
	f, err := os.Open(p.ratesFile())
	if errors.Is(err, fs.ErrNotExist) {
		return rates
	}
	if err == nil {
		defer f.Close()
		err = rates.Read(f)
	}
	if err != nil {
		p.log.Warn("some workers begin with the port's difficulty: their rates cannot be read", "file", p.ratesFile(), "err", err)
	}
	return rates
}

// keepRates writes the rates down until ctx ends.
func (p *pool) keepRates(ctx context.Context) error {
	tick := time.NewTicker(ratesEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, port := range p.ports {
				port.stratum.NoteRates()
			}
			p.writeRates()
		case <-ctx.Done():
			return nil
		}
	}
}

// writeRates puts a new file into the place of the old one.
func (p *pool) writeRates() {
	if err := p.replaceRates(); err != nil {
		p.log.Warn("the workers' rates cannot be written down", "file", p.ratesFile(), "err", err)
	}
}

func (p *pool) replaceRates() (err error) {
	name := p.ratesFile()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), p.config.ID+".*.new")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriter(f)
	_, err = p.rates.WriteTo(w)
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return os.Rename(f.Name(), name)
}
