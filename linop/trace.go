package linop

import (
	"math"

	"basin/kernel"
	"basin/rng"
)

// Trace estimates the trace of a symmetric operator by the mean of z' A z over
// random vectors z of signs (Hutchinson 1989). It returns the estimate and its
// standard error, NaN for a single probe. The variance of one probe is
// 2 sum_{i != j} a_ij^2: a diagonal matrix is exact at once.
//
// A non-nil space is deflated: with V its orthonormal vectors, the trace of
// (I-VV') A (I-VV') is estimated, to which the caller adds the exact tr(V'AV), as in
// Hutch++ (Meyer, Musco, Musco, Woodruff 2021). With the Basis and Trace of a Krylov,
// A's largest eigenvalues no longer add to the variance.
func Trace(op Op, space [][]float64, probes int, s *rng.Stream) (estimate, stderr float64) {
	if probes < 1 {
		panic("linop: Trace needs at least one probe")
	}
	z, az := make([]float64, op.N), make([]float64, op.N)
	var mean, m2 float64
	for i := range probes {
		for j := range z {
			z[j] = s.Sign()
		}
		for _, v := range space {
			kernel.Axpy(z, -kernel.Dot(v, z), v)
		}
		op.Mul(az, z)
		d := kernel.Dot(z, az) - mean
		mean += d / float64(i+1)
		m2 += d * d * float64(i) / float64(i+1)
	}
	n := float64(probes)
	if probes == 1 {
		return mean, math.NaN()
	}
	return mean, math.Sqrt(m2 / (n - 1) / n)
}
