package linop

import (
	"math"
	"testing"

	"basin/rng"
)

func TestTraceOfDiagonal(t *testing.T) {
	products := 0
	s := rng.At(1, "trace", 0)
	got, stderr := Trace(diagonal([]float64{1, -2, 5}, &products), nil, 4, &s)
	if got != 4 || stderr != 0 || products != 4 {
		t.Errorf("got %v +- %v after %d products", got, stderr, products)
	}
	if _, stderr := Trace(diagonal([]float64{1}, &products), nil, 1, &s); !math.IsNaN(stderr) {
		t.Errorf("one probe has standard error %v", stderr)
	}
}

// The estimate is unbiased with the variance of its doc comment, and its standard
// error covers as a t interval should; a little less where a few eigenvalues
// dominate, since then the estimate is skew.
func TestTraceCoverage(t *testing.T) {
	const n, probes, repeats = 60, 10, 2000
	const t95 = 2.262157 // t, 9 degrees of freedom
	for _, c := range []struct {
		name     string
		d        []float64
		coverage float64
	}{
		{"even", geometric(1, .01, n), .95},
		{"dominated", bulk(n), .92},
	} {
		a := symWithSpectrum(orthogonal(n, 3), c.d, n)
		trace, off := 0., 0.
		for i := range n {
			trace += c.d[i]
			for j := range n {
				if i != j {
					off += a[i*n+j] * a[i*n+j]
				}
			}
		}
		mean, square, inside := 0., 0., 0
		for r := range repeats {
			s := rng.At(1, "coverage", r)
			got, stderr := Trace(Dense(a, n), nil, probes, &s)
			mean += got / repeats
			square += (got - trace) * (got - trace) / repeats
			if math.Abs(got-trace) <= t95*stderr {
				inside++
			}
		}
		variance := 2 * off / probes
		if z := (mean - trace) / math.Sqrt(variance/repeats); math.Abs(z) > 3 {
			t.Errorf("%s: bias of %.2g standard errors", c.name, z)
		}
		if r := square / variance; math.Abs(r-1) > .15 {
			t.Errorf("%s: variance is %.3g of the one claimed", c.name, r)
		}
		if p := float64(inside) / repeats; math.Abs(p-c.coverage) > .015 {
			t.Errorf("%s: 95%% interval covers %.3g", c.name, p)
		}
	}
}

func TestTraceDeflated(t *testing.T) {
	const n, repeats = 400, 200
	d := bulk(n)
	a := symWithSpectrum(orthogonal(n, 4), d, n)
	trace := 0.
	for _, v := range d {
		trace += v
	}
	op := Dense(a, n)
	start := rng.At(2, "start", 0)
	k, err := Lanczos(op, Search{Top: 1, Tol: 1e-3, Steps: 30}, &start)
	if err != nil {
		t.Fatal(err)
	}
	var plain, deflated, mean float64
	for r := range repeats {
		s := rng.At(2, "trace", r)
		p, _ := Trace(op, nil, 4, &s)
		q, _ := Trace(op, k.Basis, 4, &s)
		q += k.Trace
		plain += (p - trace) * (p - trace)
		deflated += (q - trace) * (q - trace)
		mean += q / repeats
	}
	if deflated > plain/4 {
		t.Errorf("squared error %g deflated, %g plain", deflated, plain)
	}
	if se := math.Sqrt(deflated) / repeats; math.Abs(mean-trace) > 3*se {
		t.Errorf("mean %v, trace %v, standard error %g", mean, trace, se)
	}
}

// Hutch++ has no bias, its error covers as a t interval should, and where few
// eigenvalues dominate it is far smaller than Hutchinson's for as many products.
func TestHutchPP(t *testing.T) {
	const n, products, repeats = 120, 30, 400
	const t95 = 2.262157 // t, 9 degrees of freedom
	var mean, square, plain float64
	inside := 0
	for r := range repeats {
		s := rng.At(3, "matrix", r)
		d := bulk(n)
		for i := range d[:5] {
			d[i] *= 1 + s.Float64()
		}
		a := symWithSpectrum(orthogonal(n, uint64(r%8)), d, n)
		want := 0.
		for _, v := range d {
			want += v
		}
		got, stderr := HutchPP(Dense(a, n), products, &s)
		mean += (got - want) / repeats
		square += (got - want) * (got - want) / repeats
		if math.Abs(got-want) <= t95*stderr {
			inside++
		}
		got, _ = Trace(Dense(a, n), nil, products, &s)
		plain += (got - want) * (got - want) / repeats
	}
	if z := mean / math.Sqrt(square/repeats); math.Abs(z) > 3 {
		t.Errorf("bias of %.2g standard errors", z)
	}
	if square > plain/10 {
		t.Errorf("squared error %g, by Hutchinson %g", square, plain)
	}
	if p := float64(inside) / repeats; p < .92 || p > .98 {
		t.Errorf("95%% interval covers %.3g", p)
	}
	// A matrix of low rank is exact.
	d := make([]float64, n)
	copy(d, []float64{5, -3, 1})
	s := rng.At(4, "matrix", 0)
	got, stderr := HutchPP(Dense(symWithSpectrum(orthogonal(n, 1), d, n), n), products, &s)
	if math.Abs(got-3) > 1e-12 || stderr > 1e-12 {
		t.Errorf("trace %v +- %v of rank 3, want 3", got, stderr)
	}
}
