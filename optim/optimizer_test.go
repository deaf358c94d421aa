package optim

import (
	"fmt"
	"strings"
	"testing"

	"basin/problem"
	"basin/recipe"
)

func TestCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"sgd":                    "sgd(lr=0.1, momentum=0, dampening=0, nesterov=false, weight_decay=0)",
		"adam(1e-2, beta1=0)":    "adam(lr=0.01, beta1=0, beta2=0.999, eps=1e-8, weight_decay=0)",
		"clip-norm(2) | signsgd": "clip_norm(max=2) | signsgd(lr=1e-3, weight_decay=0)",
		"sgd(cosine(1))":         "sgd(lr=cosine(peak=1, warmup=0, steps=0, floor=0), momentum=0, dampening=0, nesterov=false, weight_decay=0)",
		"lion(constant(1, 5))":   "lion(lr=constant(peak=1, warmup=5), beta1=0.9, beta2=0.99, weight_decay=0)",
		"split(rest=sgd, bias=sign, when(\"a|b\", sign))": "split(bias=signsgd(lr=1e-3, weight_decay=0), when(\"a|b\", signsgd(lr=1e-3, weight_decay=0)), " +
			"rest=sgd(lr=0.1, momentum=0, dampening=0, nesterov=false, weight_decay=0))",
		"sam(base=clip_norm | sign)": "sam(rho=0.05, base=clip_norm(max=1) | signsgd(lr=1e-3, weight_decay=0), norm_eps=1e-12)",
	} {
		if got := optimizer(t, text).Recipe(); got != want {
			t.Errorf("%s becomes\n%s, want\n%s", text, got, want)
		}
	}
}

// What cannot be is refused in one line that says where.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		text string
		col  int
		says string
	}{
		{"adamm", 1, `unknown optimizer "adamm"; did you mean "adam"`},
		{"clip_norm | sdg", 13, `did you mean "sgd"`},
		{"sgd(lrr=1)", 5, `"lrr"`},
		{"sgd(lr=-1)", 8, "(0,inf)"},
		{"sgd(lr=0)", 8, "(0,inf)"},
		{"sgd(lr=nan)", 8, "lr of sgd must be a number; NaN is not one"},
		{"sgd(lr=cosine(NaN))", 15, "peak of cosine must be a number; NaN is not one"},
		{"sgd(lr=cosine(0))", 8, "(0,inf)"},
		{"sgd(lr=cosin(1))", 8, `did you mean "cosine"`},
		{"sgd(lr=cosine(1, floor=2))", 8, "floor above its peak"},
		{"sgd(lr=cosine(1, warmup=9, steps=9))", 8, "still warming up"},
		{"sgd(lr=step(1))", 8, "step needs either every or milestones"},
		{"sgd(lr=step(1, every=2, milestones=[3]))", 8, "step needs either every or milestones"},
		{"sgd(lr=step(1, milestones=[5, 3]))", 8, "step has milestones out of order: 3 after 5"},
		{"sgd(lr=step(1, milestones=[1.5]))", 27, "must be a step such as 1000 or a share of the run such as 0.75, found 1.5"},
		{"sgd(lr=step(1, milestones=[-1]))", 27, "must be a step"},
		{"sgd(lr=piecewise([], milestones=[]))", 8, "one value more than milestones"},
		{"sgd(lr=piecewise([1, -2], milestones=[3]))", 22, "[0,inf)"},
		{"sgd(lr=piecewise([0, 0], milestones=[3]))", 8, "(0,inf)"},
		{"sgd(lr=wsd(1, shape=round))", 21, "linear, cosine, sqrt"},
		{"sgd(lr=wsd(1, decay=0))", 8, "decay above 0"},
		{"sgd(lr=wsd(1, warmup=9, steps=9))", 8, "still warming up"},
		{"sgd(lr=restarts(1))", 8, `needs the argument "period"`},
		{"sgd(lr=restarts(1, period=5, floor=2))", 8, "floor above its peak"},
		{"sgd(lr=restarts(1, period=0))", 8, "period above 0"},
		{"sgd(lr=one_cycle(1, pct_start=2))", 31, "[0,1]"},
		{"sgd(lr=true)", 8, "must be a number or a schedule"},
		{"sgd(nesterov=true)", 1, "nesterov needs momentum"},
		{"sgd(momentum=0.9, nesterov=true, dampening=0.1)", 1, "dampening=0"},
		{"muon(scale=big)", 12, "original, kernel, moonlight, none"},
		{"muon(rest=3)", 11, "must be an optimizer"},
		{"muon(rest=sgd(lr=-1))", 18, "(0,inf)"},
		{"clip_norm", 1, "makes no step"},
		{"sgd | adam", 7, "a chain has one rule"},
		{"clip_norm | sam", 13, "put clip_norm into its argument base"},
		{"sam(base=sam)", 10, "cannot be part of another rule"},
		{"split(rest=sam)", 12, "cannot be part of another rule"},
		{"muon(rest=sam)", 11, "cannot be part of another rule"},
		{"sam(base=clip_norm)", 10, "makes no step"},
		{"ema(base=ema)", 1, "ema: base answers with an average itself"},
		{"sgd | clip_norm | swa(base=sam(base=split(bias=schedule_free_sgd, rest=sgd)))", 19, "swa: base answers with an average itself"},
		{"swa(start=1.5)", 11, "must be a step such as 1000 or a share"},
		{"lookahead(base=accumulate(base=schedule_free))", 1, "lookahead: base goes to points of its own"},
		{"lookahead(base=dadapt_sgd)", 1, "lookahead: base goes to points of its own"},
		{"schedule_free_sgd | clip_norm", 21, "clip_norm would alter a change by which schedule_free_sgd goes to a point of its own"},
		{"sam(base=split(rest=schedule_free)) | clip_norm", 39, "clip_norm would alter a change by which sam goes"},
		{"sgd | ema", 7, "a chain has one rule"},
		{"accumulate(base=sam)", 17, "cannot be part of another rule"},
		{"clip_norm | ema(base=sam)", 13, "asks for a gradient itself"},
		{"split(rest=lookahead(base=sam))", 12, "cannot be part of another rule"},
		{"split", 1, "needs parts"},
		{"split(sgd)", 7, `when("regexp", rule)`},
		{`split(when("(", sgd), rest=sgd)`, 12, `column 12: pattern "(" of when is not a regular expression: missing closing )`},
		{`split(when("a**", sgd), rest=sgd)`, 12, `: pattern "a**" of when is not a regular expression: invalid nested repetition operator`},
		{`split(when(a, sgd), rest=sgd)`, 12, "in quotes"},
		{`split(when("a", sg), rest=sgd)`, 17, `did you mean "sgd"`},
		{"split(mat=sgd)", 7, `unknown part of split "mat"`},
		{"split(bias=1)", 12, "must be an optimizer"},
	} {
		r, err := recipe.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Resolve(r)
		if err == nil {
			t.Errorf("%s is accepted", c.text)
			continue
		}
		at, ok := err.(*recipe.Error)
		if !ok || at.Col != c.col || at.Source != c.text || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v\nwant column %d and %q", c.text, err, c.col, c.says)
		}
	}
	if _, err := Resolve(nil); err == nil {
		t.Error("an empty recipe is accepted")
	}
}

// What only the blocks of a network show is refused when a stepper is made.
func TestRefusalsOfNew(t *testing.T) {
	l := problem.NewLayout(
		problem.Block{Name: "a.weight", Role: problem.Weight, Shape: []int{2, 2}},
		problem.Block{Name: "a.bias", Role: problem.Bias, Shape: []int{2}},
	)
	whole := &Context[float64]{Layout: l, Blocks: l.Blocks, Start: make([]float64, l.N)}
	for _, c := range []struct {
		text    string
		context *Context[float64]
		says    string
	}{
		{"sgd(lr=cosine(1))", whole, "needs its argument steps"},
		{"muon(rest=sgd(lr=linear(1)))", whole, "needs its argument steps"},
		{"swa", whole, "swa: start must be a step, as the length of the run is not known"},
		{"lookahead(base=accumulate(steps=3, base=sgd(lr=cosine(1))))", whole, "needs its argument steps"},
		{"accumulate(steps=9)", &Context[float64]{Layout: l, Blocks: l.Blocks, Start: whole.Start, Horizon: 8}, "base would take no step in a run of 8"},
		{"split(weight=sgd)", whole, "no part takes the block a.bias"},
		{`split(when("c", sgd), rest=sgd)`, whole, `when("c") fits none of the blocks a.weight, a.bias`},
		{"split(gain=sgd, rest=sgd)", whole, "gain fits none of the blocks a.weight, a.bias; leave it out"},
		{"split(bias=sgd, weight=split(bias=sgd, rest=sgd))", whole, "bias fits none of the blocks a.weight; leave it out"},
		{"muon(rest=sgd)", &Context[float64]{Layout: l, Blocks: l.Blocks[1:], Start: whole.Start},
			"muon: there is no weight matrix among the blocks a.bias, so that only its rest would act; use that itself: sgd(lr=0.1,"},
		{"split(weight=sgd, rest=muon)", whole, "split: muon: there is no weight matrix among the blocks a.bias"},
		{"sgd", &Context[float64]{Layout: l, Start: whole.Start}, "no blocks"},
		{"sgd", &Context[float64]{Layout: l, Blocks: l.Blocks}, "a start of its length"},
		{"sgd", &Context[float64]{Layout: l, Blocks: []problem.Block{l.Blocks[1], l.Blocks[0]}, Start: whole.Start}, "a.weight is out of order"},
		{"sgd", &Context[float64]{Layout: l, Blocks: []problem.Block{{Name: "c", Off: 5, Shape: []int{2}}}, Start: whole.Start}, "beyond the layout"},
	} {
		if _, err := New(optimizer(t, c.text), c.context); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.text, err, c.says)
		}
	}
	for _, text := range []string{
		"sgd(lr=cosine(1, steps=5))",
		"split(weight=sgd, bias=sgd, rest=sgd)",               // nothing is left to rest
		"split(weight=sgd, matrix=sgd, first=sgd, rest=sgd)",  // earlier parts take what matrix fits
		`split(when("a", muon(rest=sgd)), when("bias", sgd))`, // likewise
	} {
		if _, err := New(optimizer(t, text), whole); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestGradsPerStep(t *testing.T) {
	for text, want := range map[string]float64{
		"sgd": 1, "clip_norm | adam": 1, "sam": 2, "sam(base=clip_norm | sgd) | clip_norm": 2, "split(rest=sgd)": 1,
		"accumulate": 1, "ema(base=sam)": 2, "lookahead(base=sam) | clip_norm": 2,
	} {
		if got := optimizer(t, text).GradsPerStep(); got != want {
			t.Errorf("%s: %v gradients per step, want %v", text, got, want)
		}
	}
}

// Whatever is accepted prints as something that is accepted and prints alike.
func FuzzResolve(f *testing.F) {
	for _, e := range catalog {
		f.Add(e.Example)
	}
	for _, s := range schedules {
		f.Add(s.Example)
	}
	f.Add(`split(when("(", sgd), bias=sam, rest=clip_norm | lion(lr=cosine(1, 2, 3, 4)))`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := recipe.Parse(text)
		if err != nil {
			return
		}
		o, err := Resolve(r)
		if err != nil {
			return
		}
		full := o.Recipe()
		again := optimizer(t, full).Recipe()
		if again != full {
			t.Errorf("%s prints as %s", full, again)
		}
	})
}

// The abilities of a combination are those of its parts together.
func TestAs(t *testing.T) {
	l := problem.NewLayout(problem.Block{Name: "w", Role: problem.Weight, Shape: []int{3, 2}})
	c := &Context[float32]{Layout: l, Blocks: l.Blocks, Start: make([]float32, l.N)}
	st, err := New(optimizer(t, "sam(base=clip_norm | shampoo) | clip_norm"), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := As[*shampoo[float32]](st); !ok {
		t.Error("the shampoo within sam is not found")
	}
	if _, ok := As[*adam[float32]](st); ok {
		t.Error("an adam is found that is not there")
	}
	if w, ok := As[Warner](st); !ok || w.Warnings() != nil {
		t.Errorf("a chain that went well warns: %v", ok)
	}
	cost, ok := As[Coster](st)
	inner, _ := As[*shampoo[float32]](st)
	if want := inner.Flops() + 4*6 + 2*3*6; !ok || cost.Flops() != want {
		t.Errorf("the chain costs %v, want %v", cost.Flops(), want)
	}
	if got := fmt.Sprint(len(memoryOf(t, st))); got != "7" {
		t.Errorf("the chain remembers %s items, want those of shampoo: 7", got)
	}
}

func memoryOf(t *testing.T, st Stepper[float32]) []any {
	t.Helper()
	m, ok := As[Memory](st)
	if !ok {
		t.Fatal("no memory")
	}
	return m.Memory()
}
