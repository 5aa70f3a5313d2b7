package doctor

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// A sign is a file or folder that shows that an antivirus is there.
type sign struct {
	path    string // below the root
	product string
}

// signs are where antivirus programs put themselves, by their makers' manuals.
func signs(system string) []sign {
	switch system {
	case "windows":
		return []sign{
			{"Program Files/Avast Software/Avast", "Avast"}, {"Program Files/AVG/Antivirus", "AVG"},
			{"Program Files/ESET/ESET Security", "ESET"}, {"Program Files (x86)/Kaspersky Lab", "Kaspersky"},
			{"Program Files/Malwarebytes/Anti-Malware", "Malwarebytes"}, {"Program Files/Bitdefender", "Bitdefender"},
			{"Program Files/Norton Security", "Norton"}, {"Program Files/McAfee", "McAfee"},
			{"Program Files/Sophos", "Sophos"}, {"Program Files (x86)/Avira", "Avira"}, {"Program Files/ClamAV/clamd.exe", "ClamAV"},
		}
	case "darwin":
		return []sign{
			{"Applications/Avast.app", "Avast"}, {"Applications/Malwarebytes.app", "Malwarebytes"},
			{"Library/Sophos Anti-Virus", "Sophos"}, {"Applications/Microsoft Defender.app", "Microsoft Defender"},
			{"opt/homebrew/var/run/clamav/clamd.sock", "ClamAV"}, {"usr/local/var/run/clamav/clamd.sock", "ClamAV"},
		}
	}
	return []sign{
		{"run/clamav/clamd.ctl", "ClamAV"}, {"run/clamd.scan/clamd.sock", "ClamAV"}, {"run/clamav/clamd.sock", "ClamAV"},
		{"opt/microsoft/mdatp", "Microsoft Defender"}, {"opt/sophos-spl", "Sophos"}, {"opt/eset/eea", "ESET"},
		{"opt/kaspersky/kesl", "Kaspersky"}, {"opt/bitdefender-security-tools", "Bitdefender"},
	}
}

// antivirus looks whether the installed programs are whole, and who else looks at
// them. No file is made to provoke an antivirus.
func (c Config) antivirus(context.Context) []Finding {
	var found []Finding
	for _, file := range c.Programs {
		if code := damage(file); code != "" {
			found = append(found, finding(checkAntivirus, Trouble, code, "file", file))
		}
	}
	for _, product := range c.products() {
		found = append(found, finding(checkAntivirus, Good, "present", "product", product))
	}
	switch {
	case len(found) > 0:
		return found
	case len(c.Programs) == 0:
		return []Finding{finding(checkAntivirus, Good, "none")}
	}
	return []Finding{finding(checkAntivirus, Good, "ok")}
}

// damage tells what is wrong with a file that was installed whole, "" if nothing.
func damage(file string) (code string) {
	f, err := os.Open(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	case errors.Is(err, errnoInfected):
		return "blocked"
	case err != nil:
		return "unreadable"
	}
	defer f.Close()
	switch _, err := f.Read(make([]byte, 1)); {
	case err == io.EOF:
		return "empty"
	case errors.Is(err, errnoInfected): // some only look when it is read
		return "blocked"
	case err != nil:
		return "unreadable"
	}
	return ""
}

// products names the antivirus programs that there are signs of.
func (c Config) products() []string {
	root, system := c.Root, c.Machine.OS
	if system == "" {
		system = runtime.GOOS
	}
	var names []string
	if root == "" {
		root, names = systemRoot(), watchers()
	}
	for _, s := range signs(system) {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(s.path))); err == nil {
			names = append(names, s.product)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// systemRoot is where the system's own folders are.
func systemRoot() string {
	if runtime.GOOS == "windows" {
		return os.Getenv("SystemDrive") + `\`
	}
	return "/"
}
