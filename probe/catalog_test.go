package probe

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"basin/problem"
	"basin/recipe"
)

func TestDocs(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	seen := map[string]string{}
	for _, e := range lines {
		d := e.doc
		if !name.MatchString(d.Name) || d.Summary == "" || d.Needs == "" || d.Cost == "" || len(d.Readings) == 0 {
			t.Errorf("%s: incomplete", d.Name)
		}
		if !slices.Contains(Families, d.Family) || (d.Family == between) != (d.Pairs != "") {
			t.Errorf("%s: family %q", d.Name, d.Family)
		}
		if err := recipe.Check(e.settings()); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		for _, r := range d.Readings {
			if !name.MatchString(r.Name) || r.Formula == "" || r.Null == "" {
				t.Errorf("%s: reading %q is incomplete", d.Name, r.Name)
			}
			if other, ok := seen[r.Name]; ok {
				t.Errorf("%s and %s both read %s", other, d.Name, r.Name)
			}
			seen[r.Name] = d.Name
		}
		if got, params, err := Describe(d.Name); got != d || err != nil {
			t.Errorf("Describe(%s) = %v, %v, %v", d.Name, got, params, err)
		}
	}
	text, err := json.Marshal(Docs())
	if err != nil || !strings.Contains(string(text), `"invariant":"permutation of hidden units, rescaling of ReLU layers"`) {
		t.Errorf("as JSON: %s, %v", text, err)
	}
	if _, _, err := Describe("ranks"); err == nil || !strings.Contains(err.Error(), `did you mean "rank"?`) {
		t.Errorf("Describe of an unknown name: error %v", err)
	}
	headlines := Headlines(slices.DeleteFunc(Default(), func(b Bound) bool { return !b.Single() }))
	if len(headlines) == 0 || len(headlines) > 15 {
		t.Errorf("%d headlines: %v", len(headlines), headlines)
	}
}

func TestResolveErrors(t *testing.T) {
	for recipes, want := range map[string]string{
		"lost":                           `recipe ` + "`lost`" + ` column 1: unknown probe "lost"; did you mean "loss" or "cost"?`,
		"norm, rank(set=1)":              "column 16",
		"norm | loss":                    "a single call",
		"rank(set=train), norm, rank":    "probe rank is asked for twice",
		"default, loss":                  "probe loss is asked for twice",
		"sharpness(tol=2)":               "tol",
		"sharpness(probs=3)":             `did you mean "probes"`,
		"pruning(keep=[0.5, 1.5])":       "keep",
		"quantization(scale=min)":        "scale",
		"calibration(bins=0)":            "bins",
		"activity(tau=-1), margin(p=2)":  "tau",
		"rank(examples=-3)":              "examples",
		"sharpness(k=0)":                 "k",
		"sparsity(threshold=nonsense())": "threshold",
	} {
		list, err := recipe.ParseList(recipes)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Resolve(list); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one with %q", recipes, err, want)
		}
	}
}

func TestRecipesRoundTrip(t *testing.T) {
	for _, b := range Default() {
		list, err := recipe.ParseList(b.Recipe())
		if err != nil {
			t.Fatal(err)
		}
		again, err := Resolve(list)
		if err != nil || again[0].Recipe() != b.Recipe() {
			t.Errorf("%s: %v, %v", b.Recipe(), again, err)
		}
	}
}

// What holds for every probe of every problem: a reading has a finite value or says
// why not, a second pass gives the same bits, and nothing measured is changed.
func TestConformance(t *testing.T) {
	passes := map[string]func() *Pass{
		"regression":         func() *Pass { p, x := posed[float64](); return NewPass(p, x, 2, 1) },
		"regression float32": func() *Pass { p, x := posed[float32](); return NewPass(p, x, 2, 1) },
		"quadratic": func() *Pass {
			f := quadratic([]float64{3, -1, 0, 2})
			return NewPass(&problem.Problem[float64]{Layout: f.layout, Start: make([]float64, 4), Sets: map[string]problem.Objective[float64]{"train": f}},
				[]float64{1, 2, 3, 4}, math.NaN(), 1)
		},
		"language":         func() *Pass { p, x := language[float64](t); return NewPass(p, x, 2, 1) },
		"language float32": func() *Pass { p, x := language[float32](t); return NewPass(p, x, 2, 1) },
		"with its course": func() *Pass {
			p, x := posed[float32]()
			pass := NewPass(p, x, 2, 1)
			pass.Course = &problem.Course{Steps: 9, Cost: problem.Cost{Losses: 3, Grads: 9, Products: 1, Flops: 1e6}, Path: []float64{2, .1}, Last: []float64{.3, 0}}
			pass.Update = make([]float64, len(x))
			for i := range pass.Update[:24] {
				pass.Update[i] = .01 * float64(i%7-3)
			}
			return pass
		},
		"at the start": func() *Pass { p, _ := posed[float64](); return NewPass(p, p.Start, 0, 1) },
		"zero": func() *Pass {
			p, x := network[float64](t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
			return NewPass(p, make([]float64, len(x)), 1, 1)
		},
		"not finite": func() *Pass {
			p, x := network[float64](t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
			x[3], x[60] = math.NaN(), math.Inf(1)
			return NewPass(p, x, math.NaN(), 1)
		},
		"huge": func() *Pass {
			p, x := network[float64](t, "mlp(5, 4)", 3, problem.SoftmaxCrossEntropy)
			for i := range x {
				x[i] *= 1e200
			}
			return NewPass(p, x, math.Inf(1), 1)
		},
	}
	for _, c := range []struct {
		model   string
		outputs int
		kind    problem.LossKind
	}{
		{"mlp(5, 4)", 3, problem.SoftmaxCrossEntropy}, {"mlp(5, act=tanh)", 1, problem.Logistic}, {"mlp(4, bias=false)", 1, problem.Exponential},
		{"mlp(5, 4)", 2, problem.Squared}, {"linear", 3, problem.SoftmaxCrossEntropy},
	} {
		passes[c.model+" "+c.kind.String()+" float32"] = func() *Pass {
			p, x := network[float32](t, c.model, c.outputs, c.kind)
			return NewPass(p, x, 5, 1)
		}
		passes[c.model+" "+c.kind.String()] = func() *Pass {
			p, x := network[float64](t, c.model, c.outputs, c.kind)
			return NewPass(p, x, 5, 1)
		}
	}
	for name, pass := range passes {
		t.Run(name, func(t *testing.T) {
			a, b := pass(), pass()
			all := strings.ReplaceAll(strings.Join(Names(), ", "), "eigenvalues", "eigenvalues(blocks=true, steps=10)")
			first, second := ask(t, a, all), ask(t, b, all)
			if !same(a.X, pass().X) || !same(a.Start, pass().Start) {
				t.Error("the pass was changed")
			}
			read := map[string]bool{}
			for key, r := range first {
				read[stem(key)] = true
				if !r.Defined() && r.None == "" || r.Defined() && (math.IsNaN(r.Value) || math.IsInf(r.Value, 0)) || r.Err < 0 || math.IsInf(r.Err, 0) {
					t.Errorf("%s: %+v", key, r)
				}
				other := second[key]
				if !same([]float64{r.Value, r.Err}, []float64{other.Value, other.Err}) || r.None != other.None || !slices.Equal(r.Warnings, other.Warnings) {
					t.Errorf("%s: %+v, and again %+v", key, r, other)
				}
			}
			for _, d := range Docs() {
				for _, r := range d.Readings {
					if d.Pairs == "" && !read[r.Name] {
						t.Errorf("%s was not read", r.Name)
					}
				}
			}
		})
	}
}

// The word all stands for every probe, default for some of them.
func TestWords(t *testing.T) {
	count := func(text string) int {
		recipes, err := recipe.ParseList(text)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := Resolve(recipes)
		if err != nil {
			t.Fatal(err)
		}
		return len(bound)
	}
	if all, some := count("all"), count("default"); all != len(Names()) || some == 0 || some >= all {
		t.Errorf("of %d probes all are %d and default %d", len(Names()), all, some)
	}
}
