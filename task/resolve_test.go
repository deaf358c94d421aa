package task

import (
	"errors"
	"strings"
	"testing"

	"basin/recipe"
)

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ task, model, recipe, canonical string }{
		{"glyphs", "", "glyphs(batch=128, normalize=standard, train=0)", "mlp(128, 64, act=relu, init=he_normal, bias=true, scale=1, norm=none, dropout=0)"},
		{"glyphs(64, unit)", "linear", "glyphs(batch=64, normalize=unit, train=0)", "linear(bias=true, init=zeros, scale=1)"},
		{"fashion-mnist(train=1e3)", "mlp(32)", "fashion_mnist(batch=128, normalize=standard, train=1000)", "mlp(32, act=relu, init=he_normal, bias=true, scale=1, norm=none, dropout=0)"},
		{"quadratic(dim=3)", "", "quadratic(dim=3, condition=100, noise=0, rotate=true, data_seed=0)", ""},
		{"linear_regression", "", "linear_regression(n=20, d=50, noise=0, batch=0, data_seed=0)", "linear(bias=false, init=zeros, scale=1)"},
		{"separable(loss=exponential)", "linear(bias=false)", "separable(n=30, d=20, loss=exponential, margin=0, batch=0, data_seed=0)", "linear(bias=false, init=zeros, scale=1)"},
	} {
		k := resolve(t, c.task, c.model)
		if k.Recipe() != c.recipe || k.Model() != c.canonical {
			t.Errorf("%s of %q is\n%s of %s, want\n%s of %s", c.task, c.model, k.Recipe(), k.Model(), c.recipe, c.canonical)
		}
		again := resolve(t, k.Recipe(), k.Model())
		if again.Recipe() != k.Recipe() || again.Model() != k.Model() {
			t.Errorf("%s does not read back", k.Recipe())
		}
	}
}

func TestResolveErrors(t *testing.T) {
	for _, c := range []struct {
		task, model string
		col         int
		err         string
	}{
		{"glyph", "", 1, `unknown task "glyph"; did you mean "glyphs"?`},
		{"fashon_mnist", "", 1, `unknown task "fashon_mnist"; did you mean "fashion_mnist"?`},
		{"cifar100", "", 1, `unknown task "cifar100"; did you mean "cifar10"?`},
		{"csv", "", 1, `csv needs the argument "file", as in csv(file=...)`},
		{`csv(file="a.csv", kind=class)`, "", 24, `kind of csv must be one of auto, classes, numbers, found class`},
		{`csv(file="a.csv")`, "mlp(0)", 5, "widths of mlp must be in [1,inf), found 0"},
		{"parity(loss=hinge)", "", 13, "loss of parity must be one of softmax, logistic"},
		{"modular_addition(train=1)", "", 24, "train of modular_addition must be in (0,1)"},
		{"parity(k=5, bits=4)", "", 1, "parity: k=5 is more than the 4 bits there are"},
		{"teacher(classes=1)", "", 1, "teacher: classes=1 leaves nothing to tell apart"},
		{"matrix_completion(size=4, rank=5)", "", 1, "matrix_completion: rank=5 is more than the 4 rows there are"},
		{"matrix_completion(size=4, observed=16)", "", 1, "matrix_completion: observed=16 of the 16 entries leaves none"},
		{"glyphs(batch=-1)", "", 14, "batch of glyphs must be in [0,inf), found -1"},
		{"glyphs(batch=1.5)", "", 14, "batch of glyphs must be a whole number"},
		{"glyphs(bach=1)", "", 8, `unknown argument "bach" of glyphs; did you mean "batch"?`},
		{"mnist(normalize=unti)", "", 17, `normalize of mnist must be one of standard, unit, found unti; did you mean "unit"?`},
		{"quadratic(condition=0.5)", "", 21, "condition of quadratic must be in [1,1e12]"},
		{"separable(margin=2)", "", 18, "margin of separable must be in [0,1]"},
		{"glyphs | mnist", "", 10, "a task is one call, not a chain"},
		{"glyphs", "mpl(3)", 1, `unknown model "mpl"; did you mean "mlp"?`},
		{"glyphs", "mlp(3) | mlp(4)", 10, "a model is one call, not a chain"},
		{"glyphs", "mlp(3, act=rlu)", 12, "act of mlp must be one of"},
		{"quadratic", "linear", 1, "the task quadratic has no network and takes no model"},
		{"separable", "linear", 1, "the task separable is about linear functions; its models are linear(bias=false), deep_linear and diagonal_linear"},
		{"linear_regression", "mlp(3)", 1, "the task linear_regression is about linear functions"},
	} {
		_, err := Resolve(parsed(t, c.task), parsed(t, c.model))
		var at *recipe.Error
		if !errors.As(err, &at) {
			t.Errorf("%s of %q: error %v is no *recipe.Error", c.task, c.model, err)
			continue
		}
		if at.Col != c.col || !strings.HasPrefix(at.Msg, c.err) || at.Source == "" || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s of %q: column %d of %q: %s\nwant column %d: %s", c.task, c.model, at.Col, at.Source, at.Msg, c.col, c.err)
		}
	}
	if _, err := Resolve(nil, nil); err == nil {
		t.Error("no task is no error")
	}
}

func TestLoadErrors(t *testing.T) {
	for _, c := range []struct{ task, dir, err string }{
		{"mnist", "", "task mnist: the data are read from files: pass their folder with --data"},
		{"fashion_mnist", t.TempDir(), "task fashion_mnist: found no train-images-idx3-ubyte"},
		{"glyphs(train=12001)", "", "task glyphs: train=12001 is more than the 12000 training examples there are"},
		{"glyphs(train=100, batch=101)", "", "task glyphs: batch=101 is more than the 100 training examples; batch=0 takes them all"},
		{"modular_addition(p=2, train=0.1)", "", "task modular_addition: train=0.1 of the 4 pairs leaves a part without any"},
		{"cifar10", t.TempDir(), "task cifar10: found no data_batch_1.bin, with or without .gz, in "},
		{`csv(file="none.csv")`, "there", "task csv: neither none.csv nor there/none.csv exists"},
		{`csv(file="resolve_test.go")`, "", "task csv: resolve_test.go: "},
		{`csv(file="none.csv", test_file="x")`, "", "task csv: the file none.csv does not exist"},
		{`npz(file="resolve_test.go")`, "", "task npz: resolve_test.go: zip: not a valid zip file"},
		{`npz(file="../data/testdata/numpy.npz", loss=logistic, x="x", y="y")`, "", "task npz: loss=logistic is for two classes, and there are 3"},
		{`npz(file="../data/testdata/numpy.npz", batch=19)`, "", "task npz: batch=19 is more than the 18 training examples"},
		{"separable(batch=31)", "", "task separable: batch=31 is more than the 30 training examples; batch=0 takes them all"},
	} {
		_, err := resolve(t, c.task, "").Load(c.dir)
		if err == nil || !strings.HasPrefix(err.Error(), c.err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s:\n%v, want\n%s", c.task, err, c.err)
		}
	}
}
