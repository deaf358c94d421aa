package stat

import "math"

// An Equivalence says whether two optimizers differ by less than a margin.
type Equivalence struct {
	// Interval is the exact interval at level 2 alpha, which two one-sided tests at
	// alpha each amount to; unbounded where the seeds are too few.
	Interval   Interval
	Equivalent bool    // Interval lies within the margin on both sides: P <= alpha
	P          float64 // of the two one-sided tests the larger; 1 where |mean| >= margin
}

// Equivalent makes two one-sided sign-flip tests of paired differences (Schuirmann
// 1987), that their centre is not at or beyond +margin nor at or beyond -margin.
// alpha is below 1/2.
func Equivalent(d []float64, margin, alpha float64) Equivalence {
	if !(margin > 0) || math.IsInf(margin, 1) {
		panic("stat: Equivalent: margin is not positive and finite")
	}
	if !(alpha < .5) {
		panic("stat: Equivalent: level alpha is not below 1/2")
	}
	d = Present(d)
	e := Equivalence{P: 1}
	e.Interval, _ = SignFlipInterval(d, 2*alpha)
	if len(d) > 0 {
		r := newShiftRanges(d)
		if math.Abs(mean(d))+r.tol < margin {
			e.P = max(r.p(margin), r.p(-margin)) / 2
		}
	}
	e.Equivalent = e.P <= alpha
	return e
}
