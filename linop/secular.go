package linop

import "math"

// A secular is the eigenvalue problem of D + rho z z', with D = diag(d) ascending
// strictly, rho > 0 and no element of z zero. Its eigenvalues lie one between each
// two neighbours of d and one above, where
//
//	f(x) = 1 + rho sum_i z_i^2 / (d_i - x) = 0.
type secular struct {
	d, z []float64
	rho  float64
}

// At a point within the gap of root j the sum falls into psi over i <= j, all
// negative, and phi over the others, all positive, with their derivatives.
type secularValue struct{ f, dpsi, dphi, err float64 }

// at evaluates f at origin + mu and sets delta[i] to d[i] - (origin + mu), which
// loses no digits where origin is the nearest d.
func (s *secular) at(j int, origin, mu float64, delta []float64) secularValue {
	var psi, phi, dpsi, dphi float64
	for i, d := range s.d[:j+1] {
		x := (d - origin) - mu
		delta[i] = x
		t := s.z[i] / x
		psi += s.z[i] * t
		dpsi += t * t
	}
	for i := len(s.d) - 1; i > j; i-- {
		x := (s.d[i] - origin) - mu
		delta[i] = x
		t := s.z[i] / x
		phi += s.z[i] * t
		dphi += t * t
	}
	v := secularValue{f: 1 + s.rho*(psi+phi), dpsi: s.rho * dpsi, dphi: s.rho * dphi}
	v.err = 0x1p-52 * (1 + 8*s.rho*(phi-psi) + math.Abs(mu)*(v.dpsi+v.dphi))
	return v
}

// root finds eigenvalue j, and sets delta to d minus it to full relative accuracy.
// Steps are to the root of the rational function through f and its derivative with
// poles at the two nearest d ("the middle way", Li 1993), within a bracket that is
// halved whenever such a step leaves it or gains too little.
func (s *secular) root(j int, delta []float64) float64 {
	k := len(s.d)
	if k == 1 {
		mu := s.rho * s.z[0] * s.z[0]
		delta[0] = -mu
		return s.d[0] + mu
	}
	left, right := j, j+1
	var lo, hi float64
	origin := s.d[j]
	if j == k-1 {
		left, right = j-1, j
		for _, z := range s.z {
			hi += s.rho * z * z
		}
	} else {
		hi = s.d[j+1] - s.d[j]
	}
	mu := hi / 2
	v := s.at(j, origin, mu, delta)
	if v.f < 0 {
		lo = mu
	} else {
		hi = mu
	}
	// What is left of f without its two nearest poles is taken for constant.
	a, b := s.rho*s.z[left]*s.z[left], s.rho*s.z[right]*s.z[right]
	rest := v.f - a/delta[left] - b/delta[right]
	if v.f < 0 && j < k-1 {
		lo, hi, origin = lo-hi, 0, s.d[j+1]
	}
	l, r := s.d[left]-origin, s.d[right]-origin
	mu = between(rest, rest*(l+r)+a+b, rest*l*r+a*r+b*l, lo, hi)
	last := math.Inf(1)
	for range 100 {
		if !(mu > lo && mu < hi) {
			if mu = lo + (hi-lo)/2; mu == lo || mu == hi {
				break
			}
		}
		v = s.at(j, origin, mu, delta)
		if math.Abs(v.f) <= v.err {
			return origin + mu
		}
		if v.f < 0 {
			lo = mu
		} else {
			hi = mu
		}
		if math.Abs(v.f) > last/2 {
			mu = math.NaN()
		} else {
			mu += v.step(delta[left], delta[right], lo-mu, hi-mu)
		}
		last = math.Abs(v.f)
	}
	s.at(j, origin, mu, delta)
	return origin + mu
}

// step is the root eta in (lo, hi) of c + a/(left-eta) + b/(right-eta), with left and
// right the distances of the poles and c, a, b such that its value is f and the
// derivatives of its two fractions are dpsi and dphi.
func (v secularValue) step(left, right, lo, hi float64) float64 {
	return between(v.f-left*v.dpsi-right*v.dphi, (left+right)*v.f-left*right*(v.dpsi+v.dphi), left*right*v.f, lo, hi)
}

// between is a root of c x^2 - a x + b in (lo, hi), NaN if there is none.
func between(c, a, b, lo, hi float64) float64 {
	q := (a + math.Copysign(math.Sqrt(math.Abs(a*a-4*b*c)), a)) / 2
	for _, x := range [2]float64{b / q, q / c} {
		if x > lo && x < hi {
			return x
		}
	}
	return math.NaN()
}
