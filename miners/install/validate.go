package install

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/adit-mining/adit/miners/pow"
)

// The most that a catalogue may ask for; all far above what mining programs need.
const (
	mostPrograms = 1000
	mostBuilds   = 100
	mostFiles    = 500
	mostMirrors  = 10
	mostBlocked  = 100
	mostDownload = 2 << 30 // bytes of one archive
	mostUnpacked = 4 << 30 // bytes of one build's files
)

var (
	nameForm    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	versionForm = regexp.MustCompile(`^[0-9A-Za-z]+([._+-][0-9A-Za-z]+)*$`)
	licenceForm = regexp.MustCompile(`^[0-9A-Za-z]+([.+-]+[0-9A-Za-z]+)*\+?$`)
	digestForm  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	dottedForm  = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9}){0,3}$`)
	featureForm = regexp.MustCompile(`^[A-Z0-9]{1,16}$`)
)

var (
	systems       = []string{"linux", "windows", "darwin", "freebsd"}
	architectures = []string{"amd64", "arm64", "386", "arm"}
	hardware      = []Hardware{CPU, AMD, NVIDIA, Intel}
	walletDrivers = []WalletDriver{Core, Electrum}
	archives      = []Archive{Zip, TarGzip, TarXZ, SevenZip, Plain}
)

// Validate reports everything that is wrong with c at once, each fault with the
// place that has to change.
func (c Catalogue) Validate() error {
	var f faults
	f.check(c.Version == Form, "version", fmt.Sprint(Form), c.Version)
	f.check(!c.Issued.IsZero(), "issued", "a time", "none")
	f.check(len(c.Programs) <= mostPrograms, "programs", fmt.Sprintf("%d at most", mostPrograms), len(c.Programs))
	seen := make(map[string]bool)
	for i, p := range c.Programs {
		at := f.at(fmt.Sprintf("programs[%d]", i))
		at.program(p)
		at.check(!seen[p.Name+" "+p.Version], "version", "one entry for each version", p.Name+" "+p.Version+" again")
		seen[p.Name+" "+p.Version] = true
		f.found = append(f.found, at.found...)
	}
	return errors.Join(f.found...)
}

// faults collects what is wrong below one place of the document.
type faults struct {
	place string
	found []error
}

func (f *faults) at(place string) faults {
	if f.place != "" {
		place = f.place + "." + place
	}
	return faults{place: place}
}

func (f *faults) check(ok bool, key, want string, have any) {
	if ok {
		return
	}
	place := f.at(key).place
	if text, isText := have.(string); isText {
		have = fmt.Sprintf("%.80q", text)
	}
	f.found = append(f.found, fmt.Errorf("%s: want %s, have %v", place, want, have))
}

func (f *faults) program(p Program) {
	f.check(nameForm.MatchString(p.Name) && len(p.Name) <= 32, "name", "up to 32 of a-z, 0-9 and -", p.Name)
	f.check(versionForm.MatchString(p.Version) && len(p.Version) <= 32, "version", "a version like 6.26.0", p.Version)
	f.check(licenceForm.MatchString(p.Licence), "licence", `an SPDX identifier or "closed"`, p.Licence)
	f.check(p.Publisher != "" && len(p.Publisher) <= 200, "publisher", "a name", p.Publisher)
	f.check(webAddress(p.Homepage), "homepage", "an http or https address", p.Homepage)
	f.check(p.Source == "" || webAddress(p.Source), "source", "an http or https address", p.Source)
	f.check(!p.Open() || p.Source != "", "source", "the address of the open program's source", "")
	f.kind(p)
	f.check(len(p.Builds) > 0 && len(p.Builds) <= mostBuilds, "builds", fmt.Sprintf("1 to %d", mostBuilds), len(p.Builds))
	for i, b := range p.Builds {
		at := f.at(fmt.Sprintf("builds[%d]", i))
		at.build(b, p.Kind)
		f.found = append(f.found, at.found...)
	}
}

// kind checks what only one kind of program has.
func (f *faults) kind(p Program) {
	switch p.Kind {
	case MinerKind:
		f.check(p.Wallet == nil, "wallet", `none, or the kind "wallet"`, "one")
		f.check(len(p.Algorithms) > 0, "algorithms", "one or more", 0)
		f.algorithms(p.Algorithms)
	case WalletKind:
		f.check(len(p.Algorithms) == 0, "algorithms", "none for a wallet", len(p.Algorithms))
		f.check(p.Wallet != nil, "wallet", "the coin and the driver", "none")
		if p.Wallet != nil {
			at := f.at("wallet")
			at.wallet(*p.Wallet, p.Version)
			f.found = append(f.found, at.found...)
		}
	default:
		f.check(false, "kind", `"wallet", or none for a mining program`, string(p.Kind))
	}
}

func (f *faults) wallet(w Wallet, version string) {
	f.check(nameForm.MatchString(w.Coin) && len(w.Coin) <= 32, "coin", "a coin's id, as litecoin", w.Coin)
	f.check(slices.Contains(walletDrivers, w.Driver), "driver", "core or electrum", string(w.Driver))
	f.check(len(w.Blocked) <= mostBlocked, "blocked", fmt.Sprintf("%d at most", mostBlocked), len(w.Blocked))
	for i, b := range w.Blocked {
		at := f.at(fmt.Sprintf("blocked[%d]", i))
		at.check(versionForm.MatchString(b.Version) && len(b.Version) <= 32, "version", "a version like 30.0", b.Version)
		at.check(b.Reason != "" && len(b.Reason) <= 500, "reason", "a sentence", b.Reason)
		f.found = append(f.found, at.found...)
	}
	_, blocked := w.BlockedVersion(version)
	f.check(!blocked, "blocked", "other versions than the program's own", version)
}

func (f *faults) algorithms(list []Algorithm) {
	seen := make(map[string]bool)
	for i, a := range list {
		at := f.at(fmt.Sprintf("algorithms[%d]", i))
		at.check(a.Name != "" && pow.Canonical(string(a.Name)) == a.Name, "name",
			fmt.Sprintf("Adit's spelling, %q", pow.Canonical(string(a.Name))), string(a.Name))
		at.check(a.FeePercent >= 0 && a.FeePercent < 100, "fee_percent", "0 to less than 100", a.FeePercent)
		at.check(a.MinComputeCapability == "" || dottedForm.MatchString(a.MinComputeCapability),
			"min_compute_capability", "a number like 6.1", a.MinComputeCapability)
		at.devices(a.Devices)
		for _, d := range a.Devices {
			row := string(a.Name) + " on " + string(d)
			at.check(!seen[row], "devices", "each algorithm once for each device", row+" again")
			seen[row] = true
		}
		f.found = append(f.found, at.found...)
	}
}

func (f *faults) devices(list []Hardware) {
	f.check(len(list) > 0, "devices", "one or more", 0)
	for _, d := range list {
		f.check(slices.Contains(hardware, d), "devices", "cpu, nvidia, amd or intel", string(d))
	}
}

func (f *faults) build(b Build, kind Kind) {
	f.check(slices.Contains(systems, b.OS), "os", strings.Join(systems, ", "), b.OS)
	f.check(slices.Contains(architectures, b.Arch), "arch", strings.Join(architectures, ", "), b.Arch)
	for _, feature := range b.CPUFeatures {
		f.check(featureForm.MatchString(feature), "cpu_features", "names like AVX2", feature)
	}
	if kind == WalletKind {
		f.check(len(b.Devices) == 0 && len(b.MinDriver) == 0, "devices", "none for a wallet", len(b.Devices))
	} else {
		f.devices(b.Devices)
		f.check(b.Window == "", "window", "none for a mining program", b.Window)
	}
	for maker, version := range b.MinDriver {
		f.check(maker != CPU && slices.Contains(b.Devices, maker), "min_driver", "makers of the build's devices", string(maker))
		f.check(dottedForm.MatchString(version), "min_driver."+string(maker), "a version like 527.41", version)
	}
	f.check(len(b.URLs) > 0 && len(b.URLs) <= mostMirrors, "urls", fmt.Sprintf("1 to %d", mostMirrors), len(b.URLs))
	for _, u := range b.URLs {
		f.check(webAddress(u), "urls", "http or https addresses", u)
	}
	f.check(b.Size > 0 && b.Size <= mostDownload, "size", fmt.Sprintf("1 to %d bytes", mostDownload), b.Size)
	f.check(digestForm.MatchString(b.SHA256), "sha256", "64 hexadecimal digits in lower case", b.SHA256)
	f.check(slices.Contains(archives, b.Archive), "archive", "zip, tar.gz, tar.xz, 7z or plain", string(b.Archive))
	f.files(b)
}

func (f *faults) files(b Build) {
	f.check(len(b.Files) > 0 && len(b.Files) <= mostFiles, "files", fmt.Sprintf("1 to %d", mostFiles), len(b.Files))
	seen, total := make(map[string]bool), int64(0)
	for i, file := range b.Files {
		at := f.at(fmt.Sprintf("files[%d]", i))
		fault := checkPath(file.Path)
		at.check(fault == nil, "path", fmt.Sprintf("a plain relative path (%v)", fault), file.Path)
		at.check(!seen[strings.ToLower(file.Path)], "path", "paths that differ by more than letter case", file.Path)
		at.check(file.Size >= 0 && file.Size <= mostUnpacked, "size", "the file's size in bytes", file.Size)
		at.check(digestForm.MatchString(file.SHA256), "sha256", "64 hexadecimal digits in lower case", file.SHA256)
		seen[strings.ToLower(file.Path)] = true
		total += min(max(file.Size, 0), mostUnpacked)
		f.found = append(f.found, at.found...)
	}
	f.check(total <= mostUnpacked, "files", fmt.Sprintf("%d bytes at most together", mostUnpacked), total)
	f.check(slices.ContainsFunc(b.Files, func(file File) bool { return file.Path == b.Executable }),
		"executable", "one of the files", b.Executable)
	f.check(b.Window == "" || slices.ContainsFunc(b.Files, func(file File) bool { return file.Path == b.Window }),
		"window", "one of the files", b.Window)
	if b.Archive == Plain {
		f.check(len(b.Files) == 1 && b.Files[0].Size == b.Size && b.Files[0].SHA256 == b.SHA256,
			"files", "for a plain executable, that alone with the download's size and sha256", len(b.Files))
	}
}

// webAddress reports whether text is an http or https address without a password.
func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= 2000 && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}
