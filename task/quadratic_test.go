package task

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"basin/internal/near"
	"basin/problem"
)

// Gradient descent on a quadratic is x_t - c = (I - lr A)^t (x_0 - c), here in the
// axes that gonum finds.
func TestQuadraticDescent(t *testing.T) {
	const lr, steps = 0.7, 60
	for _, text := range []string{"quadratic", "quadratic(rotate=false)", "quadratic(dim=1)", "quadratic(dim=40, condition=1e4)"} {
		d := load(t, text, "")
		p, f := pose[float64](t, d, 4), d.Quadratic()
		n := f.Dim
		var eigen mat.EigenSym
		if !eigen.Factorize(mat.NewSymDense(n, f.A), true) {
			t.Fatal("no eigenvalues")
		}
		var axes mat.Dense
		eigen.VectorsTo(&axes)
		want, loss := slices.Clone(f.Center), 0.0
		for k, l := range eigen.Values(nil) {
			at := 0.0
			for i := range n {
				at += axes.At(i, k) * (p.Start[i] - f.Center[i])
			}
			at *= math.Pow(1-lr*l, steps)
			loss += l * at * at / 2
			for i := range n {
				want[i] += axes.At(i, k) * at
			}
		}
		x := descend(p, lr, steps)
		if diff := near.Diff(x, want, 1e-13, 0); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		if diff := near.Value(p.Match.Loss(x), loss, 1e-15, 1e-12); diff != "" {
			t.Errorf("%s loss: %s", text, diff)
		}
		if p.Optimum == nil || *p.Optimum != 0 || p.Match.Loss(f.Center) != 0 {
			t.Errorf("%s: the optimum is not 0 at the centre", text)
		}
		single := descend(pose[float32](t, d, 4), lr, steps)
		for i, v := range single {
			if math.Abs(float64(v)-want[i]) > 1e-5 {
				t.Errorf("%s: entry %d is %v in single precision, want %v", text, i, v, want[i])
			}
		}
	}
}

func TestQuadraticAbilities(t *testing.T) {
	d := load(t, "quadratic(noise=0.5)", "")
	p, f := pose[float64](t, d, 4), d.Quadratic()
	n := f.Dim
	if b := p.Layout.Blocks; len(b) != 1 || b[0].Name != "x" || b[0].Role != problem.Weight || !slices.Equal(b[0].Shape, []int{n}) {
		t.Errorf("blocks %+v", b)
	}
	if len(p.Sets) != 1 || p.Sets["train"] != p.Match || p.Phases[0].EpochSteps != 1 {
		t.Error("its sets are not the one function, or an epoch is not one step")
	}
	v, got := make([]float64, n), make([]float64, n)
	for j := range n {
		clear(v)
		v[j] = 1
		for _, m := range []problem.Matrix{problem.Hessian, problem.GaussNewton} {
			if !p.Phases[0].Batch(1).MulVec(m, got, p.Start, v) {
				t.Fatalf("no %v", m)
			}
			for i := range n {
				if got[i] != f.A[i*n+j] {
					t.Errorf("%v entry (%d, %d) is %v, want %v", m, i, j, got[i], f.A[i*n+j])
				}
			}
		}
	}
	if p.Match.MulVec(problem.Fisher, got, p.Start, v) {
		t.Error("there is a Fisher matrix")
	}
	if fl, ok := p.Match.(problem.Flopper); !ok {
		t.Error("its operations are not counted")
	} else if _, grad, product := fl.Flops(); grad < 2*float64(n*n) || product != 2*float64(n*n) {
		t.Errorf("%v operations for a gradient, %v for a product", grad, product)
	}
}

// Central differences are exact on a quadratic, but for rounding.
func TestQuadraticGradient(t *testing.T) {
	p := pose[float64](t, load(t, "quadratic(noise=0.5)", ""), 4)
	f := p.Phases[0].Batch(9)
	g, x := make([]float64, p.Layout.N), slices.Clone(p.Start)
	if f.Grad(g, x) != f.Loss(x) {
		t.Error("Grad and Loss return different losses")
	}
	const h = 0.5
	for i := range x {
		x[i] = p.Start[i] + h
		up := f.Loss(x)
		x[i] = p.Start[i] - h
		down := f.Loss(x)
		x[i] = p.Start[i]
		if diff := near.Value(g[i], (up-down)/(2*h), 1e-13, 0); diff != "" {
			t.Errorf("entry %d: %s", i, diff)
		}
	}
}

// The gradient's noise has mean 0 and covariance noise^2 I, and is the same
// everywhere.
func TestQuadraticNoise(t *testing.T) {
	const noise, draws = 0.5, 20_000
	p := pose[float64](t, load(t, "quadratic(dim=2, noise=0.5)", ""), 6)
	exact, g := make([]float64, 2), make([]float64, 2)
	p.Match.Grad(exact, p.Start)
	var mean, square, cross, kurtosis float64
	for at := 1; at <= draws; at++ {
		p.Phases[0].Batch(at).Grad(g, p.Start)
		a, b := g[0]-exact[0], g[1]-exact[1]
		mean += a / draws
		square += a * a / draws
		cross += a * b / draws
		kurtosis += a * a * a * a / draws
	}
	se := 5 / math.Sqrt(draws)
	for _, c := range []struct {
		name           string
		got, want, tol float64
	}{
		{"mean", mean, 0, noise * se},
		{"variance", square, noise * noise, noise * noise * math.Sqrt2 * se},
		{"covariance", cross, 0, noise * noise * se},
		{"fourth moment", kurtosis, 3 * math.Pow(noise, 4), math.Pow(noise, 4) * math.Sqrt(96) * se},
	} {
		if math.Abs(c.got-c.want) > c.tol {
			t.Errorf("%s of the noise is %v, want %v within %v", c.name, c.got, c.want, c.tol)
		}
	}
	x := []float64{3, -4}
	p.Match.Grad(exact, x)
	p.Phases[0].Batch(draws).Grad(g, x)
	there := []float64{g[0] - exact[0], g[1] - exact[1]}
	p.Match.Grad(exact, p.Start)
	p.Phases[0].Batch(draws).Grad(g, p.Start)
	if diff := near.Diff([]float64{g[0] - exact[0], g[1] - exact[1]}, there, 1e-14, 0); diff != "" {
		t.Errorf("the noise depends on the point: %s", diff)
	}
}
