package optim

import (
	"math"
	"testing"

	"basin/problem"
	"basin/recipe"
)

// Where the squares of a gradient are a product of rows and columns, nothing is lost
// by keeping these alone: the first step goes along its signs, in arrays of all orders.
func TestAdafactorKeepsProducts(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "scalar", Role: problem.Gain, Shape: []int{}},
		problem.Block{Name: "bias", Role: problem.Bias, Shape: []int{4}},
		problem.Block{Name: "row", Role: problem.Weight, Shape: []int{1, 5}},
		problem.Block{Name: "column", Role: problem.Weight, Shape: []int{5, 1}},
		problem.Block{Name: "conv", Role: problem.Weight, Shape: []int{2, 3, 4, 3}},
	)
	x, g := make([]float64, l.N), make([]float64, l.N)
	for _, b := range l.Blocks {
		cols := 1
		if k := len(b.Shape); k > 0 {
			cols = b.Shape[k-1]
		}
		for i := range problem.View(g, b) {
			row, col := i/cols, i%cols
			g[b.Off+i] = math.Exp(math.Sin(float64(3*row))+math.Cos(float64(5*col))) * math.Copysign(1, math.Sin(float64(7*i+1)))
		}
	}
	st, err := New(optimizer(t, "adafactor(lr=0.5, relative_step=false, scale_parameter=false, eps1=0)"), &Context[float64]{Layout: l, Blocks: l.Blocks, Start: x})
	if err != nil {
		t.Fatal(err)
	}
	d := append([]float64(nil), g...)
	st.Step(&Step[float64]{T: 1, X: x, D: d})
	for i, v := range d {
		if want := -math.Copysign(0.5, g[i]); math.Abs(v-want) > 1e-14 {
			t.Errorf("d[%d] is %v for a gradient of %v, want %v", i, v, g[i], want)
		}
	}
	values := 0
	m, _ := As[Memory](st)
	for _, item := range m.Memory() {
		switch item := item.(type) {
		case []float64:
			values += len(item)
		}
	}
	if want := 1 + 4 + 6 + 6 + 6*(4+3); values != want {
		t.Errorf("it keeps %d values, want %d", values, want)
	}
}

// Settings that do not suit one another are refused.
func TestFirstOrderRefusals(t *testing.T) {
	for _, text := range []string{
		"adafactor(relative_step=false, warmup_init=true)", "lars(momentum=0, nesterov=true)", "aggmo(betas=[])", "aggmo(betas=[1])",
		"mars(base=sam)", "grokfast_ma(window_size=0) | sgd", "grokfast_ema(alpha=0.9)",
	} {
		r, err := recipe.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Resolve(r); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}
