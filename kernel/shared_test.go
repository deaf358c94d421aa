package kernel

import (
	"fmt"
	"slices"
	"testing"

	"basin/internal/crew"
)

// A product that is shared has the bits of one that is not, writes nothing else, and
// allocates nothing.
func TestMatMulShared(t *testing.T) {
	c := crew.New(2)
	defer c.Close()
	onEachPath(t, func(t *testing.T) {
		testShared[float32](t, c)
		testShared[float64](t, c)
	})
}

func testShared[T Float](t *testing.T, c *crew.Crew) {
	var alone, shared Scratch[T]
	shared.Use(c)
	fill := normals[T]()
	for i, size := range [][3]int{{128, 256, 64}, {100, 333, 70}, {700, 30, 100}, {1009, 64, 33}, {1, 3000, 700}, {3000, 1, 700}, {128, 64, 260}} {
		m, n, k := size[0], size[1], size[2]
		for f, form := range forms[:4] {
			ars, acs, brs, bcs := form(m, n, k, i%3)
			p := newTrial(m, n, k, n+i%2, ars, acs, brs, bcs, f, (i+f)%2 == 0, fill)
			p.run(&alone)
			want := slices.Clone(p.memory)
			copy(p.memory[guards+f:], p.before)
			p.run(&shared)
			if !slices.Equal(p.memory, want) {
				t.Errorf("%d x %d x %d, form %d: other bits, or more written, with helpers", m, n, k, f)
			}
		}
	}
	p := newTrial(300, 300, 70, 300, 70, 1, 1, 70, 0, false, fill)
	Gram(&alone, p.c.data, 300, p.a.data, 70, 1, 300, 70, false)
	Mirror(p.c.data, 300, 300)
	want := slices.Clone(p.memory)
	copy(p.c.data, p.before)
	Gram(&shared, p.c.data, 300, p.a.data, 70, 1, 300, 70, false)
	Mirror(p.c.data, 300, 300)
	if !slices.Equal(p.memory, want) {
		t.Error("Gram gives other bits, or writes more, with helpers")
	}
	p = newTrial(128, 256, 64, 256, 64, 1, 256, 1, 0, false, fill)
	if a := testing.AllocsPerRun(20, func() { p.run(&shared) }); a > 0 {
		t.Errorf("%v allocations per product", a)
	}
}

// Pieces begin at multiples of the unit, are no more than allowed, as many for one worker
// as for another where there are enough, and together the whole.
func TestCut(t *testing.T) {
	for _, c := range []struct{ n, unit, most, workers, pieces, longest int }{
		{256, 64, 8, 2, 4, 64}, {256, 64, 2, 2, 2, 128}, {250, 64, 8, 2, 4, 64}, {64, 64, 8, 2, 1, 64},
		{1024, 64, 8, 2, 8, 128}, {784, 16, 8, 2, 8, 112}, {1000, 16, 8, 3, 6, 176}, {300, 64, 7, 2, 4, 108},
	} {
		h := sharing[float32]{crew: crew.New(c.workers - 1)}
		cut := h.cutAt(c.n, c.unit, c.most)
		at, longest := 0, 0
		for i := range cut.pieces {
			lo, hi := cut.piece(i)
			if lo != at || lo%c.unit != 0 || hi <= lo {
				t.Errorf("%+v: piece %d is from %d to %d, after %d", c, i, lo, hi, at)
			}
			at, longest = hi, max(longest, hi-lo)
		}
		if at != c.n || cut.pieces != c.pieces || longest != c.longest {
			t.Errorf("%+v: %d pieces to %d, the longest of %d", c, cut.pieces, at, longest)
		}
	}
}

func BenchmarkMatMulShared(b *testing.B) {
	for _, size := range [][3]int{{128, 256, 784}, {784, 256, 128}, {128, 1024, 1024}, {1024, 1024, 128}, {1024, 1024, 1024}, {6272, 64, 288}} {
		for _, helpers := range []int{0, 1} {
			b.Run(fmt.Sprintf("%dx%dx%d/helpers=%d", size[0], size[1], size[2], helpers), func(b *testing.B) {
				c := crew.New(helpers)
				defer c.Close()
				var s Scratch[float32]
				s.Use(c)
				c.Enter()
				defer c.Leave()
				m, n, k := size[0], size[1], size[2]
				p := newTrial(m, n, k, n, k, 1, n, 1, 0, false, normals[float32]())
				for b.Loop() {
					p.run(&s)
				}
				b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GF/s")
			})
		}
	}
}
