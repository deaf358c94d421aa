package kernel

import (
	"math"
	"testing"

	"basin/rng"
)

// cells lists the places of the window of output (i,j) in a picture, in channel c.
func (v *PoolShape) cells(i, j, c int) []int {
	var at []int
	for a := range v.Size {
		for b := range v.Size {
			if p, q := i*v.Stride-v.Pad+a, j*v.Stride-v.Pad+b; p >= 0 && p < v.H && q >= 0 && q < v.W {
				at = append(at, (p*v.W+q)*v.C+c)
			}
		}
	}
	return at
}

func randomPool(r *rng.Stream) *PoolShape {
	for {
		v := &PoolShape{H: 1 + r.IntN(9), W: 1 + r.IntN(9), C: 1 + r.IntN(40), Size: 1 + r.IntN(4), Stride: 1 + r.IntN(3)}
		v.Pad = r.IntN(v.Size)
		if h, w := v.Out(); h > 0 && w > 0 {
			return v
		}
	}
}

func TestPool(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testPool[float32](t, 0x1p-24)
		testPool[float64](t, 0x1p-53)
	})
}

// testPool compares with loops over the cells of every window. Inputs have ties, and
// now and then NaN and infinities.
func testPool[T Float](t *testing.T, unit float64) {
	for trial := range 150 {
		r := rng.At(uint64(trial), "kernel pool", 0)
		v, n := randomPool(&r), 1+r.IntN(3)
		h, w := v.Out()
		size, out := v.H*v.W*v.C, h*w*v.C
		x, a, d := make([]T, n*size), make([]T, n*size), make([]T, n*out)
		special := []T{T(math.NaN()), T(math.Inf(1)), T(math.Inf(-1)), T(math.Copysign(0, -1))}
		for i := range x {
			x[i], a[i] = T(r.IntN(4)), T(r.Norm())
			if r.IntN(20) == 0 {
				x[i] = special[r.IntN(len(special))]
			}
		}
		for i := range d {
			d[i] = T(r.Norm())
		}
		var results []*guarded[T]
		blank := func(n int) []T {
			results = append(results, newBlank[T](n))
			return results[len(results)-1].in
		}
		y, gathered, scattered := blank(len(d)), blank(len(d)), blank(len(x))
		MaxPool(y, x, v)
		MaxPoolGather(gathered, x, a, v)
		MaxPoolScatter(scattered, x, d, v)
		mean, shares := blank(len(d)), blank(len(x))
		AvgPool(mean, a, v)
		AvgPoolInput(shares, d, v)
		for _, result := range results {
			result.check(t, "pooling")
		}
		wantScattered, wantShares := make([]T, len(x)), make([]float64, len(x))
		for p := range n {
			x, a := share(x, p, n), share(a, p, n)
			for k := range out {
				cells := v.cells(k/v.C/w, k/v.C%w, k%v.C)
				at, sum := cells[0], 0.0
				for _, q := range cells {
					if x[at] == x[at] && (x[q] > x[at] || x[q] != x[q]) {
						at = q
					}
					sum += float64(a[q])
					wantShares[p*size+q] += float64(d[p*out+k]) / float64(len(cells))
				}
				wantScattered[p*size+at] += d[p*out+k]
				if got := y[p*out+k]; pattern(got) != pattern(x[at]) {
					t.Fatalf("%+v: maximum is %v, want %v", *v, got, x[at])
				}
				if got := gathered[p*out+k]; got != a[at] {
					t.Fatalf("%+v: gathered %v, want %v", *v, got, a[at])
				}
				if got, want := float64(mean[p*out+k]), sum/float64(len(cells)); !(math.Abs(got-want) <= 20*unit) {
					t.Fatalf("%+v: mean is %v, want %v", *v, got, want)
				}
			}
		}
		for i := range x {
			if scattered[i] != wantScattered[i] {
				t.Fatalf("%+v: scattered %v, want %v", *v, scattered[i], wantScattered[i])
			}
			if got := float64(shares[i]); !(math.Abs(got-wantShares[i]) <= 20*unit) {
				t.Fatalf("%+v: share is %v, want %v", *v, got, wantShares[i])
			}
		}
	}
}

// Values of PyTorch, for windows of 3 x 3, stride 2 and padding 1; means are times 36,
// and padding does not count in them.
func TestPoolKnown(t *testing.T) {
	v := &PoolShape{H: 5, W: 4, C: 2, Size: 3, Stride: 2, Pad: 1}
	x := []float64{-2, 2, -3, -2, -1, 0, -2, -3, -3, 1, -1, -1, -1, 2, 1, -1, 2, -3, -2, -3, 1, 1, -1, 0, -3, 1, 3, 3, -3, 2, 1, 2, 0, 1, -2, 3, 3, 1, 0, 3}
	d := []float64{1, 3, -3, 3, 2, 1, -3, -1, -2, -2, -1, 3}
	y, dx := make([]float64, len(d)), make([]float64, len(x))
	check := func(what string, got, want []float64, times float64) {
		t.Helper()
		for i := range want {
			if math.Abs(got[i]*times-want[i]) > 1e-13 {
				t.Fatalf("%s: element %d is %v, want %v", what, i, got[i]*times, want[i])
			}
		}
	}
	MaxPool(y, x, v)
	check("largest", y, []float64{-1, 2, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3}, 1)
	MaxPoolScatter(dx, x, d, v)
	check("scattered", dx, []float64{0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 3, -3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1)
	AvgPool(y, x, v)
	check("means", y, []float64{-81, 0, -42, -30, -24, -12, -8, 20, -18, 72, 12, 84}, 36)
	AvgPoolInput(dx, d, v)
	check("shares", dx, []float64{9, 27, -9, 45, -18, 18, -18, 18, 21, 33, -9, 47, -30, 14, -30, 14, 12, 6, 0, 2, -12, -4, -12, -4, -6, -12, -24, 2, -18, 14, -18, 14, -18, -18, -24, 0, -6, 18, -6, 18}, 36)
}

func TestPoolPanics(t *testing.T) {
	x := make([]float64, 16)
	for want, f := range map[string]func(){
		"kernel: pooling with a window that does not fit": func() { AvgPool(x[:1], x, &PoolShape{H: 4, W: 4, C: 1, Size: 2, Stride: 2, Pad: 2}) },
		"kernel: pooling of arrays of other lengths":      func() { MaxPool(x[:3], x, &PoolShape{H: 4, W: 4, C: 1, Size: 2, Stride: 2}) },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); got != want {
					t.Errorf("panics with %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}

// Every path gives the same bits.
func TestPoolBits(t *testing.T) {
	for trial := range 20 {
		r := rng.At(uint64(trial), "kernel pool", 1)
		v := randomPool(&r)
		h, w := v.Out()
		x, d := make([]float32, v.H*v.W*v.C), make([]float32, h*w*v.C)
		for i := range x {
			x[i] = float32(r.Norm())
		}
		for i := range d {
			d[i] = float32(r.Norm())
		}
		var want [][]float32
		for p := portable; p <= best(); p++ {
			use(t, p)
			y, dx, mean, shares := make([]float32, len(d)), make([]float32, len(x)), make([]float32, len(d)), make([]float32, len(x))
			MaxPool(y, x, v)
			MaxPoolScatter(dx, x, d, v)
			AvgPool(mean, x, v)
			AvgPoolInput(shares, d, v)
			got := [][]float32{y, dx, mean, shares}
			if p == portable {
				want = got
			}
			for k := range got {
				for i := range got[k] {
					if pattern(got[k][i]) != pattern(want[k][i]) {
						t.Fatalf("%+v: result %d on %s: %v, portable %v", *v, k, p, got[k][i], want[k][i])
					}
				}
			}
		}
	}
}

func TestPoolAllocatesNothing(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		v := &PoolShape{H: 7, W: 6, C: 20, Size: 3, Stride: 2, Pad: 1}
		h, w := v.Out()
		x, dx, y := make([]float32, v.H*v.W*v.C), make([]float32, v.H*v.W*v.C), make([]float32, h*w*v.C)
		if n := testing.AllocsPerRun(10, func() {
			MaxPool(y, x, v)
			MaxPoolGather(y, x, x, v)
			MaxPoolScatter(dx, x, y, v)
			AvgPool(y, x, v)
			AvgPoolInput(dx, y, v)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
