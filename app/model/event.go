package model

import (
	"time"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// Event is something that happened: one of the types of this file.
type Event interface{ event() }

// What the user does.
type (
	// Start asks for mining.
	Start struct{}
	// Stop asks for none.
	Stop struct{}
	// ChoosePool names the pool's address as typed or linked.
	ChoosePool struct{ URL string }
	// ChoosePower says how much of the processor to use.
	ChoosePower struct{ Power settings.Power }
	// ChooseCoin names the coin to mine by its id, "" for the app's choice.
	ChooseCoin struct{ ID string }
	// Retry asks to try again now whatever is waited for.
	Retry struct{}
	// Insist asks to mine though the rules would have it wait, until their reason
	// has gone once.
	Insist struct{}
	// Watch tells whether there is a window to look at, or only the tray.
	Watch struct{ On bool }
	// TurnDevice turns a device on or off, by hwdetect's id.
	TurnDevice struct {
		ID string
		On bool
	}
	// Change changes the settings. With must be pure; what comes of it is checked.
	Change struct {
		With func(settings.Settings) settings.Settings
	}
	// OpenPage asks for the person's page at the pool, signed in.
	OpenPage struct{}
	// SaveBundle asks for a file in Folder that helps support: what happened, what
	// the programs printed, what the hardware is; no key, no address.
	SaveBundle struct{ Folder string }
	// RunDoctor asks for a checkup.
	RunDoctor struct{}
	// Invite is a link to a pool that was opened: the user is asked before anything
	// is done with it.
	Invite struct{ URL string }
	// Decline refuses the invitation.
	Decline struct{}
)

// What comes of the work beside the engine.
type (
	// KeyOpened is the public side of the mining key.
	KeyOpened struct {
		Public  string
		Hash    coin.PubKeyHash
		Created bool
		Words   int    // of them; 0: the owner keeps a raw key
		Index   uint32 // which of the words' keys it is

		Protected, Locked bool
	}
	// KeyFailed says that there is no key to mine for.
	KeyFailed struct{ Err error }
	// MachineSeen is what the hardware is.
	MachineSeen struct{ Machine hwdetect.Machine }
	// Sensed is the machine with its sensors read anew.
	Sensed struct{ Machine hwdetect.Machine }
	// PoolAnswered is what the pool at URL says of itself and of the account.
	PoolAnswered struct {
		URL   string
		Info  poolapi.PoolInfo
		Miner *poolapi.MinerStats // nil when it did not tell
	}
	// PoolFailed says that the pool at URL did not answer as it should.
	PoolFailed struct {
		URL string
		Err error
	}
	// MinerSaid is an event of the program of the device with the id Unit.
	MinerSaid struct {
		Unit  string
		Event miners.Event
	}
	// MinerGone says that a unit's program is gone for good: asked to leave (Err is
	// nil) or not to be started again.
	MinerGone struct {
		Unit string
		Err  error
	}
	// PresenceSeen is who is at the computer and what it runs on.
	PresenceSeen struct{ Presence presence.Presence }
	// ShelfSeen is which mining programs there are.
	ShelfSeen struct {
		of    stockSpec
		Shelf Shelf
	}
	// RecordsSaved says that the records of a revision were written, or were tried to.
	RecordsSaved struct{ rev int }
	// PastSaved says that what is to be remembered was written, or was tried to.
	PastSaved struct{}
	// PageReady is where the person's page is, or why it is not.
	PageReady struct {
		URL string
		Err error
	}
	// BundleSaved says where the support bundle is, or why it is not.
	BundleSaved struct {
		Path string
		Err  error
	}
	// LoginSet says how it went to have the system start Adit at login, or not.
	LoginSet struct {
		On  settings.Answer
		Err error
	}
	// CheckupDone is what the doctor found.
	CheckupDone struct{ Findings []doctor.Finding }
	// LeftoversEnded says which programs of an earlier Adit were found and ended.
	LeftoversEnded struct{ Programs []string }
	// Reported says how a report to the pool went.
	Reported struct{ Err error }
	// SettingsSaved says how writing the settings file went.
	SettingsSaved struct {
		Settings settings.Settings
		Err      error
	}
	// Tick says that time went by.
	Tick struct{ Now time.Time }
)

func (Start) event()          {}
func (Stop) event()           {}
func (ChoosePool) event()     {}
func (ChoosePower) event()    {}
func (ChooseCoin) event()     {}
func (Retry) event()          {}
func (Insist) event()         {}
func (Watch) event()          {}
func (TurnDevice) event()     {}
func (Change) event()         {}
func (OpenPage) event()       {}
func (SaveBundle) event()     {}
func (RunDoctor) event()      {}
func (KeyOpened) event()      {}
func (KeyFailed) event()      {}
func (MachineSeen) event()    {}
func (Sensed) event()         {}
func (PoolAnswered) event()   {}
func (PoolFailed) event()     {}
func (MinerSaid) event()      {}
func (MinerGone) event()      {}
func (PresenceSeen) event()   {}
func (ShelfSeen) event()      {}
func (PastSaved) event()      {}
func (PageReady) event()      {}
func (BundleSaved) event()    {}
func (CheckupDone) event()    {}
func (LeftoversEnded) event() {}
func (Reported) event()       {}
func (SettingsSaved) event()  {}
func (Tick) event()           {}
func (Invite) event()         {}
func (Decline) event()        {}
func (LoginSet) event()       {}
func (RecordsSaved) event()   {}
