package nn

import (
	"math"
	"testing"

	"basin/problem"
)

func TestGradient(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject[float64]) {
		o := s.objective(4)
		n := len(s.x)
		got, want := make([]float64, n), make([]float64, n)
		o.Grad(got, s.x)
		for i := range want {
			want[i] = slope(func(h float64) []float64 { return []float64{o.Loss(moved(s.x, unit(n, i), h))} })[0]
		}
		compare(t, "gradient", got, want, 1e-10)
	})
}

// columns gives the matrix whose products with unit vectors mul computes, by columns.
func columns(n int, mul func(dst, v []float64)) []float64 {
	m := make([]float64, n*n)
	for i := range n {
		mul(m[i*n:(i+1)*n], unit(n, i))
	}
	return m
}

// The Hessian, column by column, against differences of the gradient.
func TestHessian(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject[float64]) {
		o, n := s.objective(4), len(s.x)
		got := columns(n, func(dst, v []float64) { o.MulVec(problem.Hessian, dst, s.x, v) })
		want := columns(n, func(dst, v []float64) {
			copy(dst, slope(func(h float64) []float64 {
				g := make([]float64, n)
				o.Grad(g, moved(s.x, v, h))
				return g
			}))
		})
		compare(t, "Hessian", got, want, 2e-11)
	})
}

// outputHessian is the second derivative of one example's loss in its outputs, in
// closed form.
func (s *subject[T]) outputHessian(z []float64, example int) []float64 {
	c := len(z)
	h := make([]float64, c*c)
	switch s.loss {
	case problem.SoftmaxCrossEntropy:
		p := probabilities(z)
		for a := range c {
			for b := range c {
				h[a*c+b] = -p[a] * p[b]
			}
			h[a*c+a] += p[a]
		}
	case problem.Squared:
		for a := range c {
			h[a*c+a] = 1
		}
	case problem.Logistic:
		h[0] = 1 / (1 + math.Exp(z[0])) / (1 + math.Exp(-z[0]))
	case problem.Exponential:
		h[0] = s.naiveLoss(z, example)
	}
	return h
}

func probabilities(z []float64) []float64 {
	p, sum := make([]float64, len(z)), 0.0
	for _, v := range z {
		sum += math.Exp(v)
	}
	for i, v := range z {
		p[i] = math.Exp(v) / sum
	}
	return p
}

// jacobian is that of the outputs of one example in the parameters, by differences
// of the definition: row k is output k.
func (s *subject[T]) jacobian(x []float64, example int) [][]float64 {
	_, z := s.naive(x, example)
	jac := make([][]float64, len(z))
	for i := range x {
		d := slope(func(h float64) []float64 {
			_, z := s.naive(moved(x, unit(len(x), i), h), example)
			return z
		})
		for k := range z {
			jac[k] = append(jac[k], d[k])
		}
	}
	return jac
}

// The Gauss-Newton matrix against the mean over examples of J' L J.
func TestGaussNewton(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject[float64]) {
		o, n := s.objective(4), len(s.x)
		got := columns(n, func(dst, v []float64) { o.MulVec(problem.GaussNewton, dst, s.x, v) })
		want := make([]float64, n*n)
		for e := range s.examples.N {
			jac := s.jacobian(s.x, e)
			_, z := s.naive(s.x, e)
			l := s.outputHessian(z, e)
			for a := range z {
				for b := range z {
					addOuter(want, jac[a], jac[b], l[a*len(z)+b]/float64(s.examples.N))
				}
			}
		}
		compare(t, "Gauss-Newton", got, want, 1e-11)
	})
}

func addOuter(m, u, v []float64, c float64) {
	for i := range u {
		for j := range v {
			m[i*len(v)+j] += c * u[i] * v[j]
		}
	}
}

// The Fisher matrix against its definition: over examples, and over what the model
// holds possible, the mean of grad log p grad log p'. Squared loss is that of normal
// outputs with unit variance, whose expectation is J' E[(z-y)(z-y)'] J = J' J.
func TestFisher(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject[float64]) {
		o, n := s.objective(4), len(s.x)
		if s.loss == problem.Exponential {
			if o.MulVec(problem.Fisher, make([]float64, n), s.x, s.x) {
				t.Error("exponential loss has a Fisher matrix")
			}
			return
		}
		got := columns(n, func(dst, v []float64) {
			if !o.MulVec(problem.Fisher, dst, s.x, v) {
				t.Fatal("has no Fisher matrix")
			}
		})
		want := make([]float64, n*n)
		for e := range s.examples.N {
			if s.loss == problem.Squared {
				for _, row := range s.jacobian(s.x, e) {
					addOuter(want, row, row, 1/float64(s.examples.N))
				}
				continue
			}
			_, z := s.naive(s.x, e)
			if s.loss == problem.Logistic {
				z = []float64{0, z[0]}
			}
			for y, p := range probabilities(z) {
				g := make([]float64, n)
				s.relabelled(e, y).Grad(g, s.x)
				addOuter(want, g, g, p/float64(s.examples.N))
			}
		}
		compare(t, "Fisher", got, want, 1e-11)
	})
}

// relabelled is the objective of one example with another label.
func (s *subject[T]) relabelled(example, label int) *Objective[T] {
	in := s.examples.In
	one := &Examples[T]{N: 1, In: in, X: s.examples.X[example*in : (example+1)*in], Labels: []int{label}}
	return NewEngine[T](s.net, s.loss, 1).Objective(one)
}

func TestUnknownMatrix(t *testing.T) {
	s := newSubject[float64](t, "linear", problem.Squared, 2)
	if s.objective(2).MulVec(problem.Matrix(9), make([]float64, len(s.x)), s.x, s.x) {
		t.Error("has a matrix without a name")
	}
}

// The gradients of single examples are those of the objectives of single examples,
// and their mean is the gradient.
func TestExampleGrads(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject[float64]) {
		o, n := s.objective(4), len(s.x)
		const lo, hi = 2, 6
		got := make([]float64, (hi-lo)*n)
		o.ExampleGrads(got, s.x, lo, hi)
		all := make([]float64, s.examples.N*n)
		o.ExampleGrads(all, s.x, 0, s.examples.N)
		mean := make([]float64, n)
		for e := range s.examples.N {
			g := make([]float64, n)
			o.Subset([]int{e}).Grad(g, s.x)
			compare(t, "gradient of one", all[e*n:(e+1)*n], g, 1e-13)
			if e >= lo && e < hi {
				compare(t, "gradient in a range", got[(e-lo)*n:(e-lo+1)*n], g, 1e-13)
			}
			for i := range g {
				mean[i] += g[i] / float64(s.examples.N)
			}
		}
		g := make([]float64, n)
		o.Grad(g, s.x)
		compare(t, "mean of gradients", mean, g, 1e-13)
	})
}

func TestInputGrads(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject[float64]) {
		o, in := s.objective(4), s.examples.In
		if o.InputSize() != in {
			t.Fatalf("input size %d", o.InputSize())
		}
		got := make([]float64, s.examples.N*in)
		o.InputGrads(got, s.x)
		want := make([]float64, len(got))
		for i := range want {
			at := s.examples.X[i]
			want[i] = slope(func(h float64) []float64 {
				s.examples.X[i] = at + h
				_, z := s.naive(s.x, i/in)
				return []float64{s.naiveLoss(z, i/in)}
			})[0]
			s.examples.X[i] = at
		}
		compare(t, "input gradients", got, want, 1e-10)
	})
}
