package crew

import "time"

// A rest keeps a crew from sharing work on a machine that has no core for it. Helpers
// without a core show in two ways. One that has begun a piece is put aside by the
// system, for milliseconds, in which the caller waits; or none ever gets to do a piece.
// On a machine with cores the first happens now and then as well, so what sharing has
// saved is held against what it has cost. Where it costs more the crew rests, each time
// for twice as long as before, and then tries again.
type rest struct {
	until  time.Time
	length time.Duration
	spent  time.Duration // more than saved; below 0 where less
	vain   int           // how often in a row nobody has helped
}

const (
	shortest = 10 * time.Millisecond
	longest  = time.Second
	// More than mostSpent is too much. What was saved counts up to mostSaved, a slice of
	// the system's time, so that a machine that becomes busy is soon found out.
	mostSpent = 500 * time.Microsecond
	mostSaved = 10 * time.Millisecond
	mostVain  = 100
)

// over tells whether the crew may share work.
func (r *rest) over() bool {
	return r.until.IsZero() || time.Now().After(r.until)
}

// shared notes that a task took so long with help, and would have taken the caller alone
// as long as alone. Where all has gone well the last rest is forgotten.
func (r *rest) shared(took, alone time.Duration) {
	r.spent = max(r.spent+took-alone, -mostSaved)
	switch {
	case r.spent == -mostSaved:
		r.length = 0
	case r.spent > mostSpent:
		r.begin()
	}
}

// ended notes whether anyone has helped between an Enter and its Leave.
func (r *rest) ended(helped bool) {
	if r.vain++; helped {
		r.vain = 0
	}
	if r.vain > mostVain {
		r.begin()
	}
}

// begin takes effect at the next Enter.
func (r *rest) begin() {
	r.length = min(max(2*r.length, shortest), longest)
	r.until, r.spent, r.vain = time.Now().Add(r.length), 0, 0
}
