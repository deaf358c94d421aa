package stat

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A CurvePoint is a property of the solution at a loss, with its standard error
// (NaN if exact or unknown).
type CurvePoint struct{ Loss, Value, Err float64 }

// A Curve is a property as a function of the loss, by falling loss, linear in
// log loss between its points.
type Curve []CurvePoint

// NewCurve sorts the points that have a value. Losses must be positive, and no two
// alike.
func NewCurve(points []CurvePoint) (Curve, error) {
	var c Curve
	for _, p := range points {
		if !(p.Loss > 0) || math.IsInf(p.Loss, 1) {
			return nil, fmt.Errorf("stat: a curve in log loss has no place for loss %v", p.Loss)
		}
		if isFinite(p.Value) {
			c = append(c, p)
		}
	}
	slices.SortStableFunc(c, func(a, b CurvePoint) int { return cmp.Compare(b.Loss, a.Loss) })
	for i := 1; i < len(c); i++ {
		if c[i].Loss == c[i-1].Loss {
			return nil, fmt.Errorf("stat: two points of a curve have the loss %v", c[i].Loss)
		}
	}
	return c, nil
}

// A Level is what a curve says at one loss.
type Level struct {
	Value float64
	Slope float64 // d value / d log loss of the stretch; NaN for a curve of one point
	Err   float64 // standard error carried over from the points
	// Mismatch is |Slope log(loss/level)| for the point nearest in log loss: what
	// the property is expected to change between where it was read and the level.
	// It is 0 at a point, NaN elsewhere on a curve of one point.
	Mismatch float64
}

// Total is the standard error and the mismatch together; an error that is NaN
// counts for nothing, a mismatch that is NaN makes it NaN.
func (l Level) Total() float64 {
	if math.IsNaN(l.Err) {
		return l.Mismatch
	}
	return math.Hypot(l.Err, l.Mismatch)
}

// At reads the curve at a loss. Beyond its ends, by up to slack in log loss, it
// holds the value of the end, since a line carried on would be a guess; further
// out, or for a curve without points, it reports false.
func (c Curve) At(level, slack float64) (Level, bool) {
	if !(level > 0) || len(c) == 0 {
		return Level{}, false
	}
	// i is the first point at or below the level.
	i := slices.IndexFunc(c, func(p CurvePoint) bool { return p.Loss <= level })
	if i < 0 {
		i = len(c)
	}
	hi, lo := max(i-1, 0), min(i, len(c)-1)
	above, below := math.Log(c[hi].Loss/level), math.Log(level/c[lo].Loss)
	if -above > slack || -below > slack {
		return Level{}, false
	}
	l := Level{Slope: c.slope(i)}
	nearest := min(math.Abs(above), math.Abs(below))
	if nearest > 0 {
		l.Mismatch = math.Abs(l.Slope) * nearest
	}
	w := 0.0
	if hi < lo {
		w = above / (above + below)
	}
	a, b := c[hi], c[lo]
	l.Value = float64((1-w)*a.Value) + float64(w*b.Value)
	l.Err = math.Hypot(weighed(1-w, a.Err), weighed(w, b.Err))
	return l, true
}

// weighed is w err, nothing for a point without weight.
func weighed(w, err float64) float64 {
	if w == 0 {
		return 0
	}
	return w * err
}

// slope is that of the stretch that ends at point i, of the first or last stretch
// at the ends.
func (c Curve) slope(i int) float64 {
	if len(c) < 2 {
		return math.NaN()
	}
	i = min(max(i, 1), len(c)-1)
	return (c[i-1].Value - c[i].Value) / math.Log(c[i-1].Loss/c[i].Loss)
}
