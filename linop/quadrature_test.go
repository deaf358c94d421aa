package linop

import (
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/rng"
)

// The quadrature of m nodes at v has the moments v'A^k v up to k = 2m-1.
func TestQuadratureMoments(t *testing.T) {
	const n, m = 50, 6
	d := geometric(2, .01, n)
	a := symWithSpectrum(orthogonal(n, 7), d, n)
	start := rng.At(1, "quadrature", 0)
	q, err := Quadrate(Dense(a, n), m, &start)
	if err != nil || len(q.Nodes) != m || !slices.IsSorted(q.Nodes) {
		t.Fatalf("%d nodes %v, error %v", len(q.Nodes), q.Nodes, err)
	}
	// The same draw makes the same v.
	same := rng.At(1, "quadrature", 0)
	l := lanczos{start: &same, next: make([]float64, n)}
	l.fresh()
	power, next := slices.Clone(l.next), make([]float64, n)
	for k := range 2 * m {
		want := kernel.Dot(l.next, power)
		got := q.Mean(func(x float64) float64 { return math.Pow(x, float64(k)) })
		if math.Abs(got-want) > 1e-12*want {
			t.Errorf("moment %d is %v, want %v", k, got, want)
		}
		Dense(a, n).Mul(next, power)
		copy(power, next)
	}
}

// Where the process ends early the nodes are eigenvalues.
func TestQuadratureOfFewEigenvalues(t *testing.T) {
	products := 0
	d := make([]float64, 90)
	for i := range d {
		d[i] = []float64{-1, 0, 4}[i%3]
	}
	start := rng.At(2, "quadrature", 0)
	q, err := Quadrate(diagonal(d, &products), 50, &start)
	if err != nil || len(q.Nodes) != 3 || products != 3 {
		t.Fatalf("nodes %v after %d products, error %v", q.Nodes, products, err)
	}
	for i, want := range []float64{-1, 0, 4} {
		if math.Abs(q.Nodes[i]-want) > 1e-12 || q.Residuals[i] > 1e-12 {
			t.Errorf("node %v +- %v, want %v", q.Nodes[i], q.Residuals[i], want)
		}
	}
	for _, c := range []struct{ x, want float64 }{{-2, 0}, {-.5, q.Weights[0]}, {2, 1 - q.Weights[2]}, {5, 1}} {
		if got, slack := q.Below(c.x); math.Abs(got-c.want) > 1e-12 || slack > 1e-12 {
			t.Errorf("share up to %v is %v +- %v, want %v", c.x, got, slack, c.want)
		}
	}
	if x := Quantile([]*Quadrature{q}, q.Weights[0]+q.Weights[1]/2); math.Abs(x) > 1e-12 {
		t.Errorf("quantile %v, want 0", x)
	}
	bad := Op{3, func(dst, v []float64) { dst[0] = math.NaN() }}
	if _, err := Quadrate(bad, 2, &start); err != ErrOpNotFinite {
		t.Errorf("error %v", err)
	}
}

// spectra of three kinds: a semicircle, one of low rank, and a network's.
func kindsOfSpectra(n int, seed uint64) map[string][]float64 {
	s := rng.At(seed, "spectra", 0)
	g := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			v := s.Norm() / math.Sqrt(float64(n))
			g[i*n+j], g[j*n+i] = v, v
		}
	}
	semicircle, err := SymValues(g, n)
	if err != nil {
		panic(err)
	}
	low := make([]float64, n)
	for i := range n / 5 {
		low[i] = math.Exp(2 * s.Norm())
	}
	network := make([]float64, n)
	for i := range network {
		network[i] = .05 * s.Norm()
		if i < 9 {
			network[i] = 2 + 10*s.Float64()
		}
	}
	return map[string][]float64{"semicircle": semicircle, "low rank": low, "network": network}
}

// Within two errors, as probes make them of standard error and slack, lies the share of
// every spectrum in more than 92 % of cases.
func TestQuadratureCoverage(t *testing.T) {
	const n, runs, steps, repeats = 200, 4, 30, 200
	inside, all := map[string]int{}, map[string]int{}
	for r := range repeats {
		for name, d := range kindsOfSpectra(n, uint64(r)) {
			slices.Sort(d)
			products := 0
			var qs []*Quadrature
			for i := range runs {
				start := rng.At(uint64(r), "start", i)
				q, err := Quadrate(diagonal(d, &products), steps, &start)
				if err != nil {
					t.Fatal(err)
				}
				qs = append(qs, q)
			}
			for _, x := range []float64{-1, -.1, -.01, .01, .1, 1, 4} {
				var mean, square, slack float64
				for _, q := range qs {
					s, e := q.Below(x)
					mean += s / runs
					square += s * s / runs
					slack += e / runs
				}
				stderr := math.Sqrt(max(square-mean*mean, 0) / (runs - 1))
				want := 0.
				for _, v := range d {
					if v <= x {
						want += 1. / n
					}
				}
				all[name]++
				if math.Abs(mean-want) <= 2*math.Hypot(stderr, slack)+1e-12 {
					inside[name]++
				}
			}
		}
	}
	for name := range all {
		p := float64(inside[name]) / float64(all[name])
		if p < .92 {
			t.Errorf("%s: two errors cover %.3f", name, p)
		}
	}
}
