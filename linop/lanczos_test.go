package linop

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/rng"
)

// diagonal is the operator of a diagonal matrix, counting its products.
func diagonal(d []float64, products *int) Op {
	return Op{len(d), func(dst, v []float64) {
		*products++
		for i := range d {
			dst[i] = d[i] * v[i]
		}
	}}
}

// bulk is a spectrum like a network's: few large, many small of both signs.
func bulk(n int) []float64 {
	s := rng.At(1, "bulk", n)
	d := make([]float64, n)
	for i := range d {
		d[i] = .1 * s.Norm()
	}
	copy(d, []float64{10, 6, 5.9, 3, -2})
	return d
}

func TestLanczosKnownSpectra(t *testing.T) {
	linear := make([]float64, 300)
	for i := range linear {
		linear[i] = float64(i + 1)
	}
	negative := mapped(geometric(100, 1, 200), func(x float64) float64 { return -x })
	for name, d := range map[string][]float64{"bulk": bulk(2000), "linear": linear, "negative": negative, "flat": geometric(4, 1, 100)} {
		for seed := range uint64(5) {
			t.Run(fmt.Sprint(name, seed), func(t *testing.T) {
				sorted := slices.Sorted(slices.Values(d))
				n := len(d)
				products := 0
				op := diagonal(d, &products)
				start := rng.At(seed, "start", 0)
				k, err := Lanczos(op, Search{Top: 3, Bottom: 2, Tol: 1e-3, Steps: 200}, &start)
				if err != nil {
					t.Fatal(err)
				}
				if !k.Found || len(k.Top) != 3 || len(k.Bottom) != 2 {
					t.Fatalf("found %v, %d top, %d bottom after %d products", k.Found, len(k.Top), len(k.Bottom), products)
				}
				if products != len(k.Basis) {
					t.Errorf("%d products for a basis of %d", products, len(k.Basis))
				}
				check := func(r Ritz, want float64) {
					t.Helper()
					if e := math.Abs(r.Value - want); e > 1e-3*math.Abs(want) {
						t.Errorf("got %v, want %v, after %d products", r.Value, want, products)
					} else if e > r.Residual+1e-12 {
						t.Errorf("error %.2g is above the residual %.2g", e, r.Residual)
					}
					av := make([]float64, n)
					op.Mul(av, r.Vector)
					kernel.Axpy(av, -r.Value, r.Vector)
					if res := kernel.Norm2(av); math.Abs(res-r.Residual) > 1e-13*kernel.AbsMax(d) && math.Abs(res-r.Residual) > 1e-6*res {
						t.Errorf("residual %g, said to be %g", res, r.Residual)
					}
					if math.Abs(kernel.Norm2(r.Vector)-1) > 1e-12 {
						t.Errorf("vector of length %v", kernel.Norm2(r.Vector))
					}
				}
				for i, r := range k.Top {
					check(r, sorted[n-1-i])
				}
				for i, r := range k.Bottom {
					check(r, sorted[i])
				}
				trace := 0.
				av := make([]float64, n)
				for i, v := range k.Basis {
					op.Mul(av, v)
					trace += kernel.Dot(v, av)
					for j := range i {
						if c := math.Abs(kernel.Dot(v, k.Basis[j])); c > 1e-13 {
							t.Fatalf("basis vectors %d and %d overlap by %g", i, j, c)
						}
					}
				}
				if math.Abs(trace-k.Trace) > 1e-10*math.Abs(trace) {
					t.Errorf("trace of the space %v, said to be %v", trace, k.Trace)
				}
			})
		}
	}
}

// Spectra of few distinct values break the process down early; repeated values must
// appear as often as they should.
func TestLanczosBreakdown(t *testing.T) {
	for _, c := range []struct {
		name        string
		d           []float64
		top, bottom []float64
		products    int // as many as there are distinct eigenvalues per space
	}{
		{"n=1", []float64{-3}, []float64{-3}, []float64{-3}, 1},
		{"zero", make([]float64, 50), []float64{0}, []float64{0}, 1},
		{"identity", mapped(make([]float64, 50), func(float64) float64 { return 1 }), []float64{1}, []float64{1}, 1},
		{"identity, three", mapped(make([]float64, 50), func(float64) float64 { return 1 }), []float64{1, 1, 1}, nil, 3},
		{"rank one", append(make([]float64, 49), 4), []float64{4}, []float64{0}, 2},
		{"rank one, two", append(make([]float64, 49), 4), []float64{4, 0}, nil, 3},
		{"twice", append(make([]float64, 48), 5, 5), []float64{5, 5, 0}, nil, 5},
		{"all", []float64{2, 2, 1}, []float64{2, 2, 1}, []float64{1, 2}, 3},
		{"more than there are", []float64{2, 1}, []float64{2, 1}, []float64{1, 2}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := len(c.d)
			q := orthogonal(n, 9)
			a := symWithSpectrum(q, c.d, n)
			op := Dense(a, n)
			start := rng.At(1, "start", 0)
			wantTop := len(c.top)
			if c.name == "more than there are" {
				wantTop = 7
			}
			k, err := Lanczos(op, Search{Top: wantTop, Bottom: len(c.bottom), Tol: 1e-3, Steps: 40}, &start)
			if err != nil {
				t.Fatal(err)
			}
			if !k.Found || len(k.Basis) != c.products {
				t.Errorf("found %v after %d products, want %d", k.Found, len(k.Basis), c.products)
			}
			for i, end := range [][]Ritz{k.Top, k.Bottom} {
				want := [][]float64{c.top, c.bottom}[i]
				if len(end) != len(want) {
					t.Fatalf("got %v, want %v", end, want)
				}
				for j, r := range end {
					if math.Abs(r.Value-want[j]) > 1e-13 || r.Residual > 1e-13 {
						t.Errorf("got %v with residual %g, want %v", r.Value, r.Residual, want[j])
					}
				}
			}
		})
	}
}

func TestLanczosOutOfSteps(t *testing.T) {
	products := 0
	start := rng.At(1, "start", 0)
	k, err := Lanczos(diagonal(geometric(2, 1, 400), &products), Search{Top: 1, Tol: 1e-9, Steps: 5}, &start)
	if err != nil || k.Found || products != 5 {
		t.Fatalf("error %v, found %v after %d products", err, k.Found, products)
	}
	if e := 2 - k.Top[0].Value; e < 0 || e > k.Top[0].Residual {
		t.Errorf("error %g is beyond the residual %g", e, k.Top[0].Residual)
	}
}

func TestLanczosRepeats(t *testing.T) {
	run := func() *Krylov {
		products := 0
		start := rng.At(3, "start", 0)
		k, err := Lanczos(diagonal(bulk(500), &products), Search{Top: 2, Tol: 1e-3, Steps: 50}, &start)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	a, b := run(), run()
	if a.Top[0].Value != b.Top[0].Value || !slices.Equal(a.Top[1].Vector, b.Top[1].Vector) {
		t.Error("two runs differ")
	}
}

func TestLanczosNotFinite(t *testing.T) {
	products := 0
	start := rng.At(1, "start", 0)
	_, err := Lanczos(diagonal([]float64{1, math.NaN(), 2}, &products), Search{Top: 1, Tol: 1e-3, Steps: 5}, &start)
	if !errors.Is(err, ErrOpNotFinite) {
		t.Errorf("error %v", err)
	}
}

// With a floor, the smallest eigenvalue of a matrix of low rank, which is zero, is found
// as soon as its residual is small beside the largest.
func TestLanczosFloor(t *testing.T) {
	d := make([]float64, 400)
	for i := range d[:60] {
		d[i] = 1 / float64(i+1)
	}
	var products [2]int
	for i, floor := range []float64{0, 1e-2} {
		start := rng.At(1, "start", 0)
		k, err := Lanczos(diagonal(d, &products[i]), Search{Top: 1, Bottom: 1, Tol: 1e-3, Floor: floor, Steps: 100}, &start)
		if err != nil || !k.Found || math.Abs(k.Bottom[0].Value) > floor+1e-12 {
			t.Fatalf("found %v, bottom %v, error %v", k.Found, k.Bottom[0].Value, err)
		}
	}
	if products[1] > 15 || products[0] < 2*products[1] {
		t.Errorf("%d products, with a floor %d", products[0], products[1])
	}
}
