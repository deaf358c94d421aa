package optimtest

import (
	"math"
	"testing"

	"basin/optim"
	"basin/problem"
	"basin/rng"
)

// A network is y = V tanh(W a) with squared loss, on examples in the columns of a
// space of its own. Its first weight can be seen turned: W Q for inputs Q'a.
type network struct {
	layout             *problem.Layout
	n, in, hidden, out int
	scale              float64
	inputs, targets    []float64 // n x in, n x out
	h, y, dh           []float64 // room for one example
}

func newNetwork(scale float64, turned []float64) *network {
	f := &network{n: 24, in: 6, hidden: 8, out: 3, scale: scale}
	f.layout = problem.NewLayout(
		problem.Block{Name: "a.weight", Role: problem.Weight, Shape: []int{f.hidden, f.in}},
		problem.Block{Name: "b.weight", Role: problem.Weight, Shape: []int{f.out, f.hidden}},
	)
	s := rng.At(6, "network", 0)
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = s.Norm()
		}
		return v
	}
	f.inputs, f.targets = draw(f.n*f.in), draw(f.n*f.out)
	if turned != nil {
		f.inputs = product(f.inputs, turned, f.n, f.in)
	}
	f.h, f.y, f.dh = make([]float64, f.hidden), make([]float64, f.out), make([]float64, f.hidden)
	return f
}

// product is a q for a of m x n and q of n x n.
func product(a, q []float64, m, n int) []float64 {
	p := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for k := range n {
				p[i*n+j] += a[i*n+k] * q[k*n+j]
			}
		}
	}
	return p
}

func (f *network) Layout() *problem.Layout { return f.layout }

func (f *network) Loss(x []float64) float64 { return f.Grad(make([]float64, len(x)), x) }

func (f *network) MulVec(problem.Matrix, []float64, []float64, []float64) bool { return false }

// outputs sets h and y for example i.
func (f *network) outputs(x []float64, i int) {
	w, v := x[:f.hidden*f.in], x[f.hidden*f.in:]
	for j := range f.h {
		sum := 0.0
		for k := range f.in {
			sum += w[j*f.in+k] * f.inputs[i*f.in+k]
		}
		f.h[j] = math.Tanh(sum)
	}
	for o := range f.y {
		f.y[o] = 0
		for j, h := range f.h {
			f.y[o] += v[o*f.hidden+j] * h
		}
	}
}

func (f *network) Grad(dst, x []float64) float64 {
	clear(dst)
	v, dw, dv := x[f.hidden*f.in:], dst[:f.hidden*f.in], dst[f.hidden*f.in:]
	loss, weight := 0.0, f.scale/float64(f.n)
	for i := range f.n {
		f.outputs(x, i)
		clear(f.dh)
		for o, y := range f.y {
			e := y - f.targets[i*f.out+o]
			loss += weight * e * e / 2
			for j, h := range f.h {
				dv[o*f.hidden+j] += weight * e * h
				f.dh[j] += weight * e * v[o*f.hidden+j]
			}
		}
		for j, h := range f.h {
			for k := range f.in {
				dw[j*f.in+k] += f.dh[j] * (1 - h*h) * f.inputs[i*f.in+k]
			}
		}
	}
	return loss
}

// Whoever turns the inputs of a network and its first weight with them finds the same
// function after 200 steps of a rule that knows no coordinates, and another one of a
// rule that does; so it is for the scale of the loss.
func TestInvarianceOfFunctions(t *testing.T) {
	q := orthogonal(6, "inputs")
	plain := newNetwork(1, nil)
	s := rng.At(7, "start", 0)
	x := make([]float64, plain.layout.N)
	for i := range x {
		x[i] = 0.4 * s.Norm()
	}
	first := plain.hidden * plain.in
	turned := append(product(x[:first], q, plain.hidden, plain.in), x[first:]...)
	for _, c := range []struct {
		rule             string
		rotation, scaled float64 // largest change of the function, or the smallest if negative
	}{
		{"sgd(lr=1e-3)", 1e-12, -0.1},
		{"muon(lr=0.005)", 1e-10, 1e-6}, // eps is added to the norm
		{"shampoo(lr=0.01, beta1=0, beta2=1, ridge=0, eps=0, interval=1, clip=inf)", 1e-8, 1e-8},
		{"adam(lr=0.01, eps=0)", -0.05, 1e-12},
		{"signsgd(lr=0.01)", -0.05, 1e-12},
	} {
		o := resolve(t, c.rule)
		want := outputsAfter(t, o, plain, x)
		for what, got := range map[string]float64{
			"rotation": apart(outputsAfter(t, o, newNetwork(1, q), turned), want),
			"scale":    apart(outputsAfter(t, o, newNetwork(100, nil), x), want),
		} {
			limit := c.rotation
			if what == "scale" {
				limit = c.scaled
			}
			t.Logf("%s: %s changes the function by %.2g", c.rule, what, got)
			if limit > 0 && !(got <= limit) || limit < 0 && got < -limit {
				t.Errorf("%s: %s changes the function by %.3g, want %g", c.rule, what, got, limit)
			}
		}
	}
}

// outputsAfter are the network's outputs for all examples after 200 steps.
func outputsAfter(t *testing.T, o *optim.Optimizer, f *network, x []float64) []float64 {
	r := newRun(t, o, problem.Objective[float64](f), x, 200)
	r.steps(200)
	var all []float64
	for i := range f.n {
		f.outputs(r.x, i)
		all = append(all, f.y...)
	}
	return all
}

// apart is the distance of a from b over the length of b.
func apart(a, b []float64) float64 {
	far, length := 0.0, 0.0
	for i := range a {
		far = math.Hypot(far, a[i]-b[i])
		length = math.Hypot(length, b[i])
	}
	return far / length
}
