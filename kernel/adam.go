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
// in which a quotient with divisor zero counts as zero. As in all loops that update
// moments, denormal numbers count as zero (see flush).
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
	k := s.rates()
	for i := range d {
		p := flush(x[i])
		g := flush(flush(d[i]) + flush(T(k[7]*p)))
		m[i] = flush(flush(T(k[0]*flush(m[i]))) + flush(T(k[1]*g)))
		v[i] = flush(flush(T(k[2]*flush(v[i]))) + flush(T(flush(T(k[3]*g))*g)))
		change := flush(T(k[8] * p))
		if den := flush(flush(T(T(math.Sqrt(float64(v[i])))*k[5])) + k[6]); den != 0 {
			change = flush(change - flush(flush(T(k[4]*m[i]))/den))
		}
		d[i] = change
	}
}
