package nn

import (
	"math"
	"strings"
	"testing"

	"basin/problem"
)

// naive is a network as its definition has it: the activations of each hidden layer
// and the outputs, for one example.
func (s *subject[T]) naive(x []float64, example int) (hidden [][]float64, out []float64) {
	in := s.examples.In
	for _, v := range s.examples.X[example*in : (example+1)*in] {
		out = append(out, float64(v))
	}
	blocks := s.net.layout.Blocks
	for len(blocks) > 0 {
		w, rest := blocks[0], blocks[1:]
		z := make([]float64, w.Shape[0])
		for i := range z {
			for j, h := range out {
				z[i] += problem.View(x, w)[i*w.Shape[1]+j] * h
			}
		}
		if len(rest) > 0 && rest[0].Role == problem.Bias {
			for i, b := range problem.View(x, rest[0]) {
				z[i] += b
			}
			rest = rest[1:]
		}
		if len(rest) > 0 {
			for i := range z {
				z[i] = s.naiveActivation(z[i])
			}
			hidden = append(hidden, z)
		}
		out, blocks = z, rest
	}
	return hidden, out
}

func (s *subject[T]) naiveActivation(z float64) float64 {
	_, act, _ := strings.Cut(s.model, "act=")
	act, _, _ = strings.Cut(strings.TrimSuffix(act, ")"), ",")
	switch act {
	case "":
		return math.Max(z, 0)
	case "tanh":
		return math.Tanh(z)
	case "sigmoid":
		return 1 / (1 + math.Exp(-z))
	case "gelu":
		return z * (1 + math.Erf(z/math.Sqrt2)) / 2
	case "gelu_tanh":
		return z / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(z+0.044715*z*z*z)))
	case "identity":
		return z
	}
	panic(act)
}

// naiveLoss is the loss of one example's outputs.
func (s *subject[T]) naiveLoss(z []float64, example int) float64 {
	var sum float64
	switch s.loss {
	case problem.SoftmaxCrossEntropy:
		for _, v := range z {
			sum += math.Exp(v)
		}
		return math.Log(sum) - z[s.examples.Labels[example]]
	case problem.Squared:
		for i, v := range z {
			d := v - float64(s.examples.Targets[example*len(z)+i])
			sum += d * d / 2
		}
		return sum
	}
	m := z[0] * float64(2*s.examples.Labels[example]-1)
	if s.loss == problem.Logistic {
		return math.Log(1 + math.Exp(-m))
	}
	return math.Exp(-m)
}

func TestValues(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject[float64]) {
		const chunk = 3
		o := s.objective(chunk)
		var loss float64
		var outputs []float64
		hidden := make([][]float64, len(s.net.hidden))
		for i := range s.examples.N {
			h, z := s.naive(s.x, i)
			outputs = append(outputs, z...)
			for k := range h {
				hidden[k] = append(hidden[k], h[k]...)
			}
			loss += s.naiveLoss(z, i) / float64(s.examples.N)
		}
		compare(t, "loss", []float64{o.Loss(s.x)}, []float64{loss}, 1e-14)
		got := make([]float64, len(outputs))
		o.Outputs(got, s.x)
		compare(t, "outputs", got, outputs, 1e-14)
		layers := o.Hidden()
		dst := make([][]float64, len(layers))
		for k, l := range layers {
			dst[k] = make([]float64, l.Width*s.examples.N)
		}
		o.Activations(dst, s.x)
		for k, l := range layers {
			compare(t, l.Name, dst[k], hidden[k], 1e-14)
		}
	})
}

// A chunk is weighed by its size, and chunks add up to what one run gives.
func TestChunks(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject[float64]) {
		whole := s.objective(s.examples.N)
		g, h := make([]float64, len(s.x)), make([]float64, len(s.x))
		loss := whole.Grad(g, s.x)
		for _, chunk := range []int{1, 3, 6, 100} {
			o := s.objective(chunk)
			compare(t, "loss", []float64{o.Grad(h, s.x), o.Loss(s.x)}, []float64{loss, loss}, 1e-14)
			compare(t, "gradient", h, g, 1e-13)
			for _, m := range []problem.Matrix{problem.Hessian, problem.GaussNewton} {
				a, b := make([]float64, len(s.x)), make([]float64, len(s.x))
				whole.MulVec(m, a, s.x, g)
				o.MulVec(m, b, s.x, g)
				compare(t, m.String(), b, a, 1e-13)
			}
		}
	})
}

// In single precision everything is that of double precision at the same numbers, to
// a few roundings; kinks apart.
func TestPrecisions(t *testing.T) {
	const tol = 3e-6
	for _, model := range smoothModels {
		for _, loss := range allLosses {
			s := newSubject[float32](t, model, loss, 7)
			d := &subject[float64]{model, loss, s.net, &Examples[float64]{N: s.examples.N, In: s.examples.In, X: wide(s.examples.X), Labels: s.examples.Labels, Targets: wide(s.examples.Targets)}, wide(s.x)}
			f, o := s.objective(4), d.objective(4)
			g, h := make([]float32, len(s.x)), make([]float64, len(s.x))
			compare(t, s.String()+": loss", []float64{f.Grad(g, s.x)}, []float64{o.Grad(h, d.x)}, tol)
			compare(t, s.String()+": gradient", g, h, tol)
			for _, m := range []problem.Matrix{problem.Hessian, problem.GaussNewton} {
				f.MulVec(m, g, s.x, s.x)
				o.MulVec(m, h, d.x, d.x)
				compare(t, s.String()+": "+m.String(), g, h, 4*tol)
			}
		}
	}
}

func wide[T problem.Float](v []T) []float64 {
	var w []float64
	for _, x := range v {
		w = append(w, float64(x))
	}
	return w
}

// Logits of any size give a loss and derivatives that are finite and right.
func TestHugeLogits(t *testing.T) {
	n := mustNet(t, "linear", numbers(1), 2)
	for _, c := range []struct {
		scale, loss float32 // logits are (scale, -scale), the label is 0
	}{{1e4, 0}, {-1e4, 2e4}, {30, 8.7565107627e-27}, {-30, 60}} {
		o := NewEngine[float32](n, problem.SoftmaxCrossEntropy, 1).Objective(&Examples[float32]{N: 1, In: 1, X: []float32{1}, Labels: []int{0}})
		x := []float32{c.scale, -c.scale, 0, 0}
		g, h := make([]float32, 4), make([]float32, 4)
		loss := o.Grad(g, x)
		o.MulVec(problem.Hessian, h, x, []float32{1, 0, 0, 0})
		compare(t, "loss", []float64{loss}, []float64{float64(c.loss)}, 1e-7)
		p := 1 / (1 + math.Exp(2*float64(c.scale))) // of class 1
		compare(t, "gradient", g, []float64{-p, p, -p, p}, 1e-7)
		p *= 1 / (1 + math.Exp(-2*float64(c.scale)))
		compare(t, "Hessian", h, []float64{p, -p, p, -p}, 1e-7)
	}
}
