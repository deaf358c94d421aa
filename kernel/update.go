package kernel

import (
	"math"
	"unsafe"
)

// MomentumRates are the numbers of one step of descent with momentum.
type MomentumRates[T Float] struct {
	Decay       T // x that is part of the gradient
	Keep, Fresh T // m = Keep m + Fresh g
	Now, Mean   T // the step goes along Now g + Mean m
	Step        T // what that is multiplied by
}

// Momentum turns the gradient d at x into a change to x, and moves on the momentum m.
// All three have one length, and do not overlap. For each element
//
//	g = d + Decay x
//	m = Keep m + Fresh g
//	d = Step (Now g + Mean m)
//
// with denormal numbers as zero.
func Momentum[T Float](d, m, x []T, r *MomentumRates[T]) {
	if len(m) != len(d) || len(x) != len(d) {
		panic(lengths)
	}
	s := sweep[T]{
		dst: unsafe.SliceData(d), a: unsafe.SliceData(m), c: unsafe.SliceData(x), n: len(d),
		scalars: [9]T{r.Decay, r.Keep, r.Fresh, r.Now, r.Mean, r.Step},
	}
	if s.run(momentumLoop) {
		return
	}
	k := s.rates()
	for i := range d {
		g := flush(flush(d[i]) + flush(T(k[0]*flush(x[i]))))
		m[i] = flush(flush(T(k[1]*flush(m[i]))) + flush(T(k[2]*g)))
		d[i] = flush(k[5] * flush(flush(T(k[3]*g))+flush(T(k[4]*m[i]))))
	}
}

// SignRates are the numbers of one step of sign descent with momentum.
type SignRates[T Float] struct {
	Old, Now    T // the step has the signs of Old m + Now g, with m as it was
	Keep, Fresh T // m = Keep m + Fresh g
	Step        T // its length along each coordinate
	Apart       T // x that is taken away beside it
}

// SignMomentum turns the gradient g in d at x into a change to x, and moves on the
// momentum m. All three have one length, and do not overlap. For each element
//
//	d = -Apart x - Step sign(Old m + Now g)
//	m = Keep m + Fresh g
//
// where sign(0) = 0, and with denormal numbers as zero.
func SignMomentum[T Float](d, m, x []T, r *SignRates[T]) {
	if len(m) != len(d) || len(x) != len(d) {
		panic(lengths)
	}
	s := sweep[T]{
		dst: unsafe.SliceData(d), a: unsafe.SliceData(m), c: unsafe.SliceData(x), n: len(d),
		scalars: [9]T{r.Old, r.Now, r.Keep, r.Fresh, r.Step, -r.Apart},
	}
	if s.run(signMomentumLoop) {
		return
	}
	k := s.rates()
	for i := range d {
		g, old := flush(d[i]), flush(m[i])
		u := flush(flush(T(k[0]*old)) + flush(T(k[1]*g)))
		m[i] = flush(flush(T(k[2]*old)) + flush(T(k[3]*g)))
		d[i] = flush(flush(T(k[5]*flush(x[i]))) - flush(T(k[4]*sign(u))))
	}
}

// SignDescent is SignMomentum without momentum: d = -apart x - step sign(d).
func SignDescent[T Float](d, x []T, step, apart T) {
	if len(x) != len(d) {
		panic(lengths)
	}
	s := sweep[T]{dst: unsafe.SliceData(d), c: unsafe.SliceData(x), n: len(d), scalars: [9]T{step, -apart}}
	if s.run(signDescentLoop) {
		return
	}
	k := s.rates()
	for i := range d {
		d[i] = flush(flush(T(k[1]*flush(x[i]))) - flush(T(k[0]*sign(flush(d[i])))))
	}
}

// MeanSquare moves on the mean v of squares of g, v = keep v + fresh g g, with denormal
// numbers as zero. They have one length, and do not overlap.
func MeanSquare[T Float](v, g []T, keep, fresh T) {
	if len(g) != len(v) {
		panic(lengths)
	}
	s := sweep[T]{dst: unsafe.SliceData(v), a: unsafe.SliceData(g), n: len(v), scalars: [9]T{keep, fresh}}
	if s.run(meanSquareLoop) {
		return
	}
	k := s.rates()
	for i := range v {
		e := flush(g[i])
		v[i] = flush(flush(T(k[0]*flush(v[i]))) + flush(T(flush(T(k[1]*e))*e)))
	}
}

// ResilientRates are the numbers of one step of resilient propagation.
type ResilientRates[T Float] struct {
	Shrink, Grow T // what a step size is multiplied by when the gradient changes its sign, and when not
	Low, High    T // bounds of step sizes
	Course       T // what all are multiplied by in this step
}

// Resilient turns the gradient g in d into a change by resilient propagation without
// backtracking (Riedmiller and Braun 1993; Igel and Huesken 2000, iRprop-), and moves on
// the step sizes h and the gradients before, q. All three have one length, and do not
// overlap. For each element, by the sign of g q,
//
//	positive: h = min(max(Grow h, Low), High)
//	negative: h = min(max(Shrink h, Low), High), g = 0
//	else:     h = min(max(h, Low), High)
//	q = g
//	d = -Course h sign(g)
//
// and NaN where g is, with denormal numbers as zero.
func Resilient[T Float](d, h, q []T, r *ResilientRates[T]) {
	if len(h) != len(d) || len(q) != len(d) {
		panic(lengths)
	}
	s := sweep[T]{
		dst: unsafe.SliceData(d), a: unsafe.SliceData(h), b: unsafe.SliceData(q), n: len(d),
		scalars: [9]T{r.Shrink, r.Grow, r.Low, r.High, r.Course},
	}
	if s.run(resilientLoop) {
		return
	}
	k := s.rates()
	for i := range d {
		g, size := flush(d[i]), flush(h[i])
		switch agree := sign(flush(q[i])) * sign(g); {
		case agree > 0:
			size = flush(k[1] * size)
		case agree < 0:
			size, g = flush(k[0]*size), 0
		}
		h[i], q[i] = min(max(size, k[2]), k[3]), g
		switch step := flush(k[4] * h[i]); {
		case g > 0:
			d[i] = 0 - step
		case g < 0:
			d[i] = step
		default:
			d[i] = 0 - g // zero, or not a number
		}
	}
}

// rates are the scalars of s as a loop sees them that takes denormal numbers for zero.
func (s *sweep[T]) rates() [9]T {
	k := s.scalars
	for i := range k {
		k[i] = flush(k[i])
	}
	return k
}

// flush puts zero, of the sign of x, for a number below the smallest normal one. Loops
// that update moments do so with every operand and result: where a unit is dead, its
// moments decay, and would stay denormal for many steps in which arithmetic is slow.
// In assembly this is a mode of the processor. It rounds before it looks how small a
// result is: a product that is below the smallest normal number by less than 2^-25 of
// it may become that number there and zero here, or the reverse.
func flush[T Float](x T) T {
	normal := 0x1p-126
	if !isSingle[T]() {
		normal = 0x1p-1022
	}
	if math.Abs(float64(x)) < normal {
		return T(math.Copysign(0, float64(x)))
	}
	return x
}
