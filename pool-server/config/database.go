package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ledgerFile is the ledger of a pool without a database server, in the data folder.
const ledgerFile = "ledger.db"

// databaseSecret is where Init puts the database's password.
const databaseSecret = secretsDir + "/database"

// databaseWanted is what a fault of the database's address says.
const databaseWanted = "want a PostgreSQL database such as postgres://adit@127.0.0.1:5432/adit, or \"\" for a file in data/"

// LedgerFile is the ledger's file. ok is false if it lies in PostgreSQL.
func (c *Config) LedgerFile() (file string, ok bool) {
	return LedgerFileIn(c.Dir), c.Server.Database == ""
}

// Ledger is where the ledger lies: a file, or an address of PostgreSQL with its password.
func (c *Config) Ledger() (Secret, error) {
	if file, ok := c.LedgerFile(); ok {
		return NewSecret(file), nil
	}
	u, err := url.Parse(c.Server.Database)
	if err != nil {
		return Secret{}, errors.New("database: " + databaseWanted) // the error would repeat all of it
	}
	if c.Server.DatabasePasswordFile != "" {
		password, err := c.ReadSecret(c.Server.DatabasePasswordFile)
		if err != nil {
			return Secret{}, fmt.Errorf("databasePasswordFile: %w", err)
		}
		u.User = url.UserPassword(u.User.Username(), password.Reveal())
	}
	return NewSecret(u.String()), nil
}

// parseDatabase reads the address of a database. Its errors hold no password.
func parseDatabase(address string) (u *url.URL, password string, err error) {
	u, err = url.Parse(address)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || strings.Trim(u.Path, "/") == "" || strings.Count(u.Path, "/") != 1 {
		return nil, "", errors.New(databaseWanted)
	}
	q := u.Query()
	password, inUser := u.User.Password()
	if q.Has("password") {
		if inUser {
			return nil, "", errors.New("the address has two passwords")
		}
		password = q.Get("password")
		q.Del("password")
		u.RawQuery = q.Encode()
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	return u, password, nil
}

func (s *Server) validateDatabase(c *checker, dir string) {
	if s.Database == "" {
		c.check(s.DatabasePasswordFile == "", "databasePasswordFile", "there is no database that it is for: the ledger is a file")
		return
	}
	u, password, err := parseDatabase(s.Database)
	if !c.check(err == nil, "database", "%v", err) {
		return
	}
	c.check(password == "", "database", "put the password into a file that only you can read, such as %s, and the file's name into databasePasswordFile", databaseSecret)
	if s.DatabasePasswordFile == "" {
		return
	}
	c.check(u.User.Username() != "", "database", "want the user whose password is in databasePasswordFile, such as postgres://adit@127.0.0.1:5432/adit")
	c.secret(dir, "databasePasswordFile", s.DatabasePasswordFile)
}

// newDatabase is what the template of server.json says of the database.
type newDatabase struct{ Address, PasswordFile string }

// database plans a secret file for the database's password.
func (n NewPool) database(w *writer) (d newDatabase, err error) {
	if n.Database == "" {
		return d, nil
	}
	u, password, err := parseDatabase(n.Database)
	if err != nil {
		return d, fmt.Errorf("database: %w", err)
	}
	if password != "" {
		d.PasswordFile = databaseSecret
		w.secret(databaseSecret, password)
	}
	d.Address = u.String()
	return d, nil
}
