package optim

import (
	"math"
	"testing"

	"basin/problem"
	"basin/rng"
)

// alike makes so many steps of both recipes with the same gradients for a 3 x 4 matrix
// and a vector, each from where it went, and gives the largest difference in between.
func alike(t *testing.T, a, b string, steps int) float64 {
	t.Helper()
	l := problem.NewLayout(
		problem.Block{Name: "w", Role: problem.Weight, Shape: []int{3, 4}},
		problem.Block{Name: "b", Role: problem.Bias, Shape: []int{5}},
	)
	first, second := stepper[float64](t, a, l), stepper[float64](t, b, l)
	x, y, d, e := make([]float64, l.N), make([]float64, l.N), make([]float64, l.N), make([]float64, l.N)
	apart := 0.0
	for step := 1; step <= steps; step++ {
		s := rng.At(5, "gradient", step)
		for i := range d {
			d[i] = s.Norm()
		}
		copy(e, d)
		first.Step(&Step[float64]{T: step, X: x, D: d})
		second.Step(&Step[float64]{T: step, X: y, D: e})
		for i := range x {
			x[i] += d[i]
			y[i] += e[i]
		}
		apart = max(apart, largest(x, y))
	}
	return apart
}

// Where it is one of the simpler rules, it goes the same way.
func TestDShampooIsSimpler(t *testing.T) {
	const later = ", beta1=0, start_preconditioning_step=100)"
	for _, c := range [][2]string{
		{"dshampoo(lr=0.1, beta1=0, beta2=1, eps=0.1, precondition_frequency=1, grafting=none)",
			"shampoo(lr=0.1, beta1=0, beta2=1, eps=0.1, ridge=0, interval=1, clip=inf)"},
		{"dshampoo(lr=0.1, beta1=0.9, beta2=0.99, eps=0.1, precondition_frequency=1, grafting=none, weight_decay=0.2)",
			"shampoo(lr=0.1, beta1=0.9, beta2=0.99, eps=0.1, ridge=0, interval=1, clip=inf, weight_decay=0.2)"},
		{"dshampoo(lr=0.1, grafting=sgd, momentum=0.9, nesterov=true, weight_decay=0.2" + later, "sgd(lr=0.1, momentum=0.9, nesterov=true, weight_decay=0.2)"},
		{"dshampoo(lr=0.1, grafting=none, momentum=0.9, weight_decay=0.2" + later, "sgd(lr=0.1, momentum=0.9, weight_decay=0.2)"},
		{"dshampoo(lr=0.1, grafting=sgd, nesterov=true" + later, "sgd(lr=0.1)"},
		{"dshampoo(lr=0.1, grafting=adam, beta1=0.8, grafting_beta2=0.9, grafting_eps=0.01, weight_decay=0.2, max_preconditioner_dim=2)",
			"adamw(lr=0.1, beta1=0.8, beta2=0.9, eps=0.01, weight_decay=0.2)"},
	} {
		if e := alike(t, c[0], c[1], 12); e > 1e-12 {
			t.Errorf("%s is %.2g from %s", c[0], e, c[1])
		}
	}
}

// A step is as long as that of the grafted rule, chunk by chunk.
func TestDShampooLength(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{3, 4}})
	st, d := stepper[float64](t, "dshampoo(lr=1, beta1=0, grafting=sgd, precondition_frequency=1, max_preconditioner_dim=3)", l), make([]float64, 12)
	s := rng.At(6, "gradient", 0)
	for i := range d {
		d[i] = s.Norm()
	}
	g := append([]float64(nil), d...)
	st.Step(&Step[float64]{T: 1, X: make([]float64, 12), D: d})
	for _, columns := range [][]int{{0, 1, 2}, {3}} {
		was, is := 0.0, 0.0
		for i := range 3 {
			for _, j := range columns {
				was, is = math.Hypot(was, g[i*4+j]), math.Hypot(is, d[i*4+j])
			}
		}
		if math.Abs(was-is) > 1e-12 {
			t.Errorf("the chunk of columns %v moves by %v, want %v", columns, is, was)
		}
	}
}

// From start on nothing moves until there are roots.
func TestDShampooStart(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "b", Role: problem.Bias, Shape: []int{2}})
	st := stepper[float64](t, "dshampoo(precondition_frequency=3, start_preconditioning_step=4)", l)
	for step, moves := range []bool{true, true, true, false, false, true, true} {
		d := []float64{1, 2}
		st.Step(&Step[float64]{T: step + 1, X: make([]float64, 2), D: d})
		if (d[0] != 0) != moves {
			t.Errorf("step %d moves by %v", step+1, d)
		}
	}
}

// Chunks are those of torch.split along every dimension, and cover the block.
func TestCuts(t *testing.T) {
	for _, shape := range [][]int{{}, {5}, {5, 7}, {4, 3, 2, 5}} {
		b := problem.Block{Shape: shape, Off: 3}
		seen := make([]int, b.Len())
		var last cut
		for _, c := range cuts(shape, 4) {
			list, n := c.spans(b)
			at := 0
			for _, p := range list {
				if p.at != at {
					t.Fatalf("%v: spans %v", shape, list)
				}
				at += p.hi - p.lo
				for i := p.lo; i < p.hi; i++ {
					seen[i-3]++
				}
			}
			if at != n {
				t.Fatalf("%v: %d entries, not %d", shape, at, n)
			}
			last = c
		}
		for i, k := range seen {
			if k != 1 {
				t.Fatalf("%v: entry %d is in %d chunks", shape, i, k)
			}
		}
		for k, from := range last.from {
			if from != (shape[k]-1)/4*4 || from+last.shape[k] != shape[k] {
				t.Errorf("%v: the last chunk is %v", shape, last)
			}
		}
	}
}
