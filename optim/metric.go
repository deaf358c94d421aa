package optim

import (
	"math"

	"basin/problem"
)

// The edges of stability of gradient descent with momentum b on a quadratic, as multiples
// of 1/lambda_max that the rate may come to (Cohen et al. 2021, arXiv 2103.00065,
// appendix B; with a preconditioner and for means of gradients: Cohen et al. 2022, arXiv
// 2207.14484).
func edgeOfMomentum(b float64) float64 { return 2 + 2*b }
func edgeOfNesterov(b float64) float64 { return (2 + 2*b) / (1 + 2*b) }
func edgeOfMean(b float64) float64     { return (2 + 2*b) / (1 - b) }

// byRoots gives the diagonal of P^-1/2 for P = outer (inner sqrt(v) + eps).
func byRoots[T problem.Float](v []T, outer, inner, eps float64) []float64 {
	d := make([]float64, len(v))
	for i, v := range v {
		if p := outer * (inner*math.Sqrt(float64(v)) + eps); p > 0 {
			d[i] = 1 / math.Sqrt(p)
		}
	}
	return d
}
