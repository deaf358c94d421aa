package kernel

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"basin/rng"
)

// Each form is a way in which the operands may lie; extra widens the strides.
var forms = []func(m, n, k, extra int) (ars, acs, brs, bcs int){
	func(m, n, k, extra int) (int, int, int, int) { return k + extra, 1, n + extra, 1 },
	func(m, n, k, extra int) (int, int, int, int) { return k + extra, 1, 1, k + extra },
	func(m, n, k, extra int) (int, int, int, int) { return 1, m + extra, n + extra, 1 },
	func(m, n, k, extra int) (int, int, int, int) { return 1, m + extra, 1, k + extra },
	func(m, n, k, extra int) (int, int, int, int) { return 2*k + extra, 2, 3*n + extra, 3 },
	func(m, n, k, extra int) (int, int, int, int) { return 0, 1, n + extra, 1 },
	func(m, n, k, extra int) (int, int, int, int) { return k + extra, 1, 1, 0 },
}

func TestMatMulSmall(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testSmall[float32](t)
		testSmall[float64](t)
	})
}

// testSmall goes through the small sizes, and for each through the forms; width,
// alignment and accumulation change from case to case.
func testSmall[T Float](t *testing.T) {
	var s Scratch[T]
	sizes := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14, 15, 16, 17, 20}
	fill := normals[T]()
	kind := 0
	for _, m := range sizes {
		for _, n := range sizes {
			for _, k := range sizes {
				for _, form := range forms[:4] {
					kind++
					ars, acs, brs, bcs := form(m, n, k, kind%3)
					p := newTrial(m, n, k, max(1, n+kind%3), ars, acs, brs, bcs, kind%5, kind%7 < 3, fill)
					p.run(&s)
					p.check(t)
				}
			}
		}
	}
}

func TestMatMulLarge(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testLarge[float32](t)
		testLarge[float64](t)
	})
}

// testLarge takes sizes beside the limits of vectors, tiles, panels and blocks.
func testLarge[T Float](t *testing.T) {
	var s Scratch[T]
	fill := normals[T]()
	r := rng.At(2, "kernel test", 0)
	for i, size := range [][3]int{
		{1, 200, 300}, {2, 130, 70}, {3, 65, 64}, {5, 97, 256}, {6, 64, 65}, {29, 31, 257}, {30, 49, 513}, {64, 10, 784},
		{37, 33, 600}, {200, 1, 300}, {515, 3, 5}, {23, 80, 128}, {5, 9, 1100},
	} {
		m, n, k := size[0], size[1], size[2]
		for f, form := range forms {
			ars, acs, brs, bcs := form(m, n, k, r.IntN(9))
			p := newTrial(m, n, k, n+r.IntN(9), ars, acs, brs, bcs, r.IntN(17), (i+f)%2 == 0, fill)
			p.run(&s)
			p.check(t)
		}
	}
}

// TestMatMulNarrow takes few columns, or few rows, with blocks that are whole, partly
// used and left over, and depths that are and are not multiples of the elements in
// 16 bytes.
func TestMatMulNarrow(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testNarrow[float32](t)
		testNarrow[float64](t)
	})
}

func testNarrow[T Float](t *testing.T) {
	var s Scratch[T]
	fill := normals[T]()
	kind := 0
	for few := 1; few <= 12; few++ {
		for _, k := range []int{1, 2, 3, 4, 5, 7, 8, 11, 257} {
			for _, many := range []int{32, 33, 41, 64 + 24} {
				for _, form := range forms[:2] {
					kind++
					m, n := many, few
					if kind/2%2 == 0 {
						m, n = n, m
					}
					ars, acs, brs, bcs := form(m, n, k, kind%3)
					p := newTrial(m, n, k, n+kind%4, ars, acs, brs, bcs, kind%5, kind%7 < 3, fill)
					p.run(&s)
					p.check(t)
				}
			}
		}
	}
}

// TestMatMulAliased takes strides of powers of two, whose operands are copied, some for
// many rows or columns alone.
func TestMatMulAliased(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testAliased[float32](t)
		testAliased[float64](t)
	})
}

func testAliased[T Float](t *testing.T) {
	const stride = 1024
	var s Scratch[T]
	for _, x := range [][4]int{{stride, 1, stride, 1}, {1, stride, stride, 1}, {stride, 1, 1, stride}, {1, stride, 1, stride}} {
		for _, size := range [][3]int{{40, 70, 30}, {75, 5, 30}, {5, 75, 30}, {515, 40, 30}, {37, 261, 190}} {
			p := newTrial(size[0], size[1], size[2], size[1], x[0], x[1], x[2], x[3], 0, false, normals[T]())
			p.run(&s)
			p.check(t)
		}
	}
}

// A product of many blocks has the bits of one of few rows at a time, which has one
// block of rows, and needs no room that grows with it.
func TestMatMulBlocks(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		if active != portable {
			testBlocks[float32](t)
			testBlocks[float64](t)
		}
	})
}

func testBlocks[T Float](t *testing.T) {
	const m, n, k, ldc, few = 200, 1060, 1290, 1061, 60
	var many, one Scratch[T]
	for i, x := range [][4]int{{k, 1, n, 1}, {2048, 1, 2048, 1}, {1, 512, 1, k}, {k, 1, 2, 2048}} {
		p := newTrial(m, n, k, ldc, x[0], x[1], x[2], x[3], i, i%2 == 1, normals[T]())
		p.run(&many)
		got := slices.Clone(p.memory)
		c := p.memory[guards+i:][:len(p.before)]
		copy(c, p.before)
		for at := 0; at < m; at += few {
			a := p.a.from(at, 0)
			MatMul(&one, c[at*ldc:], ldc, a.data, a.rs, a.cs, p.b.data, p.b.rs, p.b.cs, min(few, m-at), n, k, p.accumulate)
		}
		if !slices.Equal(p.memory, got) {
			t.Errorf("%v: blocks have other bits than rows, or write more", p)
		}
	}
	if room := len(many.b); room > 2<<20 {
		t.Errorf("room for %d elements of B", room)
	}
}

// TestMatMulNonFinite spreads infinities, NaN, signed zeros, denormals and values
// that overflow through the operands.
func TestMatMulNonFinite(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testNonFinite(t, []float32{float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 3e38, -3e38, 1e-40, -1e-45, float32(math.Copysign(0, -1))})
		testNonFinite(t, []float64{math.Inf(1), math.Inf(-1), math.NaN(), 1e308, -1e308, 1e-310, -5e-324, math.Copysign(0, -1)})
	})
}

func testNonFinite[T Float](t *testing.T, special []T) {
	var s Scratch[T]
	r := rng.At(3, "kernel test", 0)
	fill := func() T {
		if r.IntN(40) == 0 {
			return special[r.IntN(len(special))]
		}
		return T(r.Norm())
	}
	for _, form := range forms {
		const m, k = 33, 21
		for _, n := range []int{5, 37} {
			ars, acs, brs, bcs := form(m, n, k, 1)
			p := newTrial(m, n, k, n, ars, acs, brs, bcs, 1, true, fill)
			p.run(&s)
			p.check(t)
		}
	}
}

// TestMatMulError holds the distance to the exact product of standard normals to
// little more than was measured on any path: 4e-5 and 5e-5 for single precision,
// where elements are around 30.
func TestMatMulError(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testError[float32](t, 784, 5e-5)
		testError[float32](t, 1024, 6e-5)
		testError[float64](t, 784, 1e-13)
	})
}

func testError[T Float](t *testing.T, k int, bound float64) {
	const m, n = 20, 20
	p := newTrial(m, n, k, n, k, 1, n, 1, 0, false, normals[T]())
	p.run(new(Scratch[T]))
	var worst float64
	for i := range m {
		for j := range n {
			exact := new(big.Float).SetPrec(200)
			for q := range k {
				x, y := big.NewFloat(float64(p.a.data[i*k+q])), big.NewFloat(float64(p.b.data[q*n+j]))
				exact.Add(exact, new(big.Float).SetPrec(120).Mul(x, y))
			}
			d, _ := exact.Sub(exact, big.NewFloat(float64(p.c.data[i*n+j]))).Float64()
			worst = max(worst, math.Abs(d))
		}
	}
	t.Logf("%T, k=%d: %.2g", T(0), k, worst)
	if worst > bound {
		t.Errorf("%T, k=%d: error %g, want at most %g", T(0), k, worst, bound)
	}
}

func TestMatMulAllocatesNothing(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		var s Scratch[float32]
		large := newTrial(40, 70, 300, 70, 300, 1, 1, 300, 0, false, normals[float32]())
		small := newTrial(3, 5, 7, 5, 1, 3, 2, 15, 0, true, normals[float32]())
		large.run(&s)
		if n := testing.AllocsPerRun(10, func() { large.run(&s); small.run(&s) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func TestMatMulPanics(t *testing.T) {
	var s Scratch[float64]
	x := make([]float64, 6)
	for name, f := range map[string]func(){
		"negative size or stride": func() { MatMul(&s, x, 2, x, 2, 1, x, 2, 1, 3, 2, -1, false) },
		"ldc < n":                 func() { MatMul(&s, x, 1, x, 2, 1, x, 2, 1, 3, 2, 2, false) },
		"a c too short":           func() { MatMul(&s, x[:5], 2, x, 2, 1, x, 2, 1, 3, 2, 2, false) },
		"an a too short":          func() { MatMul(&s, x, 2, x[:5], 2, 1, x, 2, 1, 3, 2, 2, false) },
		"a b too short":           func() { MatMul(&s, x, 2, x, 2, 1, x[:3], 2, 1, 3, 2, 2, false) },
		"a c too":                 func() { MatMul(&s, x, 8, x, 0, 0, x, 0, 0, 1<<61+1, 1, 1, false) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if message, _ := recover().(string); !strings.Contains(message, name) {
					t.Errorf("panic %q, want one that says %q", message, name)
				}
			}()
			f()
		})
	}
}

func FuzzMatMul(f *testing.F) {
	f.Add(uint8(3), uint8(5), uint16(7), uint8(1), uint8(2), uint64(9))
	f.Add(uint8(100), uint8(40), uint16(300), uint8(6), uint8(0), uint64(1))
	f.Fuzz(func(t *testing.T, m, n uint8, k uint16, form, extra uint8, seed uint64) {
		depth := int(k % 1000)
		r := rng.At(seed, "kernel fuzz", 0)
		ars, acs, brs, bcs := forms[int(form)%len(forms)](int(m), int(n), depth, int(extra))
		for p := portable; p <= best(); p++ {
			use(t, p)
			x := newTrial(int(m), int(n), depth, max(1, int(n)+int(extra)), ars, acs, brs, bcs, int(extra%17), seed%2 == 0, func() float32 { return float32(r.Norm()) })
			x.run(new(Scratch[float32]))
			x.check(t)
		}
	})
}
