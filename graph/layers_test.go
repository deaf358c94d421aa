package graph

import "testing"

// Layers are found where a weight multiplies activations once, in the order of
// the parameters, with the bias that is added to them.
func TestLayers(t *testing.T) {
	g := New()
	x := g.Input("x", 2, 6, 6, 3)
	kernel, grouped := g.Input("kernel", 4, 3, 3, 3), g.Input("grouped", 4, 2, 1, 1)
	shift, gain := g.Input("shift", 4), g.Input("gain", 4)
	dense, bias := g.Input("dense", 5, 64), g.Input("bias", 5)
	tied, turned := g.Input("tied", 5, 5), g.Input("turned", 5, 5)
	bare := g.Input("bare", 7, 5)

	conv := g.Conv2D(x, g.Transpose(kernel, 2, 3, 1, 0), Conv{Stride: 2, Pad: 2})
	h := g.Tanh(g.Mul(g.Add(conv, shift), gain))
	h = g.Conv2D(h, g.Transpose(grouped, 2, 3, 1, 0), Conv{Stride: 1, Groups: 2})
	flat := g.Reshape(h, 2, 64)
	z := g.MatMul(flat, dense, false, true)
	u := g.Tanh(g.Add(z, bias))
	u = g.MatMul(g.MatMul(u, tied, false, true), tied, false, true)
	u = g.MatMul(u, turned, false, false)
	out := g.MatMul(u, bare, false, true)
	y := g.Sum(g.Square(out))
	if err := g.Err(); err != nil {
		t.Fatal(err)
	}
	got := g.Layers(y, x, kernel, shift, grouped, gain, dense, bias, tied, turned, bare)
	want := []Layer{
		{Weight: 0, Bias: 1, Pictures: x, Conv: Conv{Stride: 2, Pad: 2}, Output: conv},
		{Weight: 4, Bias: 5, Input: flat, Output: z},
		{Weight: 8, Bias: -1, Input: u, Output: out},
	}
	if len(got) != len(want) {
		t.Fatalf("found %d layers, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("layer %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}
