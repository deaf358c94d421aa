package linop

import (
	"math"

	"basin/kernel"
)

// root finds x_j and sets delta to d_i - x_j, exact to a few roundings: the unknown
// is t = x_j - d_o, with d_o the nearest of the d. It tells whether it has.
//
// Each step solves a rational equation with the two poles next to the root, which
// agrees with f in value and in the slopes of the sums over the poles on either side
// (the middle way of Li 1993, LAPACK Working Note 89); the first has the two true
// terms. A step that leaves the bracket, or follows one that has not halved f, is
// replaced by bisection.
func (f *secular) root(j int, delta []float64) bool {
	k := len(f.d)
	if k == 1 {
		t := f.rho * f.z[0] * f.z[0]
		f.x[0], delta[0] = f.d[0]+t, -t
		return true
	}
	o, p := j, min(j, k-2) // the two poles are p and p+1
	low, high := 0.0, f.rho*kernel.Dot(f.z, f.z)
	if j < k-1 {
		high = f.d[j+1] - f.d[j]
	}
	f.center(o)
	t := high / 2
	v := f.at(t, p)
	if j < k-1 && v.f < 0 { // the pole above is nearer
		o = j + 1
		low, high, t = -t, 0, -t
		f.center(o)
		v = f.at(t, p)
	}
	left, right := f.z[p]/(f.gap[p]-t), f.z[p+1]/(f.gap[p+1]-t)
	v.left, v.right = left*left, right*right
	last := math.Inf(1)
	for range 100 {
		size := math.Abs(v.f)
		if size <= v.err {
			f.found(j, o, t, delta)
			return true
		}
		if v.f < 0 {
			low = t
		} else {
			high = t
		}
		next := t + v.step(f.gap[p]-t, f.gap[p+1]-t, low-t, high-t)
		if size <= last/2 && low < next && next < high {
			last = size
		} else {
			next, last = low+(high-low)/2, math.Inf(1)
			if next == low || next == high { // the bracket holds no other number
				f.found(j, o, t, delta)
				return true
			}
		}
		t = next
		v = f.at(t, p)
	}
	return false
}

// center makes gap the poles as seen from pole o.
func (f *secular) center(o int) {
	for i, d := range f.d {
		f.gap[i] = d - f.d[o]
	}
}

func (f *secular) found(j, o int, t float64, delta []float64) {
	f.x[j] = f.d[o] + t
	for i, gap := range f.gap {
		delta[i] = gap - t
	}
}

// A point is what is known of f at one: its value, the slopes of the sums over the
// poles up to p and above it, and a bound on the rounding error of the value.
type point struct{ f, left, right, err float64 }

// at evaluates f at t. Each sum ends with the pole next to the root, whose term is
// the largest.
func (f *secular) at(t float64, p int) point {
	var below, above, left, right, err float64
	gap := f.gap
	for i, z := range f.z[:p+1] {
		q := z / (gap[i] - t)
		below += z * q
		left += q * q
		err += math.Abs(below)
	}
	for i := len(gap) - 1; i > p; i-- {
		z := f.z[i]
		q := z / (gap[i] - t)
		above += z * q
		right += q * q
		err += math.Abs(above)
	}
	c := 1 / f.rho
	err += c + 8*(math.Abs(below)+math.Abs(above)) + math.Abs(t)*(left+right)
	return point{c + below + above, left, right, 0x1p-53 * err}
}

// step is the root between low and high, if there is one, of the function of t that
// agrees with f at t = 0 and has its two poles at a and b:
//
//	c + left a^2 / (a - t) + right b^2 / (b - t),    c = f - left a - right b
func (v point) step(a, b, low, high float64) float64 {
	c := v.f - v.left*a - v.right*b
	half := ((a+b)*v.f - a*b*(v.left+v.right)) / 2
	product := a * b * v.f
	q := half + math.Copysign(math.Sqrt(max(0, half*half-c*product)), half)
	if t := product / q; low < t && t < high {
		return t
	}
	return q / c
}
