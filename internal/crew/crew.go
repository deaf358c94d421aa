// Package crew lets idle cores take part in the work of one goroutine.
//
// Work comes in pieces that anyone may do. The goroutine that has it claims one after
// another, and so do helpers that happen to be awake; it never waits for a helper that
// has not begun, so that helpers who get no core cost next to nothing. What a piece
// computes must not depend on who does it.
package crew

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A Task is work in pieces that can be done at the same time.
type Task interface {
	// Piece does piece i. Those who work at the same time are told apart by worker,
	// which is below Size, and 0 for the caller of Do.
	Piece(worker, i int)
}

// A Crew is the helpers of one goroutine, which alone may call its methods. A nil Crew
// has none.
type Crew struct {
	helpers int
	limit   atomic.Int64 // how many of them may work
	begun   int          // helpers that have
	depth   int          // Enters without Leave
	shares  bool         // whether helpers are wanted at present
	doing   bool         // whether a task is being done

	// The number of the present task, and below it how many of its pieces nobody has
	// claimed. Whoever lowers that has claimed a piece of this very task, which is not
	// over before the piece is done.
	state   atomic.Uint64
	task    Task
	pieces  int
	pending atomic.Int64 // pieces not done

	asleep atomic.Int64 // helpers that are, or are about to be
	alarm  chan struct{}
	helped atomic.Int64 // pieces done by helpers
	closed atomic.Bool
	rest   rest
}

// unclaimedBits hold the number of unclaimed pieces.
const unclaimedBits = 32

// New makes a crew of a number of helpers. They begin when first needed and end with
// Close.
func New(helpers int) *Crew {
	helpers = max(helpers, 0)
	c := &Crew{helpers: helpers, alarm: make(chan struct{}, helpers)}
	c.Limit(helpers)
	return c
}

// Limit sets how many helpers may work from the next Enter on, as many at most as there
// are. Any goroutine may call it.
func (c *Crew) Limit(helpers int) { c.limit.Store(int64(min(max(helpers, 0), c.helpers))) }

// Size is the number of workers, the caller included.
func (c *Crew) Size() int {
	if c == nil {
		return 1
	}
	return c.helpers + 1
}

// Pieces is the largest number up to most that gives each worker as many pieces as any
// other, or most itself if it is too small for that: a piece that is left over is waited
// for.
func (c *Crew) Pieces(most int) int {
	if size := c.Size(); most > size {
		most -= most % size
	}
	return most
}

// Enter says that work is coming, so that helpers wake up, and Leave that it is over.
// Pairs of them may lie within one another.
func (c *Crew) Enter() {
	if c.Size() == 1 {
		return
	}
	if c.depth++; c.depth > 1 {
		return
	}
	limit := int(c.limit.Load())
	if c.shares = limit > 0 && runtime.GOMAXPROCS(0) > 1 && c.rest.over(); !c.shares {
		return
	}
	for ; c.begun < limit; c.begun++ {
		go c.help(c.begun + 1)
	}
	c.wake()
}

// Leave ends what Enter began.
func (c *Crew) Leave() {
	if c.Size() == 1 {
		return
	}
	if c.depth--; c.depth == 0 && c.shares {
		c.shares = false
		c.rest.ended(c.helped.Swap(0) > 0)
	}
}

// Shares tells whether Do would share its work: within Enter and Leave, outside any
// piece, and unless the crew rests.
func (c *Crew) Shares() bool { return c != nil && c.shares && !c.doing }

// Do does pieces 0 to n-1 of a task and returns when all are done.
func (c *Crew) Do(n int, t Task) {
	if n < 2 || !c.Shares() {
		for i := range n {
			t.Piece(0, i)
		}
		return
	}
	c.doing = true
	began := time.Now()
	c.task, c.pieces = t, n
	c.pending.Store(int64(n))
	c.state.Store((c.state.Load()>>unclaimedBits+1)<<unclaimedBits | uint64(n))
	c.wake()
	done, longest, last := 0, time.Duration(0), began
	for i, ok := c.claim(); ok; i, ok = c.claim() {
		t.Piece(0, i)
		now := time.Now()
		longest, last = max(longest, now.Sub(last)), now
		done++
	}
	if c.pending.Add(-int64(done)) > 0 {
		c.finish()
	}
	if 0 < done && done < n {
		took, worked := time.Since(began), last.Sub(began)
		c.rest.shared(took, min(alone(worked, longest, done, n), took*time.Duration(c.Size())))
	}
	c.task = nil
	c.doing = false
}

// fewShared is how many pieces are worth waking helpers for.
const fewShared = 4

// Share is Do within Enter and Leave, where there are several pieces.
func (c *Crew) Share(n int, t Task) {
	if n >= fewShared {
		c.Enter()
		defer c.Leave()
	}
	c.Do(n, t)
}

// alone is how long the caller would take for all n pieces, which has done some in the
// time that it has worked. It may have been put aside itself in the one that took
// longest, which does not count unless it is the only one.
func alone(worked, longest time.Duration, done, n int) time.Duration {
	if done > 1 {
		worked, done = worked-longest, done-1
	}
	return worked * time.Duration(n) / time.Duration(done)
}

// claim takes a piece of the present task, if there is one left.
func (c *Crew) claim() (piece int, ok bool) {
	for {
		s := c.state.Load()
		left := int(uint32(s))
		if left == 0 {
			return 0, false
		}
		if c.state.CompareAndSwap(s, s-1) {
			return c.pieces - left, true
		}
	}
}

// finish waits for pieces that helpers have begun.
func (c *Crew) finish() {
	for range looks {
		if c.pending.Load() == 0 {
			return
		}
	}
	for c.pending.Load() > 0 {
		runtime.Gosched()
	}
}

// Close ends the helpers. A closed crew does no more.
func (c *Crew) Close() {
	if c == nil {
		return
	}
	c.closed.Store(true)
	c.wake()
}
