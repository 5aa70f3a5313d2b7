package hwdetect

import "strings"

// Cause is why a device cannot mine, for programs and translators. The values are
// part of adit devices --json and are never given another meaning.
type Cause string

// The causes.
const (
	NoCause            Cause = ""
	VirtualAdapter     Cause = "virtual-adapter"
	ServerDisplay      Cause = "server-display"
	LentToVM           Cause = "lent-to-vm"
	NoDriver           Cause = "no-driver"           // args: driver
	BasicDriver        Cause = "basic-driver"        // Windows draws with its own; args: driver
	SwitchedOff        Cause = "switched-off"        // a laptop's second card
	Disabled           Cause = "disabled"            // in Windows' Device Manager
	Nouveau            Cause = "nouveau"             // args: driver
	DriverTooOld       Cause = "driver-too-old"      // args: have, need
	DriverMismatch     Cause = "driver-mismatch"     // updated, not started again
	DriverSilent       Cause = "driver-not-loaded"   // installed, but its kernel module is not
	CardLost           Cause = "card-lost"           // fell off the bus
	NoPermission       Cause = "no-permission"       // args: group
	NoOpenCL           Cause = "no-opencl"           // args: package
	CardTooOld         Cause = "card-too-old"        //
	IntegratedGraphics Cause = "integrated"          //
	TooLittleMemory    Cause = "too-little-memory"   // args: have_mib, need_mib
	Partitioned        Cause = "partitioned"         // MIG, vGPU
	NoPrograms         Cause = "no-programs-for-mac" // macOS has none for graphics
)

// Causes lists every cause but NoCause, for whoever has to have words for each.
func Causes() []Cause {
	return []Cause{VirtualAdapter, ServerDisplay, LentToVM, NoDriver, BasicDriver, SwitchedOff, Disabled, Nouveau, DriverTooOld, DriverMismatch,
		DriverSilent, CardLost, NoPermission, NoOpenCL, CardTooOld, IntegratedGraphics, TooLittleMemory, Partitioned, NoPrograms}
}

const nothingToDo = "There is nothing to do: the processor mines instead."

// sentences are what a cause says in English, with {arguments}.
var sentences = map[Cause]struct{ reason, advice string }{
	VirtualAdapter:     {"This is a virtual machine's display adapter; no chip is behind it.", nothingToDo},
	ServerDisplay:      {"This chip only draws a server's console.", nothingToDo},
	LentToVM:           {"The card is lent to a virtual machine.", "Give it back to this system, or run Adit inside that machine."},
	NoDriver:           {"No driver is installed for this card.", "Install {driver}, then start the computer again."},
	BasicDriver:        {"Windows uses its own basic driver for this card, which only draws.", "Install {driver}, then start the computer again."},
	SwitchedOff:        {"The laptop's second graphics card is switched off.", "Switch it on (on Ubuntu: prime-select on-demand), then start the computer again."},
	Disabled:           {"The card is disabled in Windows.", "Enable it in the Device Manager, under display adapters."},
	Nouveau:            {"The nouveau driver cannot run mining programs.", "Install {driver}, then start the computer again."},
	DriverTooOld:       {"NVIDIA's driver {have} is too old for mining programs of today.", "Install NVIDIA's driver {need} or newer."},
	DriverMismatch:     {"NVIDIA's driver was updated while the old one was running.", "Start the computer again."},
	DriverSilent:       {"NVIDIA's driver is installed but not running.", "Start the computer again; where it has Secure Boot, let it enrol the driver's key. Else install the driver again."},
	CardLost:           {"The card stopped answering and fell off the bus.", "Switch the computer off and on; check the card's power plugs and riser."},
	NoPermission:       {"You are not allowed to use this card for computing.", "Run: sudo usermod -aG {group} $USER, then log out and in again."},
	NoOpenCL:           {"The part of the driver that computes (OpenCL) is not installed.", "Install {package}, then start Adit again."},
	CardTooOld:         {"The card is too old for mining programs of today.", nothingToDo},
	IntegratedGraphics: {"Built-in graphics share the processor's memory and power; mining on them would earn next to nothing.", nothingToDo},
	TooLittleMemory:    {"The card has too little memory for mining programs: {have_mib} MiB, and they need {need_mib}.", nothingToDo},
	Partitioned:        {"Only a slice of a shared card is here; mining programs need a whole one.", "Ask the owner of the server, or switch the slicing (MIG, vGPU) off."},
	NoPrograms:         {"There are no mining programs for graphics on macOS.", nothingToDo},
}

// say returns a cause's sentences with its arguments filled in.
func (c Cause) say(args map[string]string) (reason, advice string) {
	var pairs []string
	for name, value := range args {
		pairs = append(pairs, "{"+name+"}", value)
	}
	fill := strings.NewReplacer(pairs...)
	s := sentences[c]
	return fill.Replace(s.reason), fill.Replace(s.advice)
}
