package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/user"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/adit-mining/adit/pool-server/admin"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/control"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

const adminUsage = `usage: adit-pool admin ACTION --dir DIR [flags]

  link   print a link that lets you into the operator's pages of the running server.
         It is good once and for ten minutes; anybody who has it gets in.
         --name NAME is how the audit log calls you
  close  end all links and sessions: the pages are as if they were not there
  log    [--json] [--last N] what operators did, and who tried to be one
`

// What the command line asks the running server for, and with which values.
const (
	actionAdminLink  = "adminlink"
	actionAdminClose = "adminclose"
	valueName        = "name"
)

// runAdmin is the operator's way to the pages for operators.
func runAdmin(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
		io.WriteString(stderr, adminUsage)
		return errors.New("no action")
	}
	action := args[0]
	f := newFlags("admin "+action, stderr)
	dir := f.String("dir", "adit-pool", "the configuration folder")
	name := f.String("name", consoleUser(), "how the audit log calls you")
	asJSON := f.Bool("json", false, "log: print one JSON object a line, the oldest first")
	last := f.Int("last", 0, "log: only so many of the newest; 0 means all")
	if err := parse(f, args[1:]); err != nil {
		return err
	}
	values := url.Values{valueName: {*name}}
	switch action {
	case "link":
		return printLink(ctx, *dir, values, stdout)
	case "close":
		_, err := control.Call(ctx, config.ControlFile(*dir), actionAdminClose, values)
		if err == nil {
			fmt.Fprintln(stdout, "closed: all links and sessions have ended")
		}
		return err
	case "log":
		return printAudit(ctx, *dir, *last, *asJSON, stdout)
	}
	return fmt.Errorf("no such action: %q\n%s", action, adminUsage)
}

// consoleUser is who runs this program, as the system knows.
func consoleUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "console"
}

func printLink(ctx context.Context, dir string, values url.Values, stdout io.Writer) error {
	text, err := control.Call(ctx, config.ControlFile(dir), actionAdminLink, values)
	if err != nil {
		return err
	}
	var link admin.Link
	if err := json.Unmarshal([]byte(text), &link); err != nil {
		return fmt.Errorf("the server's answer: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "%s\n\nGood once, until %s (10 minutes). Whoever has it gets in: give it to nobody.\nWithout JavaScript: open the part before the # and type %s\n",
		link.URL, link.Expires.Local().Format("15:04:05"), link.Code)
	return err
}

// printAudit prints the audit log from the ledger, whether the server runs or not.
func printAudit(ctx context.Context, dir string, last int, asJSON bool, stdout io.Writer) error {
	c, err := config.Load(dir)
	if err != nil {
		return err
	}
	book, err := openLedgerThere(ctx, c)
	if err != nil {
		return err
	}
	defer book.Close()
	all, err := book.AuditLog(ctx, last)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(stdout, 0, 4, 2, ' ', 0)
	for i := len(all) - 1; i >= 0; i-- {
		e := all[i]
		if asJSON {
			if err := json.NewEncoder(stdout).Encode(e); err != nil {
				return err
			}
			continue
		}
		// Quoted: strangers write some of it, and a terminal obeys what it is told.
		fmt.Fprintf(t, "%s\t%q\t%q\t%s %q\t%s\t%q\t%q\n", e.At.Format(time.DateTime), e.Who, e.Source, e.Action, e.Subject, e.Pool, e.Outcome, e.Reason)
	}
	return t.Flush()
}

// openAdmin puts the operator's pages before the website. They are closed.
func (s *server) openAdmin() (err error) {
	s.admin, err = admin.New(admin.Config{
		Name: func() string { return s.config.Server.Name }, URL: func() string { return s.config.Server.URL },
		Pools: s.adminPools, Book: s.ledger, Closed: s.site, Log: s.log.With("part", "admin"),
	})
	if err != nil {
		return err
	}
	both := http.NewServeMux()
	both.Handle(admin.Root, s.admin)
	both.Handle(admin.Root+"/", s.admin)
	both.Handle("/", s.site)
	s.site = both
	return nil
}

// adminControls is what the command line can ask for about the operator's pages.
func (s *server) adminControls(mux *http.ServeMux) {
	mux.HandleFunc("POST /"+actionAdminLink, func(w http.ResponseWriter, r *http.Request) {
		link, err := s.admin.NewLink(r.Context(), r.PostFormValue(valueName), s.siteAddress())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(link)
	})
	mux.HandleFunc("POST /"+actionAdminClose, func(w http.ResponseWriter, r *http.Request) {
		if err := s.admin.Close(r.Context(), r.PostFormValue(valueName)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
}

// siteAddress is where the operator reaches the website: as it is configured, or else
// on this computer.
func (s *server) siteAddress() string {
	if own := s.config.Server.URL; own != "" {
		return own
	}
	address := s.web.Addr().(*net.TCPAddr)
	host := address.IP.String()
	if address.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(address.Port))
}

// adminPools is the pools as they are now.
func (s *server) adminPools() []admin.Pool {
	pools := make([]admin.Pool, len(s.pools))
	for i, p := range s.pools {
		c := p.config.CoinData()
		pools[i] = admin.Pool{
			ID: p.config.ID, Coin: c.Name, Symbol: c.Symbol, Network: p.config.Network, Amount: c.FormatAmount,
			Enabled: p.config.Payouts.Enabled, Status: p.keeper.Status(),
			Account: func(name string) string { return accountName(p.config, name) },
			Wallet:  walletView{p.clients[0]}, Hand: p.carryOut,
		}
	}
	return pools
}

// walletView is what the operator's pages see of the wallet that pays.
type walletView struct{ client *node.Client }

func (w walletView) Spendable(ctx context.Context) (coin.Amount, error) { return w.client.Balance(ctx) }

func (w walletView) Confirmations(ctx context.Context, txid string) (n int64, known bool, err error) {
	status, err := w.client.TxStatus(ctx, txid)
	return status.Confirmations, status.Known, err
}

// carryOut does what an operator orders on the page.
func (p *pool) carryOut(ctx context.Context, o admin.Order) (string, error) {
	defer p.keeper.Kick()
	if o.Action == admin.Pay {
		return p.payByOrder(ctx, o.Account)
	}
	return carryOut(ctx, p.config, p.server.ledger, func() (*payouts.Keeper, error) { return p.keeper, nil }, o)
}

// payByOrder makes a run now and says what came of it.
func (p *pool) payByOrder(ctx context.Context, account string) (string, error) {
	made := payNow(ctx, p.keeper, p.server.ledger, account)
	var said []string
	for _, y := range made.Payouts {
		said = append(said, fmt.Sprintf("payout %d: %s, %s %s to %d accounts", y.Payout, y.Status, p.config.CoinData().FormatAmount(y.Total), p.config.CoinData().Symbol, y.Accounts))
	}
	switch {
	case made.Error != "":
		return "", errors.New(strings.Join(append(said, made.Error), "\n"))
	case len(said) == 0:
		return "nobody is due", nil
	}
	return strings.Join(said, "\n"), nil
}
