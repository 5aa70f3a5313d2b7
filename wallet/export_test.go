package wallet

// What the crash tests need of the insides.
type (
	Disk   = disk
	OSDisk = osDisk
)

var (
	ImportOn  = importKey
	ReplaceOn = replaceKey
)
