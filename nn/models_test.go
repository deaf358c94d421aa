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

var statefulModels = []small{
	{"mlp(4, 3, act=tanh, norm=batch)", numbers(3), 3, problem.SoftmaxCrossEntropy},
}

// smallModels are smooth where nothing is said.
var smallModels = append([]small{
	{"mlp(4, act=silu)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"mlp(4, act=softplus)", numbers(3), 3, problem.Squared},
	{"mlp(4, act=quadratic)", numbers(3), 1, problem.Logistic},
	{"mlp(4, 3, act=tanh, norm=layer)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"mlp(4, 3, act=tanh, norm=rms)", numbers(3), 2, problem.Squared},
}, statefulModels...)

// kinked are models whose loss has kinks, of which the random point and the steps
// of differences stay clear.
var kinked = []small{
	{"mlp(4, act=leaky_relu)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"mlp(4, act=elu)", numbers(3), 3, problem.SoftmaxCrossEntropy},
}

// objectiveOf is what probes and rules see of a network in one mode.
type objectiveOf interface {
	problem.Objective[float64]
	problem.Predictor[float64]
}

// In both modes the gradient is that of the loss, the Hessian that of the gradient,
// and the Gauss-Newton matrix made of the Jacobian of the outputs.
func TestModelDerivatives(t *testing.T) {
	for _, m := range append(smallModels, kinked...) {
		t.Run(m.String(), func(t *testing.T) {
			s := modelled[float64](t, m, 5)
			e := NewEngine[float64](s.net, s.loss, 3)
			e.Calibrate(s.x, s.examples)
			for name, f := range map[string]objectiveOf{"evaluation": e.Objective(s.examples), "training": e.Training(s.examples, 3)} {
				s.checkDerivatives(t, name, f)
			}
		})
	}
}

func (s *subject[T]) checkDerivatives(t *testing.T, mode string, f objectiveOf) {
	t.Helper()
	x, n := wide(s.x), len(s.x)
	stream := rng.At(2, "direction", 0)
	v := normals[float64](&stream, n)
	g := make([]float64, n)
	f.Grad(g, x)
	along := slope(func(h float64) []float64 { return []float64{f.Loss(moved(x, v, h))} })
	inner := 0.0
	for i := range g {
		inner += g[i] * v[i]
	}
	compare(t, mode+": gradient along a direction", []float64{inner}, along, 1e-8)
	got, want := make([]float64, n), make([]float64, n)
	for i := range want {
		want[i] = slope(func(h float64) []float64 { return []float64{f.Loss(moved(x, unit(n, i), h))} })[0]
	}
	compare(t, mode+": gradient", g, want, 1e-9)
	f.MulVec(problem.Hessian, got, x, v)
	compare(t, mode+": Hessian product", got, slope(func(h float64) []float64 {
		d := make([]float64, n)
		f.Grad(d, moved(x, v, h))
		return d
	}), 1e-8)
	f.MulVec(problem.GaussNewton, got, x, v)
	compare(t, mode+": Gauss-Newton product", got, s.gaussNewton(f, x, v), 1e-8)
}

// gaussNewton is J' L J v with J by differences of the outputs and L in closed form.
func (s *subject[T]) gaussNewton(f objectiveOf, x, v []float64) []float64 {
	outputs := func(x []float64) []float64 { return outputsAt(f, x) }
	z := outputs(x)
	jv := slope(func(h float64) []float64 { return outputs(moved(x, v, h)) })
	predictions, k := f.Size()
	u := make([]float64, len(z)) // L J v
	for p := range predictions {
		example := p
		l := s.outputHessian(z[p*k:(p+1)*k], example)
		for a := range k {
			for b := range k {
				u[p*k+a] += l[a*k+b] * jv[p*k+b] / float64(predictions)
			}
		}
	}
	out := make([]float64, len(x))
	for i := range out {
		for j, d := range slope(func(h float64) []float64 { return outputs(moved(x, unit(len(x), i), h)) }) {
			out[i] += d * u[j]
		}
	}
	return out
}
