package nn

import (
	"fmt"
	"testing"

	"basin/problem"
	"basin/rng"
)

// A small is a small network of a model, with the loss of its examples.
type small struct {
	recipe  string
	in      Input
	outputs int
	loss    problem.LossKind
}

func (m small) String() string { return fmt.Sprintf("%s on %v, %v", m.recipe, m.in, m.loss) }

// modelled is a small network with random examples at a random point without zeros.
func modelled[T problem.Float](t testing.TB, m small, examples int) *subject[T] {
	t.Helper()
	n := mustNet(t, m.recipe, m.in, m.outputs)
	s := rng.At(1, "modelled", 0)
	ex := &Examples[T]{N: examples, In: m.in.Len()}
	if m.in.Tokens > 0 {
		for range examples * ex.In {
			ex.Tokens = append(ex.Tokens, s.IntN(m.in.Tokens))
		}
	} else {
		ex.X = normals[T](&s, examples*ex.In)
	}
	predictions := examples * n.Positions()
	if m.loss == problem.Squared {
		ex.Targets = normals[T](&s, predictions*m.outputs)
	} else {
		for range predictions {
			ex.Labels = append(ex.Labels, s.IntN(max(2, m.outputs)))
		}
	}
	x := normals[T](&s, n.layout.N)
	for i := range x {
		x[i] *= 0.5
	}
	return &subject[T]{m.recipe, m.loss, n, ex, x}
}

// pixels and text are small inputs.
var (
	pixels = Input{Shape: []int{6, 5, 2}}
	text   = Input{Shape: []int{4}, Tokens: 5}
)

var statefulModels = []small{
	{"mlp(4, 3, act=tanh, norm=batch)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"cnn(3, 2, pool=avg, pool_every=1, hidden=4, act=tanh, norm=batch)", pixels, 3, problem.SoftmaxCrossEntropy},
	{"resnet(depth=8, width=2, act=softplus)", Input{Shape: []int{5, 5, 1}}, 2, problem.SoftmaxCrossEntropy},
}

// smallModels are smooth where nothing is said.
var smallModels = append([]small{
	{"mlp(4, act=silu)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"mlp(4, act=sin)", numbers(3), 2, problem.Squared},
	{"mlp(4, act=softplus)", numbers(3), 3, problem.Squared},
	{"mlp(4, act=quadratic)", numbers(3), 1, problem.Logistic},
	{"mlp(4, 3, act=tanh, norm=layer)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"mlp(4, 3, act=tanh, norm=rms)", numbers(3), 2, problem.Squared},
	{"cnn(3, 2, pool=none, hidden=0, act=gelu)", pixels, 3, problem.Squared},
	{"cnn(4, kernel=2, pool=avg, hidden=3, act=tanh, norm=group, groups=2)", pixels, 3, problem.SoftmaxCrossEntropy},
	{"cnn(3, act=tanh, norm=layer, pool=avg, hidden=3, dropout=0.4)", pixels, 1, problem.Logistic},
	{"resnet(depth=8, width=2, act=tanh, norm=group, groups=2)", Input{Shape: []int{4, 4, 2}}, 2, problem.SoftmaxCrossEntropy},
	{"resnet(depth=8, width=1, act=tanh, norm=none)", Input{Shape: []int{4, 4, 1}}, 2, problem.Squared},
	{"gpt(layers=2, width=4, heads=2)", text, 5, problem.SoftmaxCrossEntropy},
	{"gpt(layers=1, width=4, heads=2, act=gelu_tanh, norm=rms, tie=true, dropout=0.3)", text, 5, problem.SoftmaxCrossEntropy},
	{"gpt(layers=1, width=4, heads=1, predict=last)", text, 3, problem.Squared},
	{"deep_linear(4, 3)", numbers(3), 2, problem.Squared},
	{"diagonal_linear(depth=3)", numbers(4), 1, problem.Squared},
	{"diagonal_linear", numbers(4), 1, problem.Logistic},
	{"matrix_product(depth=3)", Input{Shape: []int{2}, Tokens: 4}, 1, problem.Squared},
	{"matrix_product(width=2)", Input{Shape: []int{3, 3}}, 1, problem.Squared},
}, statefulModels...)

// kinked are models whose loss has kinks, of which the random point and the steps
// of differences stay clear.
var kinked = []small{
	{"mlp(4, act=leaky_relu)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"mlp(4, act=elu)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"homogeneous(4, 3)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"homogeneous(4, power=3)", numbers(3), 2, problem.Squared},
	{"cnn(3, 2, pool_every=1, hidden=4)", pixels, 3, problem.SoftmaxCrossEntropy},
	{"resnet(depth=8, width=2)", Input{Shape: []int{4, 4, 1}}, 2, problem.SoftmaxCrossEntropy},
}

// objectiveOf is what probes and rules see of a network in one mode.
type objectiveOf interface {
	problem.Objective[float64]
	problem.Predictor[float64]
}

// In both modes the gradient is that of the loss, the Hessian that of the gradient,
// and the Gauss-Newton matrix made of the Jacobian of the outputs.
func TestModelDerivatives(t *testing.T) {
	for i, m := range append(smallModels, kinked...) {
		step := 1.0 / (1 << 10)
		if i >= len(smallModels) {
			step /= 1 << 6
		}
		t.Run(m.String(), func(t *testing.T) {
			s := modelled[float64](t, m, 5)
			e := NewEngine[float64](s.net, s.loss, 3)
			e.Calibrate(s.x, s.examples)
			for name, f := range map[string]objectiveOf{"evaluation": e.Objective(s.examples), "training": e.Training(s.examples, 3)} {
				s.checkDerivatives(t, name, f, step)
			}
		})
	}
}

func (s *subject[T]) checkDerivatives(t *testing.T, mode string, f objectiveOf, step float64) {
	t.Helper()
	const tol = 1e-8 // the error is about step^6 + 1e-16/step
	differences := func(f func(h float64) []float64) []float64 { return slopeWithin(step, f) }
	x, n := wide(s.x), len(s.x)
	stream := rng.At(2, "direction", 0)
	g, hv, gv := make([]float64, n), make([]float64, n), make([]float64, n)
	f.Grad(g, x)
	outputsAlong := func(v []float64) []float64 {
		return differences(func(h float64) []float64 { return outputsAt(f, moved(x, v, h)) })
	}
	for range 3 {
		v, w := normals[float64](&stream, n), normals[float64](&stream, n)
		compare(t, mode+": gradient", []float64{dot(g, v)},
			differences(func(h float64) []float64 { return []float64{f.Loss(moved(x, v, h))} }), tol)
		f.MulVec(problem.Hessian, hv, x, v)
		compare(t, mode+": Hessian product", hv, differences(func(h float64) []float64 {
			d := make([]float64, n)
			f.Grad(d, moved(x, v, h))
			return d
		}), tol)
		f.MulVec(problem.GaussNewton, gv, x, v)
		compare(t, mode+": Gauss-Newton product", []float64{dot(gv, w)},
			[]float64{s.outputCurvature(f, x, outputsAlong(v), outputsAlong(w))}, tol)
	}
}

// outputCurvature is the mean over predictions of a' L b, with L the Hessian of the
// loss in the outputs, in closed form.
func (s *subject[T]) outputCurvature(f objectiveOf, x, a, b []float64) (sum float64) {
	z := outputsAt(f, x)
	predictions, k := f.Size()
	for p := range predictions {
		l := s.outputHessian(z[p*k:(p+1)*k], p)
		for i := range k {
			for j := range k {
				sum += a[p*k+i] * l[i*k+j] * b[p*k+j] / float64(predictions)
			}
		}
	}
	return sum
}
