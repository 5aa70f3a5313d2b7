package hwdetect

// Card is a graphics card with its places in the lists of mining programs, which
// count from 0 by PCI address.
type Card struct {
	Device
	Index int // among its vendor's cards
	All   int // among all cards
}

// Cards returns the graphics cards that the runtimes of their vendors list, which
// are those that mining programs count, whether or not each of them can mine. A card
// without a driver, or lent to a virtual machine, is none of them.
func (m Machine) Cards() []Card {
	var cards []Card
	perVendor := map[string]int{}
	for _, d := range m.Devices { // they are in the order of their addresses
		if d.Kind != GPUKind || d.GPU == nil || !counted(d.Cause) {
			continue
		}
		cards = append(cards, Card{Device: d, Index: perVendor[d.GPU.VendorID], All: len(cards)})
		perVendor[d.GPU.VendorID]++
	}
	return cards
}

// counted reports whether a card with this cause is listed by its runtime.
func counted(c Cause) bool {
	switch c {
	case NoCause, TooLittleMemory, IntegratedGraphics, Partitioned, CardTooOld:
		return true
	}
	return false
}
