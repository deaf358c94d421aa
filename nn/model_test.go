package nn

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"basin/graph"
	"basin/problem"
	"basin/recipe"
)

// examplesOf are the inputs that models take, and numbers of outputs.
var examplesOf = []struct {
	in      Input
	outputs int
}{
	{numbers(3), 2},
	{Input{Shape: []int{8, 8, 2}}, 2},
	{Input{Shape: []int{5}, Tokens: 7}, 7},
	{numbers(4), 1},
	{Input{Shape: []int{2}, Tokens: 4}, 1},
	{Input{Shape: []int{4, 4}}, 1},
}

// Every model in the catalogue has help, sound tags, and builds with each of its
// choices.
func TestCatalog(t *testing.T) {
	for _, e := range Catalog {
		if e.Help == "" || strings.Contains(e.Help, "\n") || e.Equations == "" || len(e.Notes) == 0 || e.Example == "" {
			t.Errorf("%s: help %q is not one line, or there is no equation, note or example", e.Name, e.Help)
		}
		if err := recipe.Check(e.New()); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		recipes := []string{e.Name}
		for _, p := range recipe.Describe(e.New()) {
			if p.Help == "" {
				t.Errorf("%s: %s has no help", e.Name, p.Name)
			}
			for _, choice := range p.Choices {
				recipes = append(recipes, e.Name+"("+p.Name+"="+choice+")")
			}
		}
		for _, r := range recipes {
			taken := 0
			for _, x := range examplesOf {
				n, err := NewNet(mustModel(t, r), x.in, x.outputs)
				if err != nil {
					if !strings.Contains(err.Error(), " wants ") && !strings.Contains(err.Error(), "output: there is one") {
						t.Error(err)
					}
					continue
				}
				taken++
				Init(n, make([]float32, n.Layout().N), 1)
			}
			if taken == 0 {
				t.Errorf("%s takes no input", r)
			}
		}
	}
}

func TestModelRecipe(t *testing.T) {
	for in, want := range map[string]string{
		"linear":                  "linear(bias=true, init=zeros, scale=1)",
		"mlp":                     "mlp(128, 64, act=relu, init=he_normal, bias=true, scale=1, norm=none, dropout=0)",
		"mlp(8, act=tanh)":        "mlp(8, act=tanh, init=he_normal, bias=true, scale=1, norm=none, dropout=0)",
		"mlp(widths=[], scale=0)": "mlp(widths=[], act=relu, init=he_normal, bias=true, scale=0, norm=none, dropout=0)",
	} {
		m := mustModel(t, in)
		if got := m.String(); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
		if again := mustModel(t, m.String()); !reflect.DeepEqual(again, m) {
			t.Errorf("%s is %v when read again", in, again)
		}
	}
}

func TestParseModelErrors(t *testing.T) {
	for source, want := range map[string]string{
		"mpl(3)":          `unknown model "mpl"; did you mean "mlp"?`,
		"mlp(act=rely)":   `"relu"`,
		"mlp(0)":          "widths",
		"linear(scale=a)": "scale",
		"linear(width=3)": `unknown argument "width"`,
	} {
		r, err := recipe.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ParseModel(source, r[0])
		e, ok := err.(*recipe.Error)
		if !ok || !strings.Contains(e.Error(), want) || e.Col < 1 || e.Source != source {
			t.Errorf("%s: %v (%T), want %q", source, err, err, want)
		}
	}
}

func TestLayout(t *testing.T) {
	got := mustNet(t, "mlp(5, 4)", numbers(3), 2).Layout()
	want := problem.NewLayout(
		problem.Block{Name: "layer1.weight", Role: problem.Weight, Shape: []int{5, 3}},
		problem.Block{Name: "layer1.bias", Role: problem.Bias, Shape: []int{5}},
		problem.Block{Name: "layer2.weight", Role: problem.Weight, Shape: []int{4, 5}},
		problem.Block{Name: "layer2.bias", Role: problem.Bias, Shape: []int{4}},
		problem.Block{Name: "head.weight", Role: problem.Weight, Shape: []int{2, 4}},
		problem.Block{Name: "head.bias", Role: problem.Bias, Shape: []int{2}},
	)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	n := mustNet(t, "mlp(5, 4)", numbers(3), 2)
	if want := []problem.Activation{{Name: "layer1", Width: 5}, {Name: "layer2", Width: 4}}; !slices.Equal(n.hidden, want) {
		t.Errorf("hidden layers %v, want %v", n.hidden, want)
	}
	bare := mustNet(t, "linear(bias=false)", numbers(3), 2)
	if b := bare.Layout().Blocks; len(b) != 1 || b[0].Name != "head.weight" || len(bare.hidden) != 0 {
		t.Errorf("linear without bias has blocks %v, hidden layers %v", b, bare.hidden)
	}
	if in, out := bare.Input(), bare.Outputs(); in.Len() != 3 || out != 2 || bare.Positions() != 1 {
		t.Errorf("takes %v, gives %d outputs at %d positions", in, out, bare.Positions())
	}
}

// wrong is a model with a mistake.
type wrong struct {
	build func(b *Builder, x *graph.Node) *graph.Node
}

func (w *wrong) Build(b *Builder, x *graph.Node) *graph.Node { return w.build(b, x) }

func TestNewNetErrors(t *testing.T) {
	for want, build := range map[string]func(b *Builder, x *graph.Node) *graph.Node{
		"layer2: matmul: inner lengths differ: (1,3) times (4,5)'": func(b *Builder, x *graph.Node) *graph.Node {
			b.Graph.Scope("layer2")
			z := b.Graph.MatMul(x, b.Param("w", problem.Weight, zeros, 4, 5), false, true)
			return b.Dense("head", z, b.Outputs, zeros, true)
		},
		"layer1: input: shape (0,3) has an axis without elements": func(b *Builder, x *graph.Node) *graph.Node {
			return b.Dense("layer1", x, 0, zeros, true)
		},
		"outputs of one example have shape (1,3), want (1,2)": func(_ *Builder, x *graph.Node) *graph.Node { return x },
		"two blocks named head.weight": func(b *Builder, x *graph.Node) *graph.Node {
			return b.Dense("head", b.Dense("head", x, 2, zeros, false), 2, zeros, false)
		},
	} {
		_, err := NewNet(Model{"wrong", &wrong{build}}, numbers(3), 2)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := NewNet(mustModel(t, "mlp(2)"), numbers(0), 2); err == nil || !strings.Contains(err.Error(), "(1,0)") {
		t.Errorf("no inputs: %v", err)
	}
	for text, want := range map[string]string{
		"mlp(4000000000, 4000000000)":  "has 1.6e+19 parameters, whose training takes some 4.77e+11 GiB",
		"mlp(9007199254740991)":        "has 5.4e+16 parameters",
		"mlp(16384, 8192, bias=false)": "on 3 numbers with 2 outputs has 1.34e+08 parameters, whose training takes some 4 GiB; the most is 134217728 parameters",
		"mlp(134217728, init=zeros)":   "has 8.05e+08 parameters, whose training takes some 24 GiB",
	} {
		if _, err := NewNet(mustModel(t, text), numbers(3), 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if n := mustNet(t, "mlp(16000, 8000)", numbers(3), 2).Layout().N; n > maxParams {
		t.Errorf("a network of %d parameters is accepted", n)
	}
}
