package nn

import (
	"testing"

	"basin/problem"
	"basin/rng"
)

// eachModel runs f on every small model, calibrated at the random point.
func eachModel(t *testing.T, f func(t *testing.T, s *subject[float64], e *Engine[float64])) {
	for _, m := range smallModels {
		t.Run(m.String(), func(t *testing.T) {
			s := modelled[float64](t, m, 5)
			e := NewEngine[float64](s.net, s.loss, 3)
			e.Calibrate(s.x, s.examples)
			f(t, s, e)
		})
	}
}

// J v is the rate of change of the outputs along v, and J' the adjoint of J.
func TestJacobian(t *testing.T) {
	eachModel(t, func(t *testing.T, s *subject[float64], e *Engine[float64]) {
		type jacobian interface {
			problem.Jacobian[float64]
			problem.Predictor[float64]
		}
		for name, f := range map[string]jacobian{"evaluation": e.Objective(s.examples), "training": e.Training(s.examples, 3)} {
			predictions, k := f.Size()
			stream := rng.At(3, "jacobian", 0)
			v, u := normals[float64](&stream, len(s.x)), normals[float64](&stream, predictions*k)
			for i := range v {
				v[i] /= 4 // so that differences converge
			}
			jv, ju := make([]float64, len(u)), make([]float64, len(v))
			f.JacVec(jv, s.x, v)
			f.VecJac(ju, s.x, u)
			compare(t, name+": J v", jv, slope(func(h float64) []float64 { return outputsAt(f, moved(s.x, v, h)) }), 1e-9)
			compare(t, name+": <u, J v> and <J'u, v>", []float64{dot(u, jv)}, []float64{dot(ju, v)}, 1e-11)
		}
	})
}

// lossGrads gives the gradient of each prediction's own loss, the transposed Jacobian
// of the outputs times the loss's gradient in them.
func (s *subject[T]) lossGrads(o *Objective[float64]) [][]float64 {
	x := wide(s.x)
	predictions, k := o.Size()
	z := outputsAt(o, x)
	var grads [][]float64
	for p := range predictions {
		u, g := make([]float64, predictions*k), make([]float64, len(x))
		for j := range k {
			switch s.loss {
			case problem.Squared:
				u[p*k+j] = z[p*k+j] - float64(s.examples.Targets[p*k+j])
			case problem.SoftmaxCrossEntropy:
				u[p*k+j] = probabilities(z[p*k : (p+1)*k])[j]
				if s.examples.Labels[p] == j {
					u[p*k+j]--
				}
			default:
				u[p*k+j] = slope(func(h float64) []float64 { return []float64{s.naiveLoss([]float64{z[p*k+j] + h}, p)} })[0]
			}
		}
		o.VecJac(g, x, u)
		grads = append(grads, g)
	}
	return grads
}

// The empirical Fisher matrix is the mean of the outer products of the gradients of
// the predictions' losses.
func TestEmpiricalFisher(t *testing.T) {
	eachModel(t, func(t *testing.T, s *subject[float64], e *Engine[float64]) {
		o, n := e.Objective(s.examples), len(s.x)
		grads := s.lossGrads(o)
		stream := rng.At(3, "empirical", 0)
		v := normals[float64](&stream, n)
		got, want := make([]float64, n), make([]float64, n)
		if !o.MulVec(problem.EmpiricalFisher, got, s.x, v) {
			t.Fatal("there is none")
		}
		for _, g := range grads {
			c := dot(g, v) / float64(len(grads))
			for i := range want {
				want[i] += c * g[i]
			}
		}
		compare(t, "empirical Fisher product", got, want, 1e-9)
	})
}
