package nn

import (
	"slices"
	"strings"
	"testing"

	"basin/problem"
)

var (
	_ problem.Objective[float32]     = (*Objective[float32])(nil)
	_ problem.Predictor[float32]     = (*Objective[float32])(nil)
	_ problem.Hidden[float32]        = (*Objective[float32])(nil)
	_ problem.ExampleGrader[float32] = (*Objective[float32])(nil)
	_ problem.ExampleNorms[float32]  = (*Objective[float32])(nil)
	_ problem.Jacobian[float32]      = (*Objective[float32])(nil)
	_ problem.Sampler[float32]       = (*Objective[float32])(nil)
	_ problem.Kronecker[float32]     = (*Objective[float32])(nil)
	_ problem.InputGrader[float32]   = (*Objective[float32])(nil)
	_ problem.Inputs[float32]        = (*Objective[float32])(nil)
	_ problem.Subsetter[float32]     = (*Objective[float32])(nil)
	_ problem.Flopper                = (*Objective[float32])(nil)
)

// everything is all that an objective says at x, in one slice.
func everything[T problem.Float](o *Objective[T], x []T) (all []float64) {
	n := len(x)
	add := func(v []T) {
		for _, a := range v {
			all = append(all, float64(a))
		}
	}
	dst := make([]T, n)
	all = append(all, o.Grad(dst, x), o.Loss(x))
	add(dst)
	for _, m := range []problem.Matrix{problem.Hessian, problem.GaussNewton, problem.EmpiricalFisher} {
		o.MulVec(m, dst, x, x)
		add(dst)
	}
	examples, outputs := o.Size()
	out := make([]T, examples*outputs)
	o.Outputs(out, x)
	add(out)
	hidden := make([][]T, len(o.Hidden()))
	for i, h := range o.Hidden() {
		hidden[i] = make([]T, examples*h.Width)
	}
	o.Activations(hidden, x)
	add(slices.Concat(hidden...))
	rows := make([]T, examples*n)
	o.ExampleGrads(rows, x, 0, examples)
	add(rows)
	norms := make([]float64, examples)
	o.ExampleNorms(norms, x)
	all = append(all, norms...)
	inputs := make([]T, examples*o.InputSize())
	o.InputGrads(inputs, x)
	add(inputs)
	return all
}

// No call changes what another returns: at another point, on other examples of one
// engine, after the examples' memory was used for others, or by another engine.
func TestPure(t *testing.T) {
	for _, loss := range allLosses {
		s := newSubject[float32](t, "mlp(5, 3)", loss, 7)
		other := newSubject[float32](t, "mlp(5, 3)", loss, 5)
		slices.Reverse(other.examples.X)
		e := NewEngine[float32](s.net, loss, 4)
		o, p := e.Objective(s.examples), e.Objective(other.examples)
		x := slices.Clone(s.x)
		want := everything(o, x)
		y := slices.Clone(s.x)
		y[0]++
		elsewhere := everything(o, y)
		if slices.Equal(want, elsewhere) {
			t.Errorf("%v: the same at another point", loss)
		}
		everything(p, y)
		if !slices.Equal(everything(o, x), want) {
			t.Errorf("%v: differs after other calls", loss)
		}
		kept := slices.Clone(s.examples.X)
		slices.Reverse(s.examples.X)
		if slices.Equal(everything(o, x), want) {
			t.Errorf("%v: the same on other examples", loss)
		}
		copy(s.examples.X, kept)
		if !slices.Equal(everything(o, x), want) {
			t.Errorf("%v: differs after the examples were others", loss)
		}
		if !slices.Equal(everything(s.objective(4), x), want) {
			t.Errorf("%v: differs on another engine", loss)
		}
		if !slices.Equal(x, s.x) {
			t.Errorf("%v: the point was changed", loss)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	s := newSubject[float32](t, "mlp(5, 3)", problem.SoftmaxCrossEntropy, 7)
	dst, rows, norms := make([]float32, len(s.x)), make([]float32, 5*len(s.x)), make([]float64, 7)
	for _, chunk := range []int{7, 3} {
		o := s.objective(chunk)
		for name, f := range map[string]func(){
			"Loss":     func() { o.Loss(s.x) },
			"Grad":     func() { o.Grad(dst, s.x) },
			"Hessian":  func() { o.MulVec(problem.Hessian, dst, s.x, s.x) },
			"Examples": func() { o.ExampleGrads(rows, s.x, 1, 6) },
			"Norms":    func() { o.ExampleNorms(norms, s.x) },
		} {
			f()
			if n := testing.AllocsPerRun(10, f); n != 0 {
				t.Errorf("chunks of %d: %s makes %v allocations", chunk, name, n)
			}
		}
	}
}

func TestSubset(t *testing.T) {
	for _, loss := range allLosses {
		s := newSubject[float64](t, "mlp(4, act=tanh)", loss, 7)
		indices := []int{5, 0, 5, 3}
		o := s.objective(3).Subset(indices)
		var want float64
		for _, i := range indices {
			_, z := s.naive(s.x, i)
			want += s.naiveLoss(z, i) / float64(len(indices))
		}
		compare(t, s.String(), []float64{o.Loss(s.x)}, []float64{want}, 1e-14)
		labels := o.(problem.Predictor[float64]).Labels()
		if loss == problem.Squared && labels != nil {
			t.Errorf("squared loss has labels %v", labels)
		}
		for k, i := range indices {
			if loss != problem.Squared && labels[k] != s.examples.Labels[i] {
				t.Errorf("%v: labels %v", loss, labels)
			}
		}
	}
}

// The operations of a dense layer of n inputs and m units on b examples are 2bnm for
// each product of matrices, of which a gradient has three, in the first layer two.
func TestFlops(t *testing.T) {
	s := newSubject[float32](t, "mlp(50, 40, act=tanh, bias=false)", problem.SoftmaxCrossEntropy, 10)
	loss, grad, product := s.objective(10).Flops()
	first, rest := 2.0*10*3*50, 2.0*10*(50*40+40*3)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"loss", loss, first + rest},
		{"gradient", grad, 2*first + 3*rest},
		// The value and the gradient in the activations, then their tangents and those
		// of the gradient in the weights, two products each where both factors move.
		{"product", product, 3*first + 2*rest + 6*rest},
	} {
		if c.got < c.want || c.got > 1.15*c.want {
			t.Errorf("%s: %v operations, the products of matrices alone are %v", c.name, c.got, c.want)
		}
	}
	l, g, p := s.objective(4).Flops()
	if l < loss || g < grad || p < product || l > 1.01*loss || g > 1.01*grad || p > 1.01*product {
		t.Errorf("in chunks %v, %v, %v, at once %v, %v, %v", l, g, p, loss, grad, product)
	}
}

func TestExamplesAreChecked(t *testing.T) {
	for _, c := range []struct {
		loss   problem.LossKind
		damage func(ex *Examples[float64])
		want   string
	}{
		{problem.SoftmaxCrossEntropy, func(ex *Examples[float64]) { ex.Labels[4] = 3 }, "examples: label 3 of example 4 is not one of 3 classes, 0 to 2"},
		{problem.SoftmaxCrossEntropy, func(ex *Examples[float64]) { ex.Labels[2] = -1 }, "examples: label -1 of example 2 is not one of 3 classes, 0 to 2"},
		{problem.Logistic, func(ex *Examples[float64]) { ex.Labels[1] = 2 }, "examples: label 2 of example 1 is not one of 2 classes, 0 to 1"},
		{problem.SoftmaxCrossEntropy, func(ex *Examples[float64]) { ex.Labels = ex.Labels[:3] }, "examples: 3 labels for 5 predictions"},
		{problem.Squared, func(ex *Examples[float64]) { ex.Targets = nil }, "examples: 0 targets for 5 predictions of 3 outputs"},
		{problem.Squared, func(ex *Examples[float64]) { ex.X = ex.X[:7] }, "examples: 7 numbers for 5 examples of 3; the network takes 3 numbers"},
		{problem.Squared, func(ex *Examples[float64]) { ex.In = 1 }, "examples: 15 numbers for 5 examples of 1; the network takes 3 numbers"},
		{problem.Squared, func(ex *Examples[float64]) { ex.N = 0 }, "examples: there are 0, need at least one"},
	} {
		s := newSubject[float64](t, "linear", c.loss, 5)
		e := NewEngine[float64](s.net, c.loss, 5)
		if err := e.Check(s.examples); err != nil {
			t.Fatal(err)
		}
		c.damage(s.examples)
		if err := e.Check(s.examples); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
		panics(t, "nn: "+c.want, func() { e.Objective(s.examples) })
	}
}

func TestMisusePanics(t *testing.T) {
	s := newSubject[float64](t, "mlp(2)", problem.SoftmaxCrossEntropy, 5)
	o := s.objective(5)
	short := s.x[:3]
	panics(t, "nn: parameter vector of another length", func() { o.Loss(short) })
	panics(t, "nn: parameter vector of another length", func() { o.Grad(short, s.x) })
	panics(t, "nn: parameter vector of another length", func() { o.MulVec(problem.Hessian, s.x, s.x, short) })
	panics(t, "nn: parameter vector of another length", func() { o.Outputs(nil, short) })
	panics(t, "nn: Subset of no examples", func() { o.Subset(nil) })
	panics(t, "nn: logistic and exponential loss need one output", func() { NewEngine[float64](s.net, problem.Logistic, 1) })
	panics(t, "nn: NewEngine with an evalBatch below 1", func() { NewEngine[float64](s.net, problem.Squared, 0) })
	panics(t, "nn: unknown loss", func() { NewEngine[float64](s.net, problem.LossKind(9), 1).plan(planKey{lossOf, 1, evaluation}) })
	panics(t, "nn: unknown initialiser", func() { Scaled("none", 1) })
}

func panics(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got, _ := recover().(string); !strings.HasPrefix(got, want) {
			t.Errorf("panics with %q, want %q", got, want)
		}
	}()
	f()
}

// With the inputs of other examples an objective is theirs, but for the labels; its
// own stays as it is.
func TestWithInputs(t *testing.T) {
	s := newSubject[float64](t, "mlp(5, 3, act=tanh)", problem.SoftmaxCrossEntropy, 7)
	o := s.objective(3)
	before := everything(o, s.x)
	got := make([]float64, 7*3)
	o.Inputs(got)
	compare(t, "inputs", got, s.examples.X, 0)
	if !slices.Equal(o.InputShape(), []int{3}) {
		t.Errorf("shape %v", o.InputShape())
	}
	other := *s.examples
	other.X = slices.Clone(got)
	slices.Reverse(other.X)
	altered := o.WithInputs(other.X).(*Objective[float64])
	compare(t, "altered", everything(altered, s.x), everything(NewEngine[float64](s.net, s.loss, 3).Objective(&other), s.x), 0)
	some := []int{5, 0, 5}
	compare(t, "some altered", everything(altered.Subset(some).(*Objective[float64]), s.x),
		everything(NewEngine[float64](s.net, s.loss, 3).Objective(&other).Subset(some).(*Objective[float64]), s.x), 0)
	compare(t, "own", everything(o, s.x), before, 0)
	panics(t, "nn: WithInputs of another size", func() { o.WithInputs(got[1:]) })
}
