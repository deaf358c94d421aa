package replay

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"basin/optim"
	"basin/problem"
	"basin/recipe"
)

// small is a trajectory of gradient descent worked out by hand: decay 0.5 in the
// gradient, rate 0.5.
const small = `{"optimizer": "sgd", "dtype": "float64", "hyper": {"lr": 0.5, "weight_decay": 0.5, "momentum": null},
"steps": 2, "params": [{"name": "w", "shape": [1, 2], "init": [1, -2]}, {"name": "b", "shape": [1], "init": [0]}],
"grads": [[[1, 1], [2]], [[0, 4], [-1]]],
"after": [[[0.25, -2], [-1]], [[0.1875, -3.5], [-0.25]]]}`

func TestSmall(t *testing.T) {
	f, err := Read(strings.NewReader(small), "small")
	if err != nil {
		t.Fatal(err)
	}
	results, err := Check(f)
	if err != nil || len(results) != 2 {
		t.Fatal(results, err)
	}
	for _, r := range results {
		if !r.Pass || r.MaxErr != 0 || r.Steps != 2 || r.File != "small" || !strings.HasPrefix(r.Rule, "sgd(lr=0.5, momentum=0,") {
			t.Errorf("%+v", r)
		}
	}
}

// A difference is found where it is.
func TestDifference(t *testing.T) {
	for _, c := range []struct {
		from, to string
		step     int
		block    string
		err      float64
	}{
		{"-3.5]", "-3.50001]", 2, "w", 1e-5 / 3.50101},
		{"[-0.25]", "[0.25]", 2, "b", 0.5 / 0.251},
		{"[0.25, -2], [-1]", "[0.25, -2], [-1.001]", 1, "b", 1e-3 / 1.002},
		{`"lr": 0.5`, `"lr": 0.6`, 2, "w", 0.1175 / 0.1885},
	} {
		f, err := Read(strings.NewReader(strings.Replace(small, c.from, c.to, 1)), "small")
		if err != nil {
			t.Fatal(err)
		}
		results, err := Check(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if wide := r.Precision == "float64"; r.Pass != (r.MaxErr <= r.Tolerance) || wide && r.Pass || r.Step != c.step || r.Block != c.block || r.MaxErr < 0.99*c.err || r.MaxErr > 1.01*c.err {
				t.Errorf("%s for %s: %+v, want an error of %.3g", c.to, c.from, r, c.err)
			}
		}
	}
}

// A file that is not what it should be is refused in one line.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ from, to, says string }{
		{small, "", "not a trajectory: line 1, column 1: the file ends too soon"},
		{small, small[:150], "not a trajectory: line 2, column 48: the file ends too soon"},
		{small, "[]", "not a trajectory: line 1, column 1: the file must be an object {...}, found a list"},
		{`{"lr": 0.5, "weight_decay": 0.5, "momentum": null}`, "[1]", "line 1, column 51: hyper must be an object {...}, found a list"},
		{`"params": [`, `"params": [7, `, "params must be an object {...}, found a number"},
		{`"name": "b"`, `"name": true`, "params.name must be a text in quotes, found true or false"},
		{`"params": [`, `"params": [,`, "line 2, column 24: not JSON: invalid character ','"},
		{small, "{}", "names no optimizer"},
		{small, strings.Repeat("[", 20_000), "not a trajectory"},
		{small, small + "x", "line 4, column 58: not JSON: invalid character 'x'"},
		{`"steps": 2`, `"steps": 3`, "after has 2"},
		{`"steps": 2`, `"steps": -1`, "steps is -1"},
		{`"steps": 2`, `"steps": 1e9`, "steps must be a whole number written in digits, found the number 1e9"},
		{`"float64"`, `"bfloat16"`, "dtype"},
		{"[1, -2]", "[1, null]", "params[0].init[1] is not a finite number"},
		{"[1, -2]", "[1, 1e999]", "params[0].init[1] is not a finite number"},
		{"[1, -2]", "{}", "params.init must be a list, found an object"},
		{"[[0, 4], [-1]]", "[[0, 4], [[]]]", "grads[1][1][0] is not a finite number"},
		{"[1, -2]", "[1, -2, 3]", "init has 3 values"},
		{"[1, -2]", `[1, "2"]`, "params[0].init[1] is not a finite number"},
		{"[1, 2]", "[1, -2]", "shape [1 -2]"},
		{"[1, 2]", "[0, 2]", "shape [0 2]"},
		{"[1, 2]", "[4294967296, 4294967296, 4294967296]", "shape"},
		{`"name": "b"`, `"name": "w"`, "there twice"},
		{`"name": "b"`, `"name": ""`, "empty"},
		{"[[0, 4], [-1]]", "[[0, 4]]", "grads[1] has 1 of 2 params"},
		{"[[0, 4], [-1]]", "[[0], [-1]]", "grads[1][0] has 1 values"},
		{", [[0, 4], [-1]]]", "]", "grads has 1 steps"},
		{`"after"`, `"AFTER2"`, "after has 0"},
		{`"steps"`, `"grads_perturbed": [[]], "steps"`, "grads_perturbed has 1 steps"},
		{`"steps"`, `"objective": {"a": [[1, 1], [1]]}, "steps"`, "objective.c has 0 of 2 params"},
		{`"steps"`, `"objective": {"a": [[1, 1], [null]], "c": [[1, 1], [1]]}, "steps"`, "objective.a[1][0] is not a finite number"},
	} {
		_, err := Read(strings.NewReader(strings.Replace(small, c.from, c.to, 1)), "small")
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "small: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40s for %.40s: %v, want %q", c.to, c.from, err, c.says)
		}
	}
}

// A rule that cannot be found, or cannot be what the file means, is an error.
func TestUnknown(t *testing.T) {
	for _, c := range []struct{ from, to, says string }{
		{`"sgd"`, `"sgdd"`, `did you mean "sgd"`},
		{`"sgd"`, `"adam"`, "it has no beta1"},
		{`"lr": 0.5, `, ``, "it has no lr"},
		{`"lr": 0.5`, `"lr": null`, "it has no lr"},
		{`"lr": 0.5`, `"lr": -1`, "(0,inf)"},
		{`"lr": 0.5`, `"lr": "0.5"`, "must be a number"},
		{`"lr": 0.5`, `"lr": [1]`, "must be a number"},
		{`"momentum": null`, `"momentum": null, "amsgrad": true`, "amsgrad is not a setting"},
		{`"momentum": null`, `"momentun": 0.9`, "momentun is not a setting"},
		{`"sgd", "dtype": "float64", "hyper": {`, `"radam", "hyper": {"decoupled": true, "beta1": 0, "beta2": 0, "eps": 0, `, "decoupled is true"},
		{`"grads"`, `"notes"`, "it has neither grads nor an objective"},
		{`"sgd", "dtype": "float64", "hyper": {`, `"sam_sgd", "hyper": {"rho": 1, `, "the optimizer takes 2 gradients per step, and the file has 1; it needs an objective, or grads_perturbed"},
		{`"steps"`, `"objective": {"a": [[1, 1], [1]], "c": [[1, 1], [1]]}, "steps"`, "the objective is not"},
	} {
		f, err := Read(strings.NewReader(strings.Replace(small, c.from, c.to, 1)), "small")
		if err != nil {
			t.Fatal(err)
		}
		if r, err := Check(f); err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "small: ") {
			t.Errorf("%s for %s: %v, %v, want %q", c.to, c.from, r, err, c.says)
		}
	}
}

// What the file leaves out is not used, whatever the rule's own default.
func TestTranslations(t *testing.T) {
	for _, c := range []struct{ optimizer, hyper, want string }{
		{"adamw", `"lr": 1E-2, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8`, "adamw(lr=0.01, beta1=0.9, beta2=0.99, eps=1e-8, weight_decay=0)"},
		{"muon", `"lr": 1, "momentum": null, "nesterov": null, "ns_steps": 3`, "muon(lr=1, momentum=0, nesterov=false, weight_decay=0, ns_steps=3, "},
		{"shampoo", `"lr": 1, "eps": 0.1`, "shampoo(lr=1, beta1=0, beta2=1, eps=0.1, ridge=0, exponent=0.5, weight_decay=0, clip=inf, interval=1, max_dim=2048)"},
		{"lookahead_sgd", `"lr": 1, "k": 2, "alpha": 0`, "lookahead(k=2, alpha=0, base=sgd(lr=1, momentum=0, "},
		{"muon_no_nesterov", `"lr": 1, "ns_steps": 5`, "muon(lr=1, momentum=0, nesterov=false, weight_decay=0, ns_steps=5, orthogonalize=newton_schulz, scale=kernel, "},
		{"kfac", `"lr": 1, "stat_decay": 0.5, "damping": 1, "weight_decay": 0.25, "factor_update_steps": 3`,
			"kfac(lr=1, momentum=0, stat_decay=0.5, damping=1, kl_clip=inf, weight_decay=piecewise(values=[0, 0.25], milestones=[60], warmup=0), factor_update_steps=3, "},
		{"kfac_batchgrad", `"lr": 1, "stat_decay": 0.5, "damping": 1, "weight_decay": 0.25, "batch": 8`,
			"kfac(lr=1, momentum=0, stat_decay=0.5, damping=1, kl_clip=inf, weight_decay=0.25, "},
		{"sam_sgd", `"lr": 1, "rho": 2`, "sam(rho=2, base=sgd(lr=1, momentum=0, dampening=0, nesterov=false, weight_decay=0), norm_eps=1e-12)"},
	} {
		text := strings.Replace(small, `"sgd"`, `"`+c.optimizer+`"`, 1)
		text = strings.Replace(text, `"lr": 0.5, "weight_decay": 0.5, "momentum": null`, c.hyper, 1)
		f, err := Read(strings.NewReader(text), "small")
		if err != nil {
			t.Fatal(err)
		}
		o, err := f.Rule()
		if err != nil || !strings.HasPrefix(o.Recipe(), c.want) {
			t.Errorf("%s {%s}: %v, %v, want %s", c.optimizer, c.hyper, o, err, c.want)
		}
	}
}

// Words, lists and infinite values of a file find their place in a recipe, and a
// translation can depend on them.
func TestValues(t *testing.T) {
	tr := translation{
		recipe:  "f(a=$a, kind=$kind, betas=$betas, most=$most=inf)",
		demands: "mode:plain",
		choose: func(v map[string]string) (string, string) {
			if v["mode"] == "other" {
				return "g(a=$a)", "mode:other kind:some_word"
			}
			return "f(a=$a, kind=$kind, betas=$betas, most=$most=inf)", "mode:plain"
		},
	}
	for hyper, want := range map[string]string{
		`{"a": 1, "kind": "some-word", "betas": [0, 0.9], "mode": "plain"}`: "f(a=1, kind=some_word, betas=[0, 0.9], most=inf)",
		`{"a": 1, "kind": "w", "betas": [], "most": Infinity}`:              "f(a=1, kind=w, betas=[], most=inf)",
		`{"a": -Infinity, "kind": "w", "betas": [-Infinity]}`:               "f(a=-inf, kind=w, betas=[-inf], most=inf)",
		`{"a": 2, "kind": "some-word", "mode": "other"}`:                    "g(a=2)",
		`{"a": 2, "kind": "x\"Infinity", "mode": "plain"}`:                  "",
		`{"a": NaN, "kind": "w", "betas": []}`:                              "",
		`{"a": {}, "kind": "w", "betas": []}`:                               "",
	} {
		var values map[string]json.RawMessage
		if err := json.Unmarshal(quoteInfinities([]byte(hyper)), &values); err != nil {
			t.Fatalf("%s: %v", hyper, err)
		}
		got, err := tr.fill(values)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v, want %q", hyper, got, err, want)
		}
	}
}

// What a file has besides is handed to the rule, and held to its shapes.
func TestBesides(t *testing.T) {
	text := strings.Replace(small, `"steps"`, `"hessian_diag": [[[2, 3], [4]], null], "hess_grads": [null, [[5, 6], [7]]],
"init_velocity": [[1, 2], [3]], "noise_v": [[[1, 1], [1]], [[8, 9], [10]]], "projectors": [[[11]], [[12, 13]]], "steps"`, 1)
	f, err := Read(strings.NewReader(text), "small")
	if err != nil {
		t.Fatal(err)
	}
	batch, err := objective[float64](f, 1)
	if err != nil {
		t.Fatal(err)
	}
	v, got := []float64{1, 10, 100}, make([]float64, 3)
	if first := batch(0); !first.MulVec(problem.Hessian, got, nil, v) || !slices.Equal(got, []float64{2, 30, 400}) ||
		first.MulVec(problem.Fisher, got, nil, v) {
		t.Errorf("the diagonal is applied as %v", got)
	}
	second := batch(1)
	if second.MulVec(problem.Hessian, got, nil, v) {
		t.Error("there is a Hessian where the file has none")
	}
	s, _ := problem.As[problem.Sampler[float64]](second)
	sampled, ok := s.Sampled(v, 1)
	if !ok {
		t.Fatal("no gradient for sampled labels")
	}
	if sampled.Grad(got, v); !slices.Equal(got, []float64{5, 6, 7}) {
		t.Errorf("the gradient for sampled labels is %v", got)
	}
	given, w, b := f.given(), f.layout.Blocks[0], f.layout.Blocks[1]
	for _, c := range []struct {
		what string
		b    problem.Block
		t    int
		want []float64
	}{
		{"init_velocity", w, 0, []float64{1, 2}}, {"init_velocity", b, 0, []float64{3}},
		{"noise_v", w, 2, []float64{8, 9}}, {"noise_v", w, 3, nil}, {"noise_v", b, 1, []float64{1}},
		{"projector", w, 1, []float64{11}}, {"projector", w, 2, []float64{12, 13}}, {"projector", w, 3, nil},
		{"anything else", w, 1, nil},
	} {
		if got := given(c.what, c.b, c.t); !slices.Equal(got, c.want) {
			t.Errorf("%s of %s at step %d: %v, want %v", c.what, c.b.Name, c.t, got, c.want)
		}
	}
	for from, says := range map[string]string{
		`"hessian_diag": [[[2]], null], "steps"`:                 "hessian_diag[0] has 1 of 2 params",
		`"noise_v": [null, [[8, 9], [10]]], "steps"`:             "noise_v[0] has 0 of 2 params",
		`"projectors": [[]], "steps"`:                            "projectors[0] has 0 of 1 matrices",
		`"projectors": [[[null]]], "steps"`:                      "projectors[0][0][0] is not a finite number",
		`"init_velocity": [[1], [1]], "steps"`:                   "init_velocity[0] has 1 values, w has 2",
		`"d": [1], "steps"`:                                      "d has 1 steps of 2",
		`"loss": [1, Infinity], "steps"`:                         "loss[1] is not a finite number",
		`"after_x": [[[1, 2], [3]]], "steps"`:                    "after_x has 1 steps of 2",
		`"after_ax": [[[1, 2], [3]], [[1, 2], [3, 4]]], "steps"`: "after_ax[1][1] has 2 values",
	} {
		if _, err := Read(strings.NewReader(strings.Replace(small, `"steps"`, from, 1)), "small"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", from, err, says)
		}
	}
}

// What a rule shows besides its point counts as much; a rule that does not show it is
// infinitely wrong, or refused where it answers with no average.
func TestShown(t *testing.T) {
	for extra, want := range map[string]string{
		`"d": [1, 1]`: "d",
		`"after_x": [[[0.25, -2], [-1]], [[0.1875, -3.5], [-0.25]]]`: "it has after_x, but sgd(",
	} {
		f, err := Read(strings.NewReader(strings.Replace(small, `"steps"`, extra+`, "steps"`, 1)), "small")
		if err != nil {
			t.Fatal(err)
		}
		results, err := Check(f)
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && (results[0].Pass || results[0].Block != want) {
			t.Errorf("%s: %+v, %v, want %q", extra, results, err, want)
		}
	}
}

// A rule can be given instead, and a rule that diverges is infinitely wrong.
func TestCheckWith(t *testing.T) {
	f, err := Read(strings.NewReader(strings.Replace(small, `"sgd"`, `"unheard of"`, 1)), "small")
	if err != nil {
		t.Fatal(err)
	}
	for text, pass := range map[string]bool{"sgd(lr=0.5, weight_decay=0.5)": true, "sgd": false, "adam(eps=0)": false} {
		r, err := recipe.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		o, err := optim.Resolve(r)
		if err != nil {
			t.Fatal(err)
		}
		results, err := CheckWith(f, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if r.Pass != pass {
				t.Errorf("%s: %+v", text, r)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"optimizer":"sam_sgd","steps":1,"params":[{"name":"w","shape":[],"init":[1]}],"after":[[[1]]],"hyper":{"lr":1,"rho":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		file, err := Read(strings.NewReader(string(body)), "fuzz")
		if err != nil {
			return
		}
		if results, err := Check(file); err == nil && len(results) != 2 {
			t.Errorf("%d results", len(results))
		}
	})
}

// What a file calls adam is the kind of Adam that its hyper says.
func TestKindsOfAdam(t *testing.T) {
	for _, c := range []struct{ name, hyper, want string }{
		{"adam", "", "adam("},
		{"adam_l2", `, "amsgrad": false, "decoupled": null`, "adam("},
		{"adam", `, "decoupled": true`, "adamw("},
		{"adam", `, "amsgrad": true`, "amsgrad(decoupled=false"},
		{"adamw", "", "adamw("},
		{"adamw", `, "decoupled": false`, "adam("},
		{"adamw", `, "amsgrad": true`, "amsgrad(decoupled=true"},
		{"amsgrad", "", "amsgrad(decoupled=false"},
		{"amsgrad", `, "amsgrad": false`, "adam("},
		{"amsgrad_w", `, "amsgrad": null`, "amsgrad(decoupled=true"},
		{"amsgrad_w", `, "decoupled": false`, "amsgrad(decoupled=false"},
	} {
		text := strings.Replace(small, `"sgd"`, `"`+c.name+`"`, 1)
		text = strings.Replace(text, `, "momentum": null`, `, "beta1": 0, "beta2": 0, "eps": 0`+c.hyper, 1)
		f, err := Read(strings.NewReader(text), "small")
		if err != nil {
			t.Fatal(err)
		}
		o, err := f.Rule()
		if err != nil {
			t.Fatal(err)
		}
		name, argument, _ := strings.Cut(c.want, "(")
		if got := o.Recipe(); !strings.HasPrefix(got, name+"(") || !strings.Contains(got, argument) {
			t.Errorf("%s%s is %s, want %s", c.name, c.hyper, got, c.want)
		}
	}
}

// A file says with its rows at which steps a sophia has an estimate, whatever period it
// names. By hand: h is 0 and then 4, x goes from 1 by 0.5/max(0, 1) and by 1/4.
func TestEstimatesWhereTheyAre(t *testing.T) {
	const text = `{"optimizer": "sophia_h", "steps": 2, "params": [{"name": "w", "shape": [], "init": [1]}],
		"hyper": {"lr": 1, "beta1": 0, "beta2": 0.5, "p": 10, "eps": 1, "update_period": 5},
		"grads": [[[0.5]], [[1]]], "hessian_diag": [null, [[8]]], "after": [[[0.5]], [[0.25]]]}`
	f, err := Read(strings.NewReader(text), "sophia")
	if err != nil {
		t.Fatal(err)
	}
	results, err := Check(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.MaxErr != 0 {
			t.Errorf("%+v", r)
		}
	}
}

// Projectors have as many values as the rank says.
func TestProjectorsFit(t *testing.T) {
	const text = `{"optimizer": "galore_adamw", "steps": 1, "params": [{"name": "w", "shape": [3, 2], "init": [1, 1, 1, 1, 1, 1]}],
		"hyper": {"rank": 1}, "after": [[[1, 1, 1, 1, 1, 1]]], "projectors": [[[1, 0, 0]]]}`
	const want = "projectors[0][0] has 3 values, that of w with rank 1 has 2"
	if _, err := Read(strings.NewReader(text), "galore"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}
