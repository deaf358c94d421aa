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

// HutchPP is the trace estimate Hutch++ of Meyer, Musco, Musco and Woodruff 2021
// (Algorithm 1): a third of the products find a space in which much of the matrix is,
// a third give its trace there exactly, and a third estimate the rest. Given the
// space the estimate is unbiased, with the standard error of Trace. It takes at least
// six products.
func HutchPP(op Op, products int, s *rng.Stream) (estimate, stderr float64) {
	estimates, stderrs := HutchPPParts(op, [][2]int{{0, op.N}}, products, s)
	return estimates[0], stderrs[0]
}

// HutchPPParts is HutchPP for the sums of the diagonal's entries from the first to before
// the second of each pair, from the same products. With P the projection onto the space
// and E that onto a part, it estimates tr E(I-P)A(I-P) alone, beside the exact rest
// tr EPA + tr E(I-P)AP.
func HutchPPParts(op Op, parts [][2]int, products int, s *rng.Stream) (estimates, stderrs []float64) {
	third := products / 3
	if third < 2 {
		panic("linop: HutchPP needs at least six products")
	}
	z, y, az := make([]float64, op.N), make([]float64, op.N), make([]float64, op.N)
	var l lanczos
	for range third {
		for j := range z {
			z[j] = s.Sign()
		}
		q := make([]float64, op.N)
		op.Mul(q, z)
		length := kernel.Norm2(q)
		l.orthogonalise(q)
		if r := kernel.Norm2(q); r > 1e-10*length { // not of a rank that is exhausted
			kernel.Scale(q, 1/r)
			l.basis = append(l.basis, q)
		}
	}
	outside := func(v []float64) {
		for _, q := range l.basis {
			kernel.Axpy(v, -kernel.Dot(q, v), q)
		}
	}
	within := make([]float64, len(parts))
	add := func(dst, a, b []float64) {
		for i, p := range parts {
			dst[i] += kernel.Dot(a[p[0]:p[1]], b[p[0]:p[1]])
		}
	}
	for _, q := range l.basis {
		op.Mul(az, q)
		add(within, q, az)
		outside(az)
		add(within, q, az)
	}
	probes := products - 2*third
	sum, square := make([]float64, len(parts)), make([]float64, len(parts))
	for k := range probes {
		for j := range z {
			z[j] = s.Sign()
		}
		copy(y, z)
		outside(y)
		op.Mul(az, y)
		outside(az)
		own := make([]float64, len(parts))
		add(own, z, az)
		for i, v := range own {
			d := v - sum[i]
			sum[i] += d / float64(k+1)
			square[i] += d * d * float64(k) / float64(k+1)
		}
	}
	for i := range parts {
		n := float64(probes)
		estimates = append(estimates, within[i]+sum[i])
		stderrs = append(stderrs, math.Sqrt(square[i]/(n-1)/n))
	}
	return estimates, stderrs
}
