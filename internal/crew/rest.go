package crew

import "time"

// A rest keeps a crew from sharing work on a machine that has no core for it. Helpers
// without a core show in two ways. One that has begun a piece is put aside by the
// system, for milliseconds, in which the caller waits; or none ever gets to do a piece.
// Either way the crew rests, each time for twice as long as before, and then tries again.
type rest struct {
	until  time.Time
	length time.Duration
	vain   int // how often in a row nobody has helped
}

const (
	shortest = 10 * time.Millisecond
	longest  = time.Second
	// A wait is too long beyond tooLong and beyond tooMany pieces.
	tooLong  = 500 * time.Microsecond
	tooMany  = 4
	mostVain = 100
)

// over tells whether the crew may share work.
func (r *rest) over() bool {
	return r.until.IsZero() || time.Now().After(r.until)
}

// waited notes how long the caller has waited for helpers, where a piece takes each.
func (r *rest) waited(wait, each time.Duration) {
	if wait > tooLong && wait > tooMany*each {
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

// begin takes effect at the next Enter. Where all went well for ten times the last rest,
// that one is forgotten.
func (r *rest) begin() {
	now := time.Now()
	if now.Sub(r.until) > 10*r.length {
		r.length = shortest / 2
	}
	r.length = min(2*r.length, longest)
	r.until, r.vain = now.Add(r.length), 0
}
