package probe

import (
	"math"
	"slices"

	"basin/kernel"
	"basin/linop"
)

// A softmaxRegression is the mean cross-entropy of a linear classifier with a ridge
// penalty, as a function of its weights, classes x width, followed by its biases.
type softmaxRegression struct {
	h              []float64 // n x width
	labels         []int
	n, width, k    int
	penalty        float64   // on |V|^2 / 2, beside the mean loss
	prob, z, delta []float64 // n x k: at the point last looked at; room
	square         []float64 // mean squares of the inputs' columns
	room           kernel.Scratch[float64]
}

func newSoftmaxRegression(h []float64, labels []int, width, classes int) *softmaxRegression {
	n := len(labels)
	s := &softmaxRegression{
		h: h, labels: labels, n: n, width: width, k: classes,
		prob: make([]float64, n*classes), z: make([]float64, n*classes), delta: make([]float64, n*classes),
		square: make([]float64, width),
	}
	for i, v := range h {
		s.square[i%width] += v * v / float64(n)
	}
	return s
}

func (s *softmaxRegression) size() int { return s.k * (s.width + 1) }

// outputs sets z, of len(h)/width rows, to those for the inputs h.
func (s *softmaxRegression) outputs(z, x, h []float64) {
	n := len(h) / s.width
	kernel.MatMul(&s.room, z, s.k, h, s.width, 1, x, 1, s.width, n, s.k, s.width, false)
	for i := range n {
		kernel.Axpy(z[i*s.k:(i+1)*s.k], 1, x[s.k*s.width:])
	}
}

// loss is the objective at x; prob becomes that of the examples.
func (s *softmaxRegression) loss(x []float64) float64 {
	s.outputs(s.z, x, s.h)
	total := 0.
	for i, y := range s.labels {
		z := s.z[i*s.k : (i+1)*s.k]
		total += softmax(s.prob[i*s.k:(i+1)*s.k], z) - z[y]
	}
	w := x[:s.k*s.width]
	return total/float64(s.n) + s.penalty/2*kernel.Dot(w, w)
}

// grad sets dst to the gradient at the point of the last call of loss.
func (s *softmaxRegression) grad(dst, x []float64) {
	copy(s.delta, s.prob)
	for i, y := range s.labels {
		s.delta[i*s.k+y]--
	}
	s.pull(dst, x)
}

// mul sets dst to the product of the Hessian there with v.
func (s *softmaxRegression) mul(dst, v []float64) {
	s.outputs(s.z, v, s.h)
	for i := range s.n {
		p, z, d := s.prob[i*s.k:(i+1)*s.k], s.z[i*s.k:(i+1)*s.k], s.delta[i*s.k:(i+1)*s.k]
		mean := kernel.Dot(p, z)
		for c := range d {
			d[c] = p[c] * (z[c] - mean)
		}
	}
	s.pull(dst, v)
}

// pull sets dst to the mean of delta's products with the inputs, plus the ridge's part.
func (s *softmaxRegression) pull(dst, x []float64) {
	w := s.k * s.width
	kernel.MatMul(&s.room, dst, s.width, s.delta, 1, s.k, s.h, s.width, 1, s.k, s.width, s.n, false)
	clear(dst[w:])
	kernel.AddRows(dst[w:], s.delta, s.n)
	kernel.Scale(dst, 1/float64(s.n))
	kernel.Axpy(dst[:w], s.penalty, x[:w])
}

// precondition sets dst to numbers whose inverse squares are about the diagonal of the
// Hessian at the point last looked at: exactly so if what the inputs are says nothing of
// the probabilities.
func (s *softmaxRegression) precondition(dst []float64) {
	for c := range s.k {
		sure := 0.
		for i := c; i < len(s.prob); i += s.k {
			sure += s.prob[i] * (1 - s.prob[i]) / float64(s.n)
		}
		sure += 1e-12
		for j, v := range s.square {
			dst[c*s.width+j] = 1 / math.Sqrt(sure*v+s.penalty)
		}
		dst[s.k*s.width+c] = 1 / math.Sqrt(sure)
	}
}

// fit takes x to the minimum by Newton's method, with steps by conjugate gradients that
// are the more exact the closer it is (Dembo & Steihaug 1983), halved until they descend.
// They are few if the inputs' columns are orthogonal.
func (s *softmaxRegression) fit(x []float64, ridge float64) (converged bool) {
	const tol, steps, products = 1e-6, 100, 250
	s.penalty = ridge / float64(s.n)
	n := len(x)
	g, d, y := make([]float64, n), make([]float64, n), make([]float64, n)
	scale, scaled := make([]float64, n), make([]float64, n)
	// Equal changes of all biases change nothing: g is orthogonal to them, and so is
	// what conjugate gradients make of it.
	hessian := linop.Op{N: n, Mul: func(dst, v []float64) {
		for i, f := range scale {
			scaled[i] = f * v[i]
		}
		s.mul(dst, scaled)
		for i, f := range scale {
			dst[i] *= f
		}
	}}
	value := s.loss(x)
	for range steps {
		s.grad(g, x)
		if kernel.AbsMax(g) <= tol {
			return true
		}
		s.precondition(scale)
		for i, f := range scale {
			y[i] = f * g[i]
		}
		if _, _, err := linop.CG(hessian, d, y, min(.1, math.Sqrt(kernel.Norm2(g))), products); err != nil && kernel.Norm2(d) == 0 {
			copy(d, y)
		}
		for i, f := range scale {
			d[i] *= f
		}
		slope, step := kernel.Dot(g, d), 1.
		for {
			copy(y, x)
			kernel.Axpy(y, -step, d)
			v := s.loss(y)
			if v <= value-1e-4*step*slope {
				value = v
				break
			}
			if step /= 2; step < 1e-10 {
				return false
			}
		}
		copy(x, y)
	}
	return false
}

// choose fits with one penalty after another, the largest first, until the loss on val no
// longer falls, and gives the last fit before; or the first where there is no choice.
func (s *softmaxRegression) choose(ridges []float64, val *softmaxRegression) (x []float64, ridge float64, converged bool) {
	least := math.Inf(1)
	at := make([]float64, s.size()) // each fit begins where the one before has ended
	for _, r := range ridges {
		found := s.fit(at, r)
		if len(ridges) == 1 {
			return at, r, found
		}
		v := val.loss(at)
		if x != nil && !(v < least) { // smaller ones, which take longest to fit, are worse still
			break
		}
		x, ridge, converged, least = slices.Clone(at), r, found, v
	}
	return x, ridge, converged
}

// right tells of each example whether x puts it in its class.
func (s *softmaxRegression) right(x []float64) []float64 {
	o := &Predictions{N: s.n, K: s.k, Z: s.z, Labels: s.labels}
	s.outputs(s.z, x, s.h)
	right, err := o.right()
	if err != nil {
		panic(err)
	}
	return right
}
