package optim

import (
	"testing"

	"basin/linop"
	"basin/problem"
	"basin/rng"
)

// settle runs a recipe on 1/2 sum a (x-c)^2 from 0 and gives the point reached.
func settle(t *testing.T, text string, a, c []float64, steps int, shape ...int) []float64 {
	t.Helper()
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: shape})
	x, d := make([]float64, l.N), make([]float64, l.N)
	st, err := New(optimizer(t, text), &Context[float64]{Layout: l, Blocks: l.Blocks, Start: x, Horizon: steps})
	if err != nil {
		t.Fatal(err)
	}
	for step := range steps {
		for i := range d {
			d[i] = a[i] * (x[i] - c[i])
		}
		st.Step(&Step[float64]{T: step + 1, X: x, D: d})
		for i, v := range d {
			x[i] += v
		}
	}
	return x
}

// Decoupled decay lambda confines sign methods to the ball |x|_inf <= 1/lambda, in
// which they find the minimum, and Muon to the ball of the spectral norm; decay in
// the gradient gives the ridge solution instead (Xie & Li 2024, arXiv 2404.04454;
// Chen et al. 2023, arXiv 2310.05898). On 1/2 sum a (x-c)^2 these are c cut off at
// 1/lambda, for a = 1 its singular values cut off, and a c/(a+lambda).
func TestDecayIsABall(t *testing.T) {
	const m, n, lambda, steps = 4, 5, 0.25, 20_000
	s := rng.At(1, "decay", 0)
	a, ones, c := make([]float64, m*n), make([]float64, m*n), make([]float64, m*n)
	box, ridge := make([]float64, m*n), make([]float64, m*n)
	for i := range c {
		a[i], ones[i], c[i] = 0.5+s.Float64(), 1, 3*s.Norm()
		box[i] = max(-1/lambda, min(c[i], 1/lambda))
		ridge[i] = a[i] * c[i] / (a[i] + lambda)
	}
	u, values, vt, err := linop.SVD(c, m, n)
	if err != nil {
		t.Fatal(err)
	}
	ball := make([]float64, m*n)
	for p, v := range values {
		for i := range m {
			for j := range n {
				ball[i*n+j] += u[i*m+p] * min(v, 1/lambda) * vt[p*n+j]
			}
		}
	}
	if values[0] < 2/lambda || values[m-1] > 1/lambda {
		t.Fatalf("singular values %v do not straddle %v", values, 1/lambda)
	}
	for _, q := range []struct {
		text    string
		a, want []float64
		tol     float64
	}{
		{"signsgd(lr=linear(0.02), weight_decay=0.25)", a, box, 4e-5},
		{"lion(lr=linear(0.02), weight_decay=0.25)", a, box, 4e-5},
		{"adamw(lr=linear(0.02), beta2=0.95, weight_decay=0.25)", a, box, 1e-5},
		{"adam(lr=linear(0.02), weight_decay=0.25)", a, ridge, 1e-13},
		{"sgd(lr=0.1, weight_decay=0.25)", a, ridge, 1e-13},
		{"muon(lr=linear(0.02), weight_decay=0.25, orthogonalize=polar, scale=none, momentum=0)", ones, ball, 4e-6},
	} {
		x := settle(t, q.text, q.a, c, steps, m, n)
		e := largest(x, q.want)
		t.Logf("%s: off by %.2g", q.text, e)
		if !(e <= q.tol) {
			t.Errorf("%s: off by %.2g, allowed %g", q.text, e, q.tol)
		}
	}
}
