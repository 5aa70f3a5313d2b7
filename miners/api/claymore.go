package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Claymore asks a program that speaks like Claymore's (it, PhoenixMiner, ethminer,
// kawpowminer) how it stands. first is the number that the program gives its first
// device: PhoenixMiner begins with 1.
//
// It is JSON-RPC over TCP, one line each way. The answer to miner_getstat1 is a list
// of texts, each of which is a list between semicolons: version; minutes; rate in
// kilohashes, shares, rejected; each device's rate; the same two of a second coin;
// temperature and fan of each device; the pools; counts of invalid shares. Versions
// differ in where the list ends.
func Claymore(ctx context.Context, port, first int) (miners.Status, error) {
	answer, err := Ask(ctx, port, `{"id":0,"jsonrpc":"2.0","method":"miner_getstat1"}`+"\n", '\n')
	if err != nil {
		return miners.Status{}, err
	}
	return readClaymore(answer, first)
}

// Places in the answer to miner_getstat1.
const (
	claymoreVersion = iota
	claymoreMinutes
	claymoreTotals
	claymoreRates
	_ // totals of the second coin
	_ // rates of the second coin
	claymoreSensors
	claymorePools
	claymoreInvalid
)

func readClaymore(answer []byte, first int) (miners.Status, error) {
	var reply struct {
		Result []json.RawMessage
		Error  json.RawMessage
	}
	if err := Decode(answer, &reply); err != nil {
		return miners.Status{}, err
	}
	if reply.Result == nil {
		return miners.Status{}, fmt.Errorf("%w: it refuses: %.100s", ErrNoAnswer, reply.Error)
	}
	return claymoreAnswer(reply.Result).status(first), nil
}

// claymoreAnswer is the list of an answer, which may be too short.
type claymoreAnswer []json.RawMessage

// text returns the entry at place, without quotes.
func (a claymoreAnswer) text(place int) string {
	if place >= len(a) || bytes.Equal(a[place], []byte("null")) {
		return ""
	}
	var s string
	if json.Unmarshal(a[place], &s) != nil {
		s = string(a[place]) // a bare number
	}
	return strings.TrimSpace(s)
}

// list returns the list at place.
func (a claymoreAnswer) list(place int) []string {
	s := a.text(place)
	if s == "" {
		return nil
	}
	list := strings.Split(s, ";")
	return list[:min(len(list), 2*maxDevices)]
}

func (a claymoreAnswer) status(first int) miners.Status {
	pool, _, _ := strings.Cut(a.text(claymorePools), ";")
	s := miners.Status{Version: a.text(claymoreVersion), Pool: pool}
	if minutes, err := strconv.Atoi(a.text(claymoreMinutes)); err == nil && minutes > 0 && minutes < math.MaxInt32 {
		s.Uptime = time.Duration(minutes) * time.Minute
	}
	totals := a.list(claymoreTotals)
	s.Hashrate = kilohashes(entry(totals, 0))
	s.Accepted = shares(entry(totals, 1))
	s.Rejected = shares(entry(totals, 2))
	s.Invalid = shares(entry(a.list(claymoreInvalid), 0))
	s.Devices = a.devices(first)
	return s
}

func (a claymoreAnswer) devices(first int) (devices []miners.DeviceStatus) {
	rates, sensors := a.list(claymoreRates), a.list(claymoreSensors)
	for i := range min(max(len(rates), len(sensors)/2), maxDevices) {
		devices = append(devices, miners.DeviceStatus{
			Index:        first + i,
			Hashrate:     kilohashes(entry(rates, i)),
			TemperatureC: Measured(entry(sensors, 2*i), Celsius),
			FanPercent:   Measured(entry(sensors, 2*i+1), Percent),
		})
	}
	return devices
}

// entry returns the entry of list at place, or nothing.
func entry(list []string, place int) string {
	if place >= len(list) {
		return ""
	}
	return strings.TrimSpace(list[place])
}

// kilohashes reads a rate; "off" and other words are none.
func kilohashes(text string) *pow.Hashrate {
	if rate, ok := miners.ParseHashrate(text, "kH/s"); ok {
		return &rate
	}
	return nil
}

// shares reads a count.
func shares(text string) *int64 {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
		return &n
	}
	return nil
}
