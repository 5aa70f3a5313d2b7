package presence

import (
	"encoding/binary"
	"errors"
	"path/filepath"
	"syscall"
	"time"
)

// pads are the game pads, as /dev/input/js* shows them to whoever sits at the
// computer: https://docs.kernel.org/input/joydev/joystick-api.html. Neither X11 nor
// Wayland counts them as input.
type pads struct {
	pattern string
	open    map[string]*pad
	search  time.Time // when to look for new ones
	last    time.Time // input of the person; zero for none yet
}

// pad is an open game pad. Its sticks tremble, so only a push counts.
type pad struct {
	fd   int
	axes map[uint8]int16
}

const (
	searchEvery = 5 * time.Second
	push        = 8000 // of 32767
)

// look reads what has come since the last look.
func (ps *pads) look(p *Presence) {
	now := time.Now()
	if !now.Before(ps.search) {
		ps.search = now.Add(searchEvery)
		ps.find()
	}
	for path, d := range ps.open {
		used, err := d.read()
		if used {
			ps.last = now
		}
		if err != nil {
			syscall.Close(d.fd)
			delete(ps.open, path)
		}
	}
	// Where the keyboard's idle time is unknown, a pad that lies still says nothing.
	if ago := now.Sub(ps.last); !ps.last.IsZero() && (p.Idle != nil || ago < time.Minute) {
		p.active(ago)
	}
}

func (ps *pads) find() {
	paths, _ := filepath.Glob(ps.pattern)
	for _, path := range paths {
		if ps.open[path] != nil {
			continue
		}
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		if err == nil {
			ps.open[path] = &pad{fd: fd, axes: map[uint8]int16{}}
		}
	}
}

func (ps *pads) close() {
	for _, d := range ps.open {
		syscall.Close(d.fd)
	}
	clear(ps.open)
}

// read reads all that waits. An error means that the pad is gone.
func (d *pad) read() (used bool, err error) {
	var events [64 * 8]byte
	for {
		n, err := syscall.Read(d.fd, events[:])
		switch {
		case errors.Is(err, syscall.EAGAIN):
			return used, nil
		case err != nil:
			return used, err
		case n == 0:
			return used, errGone
		}
		for e := events[:n]; len(e) >= 8; e = e[8:] {
			used = d.event(e) || used
		}
	}
}

var errGone = errors.New("the game pad is gone")

// event reads one js_event: time, value, kind, number.
func (d *pad) event(e []byte) (used bool) {
	const button, axis, initial = 1, 2, 0x80
	value, kind, number := int16(binary.NativeEndian.Uint16(e[4:])), e[6], e[7]
	switch kind {
	case button:
		return true
	case axis:
		if moved := int(value) - int(d.axes[number]); moved < push && moved > -push {
			return false
		}
		d.axes[number] = value
		return true
	case axis | initial: // how it stood when we opened it
		d.axes[number] = value
	}
	return false
}
