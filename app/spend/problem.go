package spend

import (
	"errors"
	"fmt"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/wallet/corewallet"
	"github.com/adit-mining/adit/wallet/electrumwallet"
	"github.com/adit-mining/adit/wallet/program"
)

// A Code says what went wrong, for the view's texts and for callers that branch.
type Code string

// The codes.
const (
	NoWallet     Code = "no-wallet"     // the catalogue has none for the coin
	NoBuild      Code = "no-build"      // or none for this computer
	NoNetwork    Code = "no-network"    // the download is not to be had
	DiskFull     Code = "disk-full"     //
	WrongFile    Code = "wrong-file"    // another file than the catalogue names
	BadArchive   Code = "bad-archive"   // the archive is not what the catalogue says
	Infected     Code = "infected"      // the scanner knows the program as bad
	Blocked      Code = "blocked"       // an antivirus, or the system, does not let us
	NotInstalled Code = "not-installed" // or no longer what was installed
	BadVersion   Code = "bad-version"   // of the wallet, known to do harm
	NotStarted   Code = "not-started"   //
	InUse        Code = "in-use"        // by the wallet's own window
	WrongChain   Code = "wrong-chain"   // the program is of another coin or network
	Hangs        Code = "hangs"         // it runs and does not answer
	Ended        Code = "ended"         // it went by itself
	NotOurs      Code = "not-ours"      // the folder has somebody else's wallet in it
	Locked       Code = "locked"        // the wallet's passphrase was not given
	KeyLocked    Code = "key-locked"    // the mining key could not be had
	KeyRefused   Code = "key-refused"   // the program does not take it
	Pruned       Code = "pruned"        // the blocks to look through are gone
	Nothing      Code = "nothing"       // there is nothing to move
	NotTaken     Code = "not-taken"     // the network refuses the transaction
	Declined     Code = "declined"      // the person did not confirm
	Unknown      Code = "unknown"       // see the details
)

// A Problem is why a Run ended, in plain words.
type Problem struct {
	Code Code
	Step Step
	// Text is a sentence or two in English: what happened, and what to do. The view has
	// its own, by the Code.
	Text string
	// Detail is what a technical person may want to know.
	Detail string
	err    error
}

// Error returns the text and the details.
func (p *Problem) Error() string { return p.Text + " (" + p.Detail + ")" }

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.err }

// explain is the one place where an error becomes words for the person.
func explain(s Step, o Order, err error) *Problem {
	name := o.Network.Coin.Name
	p := &Problem{Step: s, Detail: program.Redact(err.Error()), err: err}
	p.Code, p.Text = words(name, err)
	return p
}

// causes are the errors that have words of their own, the most telling first.
var causes = []struct {
	is   error
	code Code
	text string // %s is the coin's name
}{
	{errNoWallet, NoWallet, "There is no wallet program for %s in the catalogue yet. You can still send your coins to an address."},
	{errNoBuild, NoBuild, "The wallet program for %s is not made for this kind of computer. You can still send your coins to an address."},
	{errNotes, Unknown, "The note of how far spending %s got cannot be read. Nothing is done before somebody has looked at it."},
	{errDeclined, Declined, "You did not confirm. None of your %s was moved."},
	{errOtherAddress, Unknown, "The transaction would have paid another address. None of your %s was moved."},
	{install.ErrWrongFile, WrongFile, "What was downloaded is not the wallet program for %s that the catalogue names, so it was thrown away. Try again later; if it happens again, tell us."},
	{install.ErrArchive, BadArchive, "The archive with the wallet program for %s is not what the catalogue says, so nothing of it is used. Please tell us."},
	{install.ErrDiskFull, DiskFull, "There is not enough room on the disk for the wallet program for %s."},
	{install.ErrUnavailable, NoNetwork, "The wallet program for %s could not be downloaded. Try again; what is there already is kept."},
	{install.ErrBlocked, Blocked, "An antivirus program keeps Adit from installing the wallet for %s."},
	{install.ErrMissing, NotInstalled, "A file of the wallet program for %s is gone, perhaps taken by an antivirus program. Start again to install it anew."},
	{install.ErrTampered, NotInstalled, "A file of the wallet program for %s was changed since it was installed, so it is not started. Start again to install it anew."},
	{corewallet.ErrBlocked, BadVersion, "This version of the wallet program for %s is known to do harm, so it is not used."},
	{electrumwallet.ErrBlocked, BadVersion, "This version of the wallet program for %s is known to do harm, so it is not used."},
	{corewallet.ErrInUse, InUse, "The wallet for %s is open in another window. Close that and try again."},
	{electrumwallet.ErrInUse, InUse, "The wallet for %s is open in another window. Close that and try again."},
	{corewallet.ErrWrongChain, WrongChain, "The program does not work with %s as it should: it is on another coin or network. Nothing was moved, and it did not get the key."},
	{electrumwallet.ErrWrongChain, WrongChain, "The program does not work with %s as it should: it is on another coin or network. Nothing was moved, and it did not get the key."},
	{program.ErrNotOurs, NotOurs, "The folder for the wallet for %s has something in it that Adit did not put there, so it is left alone."},
	{corewallet.ErrHangs, Hangs, "The wallet program for %s does not answer any more and was ended. Try again; it goes on where it was."},
	{electrumwallet.ErrHangs, Hangs, "The wallet program for %s does not answer any more and was ended. Try again; it goes on where it was."},
	{corewallet.ErrPruned, Pruned, "The wallet for %s has thrown away the old blocks in which your coins came. Move the coins instead: that works all the same."},
	{corewallet.ErrLocked, Locked, "The wallet for %s has a passphrase, and it was not given."},
	{electrumwallet.ErrLocked, Locked, "The wallet for %s has a passphrase, and it was not given."},
	{corewallet.ErrRefused, KeyRefused, "The wallet program for %s does not take the key. Move the coins instead."},
	{electrumwallet.ErrRefused, KeyRefused, "The wallet program for %s does not take the key. Move the coins instead."},
	{ErrNothing, Nothing, "There is nothing to move: no %s was found that can be spent now."},
	{ErrNotTaken, NotTaken, "The network did not take the transaction, so your %s are where they were. Try again."},
	{miners.ErrNotStarted, NotStarted, "The wallet program for %s could not be started. An antivirus program may have stopped it."},
	{program.ErrEnded, Ended, "The wallet program for %s ended by itself."},
}

func words(name string, err error) (Code, string) {
	var found *foundError
	var key *keyError
	switch {
	case errors.As(err, &found):
		return Infected, fmt.Sprintf("ClamAV knows the download as %q, so it was removed and nothing was started. Please tell us.", found.result.Name)
	case errors.As(err, &key):
		return KeyLocked, "Your mining key could not be opened."
	}
	for _, c := range causes {
		if errors.Is(err, c.is) {
			return c.code, fmt.Sprintf(c.text, name)
		}
	}
	return Unknown, fmt.Sprintf("Something went wrong with the wallet for %s.", name)
}
