package nn

import (
	"strings"
	"testing"

	"basin/graph"
	"basin/problem"
)

func TestInput(t *testing.T) {
	for _, c := range []struct {
		in   Input
		text string
		size int
	}{
		{numbers(784), "784 numbers", 784},
		{Input{Shape: []int{5, 4}}, "5 x 4 numbers", 20},
		{Input{Shape: []int{28, 28, 1}}, "pictures of 28 x 28 x 1", 784},
		{Input{Shape: []int{128}, Tokens: 65}, "128 tokens of 65 kinds", 128},
	} {
		if c.in.String() != c.text || c.in.Len() != c.size {
			t.Errorf("%v of %d, want %s of %d", c.in, c.in.Len(), c.text, c.size)
		}
	}
}

// pictured is a model that takes pictures alone.
func pictured(b *Builder, x *graph.Node) *graph.Node {
	x = b.Picture(x)
	s := x.Shape()
	return b.Dense("head", b.Graph.Reshape(x, s[0], s[1]*s[2]*s[3]), b.Outputs, zeros, true)
}

// A model says which input it wants, and gets it.
func TestRefusedInput(t *testing.T) {
	tokens := Input{Shape: []int{8}, Tokens: 5}
	for _, c := range []struct {
		model Model
		in    Input
		want  string
	}{
		{mustModel(t, "mlp(3)"), tokens, "model mlp(3, act=relu, init=he_normal, bias=true, scale=1, norm=none, dropout=0) wants numbers, the task gives 8 tokens of 5 kinds"},
		{mustModel(t, "linear"), tokens, "model linear(bias=true, init=zeros, scale=1) wants numbers, the task gives 8 tokens of 5 kinds"},
		{Model{"wrong", &wrong{pictured}}, numbers(784), "wants pictures (height, width, channels), the task gives 784 numbers"},
	} {
		if _, err := NewNet(c.model, c.in, 2); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	for _, model := range []string{"mlp(5, 3)", "linear"} {
		flat, square := mustNet(t, model, numbers(12), 2), mustNet(t, model, Input{Shape: []int{2, 3, 2}}, 2)
		x, ex := make([]float64, flat.Layout().N), &Examples[float64]{N: 2, In: 12, X: make([]float64, 24), Labels: []int{0, 1}}
		Init(flat, x, 1)
		for i := range ex.X {
			ex.X[i] = float64(i%5) - 2
		}
		loss := func(n *Net) float64 {
			return NewEngine[float64](n, problem.SoftmaxCrossEntropy, 2).Objective(ex).Loss(x)
		}
		if a, b := loss(flat), loss(square); a != b {
			t.Errorf("%s: loss %v on numbers, %v on pictures", model, a, b)
		}
	}
}

// A large plan is evaluated in powers of two of examples, by shape alone.
func TestChunk(t *testing.T) {
	e := NewEngine[float32](mustNet(t, "mlp(100000, bias=false, init=zeros)", numbers(2), 2), problem.Squared, 512)
	rows := e.chunk(gradientOf, 5000, evaluation)
	if room := e.plan(planKey{gradientOf, rows, evaluation}).Room(); rows >= 512 || rows&(rows-1) != 0 || room > maxEvaluation {
		t.Errorf("%d examples at a time, of %d numbers", rows, room)
	}
	if room := e.plan(planKey{gradientOf, 2 * rows, evaluation}).Room(); room <= maxEvaluation {
		t.Errorf("%d examples at a time where %d fit, in %d numbers", rows, 2*rows, room)
	}
	if n := e.chunk(gradientOf, 512, training); n != 512 {
		t.Errorf("%d examples of a training batch at a time", n)
	}
	if n := e.chunk(gradientOf, 3, evaluation); n != 3 {
		t.Errorf("%d of three examples at a time", n)
	}
}
