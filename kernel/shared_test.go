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

// Pieces are multiples of the unit, no more than allowed, and together the whole.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		n, unit, most  int
		length, pieces int
	}{
		{256, 64, 6, 64, 4}, {256, 64, 2, 128, 2}, {250, 64, 6, 64, 4}, {64, 64, 6, 64, 1}, {1000, 168, 4, 336, 3}, {1024, 64, 6, 192, 6},
	} {
		if length, pieces := cutAt(c.n, c.unit, c.most); length != c.length || pieces != c.pieces {
			t.Errorf("%+v: %d pieces of %d", c, pieces, length)
		}
	}
}

func BenchmarkMatMulShared(b *testing.B) {
	for _, size := range [][3]int{{128, 256, 784}, {256, 784, 128}, {1024, 1024, 1024}, {6272, 64, 288}} {
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
