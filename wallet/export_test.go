package wallet

// What the crash tests need of the insides.
type (
	Disk   = disk
	OSDisk = osDisk
)

// cheapFactor keeps scrypt out of the tests' way.
const cheapFactor = 2

func on(d disk, dir, password string) folder {
	return folder{disk: d, dir: dir, password: password, factor: cheapFactor, ownFactor: cheapFactor}
}

func ImportOn(d disk, dir, password string, r Keyring) error {
	return on(d, dir, password).importKey(r)
}

func ReplaceOn(d disk, dir, password string, r Keyring) (string, error) {
	return on(d, dir, password).replace(r)
}

func RotateOn(d disk, dir, password string) (Keyring, string, error) {
	return on(d, dir, password).rotate()
}

func ProtectOn(d disk, dir, old, password string) error {
	return on(d, dir, old).protect(password)
}

func OpenOrCreateOn(d disk, dir, password string) (Keyring, bool, error) {
	return on(d, dir, password).openOrCreate()
}

// ReadDocument reads the plain text of a key file.
func ReadDocument(document []byte) (Keyring, error) {
	r, _, err := readDocument(document)
	return r, err
}
