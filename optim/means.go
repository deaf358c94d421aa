package optim

import (
	"basin/kernel"
	"basin/problem"
)

// Rules that are Adam but for what is averaged, or what is divided by what, are put
// together from passes of the vector kernels over pieces of their blocks, with room
// for intermediate values that stays in the cache.

// piece is the size of pieces: a few vectors of it fill the cache next to the
// processor.
const piece = 1024

// pieces cuts spans into ones of at most size values.
func pieces(list []span, size int) []span {
	var cut []span
	for _, p := range list {
		for ; p.hi-p.lo > size; p.lo, p.at = p.lo+size, p.at+size {
			cut = append(cut, span{p.lo, p.lo + size, p.at})
		}
		cut = append(cut, p)
	}
	return cut
}

// meanRates are those of a mean of gradients, m = beta m + (1-beta) g, of which
// multiple*m is wanted.
func meanRates[T problem.Float](beta, multiple float64) kernel.MomentumRates[T] {
	return kernel.MomentumRates[T]{Keep: T(beta), Fresh: T(1 - beta), Mean: T(multiple), Step: 1}
}

// mean moves m on by g at x, and sets dst to what rates says is wanted of both.
func mean[T problem.Float](dst, m, g, x []T, rates *kernel.MomentumRates[T]) {
	copy(dst, g)
	kernel.Momentum(dst, m, x, rates)
}

// pull adds the gradient of decay |x|^2/2 to d.
func pull[T problem.Float](d []T, decay T, x []T) {
	if decay != 0 {
		kernel.Axpy(d, decay, x)
	}
}

// quotientRates are those with which kernel.Adam divides what it is given in place of
// the moments: d = -apart x - step m / (sqrt(v) correct + eps). Rules whose moments are
// partly Adam's set the betas besides.
func quotientRates[T problem.Float](step, correct, eps, apart float64) kernel.AdamRates[T] {
	return kernel.AdamRates[T]{Beta1: 1, Beta2: 1, Step: T(step), Root: T(correct), Eps: T(eps), Apart: T(apart)}
}

// momentRates are those with which kernel.Adam turns a gradient into m/(sqrt(v)+eps), whatever
// x it is shown.
func momentRates[T problem.Float](beta1, beta2, eps float64) kernel.AdamRates[T] {
	return kernel.AdamRates[T]{
		Beta1: T(beta1), Rest1: T(1 - beta1), Beta2: T(beta2), Rest2: T(1 - beta2), Step: -1, Root: 1, Eps: T(eps),
	}
}

// clamp puts each v between low and high.
func clamp[T problem.Float](v []T, low, high T) {
	kernel.Max(v, v, []T{low})
	kernel.Min(v, v, []T{high})
}
