package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A column is the statistic of one reading as a function of the flip. In place
// of t it compares
//
//	r = (sum s d)^2 / (n sum d^2),   t^2 = (n-1) r/(1-r),
//
// which increases with |t| and is 1, not infinite, where all differences agree.
//
// For readings with different n, r is taken to a common scale by Wallace's (1959)
// normal deviate z of a Student t with v = n-1 degrees of freedom,
//
//	z^2 = v ((8v+1)/(8v+3))^2 log(1 + t^2/v) = -c(v) log(1-r):
//
// r with v is worth 1 - (1-r)^(c(v)/c(w)) with w. The scale decides the power of
// readings relative to each other; the test is exact with any.
type column struct {
	reading  int
	sums     subsetSums
	sum      float64
	norm     float64 // n sum d^2; 0 where all are zero
	power    float64 // c(v)/c(w); 1 at full n
	ceiling  float64 // of the score
	observed float64 // score without any flip
}

func newColumn(reading int, d []float64) column {
	c := column{reading: reading, power: 1, ceiling: 1}
	var top float64
	for _, v := range d {
		if isFinite(v) {
			top = max(top, math.Abs(v))
		}
	}
	scaled, n := make([]float64, len(d)), 0
	for i, v := range d {
		if !isFinite(v) {
			continue
		}
		n++
		if top > 0 {
			scaled[i] = v / top
			c.sum += scaled[i]
			c.norm += float64(scaled[i] * scaled[i])
		}
	}
	c.norm *= float64(n)
	c.sums = newSubsetSums(scaled)
	return c
}

func (c *column) score(pattern []byte) float64 {
	if c.norm == 0 {
		return 0
	}
	m := c.sum - 2*c.sums.at(pattern)
	r := min(m*m/c.norm, 1)
	if c.power != 1 {
		r = 1 - math.Pow(1-r, c.power)
	}
	return min(r, c.ceiling)
}

// rescale puts a reading of n pairs on the scale of one with most pairs, and if
// asked caps it at the score of its smallest two-sided p.
func (c *column) rescale(n, most int, capped bool) {
	full := wallace(most - 1)
	c.power = wallace(n-1) / full
	if capped {
		z := distuv.UnitNormal.Quantile(1 - SmallestP(n)/2)
		c.ceiling = -math.Expm1(-z * z / full)
	}
}

func wallace(v int) float64 {
	q := float64(8*v+1) / float64(8*v+3)
	return float64(v) * q * q
}
