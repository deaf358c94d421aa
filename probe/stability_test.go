package probe

import (
	"math"
	"strings"
	"testing"

	"basin/linop"
	"basin/problem"
	"basin/rng"
)

func TestStabilityOfQuadratic(t *testing.T) {
	d := []float64{9, -4, 2.5, 1}
	pass := quadraticPass(d, make([]float64, 4))
	r := ask(t, pass, "stability")
	for _, name := range []string{"stable_top", "stable_rate", "stable_edge", "stable_ratio"} {
		if !strings.HasPrefix(r[name].None, "the optimizer's metric is not known") {
			t.Errorf("%s: %+v", name, r[name])
		}
	}
	for _, c := range []struct {
		metric problem.Metric
		top    float64
	}{
		{problem.Metric{Rate: .1, Edge: 2}, 9},
		{problem.Metric{Rate: .01, Edge: 38, InvSqrt: []float64{.5, 1, 2, 10}}, 100},
		{problem.Metric{Rate: .01, Edge: 3.8, InvSqrt: []float64{0, 1, 2, 0}}, 10},
	} {
		pass.Metric = &c.metric
		r := ask(t, pass, "stability(tol=1e-12)")
		near(t, "stable_top", r["stable_top"].Value, c.top, 1e-12)
		near(t, "stable_rate", r["stable_rate"].Value, c.metric.Rate*c.top, 1e-12)
		near(t, "stable_edge", r["stable_edge"].Value, c.metric.Edge, 0)
		near(t, "stable_ratio", r["stable_ratio"].Value, c.metric.Rate*c.top/c.metric.Edge, 1e-12)
	}
	pass.Metric = &problem.Metric{Rate: .1, Edge: math.Inf(1)}
	if r := ask(t, pass, "stability")["stable_ratio"]; r.None != "the rule's steps are stable whatever the curvature" {
		t.Errorf("%+v", r)
	}
}

// Against the dense P^-1/2 H P^-1/2 of a network.
func TestStabilityOfNetwork(t *testing.T) {
	p, x := network[float64](t, "mlp(4, 3, act=tanh)", 3, problem.SoftmaxCrossEntropy)
	n := len(x)
	m := &problem.Metric{Rate: .01, Edge: 38, InvSqrt: make([]float64, n)}
	s := rng.At(1, "metric", 0)
	for i := range m.InvSqrt {
		m.InvSqrt[i] = math.Exp(s.Norm())
	}
	dense := differences(p.Sets["train"], x)
	for i := range n {
		for j := range n {
			dense[i*n+j] *= m.InvSqrt[i] * m.InvSqrt[j]
		}
	}
	values, err := linop.SymValues(dense, n)
	if err != nil {
		t.Fatal(err)
	}
	pass := NewPass(p, x, math.NaN(), 1)
	pass.Metric = m
	near(t, "stable_top", ask(t, pass, "stability(tol=1e-9, steps=100)")["stable_top"].Value, values[n-1], 1e-8)
}
