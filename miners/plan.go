package miners

// Of returns p with only those of its cards that vendor made.
func (p Plan) Of(vendor GPUVendor) Plan {
	var own []Device
	for _, d := range p.Devices {
		if d.Vendor == vendor {
			own = append(own, d)
		}
	}
	p.Devices = own
	return p
}
