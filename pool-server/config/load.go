package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/certificate"
)

// Names inside the configuration folder.
const (
	serverFile = "server.json"
	poolsDir   = "pools"
	secretsDir = "secrets"
	dataDir    = "data"
	logsDir    = "logs"
)

// Load reads the configuration folder dir. The error is a Faults with everything
// that is wrong, or says why the folder could not be read.
func Load(dir string) (*Config, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("configuration folder: %w", err)
	}
	c := &Config{Dir: dir, Server: Default(), Loaded: time.Now()}
	server, err := readDocument(dir, serverFile, &c.Server)
	if err != nil {
		return nil, err
	}
	faults := server.faults
	faults = append(faults, c.Server.validate(dir, server)...)

	names, err := poolFiles(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		p := DefaultPool()
		p.ID = strings.TrimSuffix(name, ".json")
		doc, err := readDocument(dir, filepath.Join(poolsDir, name), &p)
		if err != nil {
			return nil, err
		}
		faults = append(faults, doc.faults...)
		if p.Enabled {
			faults = append(faults, p.validate(dir, doc)...)
		}
		c.Pools = append(c.Pools, p)
	}
	faults = append(faults, c.validateTogether()...)
	if len(faults) > 0 {
		return nil, faults
	}
	return c, nil
}

func readDocument(dir, file string, into any) (*document, error) {
	text, err := os.ReadFile(filepath.Join(dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no %s in %s: make a configuration with \"adit-pool init --dir %s …\"", file, dir, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return decodeFile(filepath.ToSlash(file), text, into), nil
}

func poolFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, poolsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".json") {
			names = append(names, e.Name())
		}
	}
	sort.Strings(names)
	return names, nil
}

// Path returns file as an absolute path; a relative one is taken from the
// configuration folder.
func (c *Config) Path(file string) string {
	return within(c.Dir, file)
}

// TLSFiles are the certificate's files. ok is false if there is none.
func (c *Config) TLSFiles() (f certificate.Files, ok bool) {
	t := c.Server.TLS
	return certificate.Files{Certificate: c.Path(t.Certificate), Key: c.Path(t.Key)}, t.Certificate != ""
}

// DataDir is where the share log and the ledger lie.
func (c *Config) DataDir() string { return filepath.Join(c.Dir, dataDir) }

// ControlFile is the file by which the command line reaches the running server of the
// configuration folder dir.
func ControlFile(dir string) string { return filepath.Join(dir, dataDir, "control.json") }

// LogDir is where the log files go.
func (c *Config) LogDir() string { return filepath.Join(c.Dir, logsDir) }

// EnabledPools returns the pools that are to run.
func (c *Config) EnabledPools() []*Pool {
	var pools []*Pool
	for i := range c.Pools {
		if c.Pools[i].Enabled {
			pools = append(pools, &c.Pools[i])
		}
	}
	return pools
}

// ReadSecret reads a password from its file, without the line's end.
func (c *Config) ReadSecret(file string) (Secret, error) {
	text, err := os.ReadFile(c.Path(file))
	if err != nil {
		return Secret{}, fmt.Errorf("read the secret: %w", err)
	}
	return NewSecret(strings.TrimRight(string(text), "\r\n")), nil
}
