package stat

import (
	"math"
	"math/bits"
)

// A Test is what the paired sign-flip test says of one reading.
type Test struct {
	N    int     // pairs
	Mean float64 // of the differences; NaN where N is 0
	// T is Mean / (SD / sqrt(N)): 0 where all differences are zero, infinite where
	// all are equal otherwise, NaN where N < 2.
	T        float64
	P        float64 // two-sided; 1 where N < 2
	Smallest float64 // the smallest P that N pairs can give
}

// SignFlip is the paired randomisation test of paired differences d (Fisher 1935,
// section 21; Good 2005).
//
// If the two sides of a pair are exchangeable, each difference is as likely to
// have had the other sign. P is the share of the 2^n sign patterns s with
// |t(s d)| >= |t(d)|, t the mean over its standard error: exact up to 16 pairs,
// from 2^16 fixed random patterns and the plus-one rule above. As sum d^2 is the
// same for all patterns, t increases with the mean, and the test is also that of
// the mean. Statistics that tie count as extreme: so a zero difference adds
// nothing, differences that are all equal and not zero give the smallest P that
// there is, and differences that are all zero give 1.
func SignFlip(d []float64) Test {
	d = Present(d)
	s := Summarize(d)
	t := Test{N: s.N, Mean: s.Mean, T: ratio(s.Mean, s.SE), P: 1, Smallest: SmallestP(s.N)}
	if t.N >= 2 {
		t.P = newShiftRanges(d).p(0)
	}
	return t
}

// shiftRanges hold, for each flip, the shifts delta of the differences for which
// that flip is at least as extreme as what was observed. They turn the test of
// any shift, and its inversion, into counting.
//
// Let a flip change the signs of the seeds in A, and compare the sums of
// differences d - delta with and without it:
//
//	|sum s(d - delta)| >= |sum (d - delta)|
//	<=> (|A| delta - sum_A d) (sum_notA d - |notA| delta) >= 0
//	<=> delta lies between the mean over A and the mean over the others.
//
// Both means bracket the mean of all, so each range holds it. The flips of none
// and of all are extreme for any delta.
type shiftRanges struct {
	lo, hi []float64 // one per flip; the first, of none, is unbounded
	tol    float64
}

func newShiftRanges(d []float64) shiftRanges {
	f := newFlips(len(d))
	r := shiftRanges{lo: make([]float64, f.total), hi: make([]float64, f.total)}
	var sum float64
	for _, v := range d {
		sum += v
		r.tol = max(r.tol, tie*math.Abs(v))
	}
	sums := newSubsetSums(d)
	for b := range f.total {
		pattern := f.at(b)
		k := 0
		for _, p := range pattern {
			k += bits.OnesCount8(p)
		}
		if k == 0 || k == len(d) {
			r.lo[b], r.hi[b] = math.Inf(-1), math.Inf(1)
			continue
		}
		in := sums.at(pattern)
		mean, other := in/float64(k), (sum-in)/float64(len(d)-k)
		r.lo[b], r.hi[b] = min(mean, other), max(mean, other)
	}
	return r
}

// p is the two-sided p of the hypothesis that the differences are symmetric about
// delta.
func (r shiftRanges) p(delta float64) float64 {
	tol := max(r.tol, tie*math.Abs(delta))
	extreme := 0
	for b := range r.lo {
		if r.lo[b]-tol <= delta && delta <= r.hi[b]+tol {
			extreme++
		}
	}
	return float64(extreme) / float64(len(r.lo))
}
