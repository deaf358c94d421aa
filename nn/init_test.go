package nn

import (
	"math"
	"slices"
	"testing"

	"basin/problem"
	"basin/rng"
)

// Each initialiser has the variance that it promises, within five standard errors,
// and its bound.
func TestInitMoments(t *testing.T) {
	const in, out = 300, 200
	const n = in * out
	inf := math.Inf(1)
	for _, c := range []struct {
		name     string
		variance float64
		kurtosis float64 // E x^4 / variance^2
		bound    float64
	}{
		{"he_normal", 2.0 / in, 3, inf},
		{"he_uniform", 2.0 / in, 9.0 / 5, math.Sqrt(6.0 / in)},
		{"glorot_normal", 2.0 / (in + out), 3, inf},
		{"glorot_uniform", 2.0 / (in + out), 9.0 / 5, math.Sqrt(6.0 / (in + out))},
		{"lecun_normal", 1.0 / in, 3, inf},
		// Within (-2,2): E x^4 = 3 s^2 - 8 q with s^2 = 1 - 2q, q = 2 pdf(2)/(2 cdf(2) - 1).
		{"truncated_normal", 1.0 / in, 2.3655, 2 / math.Sqrt(in) / 0.8796},
	} {
		for _, scale := range []float64{1, 3} {
			w := make([]float64, n)
			s := rng.At(1, c.name, 0)
			Scaled(c.name, scale)(w, []int{out, in}, &s)
			var m1, m2, m4, largest float64
			for _, v := range w {
				m1 += v / n
				m2 += v * v / n
				m4 += v * v * v * v / n
				largest = max(largest, math.Abs(v))
			}
			variance := c.variance * scale * scale
			if off, se := math.Abs(m1), math.Sqrt(variance/n); off > 5*se {
				t.Errorf("%s: mean %v, standard error %v", c.name, m1, se)
			}
			if off, se := math.Abs(m2-variance), variance*math.Sqrt((c.kurtosis-1)/n); off > 5*se {
				t.Errorf("%s: variance %v, want %v, standard error %v", c.name, m2, variance, se)
			}
			if k := m4 / (m2 * m2); math.Abs(k-c.kurtosis) > 5*math.Sqrt(100.0/n) {
				t.Errorf("%s: kurtosis %v, want %v", c.name, k, c.kurtosis)
			}
			if largest > c.bound*scale*1.0001 || c.bound < inf && largest < 0.99*c.bound*scale {
				t.Errorf("%s: largest %v, bound %v", c.name, largest, c.bound*scale)
			}
		}
	}
}

// A convolution's fans count the positions of its kernel.
func TestFans(t *testing.T) {
	for _, c := range []struct {
		shape   []int
		in, out float64
	}{{[]int{5, 3}, 3, 5}, {[]int{8, 4, 3, 3}, 36, 72}, {[]int{7}, 1, 7}} {
		if in, out := fans(c.shape); in != c.in || out != c.out {
			t.Errorf("%v: %v in, %v out", c.shape, in, out)
		}
	}
}

func TestOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{5, 9}, {9, 5}, {6, 6}, {1, 4}, {40, 130}} {
		rows, cols := shape[0], shape[1]
		w := make([]float64, rows*cols)
		s := rng.At(1, "orthogonal", 0)
		Scaled("orthogonal", 2)(w, shape, &s)
		for i := range min(rows, cols) {
			for j := range min(rows, cols) {
				var inner float64
				for k := range max(rows, cols) {
					if rows <= cols {
						inner += w[i*cols+k] * w[j*cols+k]
					} else {
						inner += w[k*cols+i] * w[k*cols+j]
					}
				}
				want := 0.0
				if i == j {
					want = 4
				}
				if math.Abs(inner-want) > 1e-14*4 {
					t.Fatalf("%v: vectors %d and %d have inner product %v, want %v", shape, i, j, inner, want)
				}
			}
		}
	}
}

// A start depends on the seed and the block alone, and in single precision is that
// in double precision, rounded.
func TestInit(t *testing.T) {
	n := mustNet(t, "mlp(6, 5)", numbers(4), 3)
	size := n.Layout().N
	x, y, single := make([]float64, size), make([]float64, size), make([]float32, size)
	Init(n, x, 7)
	Init(n, single, 7)
	for i := range x {
		if single[i] != float32(x[i]) {
			t.Fatalf("element %d: %v in single precision, %v in double", i, single[i], x[i])
		}
	}
	Init(n, y, 8)
	deeper := mustNet(t, "mlp(6, 5, 9)", numbers(4), 3)
	z := make([]float64, deeper.Layout().N)
	Init(deeper, z, 7)
	for i, b := range n.Layout().Blocks {
		v := problem.View(x, b)
		if b.Role == problem.Bias {
			if slices.Max(v) != 0 || slices.Min(v) != 0 {
				t.Errorf("%s starts at %v", b.Name, v)
			}
			continue
		}
		if slices.Equal(v, problem.View(y, b)) {
			t.Errorf("%s does not depend on the seed", b.Name)
		}
		if i < 4 && !slices.Equal(v, problem.View(z, deeper.Layout().Blocks[i])) {
			t.Errorf("%s depends on later layers", b.Name)
		}
	}
	// A change of these values changes every run that was ever recorded.
	if got, want := x[:2], []float64{0.7748078552799454, 0.97934055556311}; !slices.Equal(got, want) {
		t.Errorf("start changed: %v, was %v", got, want)
	}
}
