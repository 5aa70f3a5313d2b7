//go:build !windows

package install

// signs are files of scanners' daemons. Of ClamAV only what scans by itself counts:
// the command line tool removes nothing unasked.
var signs = []Scanner{
	{"ClamAV", "run/clamav/clamd.ctl"},
	{"ClamAV", "run/clamd.scan/clamd.sock"},
	{"ClamAV", "usr/sbin/clamonacc"},
	{"Microsoft Defender", "opt/microsoft/mdatp"},
	{"Sophos", "opt/sophos-spl"},
	{"ESET", "opt/eset"},
	{"Bitdefender", "opt/bitdefender-security-tools"},
	{"CrowdStrike Falcon", "opt/CrowdStrike"},
	{"XProtect", "Library/Apple/System/Library/CoreServices/XProtect.bundle"},
	{"Malwarebytes", "Library/Application Support/Malwarebytes"},
}

func scanners(root string) []Scanner { return found(root, signs) }
