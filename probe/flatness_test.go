package probe

import (
	"fmt"
	"math"
	"testing"

	"basin/kernel"
	"basin/problem"
)

// sloped is a quadratic with its gradient, as the flatness of one needs it.
type sloped struct {
	*bare
	d []float64
}

func (f sloped) Grad(dst, x []float64) float64 {
	kernel.Mul(dst, f.d, x)
	return f.loss(x)
}

func TestFlatnessOfQuadratic(t *testing.T) {
	d, x := []float64{5, 2, 1, .5}, []float64{1, -2, .5, 3}
	f := sloped{quadratic(d), d}
	pass := &Pass{Layout: f.layout, X: x, Seed: 1, Sets: map[string]problem.Objective[float64]{"train": f}}
	r := ask(t, pass, "flatness(rho=0.3, adaptive_rho=0.2, box=0.1, sigma=0.5, adaptive_sigma=0.3, steps=100, draws=20000)")
	here := f.loss(x)
	g := make([]float64, 4)
	f.Grad(g, x)
	// The rise along c^2 g / |c g| of length rho is rho |c g| + rho^2/2 c^2 g'D c^2 g / |c g|^2.
	for name, c := range map[string]struct {
		rho  float64
		size []float64
	}{"flat": {.3, []float64{1, 1, 1, 1}}, "flat_adaptive": {.2, []float64{1, 2, .5, 3}}} {
		var norm, curve float64
		for i, v := range g {
			norm += c.size[i] * c.size[i] * v * v
			curve += d[i] * math.Pow(c.size[i], 4) * v * v
		}
		norm = math.Sqrt(norm)
		near(t, name+"_step", r[name+"_step"].Value, c.rho*norm+c.rho*c.rho/2*curve/(norm*norm), 1e-13)
		near(t, name+"_worst", r[name+"_worst"].Value, trust(d, g, c.size, c.rho), 1e-9)
	}
	var plain, adaptive, corner float64
	for i, v := range d {
		plain += .25 * v / 2
		adaptive += .09 * v * x[i] * x[i] / 2
		b := .1 * (math.Abs(x[i]) + 1)
		corner += b*math.Abs(g[i]) + v*b*b/2
	}
	for name, want := range map[string]float64{"flat_average": plain, "flat_adaptive_average": adaptive} {
		if got := r[name]; math.Abs(got.Value-want) > 4*got.Err || got.Err > .02*want {
			t.Errorf("%s is %v +- %v, want %v", name, got.Value, got.Err, want)
		}
	}
	near(t, "flat_keskar", r["flat_keskar"].Value, 100*corner/(1+here), 1e-12)
}

// trust is max g'd + d'Dd/2 over |d / c|_2 <= rho, by its secular equation: with u = d/c,
// u_i = c_i g_i / (mu - c_i^2 D_i), mu above all c_i^2 D_i, and |u| = rho.
func trust(d, g, c []float64, rho float64) float64 {
	lo := 0.
	for i := range d {
		lo = max(lo, c[i]*c[i]*d[i])
	}
	hi := lo + 1e6
	u := make([]float64, len(d))
	for range 200 {
		mu := (lo + hi) / 2
		for i := range u {
			u[i] = c[i] * g[i] / (mu - c[i]*c[i]*d[i])
		}
		if kernel.Norm2(u) > rho {
			lo = mu
		} else {
			hi = mu
		}
	}
	rise := 0.
	for i, v := range u {
		v *= c[i]
		rise += g[i]*v + d[i]*v*v/2
	}
	return rise
}

// At the minimum of a quadratic, nearly, ascent finds the top eigenvalue.
func TestFlatnessAtMinimum(t *testing.T) {
	d := []float64{5, 2, 1, .5}
	f := sloped{quadratic(d), d}
	pass := &Pass{Layout: f.layout, X: []float64{1e-9, 1e-9, 1e-9, 1e-9}, Seed: 1, Sets: map[string]problem.Objective[float64]{"train": f}}
	r := ask(t, pass, "flatness(rho=0.1, steps=30)")
	near(t, "flat_worst", r["flat_worst"].Value, .01/2*5, 1e-6)
	clear(pass.X)
	pass.known = nil
	r = ask(t, pass, "flatness")
	for _, name := range []string{"flat_step", "flat_worst", "flat_adaptive_step", "flat_keskar"} {
		if r[name].None != "the gradient is zero" {
			t.Errorf("%s: %+v", name, r[name])
		}
	}
	near(t, "flat_adaptive_average", 1+r["flat_adaptive_average"].Value, 1, 0)
}

// A loss that is not finite nearby has no rise.
func TestFlatnessRefuses(t *testing.T) {
	d := []float64{1, 1}
	f := sloped{quadratic(d), d}
	f.loss = func(x []float64) float64 {
		if x[0] == 1 {
			return 1
		}
		return math.Inf(1)
	}
	pass := &Pass{Layout: f.layout, X: []float64{1, 1}, Seed: 1, Sets: map[string]problem.Objective[float64]{"train": f}}
	for name, r := range ask(t, pass, "flatness") {
		if r.Defined() || name != "flat_logit_factor" && r.None != "the loss near the solution is not finite" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestFisherOfNetwork(t *testing.T) {
	for _, c := range []struct {
		model   string
		outputs int
		kind    problem.LossKind
	}{{"mlp(4, act=tanh)", 3, problem.SoftmaxCrossEntropy}, {"mlp(5)", 2, problem.Squared}, {"mlp(4)", 1, problem.Logistic}} {
		p, x := network[float64](t, c.model, c.outputs, c.kind)
		f, n := p.Sets["train"], len(x)
		r := ask(t, NewPass(p, x, math.NaN(), 1), fmt.Sprintf("fisher(draws=200), trace(matrix=gauss_newton, probes=%d), gradient_noise(batches=50)", 3*n))
		exact := r["trace_hutchpp"].Value
		// The error counts that examples are drawn, which the trace of the set does not.
		if off := math.Abs(r["fisher_trace"].Value - exact); off > .05*exact || off > r["fisher_trace"].Err {
			t.Errorf("%s: Fisher trace %v +- %v, want %v", c.model, r["fisher_trace"].Value, r["fisher_trace"].Err, exact)
		}
		dense, g := empiricalFisher(f, x), make([]float64, n)
		f.Grad(g, x)
		trace := 0.
		for i := range n {
			trace += dense[i*n+i]
		}
		near(t, "empirical Fisher", r["fisher_empirical"].Value, trace, 1e-12)
		near(t, "noise", r["gradient_noise"].Value, (trace-kernel.Dot(g, g))*50/49, 1e-12)
		near(t, "noise scale", r["noise_scale"].Value, r["gradient_noise"].Value/kernel.Dot(g, g), 1e-12)
		near(t, "logit factor", r["fisher_logit_factor"].Value, r["trace_logit_factor"].Value, 0)
	}
	p, x := network[float64](t, "mlp(4)", 1, problem.Exponential)
	if r := ask(t, NewPass(p, x, math.NaN(), 1), "fisher"); r["fisher_trace"].None != "the loss is no negative log-likelihood" || !r["fisher_empirical"].Defined() {
		t.Errorf("%+v", r["fisher_trace"])
	}
}

// Of sequences the traces are those of the matrices over predictions.
func TestFisherOfSequences(t *testing.T) {
	p, x := language[float64](t)
	r := ask(t, NewPass(p, x, 1, 1), "fisher(draws=50), trace(matrix=fisher, probes=100)")
	if off := r["fisher_trace"].Value - r["trace_hutchpp"].Value; math.Abs(off) > .05*r["fisher_trace"].Value+4*r["trace_hutchpp"].Err {
		t.Errorf("Fisher trace %v, by products %v +- %v", r["fisher_trace"].Value, r["trace_hutchpp"].Value, r["trace_hutchpp"].Err)
	}
	want := ask(t, NewPass(p, x, 1, 1), "trace(matrix=empirical_fisher, probes=100)")["trace_hutchpp"]
	if got := r["fisher_empirical"]; math.Abs(got.Value-want.Value) > 4*math.Hypot(got.Err, want.Err) || want.Err > .1*want.Value {
		t.Errorf("empirical Fisher trace %v +- %v, want %v +- %v", got.Value, got.Err, want.Value, want.Err)
	}
}
