package nn

import (
	"fmt"
	"testing"

	"basin/graph"
	"basin/problem"
)

// factorsAt gives the Kronecker factors of all layers.
func factorsAt(k problem.Kronecker[float64], x []float64) (layers []problem.KroneckerLayer, a, g [][]float64) {
	layers = k.KroneckerLayers()
	for _, l := range layers {
		a, g = append(a, make([]float64, l.In*l.In)), append(g, make([]float64, l.Out*l.Out))
	}
	k.KroneckerFactors(a, g, x)
	return layers, a, g
}

// index is where in the parameters row out, column in of a layer's matrix stands.
func index(l *problem.Layout, k problem.KroneckerLayer, out, in int) int {
	w := l.Blocks[k.Weight]
	_, cols, _ := w.Matrix()
	if in == cols {
		return l.Blocks[k.Bias].Off + out
	}
	return w.Off + out*cols + in
}

// convolved is a convolution with a bias, whose outputs are summed into predictions
// after an activation.
type convolved struct {
	size   int
	stride int
}

func (c convolved) Build(b *Builder, x *graph.Node) *graph.Node {
	g := b.Graph
	in := b.Input.Shape[2]
	w := b.Param("conv.weight", problem.Weight, Scaled("he_normal", 1), b.Outputs, in, c.size, c.size)
	z := g.Conv2D(b.Picture(x), g.Transpose(w, 2, 3, 1, 0), graph.Conv{Stride: c.stride, Pad: c.size / 2})
	z = g.Tanh(g.Add(z, b.Param("conv.bias", problem.Bias, zeros, b.Outputs)))
	return g.Sum(z, 1, 2)
}

func convolvedSubject(t *testing.T, c convolved, picture, examples int) *subject[float64] {
	net, err := NewNet(Model{name: "convolved", arch: c}, Input{Shape: []int{picture, picture, 2}}, 3)
	if err != nil {
		t.Fatal(err)
	}
	s := modelled[float64](t, small{"linear", numbers(net.input.Len()), 3, problem.SoftmaxCrossEntropy}, examples)
	s.net, s.x = net, s.x[:net.layout.N]
	return s
}

// On one example, with one place for each layer, the empirical Fisher matrix of a
// layer's parameters is exactly the product of its factors.
func TestKroneckerIsExactOnOneExample(t *testing.T) {
	for name, s := range map[string]*subject[float64]{
		"mlp":         newSubject[float64](t, "mlp(4, 3, act=tanh)", problem.SoftmaxCrossEntropy, 1),
		"without":     newSubject[float64](t, "mlp(3, act=tanh, bias=false)", problem.Squared, 1),
		"convolution": convolvedSubject(t, convolved{size: 3, stride: 3}, 3, 1),
	} {
		o, n := s.objective(1), len(s.x)
		layers, a, g := factorsAt(o, s.x)
		if want := map[string]int{"mlp": 3, "without": 2, "convolution": 1}[name]; len(layers) != want {
			t.Fatalf("%s: %d layers, want %d", name, len(layers), want)
		}
		fisher := columns(n, func(dst, v []float64) { o.MulVec(problem.EmpiricalFisher, dst, s.x, v) })
		for i, k := range layers {
			var got, want []float64
			for o1 := range k.Out {
				for i1 := range k.In {
					for o2 := range k.Out {
						for i2 := range k.In {
							got = append(got, g[i][o1*k.Out+o2]*a[i][i1*k.In+i2])
							want = append(want, fisher[index(s.net.layout, k, o1, i1)*n+index(s.net.layout, k, o2, i2)])
						}
					}
				}
			}
			compare(t, fmt.Sprintf("%s: layer %d", name, i), got, want, 1e-12)
		}
	}
}

// Over several examples, in chunks, A is the mean of the inputs' outer products and
// G that of the outputs' gradients, which are those of the bias.
func TestKroneckerFactors(t *testing.T) {
	s := newSubject[float64](t, "mlp(4, 2, act=tanh)", problem.SoftmaxCrossEntropy, 7)
	o, n := s.objective(3), len(s.x)
	layers, a, g := factorsAt(o, s.x)
	hidden := [][]float64{make([]float64, 7*4), make([]float64, 7*2)}
	o.Activations(hidden, s.x)
	inputs := append([][]float64{s.examples.X}, hidden...)
	grads := make([]float64, 7*n)
	o.ExampleGrads(grads, s.x, 0, 7)
	for i, k := range layers {
		wantA, wantG := make([]float64, k.In*k.In), make([]float64, k.Out*k.Out)
		bias := s.net.layout.Blocks[k.Bias]
		for e := range 7 {
			v := append([]float64(nil), inputs[i][e*(k.In-1):(e+1)*(k.In-1)]...)
			v = append(v, 1)
			addOuter(wantA, v, v, 1./7)
			d := grads[e*n+bias.Off:][:k.Out]
			addOuter(wantG, d, d, 1./7)
		}
		compare(t, fmt.Sprintf("A of layer %d", i), a[i], wantA, 1e-13)
		compare(t, fmt.Sprintf("G of layer %d", i), g[i], wantG, 1e-13)
	}
}

// Of a convolution, A sums over places and G takes the mean. Where windows are single
// pixels, the gradient in a pixel is W'd.
func TestKroneckerFactorsOfConvolutions(t *testing.T) {
	s := convolvedSubject(t, convolved{size: 1, stride: 1}, 3, 4)
	const places, in, out = 9, 2, 3
	o := s.objective(3)
	_, a, g := factorsAt(o, s.x)
	wantA, pulled, wantPulled := make([]float64, 9), make([]float64, in*in), make([]float64, in*in)
	grads := make([]float64, len(s.examples.X))
	o.InputGrads(grads, s.x)
	for p := range 4 * places {
		v := []float64{s.examples.X[p*in], s.examples.X[p*in+1], 1}
		addOuter(wantA, v, v, 1./4)
		d := grads[p*in : (p+1)*in]
		addOuter(wantPulled, d, d, 1./(4*places))
	}
	for i := range out {
		for j := range out {
			addOuter(pulled, s.x[i*in:(i+1)*in], s.x[j*in:(j+1)*in], g[0][i*out+j])
		}
	}
	compare(t, "A", a[0], wantA, 1e-13)
	compare(t, "W'GW", pulled, wantPulled, 1e-13)

	// Windows of nine pixels, from the definition.
	s = convolvedSubject(t, convolved{size: 3, stride: 2}, 4, 2)
	layers, a, _ := factorsAt(s.objective(2), s.x)
	want := make([]float64, layers[0].In*layers[0].In)
	for e := range 2 {
		for oy := range 2 {
			for ox := range 2 {
				v := make([]float64, layers[0].In)
				for c := range 2 {
					for ky := range 3 {
						for kx := range 3 {
							y, x := 2*oy+ky-1, 2*ox+kx-1
							if y >= 0 && y < 4 && x >= 0 && x < 4 {
								v[(c*3+ky)*3+kx] = s.examples.X[((e*4+y)*4+x)*2+c]
							}
						}
					}
				}
				v[len(v)-1] = 1
				addOuter(want, v, v, 1./2)
			}
		}
	}
	compare(t, "A of windows", a[0], want, 1e-13)
}

// A batch has the factors of its own mode; networks of any kind have layers.
func TestKroneckerLayers(t *testing.T) {
	for _, m := range smallModels {
		s := modelled[float64](t, m, 5)
		e := NewEngine[float64](s.net, s.loss, 3)
		e.Calibrate(s.x, s.examples)
		for _, f := range []problem.Kronecker[float64]{e.Objective(s.examples), e.Training(s.examples, 1)} {
			layers, a, g := factorsAt(f, s.x)
			for i, k := range layers {
				rows, cols, ok := s.net.layout.Blocks[k.Weight].Matrix()
				if !ok || rows != k.Out || cols != k.In && (cols+1 != k.In || k.Bias < 0) {
					t.Errorf("%s: layer %+v of a weight %d x %d", m, k, rows, cols)
				}
				for _, v := range [][]float64{a[i], g[i]} {
					if !(dot(v, v) > 0) {
						t.Errorf("%s: layer %+v: factor %v", m, k, v)
					}
				}
			}
		}
	}
}
