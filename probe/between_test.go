package probe

import (
	"math"
	"strings"
	"testing"

	"basin/kernel"
	"basin/nn"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
	"basin/stat"
)

// compared gives what measures read between two solutions of one problem, by name.
func compared(t *testing.T, a, b *Pass, measures string) map[string]stat.Reading {
	t.Helper()
	list, err := recipe.ParseList(measures)
	if err != nil {
		t.Fatal(err)
	}
	bound, err := Resolve(list)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]stat.Reading{}
	for _, m := range bound {
		if m.Single() {
			continue
		}
		pair := &Pair{At: func(x []float64) *Pass {
			at := *a
			at.X, at.known = x, nil
			return &at
		}}
		readings, err := m.Between(pair, m.Sketch(a), m.Sketch(b))
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

// every is the list of all measures between solutions.
func every() string {
	var names []string
	for _, l := range pairCatalog {
		names = append(names, l.doc.Name)
	}
	return strings.Join(names, ", ")
}

// others gives a solution of a network and another one, moved from it.
func others(t testing.TB, model string, outputs int, kind problem.LossKind) (a, b *Pass) {
	p, x := network[float64](t, model, outputs, kind)
	y := append([]float64(nil), x...)
	s := rng.At(8, "other", 0)
	for i := range y {
		y[i] += .2 * s.Norm()
	}
	return NewPass(p, x, math.NaN(), 1), NewPass(p, y, math.NaN(), 1)
}

// What holds for every measure of every problem: a reading has a finite value or says why not,
// the other way round it is the same, and of a solution with itself it is what is declared.
func TestBetweenConformance(t *testing.T) {
	for name, passes := range map[string]func() (*Pass, *Pass){
		"classes":     func() (*Pass, *Pass) { return others(t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy) },
		"logistic":    func() (*Pass, *Pass) { return others(t, "mlp(5, act=tanh)", 1, problem.Logistic) },
		"exponential": func() (*Pass, *Pass) { return others(t, "mlp(4)", 1, problem.Exponential) },
		"squared":     func() (*Pass, *Pass) { return others(t, "mlp(5, 4)", 2, problem.Squared) },
		"linear":      func() (*Pass, *Pass) { return others(t, "linear", 3, problem.SoftmaxCrossEntropy) },
		"language": func() (*Pass, *Pass) {
			p, x := language[float64](t)
			y := append([]float64(nil), x...)
			kernel.Scale(y, 1.1)
			return NewPass(p, x, math.NaN(), 1), NewPass(p, y, math.NaN(), 1)
		},
		"quadratic": func() (*Pass, *Pass) {
			f := quadratic([]float64{3, -1, 0, 2})
			p := &problem.Problem[float64]{Layout: f.layout, Start: make([]float64, 4), Sets: map[string]problem.Objective[float64]{"train": f}}
			return NewPass(p, []float64{1, 2, 3, 4}, math.NaN(), 1), NewPass(p, []float64{1, 2, 0, 4}, math.NaN(), 1)
		},
		"at the start": func() (*Pass, *Pass) {
			a, b := others(t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
			b.X = b.Start
			return a, b
		},
		"start not known": func() (*Pass, *Pass) {
			a, b := others(t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
			a.Start, b.Start = nil, nil
			return a, b
		},
		"zero": func() (*Pass, *Pass) {
			a, b := others(t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
			b.X = make([]float64, len(b.X))
			return a, b
		},
		"not finite": func() (*Pass, *Pass) {
			a, b := others(t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
			b.X[3], b.X[60] = math.NaN(), math.Inf(1)
			return a, b
		},
		"huge": func() (*Pass, *Pass) {
			a, b := others(t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
			kernel.Scale(b.X, 1e200)
			return a, b
		},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := passes()
			there := compared(t, first, second, every())
			first, second = passes()
			back := compared(t, second, first, every())
			first, _ = passes()
			self := compared(t, first, first, every())
			if len(there) != len(back) {
				t.Errorf("%d readings, the other way round %d", len(there), len(back))
			}
			for key, r := range there {
				if !r.Defined() && r.None == "" || r.Defined() && (math.IsNaN(r.Value) || math.IsInf(r.Value, 0)) || r.Err < 0 || math.IsInf(r.Err, 0) {
					t.Errorf("%s: %+v", key, r)
				}
				if o := back[key]; r.None != o.None || r.Defined() && math.Abs(r.Value-o.Value) > 1e-12*math.Abs(r.Value) {
					t.Errorf("%s: %+v, and the other way round %+v", key, r, o)
				}
				if s := self[key]; s.Defined() && math.Abs(s.Value-declaration(key).Same) > 1e-10 {
					t.Errorf("%s of a solution with itself is %v, and %v is declared", key, s.Value, declaration(key).Same)
				}
			}
			for _, l := range pairCatalog {
				for _, r := range l.doc.Readings {
					if _, ok := there[r.Name]; !ok {
						found := false
						for key := range there {
							found = found || stem(key) == r.Name
						}
						if !found {
							t.Errorf("%s was not read", r.Name)
						}
					}
				}
			}
		})
	}
}

// Every reading changes under exactly those changes of one of two networks of which its
// declaration does not say that it is invariant.
func TestBetweenInvariances(t *testing.T) {
	unchanged := map[string]bool{
		"barrier": true, "barrier_matched": true, // 0, since between two random points the loss is less
		// A descent may end elsewhere, and does not for networks as small as these.
		"barrier_matched_accuracy": true, "barrier_matched_distance": true,
	}
	for model, changes := range map[string]map[Invariance]func([]float64, *problem.Layout) []float64{
		"mlp(5, 4)":               {Permutation: permuted, Rescaling: rescaled},
		"mlp(5, 4, act=identity)": {Rotation: rotated},
	} {
		first, other := others(t, model, 3, problem.SoftmaxCrossEntropy)
		before := compared(t, first, other, every())
		for change, apply := range changes {
			changed, _ := others(t, model, 3, problem.SoftmaxCrossEntropy)
			changed.X = apply(changed.X, changed.Layout)
			after := compared(t, changed, other, every())
			for name, b := range before {
				d, a := declaration(name), after[name]
				if b.None != "" {
					continue
				}
				off := math.Abs(a.Value-b.Value) / max(math.Abs(b.Value), 1e-3)
				if d.Invariant&change != 0 && off > 1e-9 {
					t.Errorf("%s is not invariant under %v: %v and %v", name, change, b.Value, a.Value)
				}
				if d.Invariant&change == 0 && name == d.Name && !unchanged[name] && off < 1e-6 {
					t.Errorf("%s is invariant under %v without saying so", name, change)
				}
			}
		}
	}
}

// Decisions of ten examples, counted by hand: they differ at 2, 3, 5, 8 and 9, of which
// both are wrong at 3 and 8; both are wrong at 3, 7 and 8; a is right at six, b at five.
func TestDisagreement(t *testing.T) {
	labels := []int{0, 1, 2, 0, 1, 2, 0, 1, 2, 0}
	make := func(class []int32) *decisions {
		d := &decisions{each: 1, class: class}
		for i, c := range class {
			d.right = append(d.right, int(c) == labels[i])
			for k := range 3 {
				v := .1
				if k == int(c) {
					v = .8
				}
				d.prob = append(d.prob, v)
			}
		}
		return d
	}
	a := make([]int32{0, 1, 2, 1, 1, 2, 0, 0, 0, 1})
	b := make([]int32{0, 1, 0, 2, 1, 1, 0, 0, 1, 0})
	p := &Pair{taken: taken{doc: &disagreementDoc}}
	if err := new(disagreement).Between(p, a, b); err != nil {
		t.Fatal(err)
	}
	got := map[string]stat.Reading{}
	for _, r := range p.readings {
		got[r.Name] = r
	}
	near(t, "disagreement", got["disagreement"].Value, .5, 1e-15)
	near(t, "its error", got["disagreement"].Err, math.Sqrt(.25/10), 1e-15)
	near(t, "disagreement_wrong", got["disagreement_wrong"].Value, 2./3, 1e-15)
	// c = 7/10 (right at 0, 1, 4, 6; wrong at 3, 7, 8), e = .6 .5 + .4 .5 = .5.
	near(t, "error_consistency", got["error_consistency"].Value, .4, 1e-14)
	near(t, "total_variation", got["total_variation"].Value, .5*.7, 1e-14)
}

// The error of kappa by the delta method is that of the jackknife, but for terms of 1/n.
func TestErrorConsistency(t *testing.T) {
	s := rng.At(9, "kappa", 0)
	const n = 4000
	a, b := &decisions{each: 1}, &decisions{each: 1}
	for range n {
		x := s.Float64() < .8
		a.class, b.class = append(a.class, 0), append(b.class, 0)
		a.right, b.right = append(a.right, x), append(b.right, x != (s.Float64() < .1))
	}
	read := func(a, b *decisions) stat.Reading {
		p := &Pair{taken: taken{doc: &disagreementDoc}}
		a.none = errZero
		if err := new(disagreement).Between(p, a, b); err != nil {
			t.Fatal(err)
		}
		return p.readings[2]
	}
	all := read(a, b)
	j := jackknifed{all: all.Value}
	without := func(d *decisions, i int) *decisions {
		return &decisions{each: 1, class: d.class[1:], right: append(append([]bool(nil), d.right[:i]...), d.right[i+1:]...)}
	}
	for i := range n {
		j.without = append(j.without, read(without(a, i), without(b, i)).Value)
	}
	near(t, "error of kappa", all.Err, j.stderr(1), 1e-3)
}

// Groups of one example are the jackknife of cka.go, whose values are NumPy's.
func TestCKABetween(t *testing.T) {
	a, b := gramOf(sines(8, 3, 1), 8, 3, 1), gramOf(cosines(8, 4, 1), 8, 4, 1)
	biased, debiased, err := a.alignment(b)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "biased", biased.all, 0.640810933556931, 1e-13)
	near(t, "debiased", debiased.all, 0.3519285932621758, 1e-13)
	near(t, "error of biased", biased.stderr(1), 0.1516336385747155, 1e-12)
	near(t, "error of debiased", debiased.stderr(1), 0.4210838406967685, 1e-12)
}

// Without a group of examples it is what the others alone give.
func TestCKABetweenLeavesOut(t *testing.T) {
	const n, each = 120, 3 // 40 examples in 16 groups of 2 or 3
	x, y := sines(n, 3, 1), cosines(n, 4, 1)
	a := gramOf(x, n, 3, each)
	biased, debiased, err := a.alignment(gramOf(y, n, 4, each))
	if err != nil {
		t.Fatal(err)
	}
	if len(biased.without) != 16 || a.from[1]%each != 0 || a.from[16] != n {
		t.Fatalf("groups begin at %v", a.from)
	}
	for g := range 16 {
		lo, hi := a.from[g], a.from[g+1]
		rest := func(v []float64, w int) *represented {
			return represent(append(append([]float64(nil), v[:lo*w]...), v[hi*w:]...), n-(hi-lo), w)
		}
		u, d, err := centredAlignment(rest(x, 3), rest(y, 4))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "biased", biased.without[g], u.all, 1e-11)
		near(t, "debiased", debiased.without[g], d.all, 1e-11)
	}
}

// As TestCKACoverage, with groups of examples left out.
func TestCKABetweenCoverage(t *testing.T) {
	const times, n, p, q = 400, 200, 5, 4
	mix := cosines(p, q, 0)
	cov := make([]float64, q*q)
	for i := range q {
		cov[i*q+i] = 1
		for j := range q {
			for k := range p {
				cov[i*q+j] += mix[k*q+i] * mix[k*q+j]
			}
		}
	}
	want := kernel.Dot(mix, mix) / (math.Sqrt(p) * kernel.Norm2(cov))
	held := 0
	for i := range times {
		s := rng.At(7, "mixed", i)
		x := normals(&s, n*p)
		y := normals(&s, n*q)
		for e := range n {
			for j := range q {
				for k := range p {
					y[e*q+j] += x[e*p+k] * mix[k*q+j]
				}
			}
		}
		_, d, err := gramOf(x, n, p, 1).alignment(gramOf(y, n, q, 1))
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(d.all-want) <= 2.131*d.stderr(1) {
			held++
		}
	}
	share := float64(held) / times
	t.Logf("coverage %.3f", share)
	if share < .915 || share > .98 {
		t.Errorf("95 %% intervals hold the value in %.3f of samples", share)
	}
}

func TestCKABetweenRefuses(t *testing.T) {
	flat, other := gramOf(make([]float64, 20), 20, 1, 1), gramOf(sines(20, 3, 1), 20, 3, 1)
	if _, _, err := flat.alignment(other); err == nil || err.Error() != "a layer's activations are the same for all examples" {
		t.Errorf("error %v", err)
	}
	p, x := network[float64](t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
	few := *p
	few.Sets = map[string]problem.Objective[float64]{"test": p.Sets["test"].(*nn.Objective[float64]).Subset([]int{1, 2, 3})}
	r := compared(t, NewPass(&few, x, math.NaN(), 1), NewPass(&few, x, math.NaN(), 1), "cka_between")
	if r["cka_between"].None != "fewer than five predictions" {
		t.Errorf("%+v", r["cka_between"])
	}
}

func TestSeparation(t *testing.T) {
	f := quadratic([]float64{3, -1, 0, 2})
	p := &problem.Problem[float64]{Layout: f.layout, Start: make([]float64, 4), Sets: map[string]problem.Objective[float64]{"train": f}}
	a, b := NewPass(p, []float64{1, 2, 3, 4}, math.NaN(), 1), NewPass(p, []float64{1, 2, 0, 4}, math.NaN(), 1)
	r := compared(t, a, b, "separation")
	near(t, "separation", r["separation"].Value, 3, 1e-15)
	near(t, "separation_relative", r["separation_relative"].Value, 3/math.Sqrt(30+21), 1e-15)
	near(t, "change_cosine/x", r["change_cosine/x"].Value, 21/math.Sqrt(30*21), 1e-15)
	b = NewPass(p, make([]float64, 4), math.NaN(), 1)
	if r := compared(t, a, b, "separation"); r["separation_relative"].Value != 1 || r["change_cosine"].None != "one of the two has not moved from its start" {
		t.Errorf("%+v", r)
	}
	a = NewPass(p, []float64{1, 2, 3, 4}, math.NaN(), 1)
	a.Start = nil
	if r := compared(t, a, b, "separation"); r["separation"].Value != math.Sqrt(30) || r["change_cosine"].None != "the start is not known" {
		t.Errorf("%+v", r)
	}
}

// The Hessian at x is diag(5, 3, 1, 0.5), turned by the angle x_1 in the plane of the second and the
// third axis: of two such points two axes and a cosine are left.
func TestOverlap(t *testing.T) {
	f := &bare{
		layout: problem.NewLayout(problem.Block{Name: "x", Shape: []int{4}}),
		loss:   func(x []float64) float64 { return 1 },
		hessian: func(dst, x, v []float64) {
			c, s := math.Cos(x[0]), math.Sin(x[0])
			y, z := 3*(c*v[1]+s*v[2]), c*v[2]-s*v[1]
			dst[0], dst[1], dst[2], dst[3] = 5*v[0], c*y-s*z, s*y+c*z, .5*v[3]
		},
	}
	p := &problem.Problem[float64]{Layout: f.layout, Start: make([]float64, 4), Sets: map[string]problem.Objective[float64]{"train": f}}
	a, b := NewPass(p, []float64{0, 0, 0, 0}, math.NaN(), 1), NewPass(p, []float64{.7, 0, 0, 0}, math.NaN(), 1)
	for k, want := range map[string]float64{"1": 1, "2": (1 + math.Pow(math.Cos(.7), 2)) / 2, "3": 1, "4": 1} {
		r := compared(t, a, b, "overlap(k="+k+", tol=1e-9)")
		near(t, "overlap of "+k, r["overlap"].Value, want, 1e-8)
		near(t, "overlap_first", r["overlap_first"].Value, 1, 1e-8)
		if r["overlap"].Warnings != nil {
			t.Errorf("k=%s: %v", k, r["overlap"].Warnings)
		}
	}
	if r := compared(t, a, b, "overlap(k=5)"); r["overlap"].None != "the matrix has 4 eigenvalues, and 5 are asked for" {
		t.Errorf("%+v", r["overlap"])
	}
	f.hessian = func(dst, _, v []float64) { copy(dst, v) }
	r := compared(t, a, b, "overlap(k=2)")
	if want := "eigenvalues 2 and 3 are less than 5 % apart, so that the space is hardly fixed"; len(r["overlap"].Warnings) != 1 || r["overlap"].Warnings[0] != want {
		t.Errorf("%+v", r["overlap"])
	}
}

// Of decisions drawn with known probabilities 95 % intervals hold what is true as often as they
// should.
func TestDisagreementCoverage(t *testing.T) {
	const n, times = 400, 1000
	// Of examples of class 0: how likely it is that the one decides for the row, the other for
	// the column.
	joint := [3][3]float64{{.78, .03, .02}, {.04, .04, .01}, {.03, .01, .04}}
	sure := [3]float64{.9, .7, .5} // probability of the class decided on, the rest to the next one
	prob := func(c int) []float64 {
		p := make([]float64, 3)
		p[c], p[(c+1)%3] = sure[c], 1-sure[c]
		return p
	}
	var differ, wrong, wrongDiffer, a, b, both, apart float64
	for i, row := range joint {
		for j, p := range row {
			if i != j {
				differ += p
			}
			if i > 0 && j > 0 {
				wrong += p
				if i != j {
					wrongDiffer += p
				}
			}
			if i == 0 {
				a += p
			}
			if j == 0 {
				b += p
			}
			if (i == 0) == (j == 0) {
				both += p
			}
			for k, q := range prob(i) {
				apart += p / 2 * math.Abs(q-prob(j)[k])
			}
		}
	}
	e := a*b + (1-a)*(1-b)
	truth := map[string]float64{"disagreement": differ, "disagreement_wrong": wrongDiffer / wrong, "error_consistency": (both - e) / (1 - e), "total_variation": apart}
	held := map[string]int{}
	for rep := range times {
		s := rng.At(11, "decisions", rep)
		x, y := &decisions{each: 1}, &decisions{each: 1}
		for range n {
			u, i, j := s.Float64(), 0, 0
			for u -= joint[0][0]; u > 0 && 3*i+j < 8; u -= joint[i][j] {
				i, j = (3*i+j+1)/3, (3*i+j+1)%3
			}
			x.class, x.right, x.prob = append(x.class, int32(i)), append(x.right, i == 0), append(x.prob, prob(i)...)
			y.class, y.right, y.prob = append(y.class, int32(j)), append(y.right, j == 0), append(y.prob, prob(j)...)
		}
		p := &Pair{taken: taken{doc: &disagreementDoc}}
		if err := new(disagreement).Between(p, x, y); err != nil {
			t.Fatal(err)
		}
		for _, r := range p.readings {
			if math.Abs(r.Value-truth[r.Name]) <= 1.966*r.Err {
				held[r.Name]++
			}
		}
	}
	for name := range truth {
		share := float64(held[name]) / times
		t.Logf("%s: true %.4f, held in %.3f", name, truth[name], share)
		if share < .925 || share > .975 {
			t.Errorf("95 %% intervals of %s hold the true value in %.3f of samples", name, share)
		}
	}
}
