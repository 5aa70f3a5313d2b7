package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/metrics"
)

func runCheck(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("check", stderr)
	dir := f.String("dir", "adit-pool", "the configuration folder")
	offline := f.Bool("offline", false, "look at the files only, ask no daemon")
	book := f.Bool("ledger", false, "prove the ledger instead, and hold it against the wallets")
	asJSON := f.Bool("json", false, "with --ledger: print one JSON object")
	if err := parse(f, args); err != nil {
		return err
	}
	c, err := config.Load(*dir)
	if err != nil {
		return err
	}
	if *book {
		return checkLedger(ctx, c, *asJSON, *offline, stdout)
	}
	printConfig(stdout, c)
	faults := checkCertificate(c)
	if !*offline {
		faults = append(faults, checkDatabase(ctx, c))
	}
	for _, p := range c.EnabledPools() {
		if *offline {
			break
		}
		faults = append(faults, checkDaemons(ctx, c, p, stdout)...)
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("the configuration is well written, but:\n%w", err)
	}
	if !*offline {
		fmt.Fprintln(stdout, "all well")
	}
	return nil
}

// checkDatabase asks the ledger's database whether it is there; a file needs no asking.
func checkDatabase(ctx context.Context, c *config.Config) error {
	if _, ok := c.LedgerFile(); ok {
		return nil
	}
	book, err := openLedger(ctx, c)
	if err != nil {
		return err
	}
	return book.Close()
}

// printConfig prints what is in force, defaults included.
func printConfig(w io.Writer, c *config.Config) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	defer t.Flush()
	fmt.Fprintf(t, "server\t%s\n", c.Server.Name)
	fmt.Fprintf(t, "  folder\t%s\n", c.Dir)
	fmt.Fprintf(t, "  website\thttp://%s\n", c.Server.HTTP.Listen)
	if c.Server.Contact != "" {
		fmt.Fprintf(t, "  contact\t%s\n", c.Server.Contact)
	}
	if c.Server.Rules != "" {
		fmt.Fprintf(t, "  rules\t%d bytes\n", len(c.Server.Rules))
	}
	fmt.Fprintf(t, "  ledger\t%s\n", ledgerText(c))
	fmt.Fprintf(t, "  share log\t%s\n", durabilityText(c.Server.ShareLog.Durability))
	fmt.Fprintf(t, "  connections\t%s\n", doorText(c.Server.Stratum))
	if files, ok := c.TLSFiles(); ok {
		fmt.Fprintf(t, "  TLS\t%s\n", files.Certificate)
	}
	if proxies := c.Server.Stratum.Proxies; len(proxies) > 0 {
		fmt.Fprintf(t, "  proxies\t%v\n", proxies)
	}
	fmt.Fprintf(t, "  metrics\t%s\n", metricsText(c.Server))
	for i := range c.Pools {
		p := &c.Pools[i]
		if !p.Enabled {
			fmt.Fprintf(t, "pool %s\tswitched off\n", p.ID)
			continue
		}
		fmt.Fprintf(t, "pool %s\t%s %s, %s\n", p.ID, p.CoinData().Name, p.Network, p.CoinData().Algorithm)
		fmt.Fprintf(t, "  address\t%s\n", p.Address)
		fmt.Fprintf(t, "  fee\t%v %%\n", p.FeePercent)
		for _, r := range p.Recipients {
			fmt.Fprintf(t, "  recipient\t%v %% to %s, in the %s\n", r.Percent, r.Address, r.In)
		}
		for _, d := range p.Daemons {
			fmt.Fprintf(t, "  daemon\t%s%s\n", d.URL, zmqText(d))
		}
		fmt.Fprintf(t, "  new block\t%s\n", firstJobText(p))
		for _, port := range p.Ports {
			fmt.Fprintf(t, "  stratum\t%s, %s%s\n", port.Listen, difficultyText(port), soloText(port))
		}
		fmt.Fprintf(t, "  payouts\t%s\n", payoutText(p))
		for _, currency := range slices.Sorted(maps.Keys(p.Prices)) {
			fmt.Fprintf(t, "  price\t%v %s\n", p.Prices[currency], currency)
		}
	}
}

// ledgerText says where the ledger lies.
func ledgerText(c *config.Config) string {
	if file, ok := c.LedgerFile(); ok {
		return file
	}
	return c.Server.Database
}

// durabilityText says what a durability means for shares that are acknowledged.
func durabilityText(durability string) string {
	if durability == config.DurabilityAsync {
		return "async: a share is acknowledged before it is on disk; a power cut may lose the last two minutes"
	}
	return durability + ": a share is acknowledged after it is on disk"
}

func metricsText(s config.Server) string {
	token := ""
	if s.Metrics.TokenFile != "" {
		token = ", with the token in " + s.Metrics.TokenFile
	}
	switch {
	case s.Metrics.Listen != "":
		return "http://" + s.Metrics.Listen + metrics.Path + token
	case token != "":
		return "http://" + s.HTTP.Listen + metrics.Path + token
	}
	return "switched off"
}

func zmqText(d config.Daemon) string {
	if d.ZMQ == "" {
		return ""
	}
	return ", publishes at " + d.ZMQ
}

func firstJobText(p *config.Pool) string {
	if p.EmptyFirst() {
		return "empty, then the daemon's template"
	}
	return "the daemon's template"
}

func difficultyText(p config.Port) string {
	if !p.VarDiff.Enabled {
		return fmt.Sprintf("difficulty %v", float64(p.Difficulty))
	}
	return fmt.Sprintf("difficulty from %v, adapted to a share every %v", float64(p.Difficulty), p.VarDiff.ShareEvery)
}

func soloText(p config.Port) string {
	if p.Solo {
		return ", solo"
	}
	return ""
}

// schemeText says whose work a block pays for.
func schemeText(p *config.Pool) string {
	text := p.Payouts.Scheme
	switch text {
	case config.SchemePPLNS:
		text += fmt.Sprintf(" over %v network difficulties", p.Payouts.Window)
	case config.SchemePPS:
		text += fmt.Sprintf(" with a reserve limit of %v %s", p.Payouts.ReserveLimit, p.CoinData().Symbol)
	}
	if p.Payouts.Solo && p.Payouts.Scheme != config.SchemeSOLO {
		text += fmt.Sprintf(", solo by m=solo for %v %%", p.Payouts.SoloFeePercent)
	}
	return text
}

func payoutText(p *config.Pool) string {
	if !p.Payouts.Enabled {
		return schemeText(p) + ", switched off: credits collect"
	}
	when := fmt.Sprintf("every %v", p.Payouts.Interval)
	if len(p.Payouts.At) > 0 {
		when = fmt.Sprintf("at %v UTC", p.Payouts.At)
	}
	fee := "the daemon's estimate"
	if p.Payouts.FeeRate > 0 {
		fee = fmt.Sprintf("%v %s for 1000 bytes", p.Payouts.FeeRate, p.CoinData().Symbol)
	}
	return fmt.Sprintf("%s, at least %v %s, %s, after %d confirmations, for a fee of %s, at most %v %%",
		schemeText(p), p.Payouts.Minimum, p.CoinData().Symbol, when, p.Maturity(), fee, p.Payouts.MaxFeePercent)
}
