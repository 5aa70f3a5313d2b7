package load

import "time"

// pump keeps the pipeline full, or sends what was due when it was full, until the time
// is up.
func (c *connection) pump() {
	for {
		select {
		case <-c.run.stop:
			return
		case <-c.wake:
			if c.run.Rate == 0 {
				c.fill()
			} else {
				c.catchUp()
			}
		}
	}
}

// poke wakes pump.
func (c *connection) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// fill sends shares until the pipeline is full.
func (c *connection) fill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.leaving && c.take(0) {
	}
	c.write()
}

// catchUp sends what was due while the pipeline was full.
func (c *connection) catchUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.leaving && len(c.backlog) > 0 && c.take(c.backlog[0]) {
		c.backlog = c.backlog[:copy(c.backlog, c.backlog[1:])]
	}
	c.write()
}

// prepare finds a share that submit can send at once.
func (c *connection) prepare() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.find()
}

// submit sends one share that is due now. It answers false if there is no connection.
func (c *connection) submit(due time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.away || c.leaving:
		return false
	case len(c.free) == 0 || len(c.backlog) > 0:
		c.backlog = append(c.backlog, due)
		return true
	}
	if !c.take(due) {
		c.backlog = append(c.backlog, due)
	}
	c.write()
	return true
}

// take finds a share and appends it to c.out, due at the time given, or now if that is
// zero. It answers false if the pipeline is full, or there is no share. The caller
// holds c.mu, and writes.
func (c *connection) take(due time.Duration) bool {
	if len(c.free) == 0 || !c.find() {
		return false
	}
	last := len(c.free) - 1
	if last < 0 { // somebody else has sent meanwhile
		return false
	}
	i := c.free[last]
	c.free = c.free[:last]
	c.out = c.job.appendSubmit(c.out, firstID+i, c.user)
	now := c.run.now()
	if due == 0 {
		due = now
	}
	c.sent[i] = slot{due: due, at: now}
	c.run.sent.Add(1)
	return true
}

// write sends c.out, which is empty whenever c.mu is free. The caller holds c.mu.
func (c *connection) write() {
	if len(c.out) == 0 {
		return
	}
	if now := c.run.now(); c.limit-now < c.run.Grace/2 { // not each time: it sets a timer
		c.limit = now + c.run.Grace
		c.conn.SetWriteDeadline(c.run.begun.Add(c.limit))
	}
	if _, err := c.conn.Write(c.out); err != nil {
		c.conn.Close() // the reader says why
	}
	c.out = c.out[:0]
}

// due is how many shares wait for an answer.
func (c *connection) due() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return 0
	}
	return len(c.sent) - len(c.free)
}

// giveUp books the shares that nobody will answer any more. The caller holds c.mu.
func (c *connection) giveUp() {
	for i := range c.sent {
		if c.sent[i].at != 0 {
			c.run.unanswered.Add(1)
			c.sent[i] = slot{}
			c.free = append(c.free, i)
		}
	}
	c.run.skipped.Add(int64(len(c.backlog)))
	c.backlog = nil
}

// hangUp ends the connection from our side, for good.
func (c *connection) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.giveUp()
	c.closed, c.away = true, true
	if c.conn != nil {
		c.conn.Close()
	}
}
