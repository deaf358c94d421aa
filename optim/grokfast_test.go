package optim

import (
	"testing"

	"basin/problem"
)

// The mean is over exactly the window, once it is full, and nothing is left of a huge
// gradient after it.
func TestGrokfastWindow(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "b", Role: problem.Bias, Shape: []int{1}})
	for _, c := range []struct {
		text   string
		window int
	}{{"grokfast_ma(window_size=1, lamb=2) | sgd(lr=1)", 1}, {"grokfast_ma(window_size=2, lamb=2) | sgd(lr=1)", 2}, {"grokfast_ma(window_size=5, lamb=2) | sgd(lr=1)", 5}} {
		x, d := make([]float32, 1), make([]float32, 1)
		st, err := New(optimizer(t, c.text), &Context[float32]{Layout: l, Blocks: l.Blocks, Start: x})
		if err != nil {
			t.Fatal(err)
		}
		var past []float64
		for step := 1; step <= 23; step++ {
			g := float64(step * step % 7)
			if step == 8 {
				g = 1e12
			}
			past = append(past, g)
			want := -g
			if step >= c.window {
				for _, p := range past[step-c.window:] {
					want -= 2 * p / float64(c.window)
				}
			}
			d[0] = float32(g)
			st.Step(&Step[float32]{T: step, X: x, D: d})
			if e := largest([]float64{float64(d[0])}, []float64{want}); !(e <= 1e-6*max(1, -want)) {
				t.Errorf("%s: the change is %v at step %d, want %v", c.text, d[0], step, want)
			}
		}
	}
}
