package nn

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"basin/problem"
)

// Networks compute what PyTorch computes: testdata/pytorch.py tells how its numbers
// were made.
func TestPyTorch(t *testing.T) {
	body, err := os.ReadFile("testdata/pytorch.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]struct {
		Parameters  int
		Outputs     []float64
		Loss, Along float64
	}
	if err := json.Unmarshal(body, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		model    string
		in       Input
		examples int
		outputs  int
	}{
		{"cnn(2, 3, hidden=4)", Input{Shape: []int{6, 5, 2}}, 4, 3},
		{"resnet(depth=8, width=4)", Input{Shape: []int{8, 6, 3}}, 4, 5},
		{"resnet(depth=14, width=2)", Input{Shape: []int{9, 9, 1}}, 3, 3},
		{"gpt(layers=2, width=8, heads=2)", Input{Shape: []int{6}, Tokens: 7}, 3, 7},
	} {
		want, ok := cases[c.model]
		if !ok {
			t.Fatalf("no numbers for %s", c.model)
		}
		n := mustNet(t, c.model, c.in, c.outputs)
		if n.Layout().N != want.Parameters {
			t.Errorf("%s: %d parameters, want %d", c.model, n.Layout().N, want.Parameters)
			continue
		}
		ex := &Examples[float64]{N: c.examples, In: c.in.Len()}
		for i := range c.examples * c.in.Len() {
			if c.in.Tokens > 0 {
				ex.Tokens = append(ex.Tokens, (i*i+3*i)%c.in.Tokens)
			} else {
				ex.X = append(ex.X, math.Sin(1.3*float64(i)+0.1))
			}
		}
		for i := range c.examples * n.Positions() {
			ex.Labels = append(ex.Labels, 5*i%c.outputs)
		}
		x, grad := make([]float64, n.Layout().N), make([]float64, n.Layout().N)
		for i := range x {
			x[i] = math.Sin(0.7*float64(i)+0.3) / 2
		}
		f := NewEngine[float64](n, problem.SoftmaxCrossEntropy, c.examples).Training(ex, 0)
		loss, along := f.Grad(grad, x), 0.0
		for i, g := range grad {
			along += g * math.Cos(0.9*float64(i))
		}
		compare(t, c.model+": outputs", outputsAt(f, x), want.Outputs, 1e-12)
		compare(t, c.model+": loss", []float64{loss}, []float64{want.Loss}, 1e-13)
		compare(t, c.model+": gradient", []float64{along}, []float64{want.Along}, 1e-11)
	}
}

// The networks that programs are timed on, by PyTorch's count of their parameters.
func TestParameterCounts(t *testing.T) {
	for _, c := range []struct {
		model   string
		in      Input
		outputs int
		want    int
	}{
		{"mlp(256, 256)", numbers(784), 10, 269322},
		{"cnn(32, 64, hidden=128)", Input{Shape: []int{28, 28, 1}}, 10, 1625866},
		{"resnet(depth=8)", Input{Shape: []int{32, 32, 3}}, 10, 78042},
		{"resnet(depth=20)", Input{Shape: []int{32, 32, 3}}, 10, 272474},
		{"gpt", Input{Shape: []int{128}, Tokens: 65}, 65, 826368},
	} {
		if n := mustNet(t, c.model, c.in, c.outputs).Layout().N; n != c.want {
			t.Errorf("%s has %d parameters, want %d", c.model, n, c.want)
		}
	}
}
