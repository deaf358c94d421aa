package optim

import (
	"math"
	"testing"

	"basin/internal/near"
	"basin/problem"
)

// A quartic is sum x^4/4 + x_0 x_1, with exact gradient and Hessian.
type quartic struct{ layout *problem.Layout }

func (f quartic) Layout() *problem.Layout { return f.layout }

func (f quartic) Loss(x []float64) float64 {
	sum := x[0] * x[1]
	for _, v := range x {
		sum += v * v * v * v / 4
	}
	return sum
}

func (f quartic) Grad(dst, x []float64) float64 {
	for i, v := range x {
		dst[i] = v * v * v
	}
	dst[0] += x[1]
	dst[1] += x[0]
	return f.Loss(x)
}

func (f quartic) MulVec(m problem.Matrix, dst, x, v []float64) bool {
	for i, e := range x {
		dst[i] = 3 * e * e * v[i]
	}
	dst[0] += v[1]
	dst[1] += v[0]
	return m == problem.Hessian
}

// What base sees is the objective as a function of theta: its gradient and its
// products are those of differences.
func TestPowered(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "w", Role: problem.Weight, Shape: []int{1, 2}},
		problem.Block{Name: "b", Role: problem.Bias, Shape: []int{1}},
	)
	for _, alpha := range []float64{1, 1.5, 2, 3} {
		p := &powered[float64]{f: quartic{l}, alpha: alpha, powers: l.Blocks[:1],
			x: make([]float64, 3), v: make([]float64, 3), g: make([]float64, 3)}
		theta, v := []float64{0.7, -1.2, 0.4}, []float64{0.3, 0.5, -2}
		const h = 1e-5
		at := func(sign float64) ([]float64, []float64, float64) {
			x, g := make([]float64, 3), make([]float64, 3)
			for i := range x {
				x[i] = theta[i] + sign*h*v[i]
			}
			loss := p.Grad(g, x)
			return x, g, loss
		}
		_, up, lossUp := at(1)
		_, down, lossDown := at(-1)
		g, product, want := make([]float64, 3), make([]float64, 3), make([]float64, 3)
		p.Grad(g, theta)
		if !p.MulVec(problem.Hessian, product, theta, v) || p.MulVec(problem.Fisher, make([]float64, 3), theta, v) {
			t.Fatal("it does not have the matrices of what it is made of")
		}
		slope := 0.0
		for i := range want {
			want[i] = (up[i] - down[i]) / (2 * h)
			slope += g[i] * v[i]
		}
		if diff := near.Diff(product, want, 1e-8, 1e-7); diff != "" {
			t.Errorf("alpha=%v: product: %s", alpha, diff)
		}
		if diff := near.Value(slope, (lossUp-lossDown)/(2*h), 1e-8, 1e-7); diff != "" {
			t.Errorf("alpha=%v: gradient: %s", alpha, diff)
		}
	}
}

// Weights of zero stay, and a step of descent in theta by hand: theta = 2, g = 2*2*1,
// theta - 0.25*4 = 1.
func TestPowerprop(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{1, 3}})
	x, d := []float64{4, 0, -4}, []float64{1, 5, 1}
	st, err := New(optimizer(t, "powerprop(base=sgd(lr=0.25))"), &Context[float64]{Layout: l, Blocks: l.Blocks, Start: x})
	if err != nil {
		t.Fatal(err)
	}
	st.Step(&Step[float64]{T: 1, X: x, D: d, F: quartic{l}})
	for i, want := range []float64{1, 0, -9} {
		if got := x[i] + d[i]; math.Abs(got-want) > 1e-14 {
			t.Errorf("x[%d] goes to %v, want %v", i, got, want)
		}
	}
}
