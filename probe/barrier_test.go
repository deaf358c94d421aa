package probe

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/nn"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
	"basin/stat"
)

// A connected is a problem on which solutions are looked at and joined.
type connected struct {
	problem *problem.Problem[float64]
	barrier
}

// at is a pass at any point, with the state that belongs to it.
func (c *connected) at(x []float64) *Pass {
	c.problem.Calibrate(x)
	return NewPass(c.problem, x, math.NaN(), 1)
}

func (c *connected) end(t *testing.T, x []float64) *end {
	t.Helper()
	e, err := c.Sketch(c.at(slices.Clone(x)))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (c *connected) ridge(t *testing.T, a, b *end) *ridge {
	t.Helper()
	r, err := c.cross(c.at, a, b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func connect(t *testing.T, p *problem.Problem[float64], points int) *connected {
	t.Helper()
	return &connected{p, barrier{Points: points, Set: "train", Examples: 0, Attempts: 3}}
}

func netOf(t *testing.T, model string, in nn.Input, outputs int) *nn.Net {
	t.Helper()
	r, err := recipe.Parse(model)
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.ParseModel(model, r[0])
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.NewNet(m, in, outputs)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// shaped poses a model on random inputs with the classes that it gives them at a random
// point, and two points: that one and another.
func shaped(t *testing.T, model string, in nn.Input) (p *problem.Problem[float64], x, y []float64) {
	t.Helper()
	net := netOf(t, model, in, 5)
	s := rng.At(4, "shaped", 0)
	ex := &nn.Examples[float64]{N: 40, In: in.Len()}
	for range ex.N * ex.In {
		if in.Tokens > 0 {
			ex.Tokens = append(ex.Tokens, s.IntN(in.Tokens))
		} else {
			ex.X = append(ex.X, s.Norm())
		}
	}
	ex.Labels = make([]int, ex.N*net.Positions())
	e := nn.NewEngine[float64](net, problem.SoftmaxCrossEntropy, 40)
	f := e.Objective(ex)
	p = &problem.Problem[float64]{Layout: net.Layout(), Start: make([]float64, net.Layout().N), Sets: map[string]problem.Objective[float64]{"train": f}}
	if net.Stateful() {
		p.State = e.State(ex)
	}
	point := func(seed uint64) []float64 {
		x := make([]float64, net.Layout().N)
		nn.Init(net, x, seed)
		s := rng.At(seed, "shaped", 1)
		for i := range x {
			x[i] += .1 * s.Norm()
		}
		return x
	}
	x, y = point(1), point(2)
	p.Calibrate(x)
	o, err := predict(f, x, "train")
	if err != nil {
		t.Fatal(err)
	}
	for i := range ex.Labels {
		ex.Labels[i] = o.class(i)
	}
	return p, x, y
}

// renumbered permutes all units of x at random.
func renumbered(p *problem.Problem[float64], units []problem.UnitGroup, x []float64) []float64 {
	y, next := slices.Clone(x), slices.Clone(x)
	for i, g := range units {
		order := make([]int, g.N)
		s := rng.At(6, "renumbered", i)
		s.Perm(order)
		g.Renumber(p.Layout, next, y, order)
		y, next = next, y
	}
	return y
}

var images, tokens = nn.Input{Shape: []int{8, 8, 2}}, nn.Input{Shape: []int{6}, Tokens: 5}

// Between a network and itself with other numbers for its units there is a barrier, and
// none once they are matched: the numbers are found again, to the bit.
func TestBarrierOfRenumbered(t *testing.T) {
	for _, c := range []struct {
		model string
		in    nn.Input
	}{
		{"mlp(40, 30, 20)", nn.Input{Shape: []int{10}}},
		{"mlp(20, 20, norm=batch)", nn.Input{Shape: []int{10}}},
		{"cnn(8, 12, pool_every=1, hidden=20)", images},
		{"resnet(depth=8, width=6)", images},
		{"resnet(depth=14, width=4, norm=layer)", images},
		{"gpt(layers=2, width=16, heads=4)", tokens},
	} {
		t.Run(c.model, func(t *testing.T) {
			p, x, _ := shaped(t, c.model, c.in)
			k := connect(t, p, 3)
			a := k.end(t, x)
			b := k.end(t, renumbered(p, a.units, x))
			near(t, "loss", b.loss, a.loss, 1e-12)
			if r := k.ridge(t, a, b); r.height < 1e-3*a.loss {
				t.Errorf("barrier %v at a loss of %v", r.height, a.loss)
			}
			m, err := k.matched(a, b)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(m.x, a.x) {
				t.Errorf("matching leaves a distance of %v, it was %v", distanceOf(a.x, m.x), distanceOf(a.x, b.x))
			}
			if r := k.ridge(t, a, m); math.Abs(r.height) > 1e-12 || r.fall != 0 {
				t.Errorf("barrier %v, %v of the accuracy after matching", r.height, r.fall)
			}
		})
	}
}

// What is matched computes the same, is no farther, and does not depend on which of the
// two is renumbered; nor does the barrier depend on which comes first.
func TestMatchingOfTwo(t *testing.T) {
	for _, c := range []struct {
		model string
		in    nn.Input
	}{
		{"mlp(12, 9, act=tanh)", nn.Input{Shape: []int{10}}},
		{"cnn(5, 7, pool_every=1, hidden=9)", images},
		{"resnet(depth=8, width=4)", images},
		{"gpt(layers=1, width=12, heads=3)", tokens},
	} {
		t.Run(c.model, func(t *testing.T) {
			p, x, y := shaped(t, c.model, c.in)
			k := connect(t, p, 5)
			a, b := k.end(t, x), k.end(t, y)
			m, err := k.matched(a, b)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "loss", k.end(t, m.x).loss, b.loss, 1e-12)
			if was, is := distanceOf(a.x, b.x), distanceOf(a.x, m.x); !(is < was) {
				t.Errorf("the distance was %v and is %v", was, is)
			}
			back, err := k.matched(b, a)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "distance", distanceOf(b.x, back.x), distanceOf(a.x, m.x), 1e-12)
			for name, pair := range map[string][2]*ridge{
				"not matched": {k.ridge(t, a, b), k.ridge(t, b, a)},
				"matched":     {k.ridge(t, a, m), k.ridge(t, b, back)},
			} {
				r, s := pair[0], pair[1]
				near(t, name+": barrier", s.height, r.height, 1e-11)
				near(t, name+": its error", s.heightErr, r.heightErr, 1e-11)
				near(t, name+": place", s.at, r.at, 0)
				near(t, name+": accuracy", s.fall, r.fall, 1e-12)
			}
		})
	}
}

// No other permutation of a single layer brings two networks nearer.
func TestMatchingIsBest(t *testing.T) {
	p, x, y := shaped(t, "mlp(5)", nn.Input{Shape: []int{4}})
	k := connect(t, p, 1)
	a, b := k.end(t, x), k.end(t, y)
	m, err := k.matched(a, b)
	if err != nil {
		t.Fatal(err)
	}
	least, z := math.Inf(1), make([]float64, len(x))
	var try func(order []int)
	try = func(order []int) {
		if len(order) == 5 {
			a.units[0].Renumber(p.Layout, z, y, order)
			least = min(least, distanceOf(x, z))
			return
		}
		for u := range 5 {
			if !slices.Contains(order, u) {
				try(append(slices.Clone(order), u))
			}
		}
	}
	try(nil)
	near(t, "distance", distanceOf(a.x, m.x), least, 1e-14)
}

// A network of two hidden layers and 8 examples, against NumPy 1.24: the losses at the 11
// points by its matrix products, matched by trying all 4! 3! permutations.
func TestBarrierOfNumPy(t *testing.T) {
	net := netOf(t, "mlp(4, 3)", nn.Input{Shape: []int{3}}, 2)
	ex := &nn.Examples[float64]{N: 8, In: 3, Labels: []int{0, 0, 0, 1, 0, 0, 0, 1}}
	for i := range 8 {
		for k := 1; k <= 3; k++ {
			ex.X = append(ex.X, math.Sin(1+.7*float64(i*k)))
		}
	}
	n := net.Layout().N
	p := &problem.Problem[float64]{Layout: net.Layout(), Start: make([]float64, n),
		Sets: map[string]problem.Objective[float64]{"train": nn.NewEngine[float64](net, problem.SoftmaxCrossEntropy, 8).Objective(ex)}}
	x, y, once := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = 2 * math.Sin(1+1.7*float64(i))
	}
	units := net.Units()
	units[0].Renumber(p.Layout, once, x, []int{2, 0, 3, 1})
	units[1].Renumber(p.Layout, y, once, []int{1, 2, 0})
	for i := range y {
		y[i] += .5 * math.Cos(.3+.4*float64(i))
	}
	r := compared(t, NewPass(p, x, math.NaN(), 1), NewPass(p, y, math.NaN(), 1), "barrier")
	near(t, "barrier", r["barrier"].Value, 1.0277377525846294, 1e-13)
	near(t, "its error", r["barrier"].Err, .7356323722314816, 1e-13)
	near(t, "place", r["barrier_at"].Value, 5./12, 1e-15)
	near(t, "accuracy", r["barrier_accuracy"].Value, .22916666666666669, 1e-14)
	near(t, "distance when matched", r["barrier_matched_distance"].Value, 2.2001269002900155, 1e-13)
	near(t, "barrier when matched", r["barrier_matched"].Value, .015778181708956462, 1e-12)
	near(t, "its error", r["barrier_matched"].Err, .016846368382007607, 1e-12)
	near(t, "place", r["barrier_matched_at"].Value, 5./12, 1e-15)
	near(t, "accuracy", r["barrier_matched_accuracy"].Value, .02083333333333333, 1e-13)
}

func onLine(loss func(x float64) float64) *connected {
	f := &bare{layout: problem.NewLayout(problem.Block{Name: "x", Shape: []int{2}}), loss: func(x []float64) float64 { return loss(x[0]) + x[1] }}
	p := &problem.Problem[float64]{Layout: f.layout, Start: make([]float64, 2), Sets: map[string]problem.Objective[float64]{"train": f}}
	return &connected{p, barrier{Points: 11, Set: "train"}}
}

// Between the minima of (x^2 - 1)^2 the barrier is 1, in the middle; from -1 to 2 it is the
// largest of (x^2 - 1)^2 - 3 (x + 1) on the grid. The tilt by another coordinate is of no
// matter.
func TestBarrierOfDoubleWell(t *testing.T) {
	well := func(x float64) float64 { return (x*x - 1) * (x*x - 1) }
	k := onLine(well)
	r := k.ridge(t, k.end(t, []float64{-1, 0}), k.end(t, []float64{1, 5}))
	near(t, "barrier", r.height, 1, 1e-14)
	near(t, "place", r.at, .5, 0)
	if !math.IsNaN(r.heightErr) {
		t.Errorf("standard error %v of a closed form", r.heightErr)
	}
	r = k.ridge(t, k.end(t, []float64{-1, 3}), k.end(t, []float64{2, -7}))
	best, where := math.Inf(-1), 0.0
	for i := 1; i < 12; i++ {
		x := -1 + 3*float64(i)/12
		if h := well(x) - 3*(x+1); h > best {
			best, where = h, float64(i)/12
		}
	}
	near(t, "barrier", r.height, best, 1e-13)
	near(t, "place", r.at, where, 0)
	// A convex function lies below its chords: x^2 by alpha (1 - alpha) |a - b|^2.
	k = onLine(func(x float64) float64 { return x * x })
	r = k.ridge(t, k.end(t, []float64{-1, 3}), k.end(t, []float64{2, 1}))
	near(t, "barrier", r.height, -9*11./144, 1e-13)
}

// The standard error is that of another draw of examples.
func TestBarrierErr(t *testing.T) {
	train := newRegression[float64](4000, 6, 4, 1)
	p, x := posed[float64]()
	p.Sets["train"] = train
	y := slices.Clone(x)
	slices.Reverse(y)
	k := connect(t, p, 1)
	truth := k.ridge(t, k.end(t, x), k.end(t, y))
	k.Examples = 100
	var hits, hitsOfFall float64
	const draws = 400
	for seed := range uint64(draws) {
		at := func(x []float64) *Pass { return NewPass(p, x, math.NaN(), seed) }
		var ends [2]*end
		for i, v := range [][]float64{x, y} {
			var err error
			if ends[i], err = k.Sketch(at(v)); err != nil {
				t.Fatal(err)
			}
		}
		r, err := k.cross(at, ends[0], ends[1])
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.height-truth.height) < 1.96*r.heightErr {
			hits++
		}
		if math.Abs(r.fall-truth.fall) < 1.96*r.fallErr {
			hitsOfFall++
		}
	}
	// A share of .95 has a standard error of .011 over 400 draws.
	for _, share := range []float64{hits / draws, hitsOfFall / draws} {
		if share < .9 {
			t.Errorf("95 %% intervals have the truth in %v of all draws", share)
		}
	}
}

// The losses of squared error are those of groups.
func TestBarrierOfRegression(t *testing.T) {
	p, x := network[float64](t, "mlp(5, act=tanh)", 2, problem.Squared)
	k := connect(t, p, 3)
	y := slices.Clone(x)
	kernel.Scale(y, -2)
	r := k.ridge(t, k.end(t, x), k.end(t, y))
	if !(r.heightErr > 0) || !math.IsInf(r.fall, -1) {
		t.Errorf("%+v", r)
	}
}

// Every reading has its value or says why not.
func TestBarrierReadings(t *testing.T) {
	p, x, y := shaped(t, "mlp(7, 6)", nn.Input{Shape: []int{5}})
	k := connect(t, p, 11)
	const measure = "barrier(examples=0)"
	a, b := k.end(t, x), k.end(t, y)
	m, err := k.matched(a, b)
	if err != nil {
		t.Fatal(err)
	}
	r := compared(t, k.at(x), k.at(y), measure)
	for name, to := range map[string]*end{"barrier": b, "barrier_matched": m} {
		way := k.ridge(t, a, to)
		near(t, name, r[name].Value, way.height, 0)
		near(t, name+"_at", r[name+"_at"].Value, way.at, 0)
		near(t, name+"_accuracy", r[name+"_accuracy"].Value, way.fall, 0)
		if r[name].Err != way.heightErr || r[name+"_accuracy"].Err != way.fallErr || !(way.heightErr > 0) || !(way.fallErr > 0) {
			t.Errorf("%s: %+v, %+v", name, r[name], r[name+"_accuracy"])
		}
	}
	near(t, "distance", r["barrier_matched_distance"].Value, distanceOf(x, m.x), 0)
	same := compared(t, k.at(x), k.at(x), measure)
	for name, want := range map[string]string{
		"barrier": "", "barrier_accuracy": "", "barrier_at": "the loss is nowhere above the line",
		"barrier_matched": "", "barrier_matched_accuracy": "", "barrier_matched_distance": "", "barrier_matched_at": "the loss is nowhere above the line",
	} {
		if got := same[name]; got.None != want || got.Defined() && got.Value > 1e-15 {
			t.Errorf("of a solution with itself %s is %+v", name, got)
		}
	}
	none := func(r map[string]stat.Reading, why string, names ...string) {
		t.Helper()
		for _, name := range names {
			if r[name].None != why {
				t.Errorf("%s is %+v, want none for %q", name, r[name], why)
			}
		}
	}
	none(compared(t, k.at(x), k.at(y), "barrier(set=val)"), `the problem has no set "val"`, "barrier", "barrier_at", "barrier_accuracy",
		"barrier_matched", "barrier_matched_at", "barrier_matched_accuracy", "barrier_matched_distance")
	far, opposite := slices.Clone(x), slices.Clone(x)
	for i := range far {
		far[i], opposite[i] = x[i]*1e200, -x[i]*1e200
	}
	none(compared(t, k.at(far), k.at(opposite), measure), `some outputs on the set "train" are not finite`, "barrier", "barrier_matched")
	w := onLine(func(x float64) float64 { return 1 / (x * x) })
	none(compared(t, w.at([]float64{-1, 0}), w.at([]float64{1, 0}), measure), "at alpha = 0.5: the loss is not finite", "barrier", "barrier_at", "barrier_accuracy")
	w = onLine(func(x float64) float64 { return x * x })
	r = compared(t, w.at([]float64{-1, 0}), w.at([]float64{1, 0}), measure)
	none(r, "the model has no hidden units that can be renumbered", "barrier_matched", "barrier_matched_distance")
	none(r, "the problem has no outputs per example", "barrier_accuracy")
	near(t, "barrier", r["barrier"].Value, 0, 0)
}

func TestBarrierRefuses(t *testing.T) {
	p, x := network[float64](t, "mlp(5)", 3, problem.SoftmaxCrossEntropy)
	k := connect(t, p, 3)
	a := k.end(t, x)
	far := *a
	far.x = slices.Clone(x)
	far.x[3] = math.NaN()
	if _, err := k.cross(k.at, a, &far); err == nil || err.Error() != `at alpha = 0.25: some outputs on the set "train" are not finite` {
		t.Errorf("error %v", err)
	}
	if _, err := k.matched(a, &far); err == nil {
		t.Error("weights that are not finite were matched")
	}
	p, x = network[float64](t, "linear", 3, problem.SoftmaxCrossEntropy)
	k = connect(t, p, 3)
	if _, err := k.matched(k.end(t, x), k.end(t, x)); fmt.Sprint(err) != "the model has no hidden units that can be renumbered" {
		t.Errorf("error %v", err)
	}
}
