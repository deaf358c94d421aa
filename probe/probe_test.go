package probe

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
	"basin/recipe"
	"basin/stat"
)

// ask measures the probes of a list of recipes and gives the readings by name.
func ask(t *testing.T, p *Pass, probes string) map[string]stat.Reading {
	t.Helper()
	list, err := recipe.ParseList(probes)
	if err != nil {
		t.Fatal(err)
	}
	bound, err := Resolve(list)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]stat.Reading{}
	for _, b := range bound {
		if !b.Single() {
			continue
		}
		readings, err := b.Measure(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range readings {
			if _, twice := all[r.Name]; twice {
				t.Errorf("two readings are named %s", r.Name)
			}
			all[r.Name] = r
		}
	}
	return all
}

func passOf[T problem.Float]() (*Pass, *problem.Problem[T], []T) {
	p, x := posed[T]()
	return NewPass(p, x, 7.5, 1), p, x
}

func TestSharpnessOfQuadratic(t *testing.T) {
	d := []float64{9, -4, 2.5, 1, .5, 0, 0, 3}
	f := quadratic(d)
	pass := &Pass{Layout: f.layout, X: make([]float64, len(d)), Start: make([]float64, len(d)), Path: math.NaN(), Eps: 0x1p-52,
		Sets: map[string]problem.Objective[float64]{"train": f}}
	for i := range pass.X {
		pass.X[i] = float64(i) - 2
	}
	r := ask(t, pass, "sharpness(k=3, tol=1e-12), loss, distance")
	near(t, "lambda 1", r["hessian_max"].Value, 9, 1e-13)
	near(t, "lambda 2", r["hessian_max/2"].Value, 3, 1e-13)
	near(t, "lambda 3", r["hessian_max/3"].Value, 2.5, 1e-13)
	near(t, "trace", r["hessian_trace"].Value, kernel.Sum(d), 1e-12)
	near(t, "loss", r["train_loss"].Value, f.loss(pass.X), 0)
	for _, name := range []string{"logit_factor", "test_loss", "path_length", "straightness"} {
		if r[name].None == "" {
			t.Errorf("%s has the value %v", name, r[name].Value)
		}
	}
}

// Hutchinson's trace is exact on a diagonal matrix, with or without deflation of
// invariant directions.
func TestTraceErrIsSmall(t *testing.T) {
	d := make([]float64, 500)
	for i := range d {
		d[i] = 1 / float64(i+1)
	}
	f := quadratic(d)
	pass := &Pass{Layout: f.layout, X: make([]float64, len(d)), Start: make([]float64, len(d)), Sets: map[string]problem.Objective[float64]{"train": f}}
	r := ask(t, pass, "sharpness")["hessian_trace"]
	if math.Abs(r.Value-kernel.Sum(d)) > 4*r.Err || r.Err > .02*r.Value {
		t.Errorf("trace %v +- %v, want %v", r.Value, r.Err, kernel.Sum(d))
	}
}

func TestSharpnessOfRegression(t *testing.T) {
	pass, p, x := passOf[float64]()
	f := p.Sets["train"].(*regression[float64])
	values, err := linop.SymValues(f.hessian(x), f.layout.N)
	if err != nil {
		t.Fatal(err)
	}
	n := len(values)
	r := ask(t, pass, "sharpness(k=28, examples=0, tol=1e-10)")
	near(t, "hessian_max", r["hessian_max"].Value, values[n-1], 1e-12)
	near(t, "hessian_max/2", r["hessian_max/2"].Value, values[n-2], 1e-12)
	near(t, "hessian_trace", r["hessian_trace"].Value, kernel.Sum(values), 1e-12)
	factor := 0.
	for i := range f.n {
		_, p := f.predict(x, i)
		factor += (1 - kernel.Dot(p, p)) / float64(f.n)
	}
	near(t, "logit_factor", r["logit_factor"].Value, factor, 1e-13)

	// The loss on a subset: the objective that Need gives must be the one measured.
	sub, err := Need(pass, Subset{"train", 100})
	if err != nil {
		t.Fatal(err)
	}
	values, _ = linop.SymValues(sub.(*regression[float64]).hessian(x), n)
	pass2, _, _ := passOf[float64]()
	r = ask(t, pass2, "sharpness(examples=100)")
	if e := math.Abs(r["hessian_max"].Value - values[n-1]); e > 1e-3*values[n-1] || e > 3*r["hessian_max"].Err+1e-12 {
		t.Errorf("hessian_max %v +- %v, want %v", r["hessian_max"].Value, r["hessian_max"].Err, values[n-1])
	}
	if e := math.Abs(r["hessian_trace"].Value - kernel.Sum(values)); e > 4*r["hessian_trace"].Err+1e-12 {
		t.Errorf("hessian_trace %v +- %v, want %v", r["hessian_trace"].Value, r["hessian_trace"].Err, kernel.Sum(values))
	}
}

func TestSharpnessWarnsOfConfidence(t *testing.T) {
	pass, _, _ := passOf[float64]()
	r := ask(t, pass, "sharpness")
	if w := r["hessian_max"].Warnings; w != nil {
		t.Errorf("warnings %q", w)
	}
	f := newRegression[float64](50, 6, 4, 1)
	for i, y := range f.labels { // separable
		clear(f.in[i*6 : (i+1)*6])
		f.in[i*6+y] = 1
	}
	pass.Sets["train"], pass.known = f, nil
	clear(pass.X)
	for c := range 4 {
		pass.X[c*6+c] = 12
	}
	for _, name := range []string{"hessian_max", "hessian_trace"} {
		if w := ask(t, pass, "sharpness")[name].Warnings; len(w) != 1 || !strings.Contains(w[0], "logit_factor") {
			t.Errorf("%s: warnings %q", name, w)
		}
	}
}

func TestSharpnessWarnsOfSteps(t *testing.T) {
	pass, _, _ := passOf[float64]()
	r := ask(t, pass, "sharpness(steps=2)")["hessian_max"]
	if len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], "not converged in 2 products") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

func TestSharpnessRefuses(t *testing.T) {
	count := 0.
	restless := func() float64 { count++; return count }
	steady := quadratic([]float64{1, 2, 3})
	for _, c := range []struct {
		name, want string
		f          *bare
	}{
		{"no Hessian", "the objective has no Hessian products", &bare{steady.layout, steady.loss, nil}},
		{"product", "the Hessian product does not repeat", &bare{steady.layout, steady.loss, func(dst, _, v []float64) { kernel.Axpy(dst, restless(), v) }}},
		{"loss", "the loss does not repeat", &bare{steady.layout, func([]float64) float64 { return restless() }, func(dst, _, v []float64) { kernel.Axpy(dst, restless(), v) }}},
		{"not finite", "a Hessian product is not finite", quadratic([]float64{math.Inf(1), 1, 1})},
	} {
		pass := &Pass{Layout: c.f.layout, X: []float64{1, 1, 1}, Start: make([]float64, 3), Sets: map[string]problem.Objective[float64]{"train": c.f}}
		r := ask(t, pass, "sharpness")
		for _, name := range []string{"hessian_max", "hessian_trace"} {
			if !strings.Contains(r[name].None, c.want) {
				t.Errorf("%s: %s is %v, for want of value %q", c.name, name, r[name].Value, r[name].None)
			}
		}
	}
}

// The same problem in both precisions: only rounding differs.
func TestWiden(t *testing.T) {
	wide, _, _ := passOf[float64]()
	narrow, _, _ := passOf[float32]()
	for _, name := range []string{"train", "test"} {
		f, g := wide.Sets[name], narrow.Sets[name]
		dst, again := make([]float64, len(wide.X)), make([]float64, len(wide.X))
		near(t, "loss", g.Loss(narrow.X), f.Loss(wide.X), 1e-6)
		near(t, "loss of Grad", g.Grad(again, narrow.X), f.Grad(dst, wide.X), 1e-6)
		near(t, "gradient", 1+relative(again, dst), 1, 1e-6)
		f.MulVec(problem.Hessian, dst, wide.X, wide.Start)
		g.MulVec(problem.Hessian, again, narrow.X, wide.Start)
		near(t, "product", 1+relative(again, dst), 1, 1e-6)
	}
	// Much of a density is where float32 sees its own rounding.
	resolved := strings.Join(slices.DeleteFunc(Names(), func(name string) bool { return name == "density" }), ", ")
	a, b := ask(t, wide, resolved), ask(t, narrow, resolved)
	if len(a) != len(b) {
		t.Fatalf("%d and %d readings", len(a), len(b))
	}
	for name, r := range a {
		switch got := b[name]; {
		case got.None != r.None:
			t.Errorf("%s: none for %q and %q", name, r.None, got.None)
		case name == "eigen_bottom": // rounded as the top eigenvalue is, which is above 1
			near(t, name, 1+got.Value, 1+r.Value, 2e-5)
		case r.None == "":
			near(t, name, got.Value, r.Value, 2e-5)
		}
	}
}

// relative is |a-b| / |b|.
func relative(a, b []float64) float64 {
	d := slices.Clone(a)
	kernel.Axpy(d, -1, b)
	return kernel.Norm2(d) / kernel.Norm2(b)
}

// An objective without abilities must not gain any by being widened.
func TestWidenAddsNothing(t *testing.T) {
	plain := widen[float32](only{newRegression[float32](5, 2, 2, 1)}, &buffers[float32]{})
	_, predicts := problem.As[problem.Predictor[float64]](plain)
	_, hidden := problem.As[problem.Hidden[float64]](plain)
	_, grades := problem.As[problem.ExampleGrader[float64]](plain)
	_, inputs := problem.As[problem.InputGrader[float64]](plain)
	_, shows := problem.As[problem.Inputs[float64]](plain)
	_, subsets := problem.As[problem.Subsetter[float64]](plain)
	_, numbered := problem.As[problem.Symmetric](plain)
	if predicts || hidden || grades || inputs || shows || subsets || numbered {
		t.Errorf("abilities %v %v %v %v %v %v %v", predicts, hidden, grades, inputs, shows, subsets, numbered)
	}
	full := widen[float32](newRegression[float32](5, 2, 2, 1), &buffers[float32]{})
	_, predicts = problem.As[problem.Predictor[float64]](full)
	_, hidden = problem.As[problem.Hidden[float64]](full)
	_, subsets = problem.As[problem.Subsetter[float64]](full)
	if !predicts || hidden || !subsets {
		t.Errorf("abilities %v %v %v", predicts, hidden, subsets)
	}
}

// only hides every ability.
type only struct{ problem.Objective[float32] }

func TestLossAndAccuracy(t *testing.T) {
	pass, p, x := passOf[float64]()
	r := ask(t, pass, "loss, accuracy")
	for name, set := range map[string]string{"train": "train", "val": "val", "test": "test"} {
		f := p.Sets[set].(*regression[float64])
		near(t, name+" loss", r[name+"_loss"].Value, f.Loss(x), 1e-13)
		right := 0
		for i, y := range f.labels {
			z, _ := f.predict(x, i)
			if slices.Index(z, slices.Max(z)) == y {
				right++
			}
		}
		near(t, name+" accuracy", r[name+"_accuracy"].Value, float64(right)/float64(f.n), 0)
	}
	if r["test_loss/2"].Value == r["test_loss"].Value || !r["test_loss/2"].Defined() {
		t.Error("no reading of the second test set")
	}
	if _, stderr := proportion([]float64{1, 1, 1}, 1); !(stderr > 0) {
		t.Error("all right, and the standard error is zero")
	}
}

// A loss whose examples' shares are unknown takes its error from groups.
func TestGroupedErr(t *testing.T) {
	pass, p, x := passOf[float64]()
	f := newRegression[float64](6000, 6, 4, 9)
	p.Sets["train"] = f
	pass.Sets["train"] = f
	o, err := predict(f, x, "train")
	if err != nil {
		t.Fatal(err)
	}
	_, want := meanErr(o.losses())
	// The spread of 32 values is known to 1/sqrt(62).
	near(t, "standard error", groupedErr(pass, f, "train"), want, 3/math.Sqrt(62))
}

func TestMargins(t *testing.T) {
	pass, p, x := passOf[float64]()
	f := p.Sets["train"].(*regression[float64])
	var each []float64
	for i, y := range f.labels {
		z, _ := f.predict(x, i)
		right := z[y]
		z[y] = math.Inf(-1)
		each = append(each, right-slices.Max(z))
	}
	slices.Sort(each)
	s, err := linop.SingularValues(x[:24], 4, 6)
	if err != nil {
		t.Fatal(err)
	}
	r := ask(t, pass, "margin")
	for i, want := range map[string]float64{"min": each[0], "q05": each[14], "median": each[149]} {
		near(t, "margin_"+i, r["margin_"+i].Value, want, 1e-13)
		near(t, "margin_spectral_"+i, r["margin_spectral_"+i].Value, want/s[0], 1e-13)
		// Linear with a bias: homogeneous of degree one.
		near(t, "margin_homogeneous_"+i, r["margin_homogeneous_"+i].Value, want/kernel.Norm2(x), 1e-13)
	}
}

// With nearly all weights kept nothing changes; the order of sizes decides.
func TestPruning(t *testing.T) {
	pass, p, x := passOf[float64]()
	r := ask(t, pass, "pruning(keep=[0.999, 0.5, 0.25], examples=0)")
	f := p.Sets["test"].(*regression[float64])
	accuracy := func(keep int) float64 {
		w := slices.Clone(x)
		order := make([]int, 24)
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return -cmpAbs(x[a], x[b]) })
		for _, i := range order[keep:] {
			w[i] = 0
		}
		o, err := predict(f, w, "test")
		if err != nil {
			t.Fatal(err)
		}
		right, _ := o.right()
		return kernel.Sum(right) / float64(f.n)
	}
	near(t, "keep .999", r["pruned_accuracy/0.999"].Value, accuracy(24), 0)
	near(t, "keep .5", r["pruned_accuracy/0.5"].Value, accuracy(12), 0)
	near(t, "keep .25", r["pruned_accuracy/0.25"].Value, accuracy(6), 0)
	area := (math.Log(1/.999)*2*accuracy(24) + math.Log(.999/.5)*(accuracy(24)+accuracy(12)) + math.Log(2)*(accuracy(12)+accuracy(6))) / 2 / math.Log(4)
	near(t, "area", r["pruned_area"].Value, area, 1e-13)
	if !(r["pruned_area"].Err > 0) {
		t.Errorf("area has the error %v", r["pruned_area"].Err)
	}
}

func cmpAbs(a, b float64) int {
	switch {
	case math.Abs(a) < math.Abs(b):
		return -1
	case math.Abs(a) > math.Abs(b):
		return 1
	}
	return 0
}

func TestPruningTiesAndScopes(t *testing.T) {
	layout := problem.NewLayout(
		problem.Block{Name: "a", Shape: []int{2, 2}}, problem.Block{Name: "a.bias", Role: problem.Bias, Shape: []int{2}}, problem.Block{Name: "b", Shape: []int{2, 2}})
	x := []float64{1, -1, 1, 1, 7, 7, 10, -20, 30, 5}
	for _, c := range []struct {
		last   float64
		global bool
		keep   float64
		want   []float64
	}{
		{1, false, .5, []float64{1, -1, 0, 0, 7, 7, 0, -20, 30, 0}},
		{2, false, .25, []float64{1, 0, 0, 0, 7, 7, 0, -20, 30, 0}},
		{2, false, .75, []float64{1, -1, 1, 0, 7, 7, 10, -20, 30, 5}},
		{1, true, .5, []float64{0, 0, 0, 0, 7, 7, 10, -20, 30, 5}},
		{1, true, .75, []float64{1, -1, 0, 0, 7, 7, 10, -20, 30, 5}},
		{1, true, .01, []float64{0, 0, 0, 0, 7, 7, 0, 0, 0, 0}},
	} {
		got := slices.Clone(x)
		(&pruning{Last: c.last}).cutter(&Pass{Layout: layout, X: x}, c.global)(got, c.keep)
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

func TestNormsAndDistance(t *testing.T) {
	pass, p, x := passOf[float64]()
	r := ask(t, pass, "norm, distance")
	d := slices.Clone(x)
	kernel.Axpy(d, -1, p.Start)
	near(t, "norm", r["norm"].Value, kernel.Norm2(x), 0)
	near(t, "norm_l1", r["norm_l1"].Value, r["norm_l1/head.weight"].Value+r["norm_l1/head.bias"].Value, 1e-15)
	near(t, "norm_linf", r["norm_linf"].Value, max(r["norm_linf/head.weight"].Value, r["norm_linf/head.bias"].Value), 0)
	near(t, "distance", r["distance"].Value, kernel.Norm2(d), 0)
	near(t, "straightness", r["straightness"].Value, kernel.Norm2(d)/7.5, 0)
}

// At its start a solution has no change to speak of, and a zero matrix no rank.
func TestRankAtStart(t *testing.T) {
	pass, p, _ := passOf[float64]()
	pass.X = slices.Clone(p.Start)
	r := ask(t, pass, "rank, distance")
	if r["erank_delta"].None != "the matrix is zero" || r["stable_rank_delta/head.weight"].None != "the matrix is zero" {
		t.Errorf("none for %q, %q", r["erank_delta"].None, r["stable_rank_delta/head.weight"].None)
	}
	if !r["erank"].Defined() || r["erank_features"].None != "the model has no hidden layer" {
		t.Errorf("erank %v, erank_features none for %q", r["erank"].Value, r["erank_features"].None)
	}
	if r["distance"].Value != 0 {
		t.Errorf("distance %v", r["distance"].Value)
	}
}

// A quantity is computed once, its error too.
func TestNeed(t *testing.T) {
	pass := &Pass{}
	for range 3 {
		if v, err := Need(pass, counted{"good"}); v != 1 || err != nil {
			t.Errorf("got %v, %v", v, err)
		}
		if v, err := Need(pass, counted{"bad"}); v != 2 || !errors.Is(err, errZero) {
			t.Errorf("got %v, %v", v, err)
		}
	}
}

type counted struct{ name string }

func (q counted) Compute(p *Pass) (int, error) {
	n := len(p.known) + 1
	if q.name == "bad" {
		return n, errZero
	}
	return n, nil
}

func TestSubset(t *testing.T) {
	pass, _, _ := passOf[float64]()
	get := func(n int) *regression[float64] {
		f, err := Need(pass, Subset{"train", n})
		if err != nil {
			t.Fatal(err)
		}
		return f.(*regression[float64])
	}
	small, large := get(50), get(120)
	if small.n != 50 || large.n != 120 || get(0).n != 300 || get(1000).n != 300 {
		t.Errorf("sizes %d, %d, %d, %d", small.n, large.n, get(0).n, get(1000).n)
	}
	inside := map[float64]bool{}
	for i := range large.n {
		inside[large.in[i*6]] = true
	}
	for i := range small.n {
		if !inside[small.in[i*6]] {
			t.Fatal("an example of the smaller choice is not in the larger")
		}
	}
	if _, err := Need(pass, Subset{"dev", 0}); err == nil || err.Error() != `the problem has no set "dev"` {
		t.Errorf("error %v", err)
	}
}

func ExampleResolve() {
	list, _ := recipe.ParseList("sharpness(k=5), norm")
	probes, _ := Resolve(list)
	for _, b := range probes {
		fmt.Println(b.Recipe())
	}
	list, _ = recipe.ParseList("sharpnes")
	_, err := Resolve(list)
	fmt.Println(err)
	// Output:
	// sharpness(k=5, examples=1024, tol=1e-3, steps=50, probes=16)
	// norm
	// recipe `sharpnes` column 1: unknown probe "sharpnes"; did you mean "sharpness"?
}
