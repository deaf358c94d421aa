package kernel

import (
	"math"
	"unsafe"
)

// AdamRates are the numbers of one step of Adam.
type AdamRates[T Float] struct {
	Beta1, Rest1 T // m = Beta1 m + Rest1 g, where Rest1 = 1 - Beta1
	Beta2, Rest2 T // v = Beta2 v + Rest2 g^2
	Step         T // the learning rate over the bias correction of m, lr / (1-beta1^t)
	Root         T // of the bias correction of v, 1 / sqrt(1-beta2^t)
	Eps          T
	Decay        T // x that is part of the gradient (L2 penalty)
	Apart        T // x that is taken away beside it (decoupled decay), lr weight_decay
}

// Adam turns the gradient d at x into a change to x, by Adam (Kingma and Ba 2015,
// Algorithm 1) or AdamW (Loshchilov and Hutter 2019, Algorithm 2), and moves on the
// moments m and v. All four have one length, and do not overlap. For each element
//
//	g = d + Decay x
//	m = Beta1 m + Rest1 g
//	v = Beta2 v + Rest2 g g
//	d = -Apart x - Step m / (sqrt(v) Root + Eps)
//
// in which a quotient with divisor zero counts as zero. Moments below the smallest
// normal number become zero: those of a unit that is dead would otherwise stay
// denormal for long, and slow. Every operation is rounded on its own, so that the
// bits are the same on all paths.
func Adam[T Float](d, m, v, x []T, r *AdamRates[T]) {
	if len(m) != len(d) || len(v) != len(d) || len(x) != len(d) {
		panic(lengths)
	}
	s := sweep[T]{
		dst: unsafe.SliceData(d), a: unsafe.SliceData(m), b: unsafe.SliceData(v), c: unsafe.SliceData(x), n: len(d),
		scalars: [9]T{r.Beta1, r.Rest1, r.Beta2, r.Rest2, r.Step, r.Root, r.Eps, r.Decay, -r.Apart},
	}
	if s.run(adamLoop) {
		return
	}
	adamPortable(d, m, v, x, r)
}

func adamPortable[T Float](d, m, v, x []T, r *AdamRates[T]) {
	m, v, x = m[:len(d)], v[:len(d)], x[:len(d)]
	for i, g := range d {
		g += T(r.Decay * x[i])
		m[i] = flush(T(r.Beta1*m[i]) + T(r.Rest1*g))
		v[i] = flush(T(r.Beta2*v[i]) + T(T(r.Rest2*g)*g))
		change := T(-r.Apart * x[i])
		if den := T(T(math.Sqrt(float64(v[i])))*r.Root) + r.Eps; den != 0 {
			change -= T(r.Step*m[i]) / den
		}
		d[i] = change
	}
}

// flush puts zero for numbers below the smallest normal one.
func flush[T Float](x T) T {
	normal := 0x1p-126
	if unsafe.Sizeof(x) == 8 {
		normal = 0x1p-1022
	}
	if math.Abs(float64(x)) < normal {
		return 0
	}
	return x
}
