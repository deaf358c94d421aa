package linop

import (
	"errors"
	"testing"

	"basin/rng"
)

func TestCG(t *testing.T) {
	const n = 50
	s := rng.At(1, "cg", 0)
	x := make([]float64, n)
	for i := range x {
		x[i] = s.Norm()
	}
	q := orthogonal(n, 5)
	for _, c := range []struct {
		spectrum []float64
		steps    int
	}{
		{geometric(1, 1, n), 1},
		{append(geometric(1, 1, n-2), 5, 9), 3},
		{geometric(1, 1e-3, n), 4 * n},
	} {
		a := symWithSpectrum(q, c.spectrum, n)
		b, got := make([]float64, n), make([]float64, n)
		Dense(a, n).Mul(b, x)
		residual, taken, err := CG(Dense(a, n), got, b, 1e-13, c.steps)
		if err != nil || residual > 1e-13 || taken > c.steps {
			t.Errorf("residual %g after %d steps, error %v", residual, taken, err)
		}
		if d := distance(got, x); d > 1e-10 {
			t.Errorf("solution off by %g", d)
		}
	}
}

func TestCGEnds(t *testing.T) {
	products := 0
	dst := []float64{7, 7}
	if r, taken, err := CG(diagonal([]float64{1, 2}, &products), dst, []float64{0, 0}, 1e-9, 9); r != 0 || taken != 0 || err != nil || dst[0] != 0 {
		t.Errorf("zero right side: residual %g, %d steps, error %v, solution %v", r, taken, err, dst)
	}
	if _, _, err := CG(diagonal([]float64{1, -2}, &products), dst, []float64{0, 1}, 1e-9, 9); !errors.Is(err, ErrIndefinite) {
		t.Errorf("indefinite: error %v", err)
	}
	if r, taken, err := CG(diagonal([]float64{1, 2}, &products), dst, []float64{1, 1}, 0, 1); taken != 1 || err != nil || !(r > 0) {
		t.Errorf("one step: residual %g, %d steps, error %v", r, taken, err)
	}
}
