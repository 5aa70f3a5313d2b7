//go:build windows

package hwdetect

import (
	"strings"

	"github.com/jaypipes/ghw"
	"golang.org/x/sys/windows/registry"
)

const (
	enumKey  = `SYSTEM\CurrentControlSet\Enum\`
	classKey = `SYSTEM\CurrentControlSet\Control\Class\`
)

// windowsCards asks WMI, by ghw, for the cards and the registry about each of them.
func (p Prober) windowsCards() ([]windowsCard, error) {
	if p.Root != "" {
		return p.recordedWindowsCards()
	}
	info, err := ghw.GPU(p.ghwOptions()...)
	if err != nil {
		return nil, err
	}
	var rows []windowsCard
	for _, c := range info.GraphicsCards {
		if c.DeviceInfo == nil {
			continue
		}
		w := windowsCard{PNP: strings.ReplaceAll(c.DeviceInfo.Address, `\\`, `\`), Version: c.DeviceInfo.Driver}
		if c.DeviceInfo.Product != nil {
			w.Name = known(c.DeviceInfo.Product.ID) // ghw's place for WMI's Name
		}
		w.askRegistry()
		rows = append(rows, w)
	}
	return rows, nil
}

// askRegistry fills in what the registry has; what it has not stays empty.
func (w *windowsCard) askRegistry() {
	device, err := registry.OpenKey(registry.LOCAL_MACHINE, enumKey+w.PNP, registry.QUERY_VALUE)
	if err != nil {
		return
	}
	defer device.Close()
	w.Location, _, _ = device.GetStringValue("LocationInformation")
	w.Flags, _, _ = device.GetIntegerValue("ConfigFlags")
	class, _, err := device.GetStringValue("Driver") // {4d36e968-...}\0001
	if err != nil {
		return
	}
	driver, err := registry.OpenKey(registry.LOCAL_MACHINE, classKey+class, registry.QUERY_VALUE)
	if err != nil {
		return
	}
	defer driver.Close()
	w.Provider, _, _ = driver.GetStringValue("ProviderName")
	w.Memory, _, _ = driver.GetIntegerValue("HardwareInformation.qwMemorySize")
}
