package graph

import (
	"math"
	"slices"
	"testing"
)

// splitmix is the sequence as published: the state moves by gamma, then is mixed.
func splitmix(state uint64) uint64 {
	z := state + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func noiseCases() []opCase {
	return []opCase{{op: opNoise, build: func(g *Graph, _ []*Node) *Node { return g.Noise("drop", 0.8, 7, 3) },
		want: func(out Shape, _ [][]float64) []float64 {
			state := splitmix(0)
			for _, c := range []byte("drop") {
				state = splitmix(state ^ uint64(c))
			}
			v := make([]float64, out.Len())
			for i := range v {
				const gamma = 0x9e3779b97f4a7c15
				u := splitmix(state + uint64(i/2)*gamma)
				if i%2 == 1 {
					u >>= 32
				}
				if float64(uint32(u)) < 0.8*(1<<32) {
					v[i] = 1 / 0.8
				}
			}
			return v
		}}}
}

// drawnNoise is noise of n elements.
func drawnNoise(t *testing.T, key uint64, name string, keep float64, n int) []float32 {
	t.Helper()
	g := New()
	f := newFunction[float32](t, g, nil, nil, g.Noise(name, keep, n))
	f.plan.SetNoise(key)
	return f.at()[0]
}

// Noise has the mean and the independence it should: among neighbours at several
// distances, and between names and keys, pairs are kept and dropped as often as the
// product of the probabilities says.
func TestNoiseIsIndependent(t *testing.T) {
	const n = 200_000
	for _, keep := range []float64{0.9, 0.5, 0.1} {
		a := drawnNoise(t, 1, "layer1", keep, n)
		kept := 0
		for _, v := range a {
			if v != 0 && v != float32(1/keep) {
				t.Fatalf("keep %v: value %v", keep, v)
			}
			if v != 0 {
				kept++
			}
		}
		if z := (float64(kept) - keep*n) / math.Sqrt(n*keep*(1-keep)); math.Abs(z) > 4 {
			t.Errorf("keep %v: %d kept of %d, %.1f standard deviations off", keep, kept, n, z)
		}
		others := map[string][]float32{
			"another key":        drawnNoise(t, 2, "layer1", keep, n),
			"another name":       drawnNoise(t, 1, "layer2", keep, n),
			"a permuted name":    drawnNoise(t, 1, "1layer", keep, n),
			"the highest bit":    drawnNoise(t, 1|1<<63, "layer1", keep, n),
			"both, one bit each": drawnNoise(t, 0, "layer0", keep, n),
		}
		for _, lag := range []int{1, 2, 3, 64, 1000} {
			others["a distance"] = append(slices.Clone(a[lag:]), a[:lag]...)
			for what, b := range others {
				if x := chiSquare(a, b, keep); x > 25 { // of 3 degrees of freedom: 1.5e-5
					t.Errorf("keep %v: %s (lag %d): chi-square %.1f", keep, what, lag, x)
				}
			}
		}
	}
}

// chiSquare compares how often pairs are kept with the product of the probabilities.
func chiSquare(a, b []float32, keep float64) float64 {
	var counts [4]float64
	for i := range a {
		k := 0
		if a[i] != 0 {
			k++
		}
		if b[i] != 0 {
			k += 2
		}
		counts[k]++
	}
	drop, n := 1-keep, float64(len(a))
	var x float64
	for k, p := range []float64{drop * drop, keep * drop, drop * keep, keep * keep} {
		x += (counts[k] - n*p) * (counts[k] - n*p) / (n * p)
	}
	return x
}

// One key gives one mask in value, gradient and Hessian product, in plans apart and in
// one, and a mask of its own to each key.
func TestNoiseIsShared(t *testing.T) {
	g := New()
	x, v := g.Input("x", 50), g.Input("v", 50)
	mask := g.Noise("drop", 0.5, 50)
	y := g.Scale(1.0/6, g.Sum(g.Pow(g.Mul(x, mask), 3)))
	grad := g.Gradient(y, x)
	hv := g.Tangent(grad, []*Node{x}, []*Node{v})
	ones := slices.Repeat([]float64{1}, 50)
	masks := map[uint64][]float64{}
	for _, key := range []uint64{0, 1, 7, 1} {
		value := newFunction[float64](t, g, nil, []*Node{x}, mask, y)
		product := newFunction[float64](t, g, nil, []*Node{x, v}, grad[0], hv[0])
		value.plan.SetNoise(key)
		product.plan.SetNoise(key)
		m, p := value.at(ones), product.at(ones, ones)
		var sum float64
		for i, k := range m[0] {
			sum += k * k * k / 6
			if p[0][i] != k*k*k/2 || p[1][i] != k*k*k {
				t.Fatalf("key %d: element %d: mask %v, gradient %v, Hessian product %v", key, i, k, p[0][i], p[1][i])
			}
		}
		if math.Abs(m[1][0]-sum) > 1e-12 {
			t.Errorf("key %d: value %v, want %v", key, m[1][0], sum)
		}
		for other, seen := range masks {
			if slices.Equal(seen, m[0]) != (other == key) {
				t.Errorf("keys %d and %d: masks %v and %v", key, other, m[0], seen)
			}
		}
		masks[key] = slices.Clone(m[0])
	}
}
