package crew

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// counted counts how often each piece is done, and who works where.
type counted struct {
	t      *testing.T
	times  []atomic.Int64
	inside []atomic.Int64 // by worker
	takes  time.Duration
	by     []atomic.Int64
}

func newCounted(t *testing.T, pieces, workers int, takes time.Duration) *counted {
	return &counted{t, make([]atomic.Int64, pieces), make([]atomic.Int64, workers), takes, make([]atomic.Int64, workers)}
}

func (c *counted) Piece(worker, i int) {
	if c.inside[worker].Add(1) != 1 {
		c.t.Error("two work under one number")
	}
	for began := time.Now(); time.Since(began) < c.takes; {
	}
	c.times[i].Add(1)
	c.by[worker].Add(1)
	c.inside[worker].Add(-1)
}

func (c *counted) check(times int64) {
	c.t.Helper()
	for i := range c.times {
		if n := c.times[i].Load(); n != times {
			c.t.Fatalf("piece %d was done %d times, want %d", i, n, times)
		}
	}
}

// Every piece of every task is done once, whoever does it, however many helpers there
// are, and while they fall asleep and wake up.
func TestEveryPieceOnce(t *testing.T) {
	for _, helpers := range []int{0, 1, 3, 8} {
		c := New(helpers)
		for round := range 300 {
			task := newCounted(t, 1+round%17, c.Size(), time.Duration(round%3)*time.Microsecond)
			c.Enter()
			for range 3 {
				c.Do(len(task.times), task)
			}
			c.Leave()
			task.check(3)
			if round%50 == 0 {
				time.Sleep(2 * patience)
			}
		}
		c.Close()
	}
}

func TestWithoutHelp(t *testing.T) {
	var none *Crew
	resting := New(1)
	resting.rest.begin()
	outside, limited := New(1), New(1)
	limited.Limit(0)
	for name, c := range map[string]*Crew{"nil": none, "resting": resting, "not entered": outside, "limited": limited} {
		task := newCounted(t, 5, c.Size(), 0)
		if name != "not entered" {
			c.Enter()
		}
		if c.Shares() {
			t.Errorf("%s: shares work", name)
		}
		c.Do(5, task)
		task.check(1)
		if task.by[0].Load() != 5 {
			t.Errorf("%s: the caller did %d of 5 pieces", name, task.by[0].Load())
		}
		if name != "not entered" {
			c.Leave()
		}
		c.Close()
	}
}

// Helpers take part where there are cores for them.
func TestHelpersHelp(t *testing.T) {
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("needs two cores")
	}
	c := New(1)
	defer c.Close()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		task := newCounted(t, 20, 2, 20*time.Microsecond)
		c.Enter()
		c.Do(20, task)
		c.Leave()
		task.check(1)
		if task.by[1].Load() > 0 {
			return
		}
	}
	t.Error("the helper never did a piece")
}

// nested asks for help within a piece.
type nested struct {
	c     *Crew
	inner *counted
}

func (n *nested) Piece(worker, i int) {
	if worker == 0 {
		n.c.Do(len(n.inner.times), n.inner)
	}
}

// Within a piece all is done by the one who asks.
func TestNested(t *testing.T) {
	c := New(1)
	c.begun = 1 // but it never does
	inner := newCounted(t, 4, 2, 0)
	c.Enter()
	c.Do(3, &nested{c, inner})
	c.Leave()
	inner.check(3)
	if n := inner.by[0].Load(); n != 12 {
		t.Errorf("the caller did %d of 12 pieces", n)
	}
}

func TestRest(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	var r rest
	if !r.over() {
		t.Fatal("rests from the start")
	}
	// A helper with a core halves the time of nearly all tasks, and is put aside in one
	// of forty.
	for i := range 4000 {
		took := 100 * us
		if i%40 == 39 {
			took = 3 * ms
		}
		r.shared(took, 200*us)
	}
	for range mostVain {
		r.ended(false)
	}
	r.ended(true)
	if !r.over() {
		t.Error("rests where sharing saves time")
	}
	// Without a core it costs some.
	for range 4 {
		if r.over() {
			r.shared(4*ms, 200*us)
		}
	}
	if r.over() || r.length != shortest {
		t.Errorf("rests %v after four long waits", r.length)
	}
	for range 20 {
		r.until = time.Now().Add(-1)
		r.shared(ms, 200*us)
	}
	if r.length != longest {
		t.Errorf("rests %v after many long waits", r.length)
	}
	for range 200 {
		r.shared(100*us, 200*us)
	}
	r.shared(time.Second, 0)
	if r.length != shortest {
		t.Errorf("rests %v after all went well for long", r.length)
	}
	r = rest{}
	for range mostVain + 1 {
		r.ended(false)
	}
	if r.over() {
		t.Error("goes on without any help")
	}
}

// The time alone follows from that of a piece, whatever one of them has met with.
func TestAlone(t *testing.T) {
	if got := alone(30, 10, 3, 10); got != 100 {
		t.Errorf("ten pieces, three of which took 30: %d", got)
	}
	if got := alone(4020, 4000, 3, 10); got != 100 {
		t.Errorf("ten pieces, three of which took 10, 10 and 4000: %d", got)
	}
	if got := alone(10, 10, 1, 4); got != 40 {
		t.Errorf("four pieces, one of which took 10: %d", got)
	}
}

// putAside is work of two, in which the helper is put aside in the middle of a piece.
type putAside struct{}

func (putAside) Piece(worker, _ int) {
	takes := 20 * time.Microsecond
	if worker > 0 {
		takes = 2 * time.Millisecond
	}
	for began := time.Now(); time.Since(began) < takes; {
	}
}

// A crew stops sharing with a helper that keeps the caller waiting.
func TestKeptWaiting(t *testing.T) {
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("needs two cores")
	}
	c := New(1)
	defer c.Close()
	for end := time.Now().Add(10 * time.Second); c.rest.over(); {
		if time.Now().After(end) {
			t.Fatal("shares for ten seconds with a helper that keeps it waiting")
		}
		c.Enter()
		c.Do(10, putAside{})
		c.Leave()
	}
}

// A closed crew leaves no goroutine.
func TestClose(t *testing.T) {
	before := runtime.NumGoroutine()
	c := New(4)
	c.Enter()
	c.Do(3, newCounted(t, 3, 5, 0))
	c.Leave()
	c.Close()
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, before %d", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
}

func BenchmarkDo(b *testing.B) {
	c := New(1)
	defer c.Close()
	c.Enter()
	defer c.Leave()
	task := &nothing{}
	b.ReportAllocs()
	for b.Loop() {
		c.Do(4, task)
	}
}

type nothing struct{}

func (*nothing) Piece(int, int) {}

func TestPieces(t *testing.T) {
	for _, c := range []struct{ workers, most, want int }{{1, 5, 5}, {2, 5, 4}, {2, 2, 2}, {2, 1, 1}, {3, 2, 2}, {3, 8, 6}, {4, 32, 32}} {
		if got := New(c.workers - 1).Pieces(c.most); got != c.want {
			t.Errorf("%d workers, %d pieces at most: %d", c.workers, c.most, got)
		}
	}
	if got := (*Crew)(nil).Pieces(7); got != 7 {
		t.Errorf("nobody but the caller, 7 pieces at most: %d", got)
	}
}
