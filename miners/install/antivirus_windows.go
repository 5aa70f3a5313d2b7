package install

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/windows/registry"
)

// providers is where Windows' Security Center keeps the scanners that registered
// with it; WMI's AntiVirusProduct shows the same list.
const providers = `SOFTWARE\Microsoft\Security Center\Provider\Av`

func scanners(string) []Scanner {
	list := registered()
	if len(list) == 0 {
		list = found(os.Getenv("ProgramFiles"), []Scanner{{"Microsoft Defender", "Windows Defender/MsMpEng.exe"}})
	}
	return list
}

func registered() (list []Scanner) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, providers, registry.ENUMERATE_SUB_KEYS)
	if err != nil {
		return nil
	}
	defer key.Close()
	names, _ := key.ReadSubKeyNames(-1) // what could be read is what we know
	for _, name := range names {
		path := filepath.Join(providers, name)
		product, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
		if err != nil {
			continue
		}
		if display, _, err := product.GetStringValue("DISPLAYNAME"); err == nil {
			list = append(list, Scanner{display, `HKLM\` + path})
		}
		product.Close()
	}
	return list
}
