package linop

import (
	"math"

	"basin/kernel"
	"basin/rng"
)

// A Quadrature is the Gauss quadrature of an operator's spectral measure at a unit
// vector v: sum_i Weights[i] f(Nodes[i]) is v'f(A)v for every polynomial f of degree up
// to twice their number less one.
type Quadrature struct {
	Nodes   []float64 // ascending
	Weights []float64 // their sum is 1
	// Residuals bound the distance of each node from an eigenvalue.
	Residuals []float64
}

// Quadrate makes the quadrature of `steps` nodes, or fewer where v lies in an invariant
// space of fewer dimensions, at a random v, by the Lanczos process with full
// reorthogonalisation (Golub & Meurant 1994). v is uniform on the sphere, so that the
// mean over draws estimates tr f(A) / N (stochastic Lanczos quadrature: Ubaru, Chen &
// Saad 2017, SIAM J. Matrix Anal. Appl. 38).
func Quadrate(op Op, steps int, s *rng.Stream) (*Quadrature, error) {
	if steps < 1 || op.N < 1 {
		panic("linop: Quadrate needs N >= 1 and at least one step")
	}
	l := lanczos{op: op, start: s, next: make([]float64, op.N)}
	l.fresh()
	for range steps {
		if err := l.step(); err != nil {
			return nil, err
		}
		if l.off[len(l.off)-1] == 0 {
			break
		}
	}
	values, err := l.solve()
	if err != nil {
		return nil, err
	}
	m := len(values)
	q := &Quadrature{Nodes: values, Weights: make([]float64, m), Residuals: make([]float64, m)}
	for i := range m {
		q.Weights[i] = l.columns[i] * l.columns[i]
		q.Residuals[i] = l.residual(i)
	}
	return q, nil
}

// Mean is sum_i Weights[i] f(Nodes[i]).
func (q *Quadrature) Mean(f func(float64) float64) float64 {
	s := 0.
	for i, x := range q.Nodes {
		s += float64(q.Weights[i] * f(x))
	}
	return s
}

// Below estimates the share of the measure up to x. A node stands for a Ritz vector, in
// which the operator has the node as its mean and the residual as its standard
// deviation: its weight is taken to be spread normally, within what no measure with
// this quadrature can exceed, the weight of the nodes up to x less that of the last one,
// or plus that of the next (Chebyshev, Markov & Stieltjes; Szego 1975, section 3.41).
// slack is half the distance of these two bounds or, where that is less, the weight that
// a spread by these means and deviations can have beyond x at most (Cantelli).
func (q *Quadrature) Below(x float64) (share, slack float64) {
	m := len(q.Nodes)
	i := 0 // nodes up to x
	var sure, beyond float64
	for j, w := range q.Weights {
		z := (x - q.Nodes[j]) / q.Residuals[j]
		if x >= q.Nodes[j] {
			i++
			sure += w
		}
		if q.Residuals[j] == 0 {
			z = math.Inf(1)
			if x < q.Nodes[j] {
				z = math.Inf(-1)
			}
		}
		share += float64(w * math.Erfc(-z/math.Sqrt2) / 2)
		beyond += w / (1 + z*z)
	}
	lo, hi := sure, sure
	if i > 0 {
		lo -= q.Weights[i-1]
	}
	if i < m {
		hi += q.Weights[i]
	}
	return min(max(share, lo), hi), min((hi-lo)/2, beyond)
}

// Quantile is the x up to which the share of the measure is p: the inverse of the mean
// of Below over quadratures.
func Quantile(all []*Quadrature, p float64) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, q := range all {
		lo, hi = min(lo, q.Nodes[0]), max(hi, q.Nodes[len(q.Nodes)-1])
	}
	share := make([]float64, len(all))
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		for i, q := range all {
			share[i], _ = q.Below(mid)
		}
		if kernel.Sum(share) < p*float64(len(all)) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}
