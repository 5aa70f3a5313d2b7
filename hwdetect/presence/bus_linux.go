package presence

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// bus is a connection to a D-Bus daemon that is dialled when it is first needed.
type bus struct {
	address string // as the specification writes it: "unix:path=/run/user/1000/bus"
	conn    *dbus.Conn
	backoff backoff
	absent  map[string]*backoff // services that did not answer
}

var errNoBus = errors.New("there is no D-Bus")

// call asks a service and puts the answer where into points. A
// service that is not there is left alone for a while; none is ever started.
func (b *bus) call(ctx context.Context, service string, path dbus.ObjectPath, method string, args, into []any) error {
	if b.conn != nil && !b.conn.Connected() {
		b.close()
		b.backoff.failed()
	}
	if b.conn == nil {
		if err := b.dial(ctx); err != nil {
			return err
		}
	}
	missing := b.absent[service+method]
	if missing != nil && !missing.due() {
		return errNoBus
	}
	err := b.conn.Object(service, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...).Store(into...)
	if err != nil {
		missing = &backoff{}
		missing.failed()
		b.absent[service+method] = missing
		return fmt.Errorf("ask %s: %w", service, err)
	}
	return nil
}

func (b *bus) property(ctx context.Context, service string, path dbus.ObjectPath, face, name string) (any, error) {
	var v dbus.Variant
	err := b.call(ctx, service, path, "org.freedesktop.DBus.Properties.Get", []any{face, name}, []any{&v})
	return v.Value(), err
}

// dial connects and introduces itself, for as long as ctx lasts. It does so by
// itself, for the library would start a bus where it finds none.
func (b *bus) dial(ctx context.Context) error {
	if b.address == "" || !b.backoff.due() {
		return errNoBus
	}
	b.backoff.failed() // until it has succeeded
	var d net.Dialer
	stream, err := d.DialContext(ctx, "unix", socketOf(b.address))
	if err != nil {
		return fmt.Errorf("dial D-Bus: %w", err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = stream.SetDeadline(deadline)
	}
	conn, err := dbus.NewConn(stream)
	if err == nil {
		err = conn.Auth(nil)
	}
	if err == nil {
		err = conn.Hello()
	}
	if err != nil {
		stream.Close()
		return fmt.Errorf("introduce ourselves to D-Bus: %w", err)
	}
	_ = stream.SetDeadline(time.Time{})
	b.conn, b.backoff, b.absent = conn, backoff{}, map[string]*backoff{}
	return nil
}

func (b *bus) close() {
	if b.conn != nil {
		_ = b.conn.Close()
		b.conn = nil
	}
}

// sessionAddress is where the session's bus is: as the environment says, or where
// systemd puts it.
func sessionAddress() string {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" {
		return address
	}
	path := fmt.Sprintf("/run/user/%d/bus", os.Getuid())
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return "unix:path=" + path
}

func systemAddress() string {
	if address := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"); address != "" {
		return address
	}
	const path = "/run/dbus/system_bus_socket"
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return "unix:path=" + path
}

// socketOf returns the first socket in a list of addresses, as package net names it;
// "" if there is none. https://dbus.freedesktop.org/doc/dbus-specification.html#addresses
func socketOf(addresses string) string {
	for address := range strings.SplitSeq(addresses, ";") {
		rest, isUnix := strings.CutPrefix(address, "unix:")
		if !isUnix {
			continue
		}
		for pair := range strings.SplitSeq(rest, ",") {
			key, value, _ := strings.Cut(pair, "=")
			plain, err := url.PathUnescape(value)
			switch {
			case err != nil || plain == "":
			case key == "path":
				return plain
			case key == "abstract":
				return "@" + plain
			}
		}
	}
	return ""
}
