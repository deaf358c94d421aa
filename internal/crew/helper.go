package crew

import "time"

const (
	// looks is how often one who waits looks before it looks at the clock, too: for
	// about a microsecond.
	looks = 1000
	// patience is how long a helper looks for work before it goes to sleep. Waking up
	// takes as long.
	patience = 100 * time.Microsecond
)

// help is the life of a helper.
func (c *Crew) help(worker int) {
	for !c.closed.Load() {
		c.watch(worker)
		c.sleep()
	}
}

// watch does pieces until there have been none for a while.
func (c *Crew) watch(worker int) {
	last := time.Now()
	for n := 1; ; n++ {
		if i, ok := c.claim(); ok {
			c.task.Piece(worker, i)
			c.helped.Add(1)
			c.pending.Add(-1)
			n = 0
		}
		if n%looks != 0 {
			continue
		}
		switch now := time.Now(); {
		case n == 0:
			last = now
		case now.Sub(last) > patience:
			return
		}
	}
}

// sleep returns when the alarm has rung, or at once if there is work after all: whoever
// makes some first says so and then looks for sleepers, and a sleeper looks the other
// way round.
func (c *Crew) sleep() {
	c.asleep.Add(1)
	if uint32(c.state.Load()) == 0 && !c.closed.Load() {
		<-c.alarm
	}
	c.asleep.Add(-1)
}

// wake rings for those asleep.
func (c *Crew) wake() {
	rung := false
	for range c.asleep.Load() {
		select {
		case c.alarm <- struct{}{}:
			rung = true
		default: // it rings already
		}
	}
	if rung {
		// A goroutine just made runnable waits in the place of the caller's next one,
		// from where other cores take it late. Another moves it on.
		go func() {}()
	}
}
