package optim

import (
	"math"
	"testing"

	"basin/kernel"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// stepperOf makes a stepper of a recipe for one block of n numbers.
func stepperOf[T problem.Float](t *testing.T, text string, n int) Stepper[T] {
	t.Helper()
	r, err := recipe.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Resolve(r)
	if err != nil {
		t.Fatal(err)
	}
	l := problem.NewLayout(problem.Block{Name: "x", Shape: []int{n}})
	s, err := New(o, &Context[T]{Layout: l, Blocks: l.Blocks, Start: make([]T, n), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// On x' H x / 2, just below the edge steps die out and just above they grow. Where P
// follows the gradients, a large eps holds it as long as x is small.
func TestEdges(t *testing.T) {
	for _, text := range []string{
		"sgd(lr=0.1)", "sgd(lr=0.1, momentum=0.9)", "sgd(lr=0.1, momentum=0.9, dampening=0.5)", "sgd(lr=0.1, momentum=0.8, nesterov=true)",
		"adam(lr=0.1, eps=1e4)", "adam(lr=0.1, beta1=0, eps=1e4)", "adamw(lr=0.1, beta1=0.5, eps=1e4, weight_decay=0)",
		"amsgrad(lr=0.1, eps=1e4)", "rmsprop(lr=0.1, eps=1e4)", "rmsprop(lr=0.1, eps=1e4, momentum=0.7, centered=true)", "adagrad(lr=0.1, eps=1e4)",
	} {
		const quiet, steps = 500, 4000
		step := func(s Stepper[float64], i int, x *[1]float64, h float64) {
			d := [1]float64{h * x[0]}
			s.Step(&Step[float64]{T: i, X: x[:], D: d[:]})
			x[0] += d[0]
		}
		for _, by := range []float64{.99, 1.01} {
			s, x := stepperOf[float64](t, text, 1), [1]float64{}
			for i := range quiet { // until corrections are over
				step(s, i+1, &x, 0)
			}
			m := s.(problem.Preconditioner).Metric(quiet)
			h := by * m.Edge / m.Rate
			if m.InvSqrt != nil {
				h /= m.InvSqrt[0] * m.InvSqrt[0]
			}
			x[0] = 1e-9
			grown := false
			for i := 0; i < steps && !grown; i++ {
				step(s, quiet+i+1, &x, h)
				grown = math.Abs(x[0]) > 1e-6
			}
			if grown != (by > 1) || !grown && math.Abs(x[0]) > 1e-10 {
				t.Errorf("%s: at %v of the edge %v, |x| goes from 1e-9 to %.1g", text, by, m.Edge, x[0])
			}
		}
	}
}

// The change of a step is -Rate P^-1 m, m the memory of gradients.
func TestMetricIsThatOfTheStep(t *testing.T) {
	check[float64](t, 1e-12)
	check[float32](t, 1e-5)
}

func check[T problem.Float](t *testing.T, tol float64) {
	const n = 7
	for _, text := range []string{
		"adam(lr=exponential(0.1, gamma=0.9, every=1))", "adamw(lr=0.01, weight_decay=0, eps=1e-3)", "amsgrad(lr=0.1)", "rmsprop(lr=0.1, momentum=0.5)",
		"rmsprop(lr=0.1, centered=true)", "adagrad(lr=0.1, lr_decay=0.1)",
	} {
		s := stepperOf[T](t, text, n)
		draw := rng.At(1, text, 0)
		x, d, g := make([]T, n), make([]T, n), make([]T, n)
		for i := range 9 {
			for j := range g {
				g[j] = T(draw.Norm())
			}
			g[3] = 0 // which never moves
			copy(d, g)
			s.Step(&Step[T]{T: i + 1, X: x, D: d})
		}
		m := s.(problem.Preconditioner).Metric(9)
		mean := g
		switch r := s.(type) {
		case *adam[T]:
			mean = r.m
		case *amsgrad[T]:
			mean = r.m
		case *rmsprop[T]:
			if r.m != nil { // m is a mean of steps, to which the last has added P^-1 g
				before := stepperOf[T](t, "rmsprop(lr=0.1)", n).(*rmsprop[T])
				before.v = r.v
				if before.Metric(9).InvSqrt[1] != m.InvSqrt[1] || m.Edge != 3 {
					t.Errorf("%s: metric %+v", text, m)
				}
				continue
			}
		}
		for j := range d {
			if want := -m.Rate * m.InvSqrt[j] * m.InvSqrt[j] * float64(mean[j]); math.Abs(float64(d[j])-want) > tol*math.Abs(want) {
				t.Errorf("%s: change %v, by the metric %v", text, d[j], want)
			}
		}
		if !kernel.Finite(m.InvSqrt) {
			t.Errorf("%s: %v", text, m.InvSqrt)
		}
	}
}
