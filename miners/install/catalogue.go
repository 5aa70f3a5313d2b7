package install

import (
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"

	"strings"
	"time"
)

// Form is the version of the catalogue's form that this package reads.
const Form = 1

// Closed stands as the licence of a program whose source nobody can read.
const Closed = "closed"

// A Catalogue lists the programs that can be installed. docs/catalogue.md
// explains it to whoever publishes one.
type Catalogue struct {
	Version  int       `json:"version"` // of the form: Form
	Issued   time.Time `json:"issued"`
	Programs []Program `json:"programs"`
}

// A Program is one version of one mining program, or of a coin's wallet.
type Program struct {
	Kind       Kind        `json:"kind,omitempty"`
	Name       string      `json:"name"` // a mining program's as miners.Driver.Name
	Version    string      `json:"version"`
	Licence    string      `json:"licence"` // an SPDX identifier, or Closed
	Publisher  string      `json:"publisher"`
	Homepage   string      `json:"homepage"`
	Source     string      `json:"source,omitempty"`     // where the source is; empty where it is closed
	Algorithms []Algorithm `json:"algorithms,omitempty"` // a mining program's
	Wallet     *Wallet     `json:"wallet,omitempty"`     // a wallet's
	Builds     []Build     `json:"builds"`               // the ones to prefer first
}

// Kind is what a program is for.
type Kind string

// The kinds of programs.
const (
	MinerKind  Kind = "" // a mining program
	WalletKind Kind = "wallet"
)

// A Wallet says which coins a wallet program keeps and how it is driven.
type Wallet struct {
	Coin   string       `json:"coin"` // as coin.Coin.ID
	Driver WalletDriver `json:"driver"`
	// Blocked are versions that must not run, installed by whomever, because they
	// are known to do harm.
	Blocked []Blocked `json:"blocked,omitempty"`
}

// WalletDriver is the family that a wallet program belongs to.
type WalletDriver string

// The families of wallet programs.
const (
	Core     WalletDriver = "core"     // Bitcoin Core and its kin: a whole node
	Electrum WalletDriver = "electrum" // Electrum and its kin: asks servers
)

// Blocked is a version that must not run, and why.
type Blocked struct {
	Version string `json:"version"`
	Reason  string `json:"reason"` // a sentence for the person
}

// BlockedVersion returns why a version must not run. 30.0 and 30.0.0 are one version.
func (w Wallet) BlockedVersion(version string) (reason string, blocked bool) {
	for _, b := range w.Blocked {
		if shortVersion(b.Version) == shortVersion(version) {
			return b.Reason, true
		}
	}
	return "", false
}

func shortVersion(v string) string {
	for strings.HasSuffix(v, ".0") {
		v = strings.TrimSuffix(v, ".0")
	}
	return v
}

// Open reports whether anybody can read p's source.
func (p Program) Open() bool { return p.Licence != Closed }

// Hardware is what a build or an algorithm of a program runs on: the processor, or
// the graphics cards of one maker.
type Hardware string

// The kinds of hardware.
const (
	CPU    Hardware = "cpu"
	AMD             = Hardware(miners.AMD)
	NVIDIA          = Hardware(miners.NVIDIA)
	Intel           = Hardware(miners.Intel)
)

// Algorithm is what a program takes for computing one algorithm.
type Algorithm struct {
	Name       pow.Algorithm `json:"name"` // in Adit's spelling
	Devices    []Hardware    `json:"devices"`
	FeePercent float64       `json:"fee_percent"` // that the program's author takes
	// MinMemory is what a device needs of its own memory, a processor of the
	// computer's, in bytes; 0 says nothing.
	MinMemory uint64 `json:"min_memory_bytes,omitempty"`
	// MinComputeCapability is what an NVIDIA card must have, as "6.1".
	MinComputeCapability string `json:"min_compute_capability,omitempty"`
}

// A Build is a program for one kind of system.
type Build struct {
	OS          string              `json:"os"`   // as runtime.GOOS
	Arch        string              `json:"arch"` // as runtime.GOARCH
	CPUFeatures []string            `json:"cpu_features,omitempty"`
	Devices     []Hardware          `json:"devices,omitempty"`    // a mining program's
	MinDriver   map[Hardware]string `json:"min_driver,omitempty"` // by maker, as "527.41"

	URLs    []string `json:"urls"` // of the same bytes, tried in turn
	Size    int64    `json:"size"` // of what the addresses give, in bytes
	SHA256  string   `json:"sha256"`
	Archive Archive  `json:"archive"`

	Executable string `json:"executable"` // one of the Files; of a Core wallet, the daemon
	// Window is the file of a wallet's program with a window, where that is another
	// one than Executable or where there is one at all.
	Window string `json:"window,omitempty"`
	Files  []File `json:"files"` // those to keep; the rest of the archive is not written
}

// Archive is how a build is packed.
type Archive string

// The ways to pack.
const (
	Zip      Archive = "zip"
	TarGzip  Archive = "tar.gz"
	TarXZ    Archive = "tar.xz"
	SevenZip Archive = "7z"
	Plain    Archive = "plain" // the executable file itself
)

// A File is one file of a build, by its path in the archive with slashes.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// unpackedSize returns how much disk the files of b take, in bytes.
func (b Build) unpackedSize() (total int64) {
	for _, f := range b.Files {
		total += f.Size
	}
	return total
}
