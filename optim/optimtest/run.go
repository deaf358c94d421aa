package optimtest

import (
	"slices"
	"testing"

	"basin/optim"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// start draws a point from [-0.1, 0.1].
func start(l *problem.Layout) []float64 {
	s := rng.At(3, "start", 0)
	x := make([]float64, l.N)
	for i := range x {
		x[i] = 0.2*s.Float64() - 0.1
	}
	return x
}

func convert[T problem.Float](x []float64) []T {
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(v)
	}
	return y
}

// A run is a stepper on its way.
type run[T problem.Float] struct {
	test *testing.T
	st   optim.Stepper[T]
	f    problem.Objective[T]
	t    int
	x, d []T
	s    optim.Step[T]
}

func newRun[T problem.Float](t *testing.T, o *optim.Optimizer, f problem.Objective[T], x []T, horizon int) *run[T] {
	t.Helper()
	l := f.Layout()
	st, err := optim.New(o, &optim.Context[T]{Layout: l, Blocks: l.Blocks, Start: x, Seed: 1, Horizon: horizon, First: f})
	if err != nil {
		t.Fatal(err)
	}
	return &run[T]{test: t, st: st, f: f, x: slices.Clone(x), d: make([]T, l.N)}
}

// fresh is a run on the quadratic from its usual start.
func fresh[T problem.Float](t *testing.T, o *optim.Optimizer) *run[T] {
	t.Helper()
	return newRun(t, o, problem.Objective[T](newQuadratic[T](layout)), convert[T](start(layout)), 100)
}

func (r *run[T]) step() {
	r.t++
	loss := r.f.Grad(r.d, r.x)
	r.s = optim.Step[T]{T: r.t, X: r.x, D: r.d, Loss: loss, F: r.f}
	r.st.Step(&r.s)
	for i, v := range r.d {
		r.x[i] += v
	}
}

func (r *run[T]) steps(n int) {
	for range n {
		r.step()
	}
}

func (r *run[T]) save() []byte {
	r.test.Helper()
	saved, err := optim.Save(r.st)
	if err != nil {
		r.test.Fatal(err)
	}
	return saved
}

func parse(t *testing.T, text string) recipe.Recipe {
	t.Helper()
	r, err := recipe.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func resolve(t *testing.T, text string) *optim.Optimizer {
	t.Helper()
	o, err := optim.Resolve(parse(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// with gives c with one argument set, as a named one.
func with(c recipe.Call, name string, v recipe.Value) recipe.Call {
	c.Args = slices.DeleteFunc(slices.Clone(c.Args), func(a recipe.Arg) bool { return a.Name == name })
	c.Args = append(c.Args, recipe.Arg{Name: name, Value: v})
	return c
}

// decaying lets all fixed rates of a recipe, nested ones included, fall to zero.
func decaying(t *testing.T, text string) string {
	full := parse(t, resolve(t, text).Recipe())
	var fall func(r recipe.Recipe) recipe.Recipe
	fall = func(r recipe.Recipe) recipe.Recipe {
		for i := range r {
			for k, a := range r[i].Args {
				switch v := a.Value.(type) {
				case recipe.Recipe:
					r[i].Args[k].Value = fall(v)
				case recipe.Number:
					if a.Name == "lr" {
						r[i].Args[k].Value = recipe.Recipe{{Name: "linear", Args: []recipe.Arg{{Value: v}}}}
					}
				}
			}
		}
		return r
	}
	return fall(full).String()
}
