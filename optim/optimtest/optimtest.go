// Package optimtest holds what every optimizer must do, as tests: a rule in the
// catalogue of optim has passed them all.
package optimtest

import (
	"math"
	"slices"
	"testing"

	"basin/optim"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
)

// Run holds a recipe to the contract of a stepper, in both precisions.
func Run(t *testing.T, text string) {
	t.Run("canonical", func(t *testing.T) { canonical(t, text) })
	t.Run("float32", func(t *testing.T) { contract[float32](t, text) })
	t.Run("float64", func(t *testing.T) { contract[float64](t, text) })
}

func contract[T problem.Float](t *testing.T, text string) {
	for _, c := range []struct {
		name  string
		check func(*testing.T, string)
	}{
		{"guarded", guarded[T]},
		{"part of the blocks", partial[T]},
		{"allocates nothing", frugal[T]},
		{"same bits", repeats[T]},
		{"restored", restored[T]},
		{"minimizes", minimizes[T]},
		{"extremes", extremes[T]},
		{"NaN", notANumber[T]},
		{"gradients counted", counted[T]},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, text) })
	}
}

// canonical: the recipe in full is a fixed point, and trains alike.
func canonical(t *testing.T, text string) {
	o := resolve(t, text)
	again := resolve(t, o.Recipe())
	if again.Recipe() != o.Recipe() {
		t.Fatalf("%s becomes %s", o.Recipe(), again.Recipe())
	}
	a, b := fresh[float32](t, o), fresh[float32](t, again)
	a.steps(20)
	b.steps(20)
	if !slices.Equal(a.x, b.x) {
		t.Error("its canonical recipe leads elsewhere")
	}
}

// guarded: a step writes D in full, and nothing beyond D.
func guarded[T problem.Float](t *testing.T, text string) {
	const margin, mark = 8, 12345
	n := layout.N
	buffer := make([]T, 2*n+3*margin)
	for i := range buffer {
		buffer[i] = mark
	}
	x, d := buffer[margin:][:n:n], buffer[2*margin+n:][:n:n]
	r := fresh[T](t, resolve(t, text))
	copy(x, r.x)
	for step := range 3 {
		f := problem.Objective[T](r.f)
		loss := f.Grad(d, x)
		before, g := slices.Clone(x), slices.Clone(d)
		r.st.Step(&optim.Step[T]{T: step + 1, X: x, D: d, Loss: loss, F: f})
		if !slices.Equal(x, before) {
			t.Fatal("it writes X")
		}
		for i := range d {
			if d[i] == g[i] {
				t.Fatalf("it leaves D[%d] as it was, a gradient of %v", i, g[i])
			}
		}
		for i := range margin {
			if buffer[i] != mark || buffer[margin+n+i] != mark || buffer[2*margin+2*n+i] != mark {
				t.Fatal("it writes beside X or D")
			}
		}
	}
}

// partial: made for some blocks, a stepper leaves D on the others alone.
func partial[T problem.Float](t *testing.T, text string) {
	blocks := layout.Blocks[1:5]
	lo, hi := blocks[0].Off, layout.Blocks[5].Off
	o := resolve(t, text)
	if o.GradsPerStep() > 1 {
		return // a rule that asks for gradients always has all blocks
	}
	f := newQuadratic[T](layout)
	x, d := convert[T](start(layout)), make([]T, layout.N)
	st, err := optim.New(o, &optim.Context[T]{Layout: layout, Blocks: blocks, Start: x, Horizon: 100})
	if err != nil {
		t.Fatal(err)
	}
	f.Grad(d, x)
	g := slices.Clone(d)
	st.Step(&optim.Step[T]{T: 1, X: x, D: d, F: f})
	if !slices.Equal(d[:lo], g[:lo]) || !slices.Equal(d[hi:], g[hi:]) {
		t.Error("it writes D outside its blocks")
	}
	for i := lo; i < hi; i++ {
		if d[i] == g[i] {
			t.Fatalf("it leaves D[%d] in its blocks as it was", i)
		}
	}
}

// frugal: steps 41 to 59 allocate nothing; rules that decompose matrices now and
// then do it at other times.
func frugal[T problem.Float](t *testing.T, text string) {
	r := fresh[T](t, resolve(t, text))
	r.steps(40)
	if n := testing.AllocsPerRun(18, func() { r.steps(1) }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}

// repeats: two steppers of one recipe go the same way, to the bit.
func repeats[T problem.Float](t *testing.T, text string) {
	o := resolve(t, text)
	a, b := fresh[T](t, o), fresh[T](t, o)
	a.steps(25)
	b.steps(25)
	if !slices.Equal(a.x, b.x) {
		t.Error("two runs differ")
	}
}

// restored: taken up from its memory, a run goes on as if nothing had happened.
func restored[T problem.Float](t *testing.T, text string) {
	o := resolve(t, text)
	whole, half := fresh[T](t, o), fresh[T](t, o)
	whole.steps(7)
	saved := whole.save()
	again := newRun(t, o, problem.Objective[T](half.f), slices.Clone(whole.x), 100)
	again.t = whole.t
	if err := optim.Restore(again.st, saved); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(again.save(), saved) {
		t.Error("what is restored saves to other bytes")
	}
	whole.steps(20)
	again.steps(20)
	if !slices.Equal(whole.x, again.x) || !slices.Equal(whole.save(), again.save()) {
		t.Error("the run taken up goes elsewhere")
	}
	now := whole.save()
	for _, bad := range [][]byte{nil, saved[:len(saved)-1], append(slices.Clone(saved), 0), saved[5:]} {
		if optim.Restore(whole.st, bad) == nil {
			t.Errorf("a memory of %d bytes instead of %d is taken", len(bad), len(saved))
		}
	}
	if !slices.Equal(whole.save(), now) {
		t.Error("a memory that was refused has changed the stepper")
	}
}

// minimizes: with rates that fall to zero, the loss falls to a thousandth.
func minimizes[T problem.Float](t *testing.T, text string) {
	const steps = 2000
	r := newRun(t, resolve(t, decaying(t, text)), problem.Objective[T](newQuadratic[T](layout)), convert[T](start(layout)), steps)
	before := r.f.Loss(r.x)
	r.steps(steps)
	if after := r.f.Loss(r.x); !(after < 1e-3*before) {
		t.Errorf("the loss goes from %.3g to %.3g", before, after)
	}
}

// extremes: no gradient whose square is finite makes a change that is not, however
// small it is, and at x = 0 a gradient of zero makes none.
func extremes[T problem.Float](t *testing.T, text string) {
	o := resolve(t, text)
	sizes := []float64{0, 1e-40, 1e-30, 1e-15, 1e15}
	if _, wide := any(T(0)).(float64); wide {
		sizes = append(sizes, 1e-300, 1e-200, 1e120)
	}
	for _, size := range sizes {
		f := newQuadratic[T](layout)
		f.scale = size
		r := newRun(t, o, problem.Objective[T](f), make([]T, layout.N), 100)
		for range 4 {
			r.step()
			for i, v := range r.d {
				if v := float64(v); math.IsNaN(v) || math.IsInf(v, 0) || size == 0 && v != 0 {
					t.Fatalf("gradients of size %g: D[%d] is %v at step %d", size, i, v, r.t)
				}
			}
			clear(r.x)
		}
	}
}

// notANumber: a NaN in the gradient shows in D, at once and later.
func notANumber[T problem.Float](t *testing.T, text string) {
	r := fresh[T](t, resolve(t, text))
	r.steps(3)
	for i := range r.x {
		x := slices.Clone(r.x)
		x[i] = T(math.NaN())
		bad := newRun(t, resolve(t, text), r.f, x, 100)
		bad.step()
		if !slices.ContainsFunc(bad.d, func(v T) bool { return v != v }) {
			t.Fatalf("a gradient with a NaN at %d makes a change without", i)
		}
	}
}

// counted: a step asks for as many gradients as its recipe declares.
func counted[T problem.Float](t *testing.T, text string) {
	o := resolve(t, text)
	f := newQuadratic[T](layout)
	r := newRun(t, o, problem.Objective[T](f), convert[T](start(layout)), 100)
	r.steps(10)
	if want := int(10 * o.GradsPerStep()); f.grads != want {
		t.Errorf("10 steps cost %d gradients, %d are declared", f.grads, want)
	}
}

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
	st, err := optim.New(o, &optim.Context[T]{Layout: l, Blocks: l.Blocks, Start: x, Seed: 1, Horizon: horizon})
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
