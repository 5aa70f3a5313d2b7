package model

import "github.com/adit-mining/adit/hwdetect"

// Judge returns m with each device judged by what this version of Adit can do
// with it: hwdetect says whether a device could mine, this says whether there is
// a program that would.
func Judge(m hwdetect.Machine) hwdetect.Machine {
	m.Devices = append([]hwdetect.Device(nil), m.Devices...)
	for i, d := range m.Devices {
		if d.Kind == hwdetect.GPUKind && d.Mineable {
			d.Mineable = false
			d.Reason = "This version of Adit has no mining program for graphics cards yet."
			d.Advice = "There is nothing to do: the processor mines, and a later version will use the card."
			m.Devices[i] = d
		}
	}
	return m
}
