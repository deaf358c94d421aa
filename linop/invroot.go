package linop

import (
	"fmt"
	"math"

	"basin/internal/crew"
	"basin/kernel"
)

// InvRoot sets dst to (a + ridge I)^(-1/p), for a symmetric positive semidefinite
// n x n matrix a and p > 0: p = 1 is the inverse, p = 4 what a two-sided Shampoo
// step takes (Gupta, Koren, Singer 2018). dst may be a.
//
// A smallest eigenvalue that rounding has made negative shifts the whole spectrum
// up to zero before the ridge is added. It is an error if the matrix is indefinite
// beyond rounding, or if the ridge leaves it singular.
func InvRoot(dst, a []float64, n int, p, ridge float64) error {
	var s Spectral[float64]
	return s.InvRoot(dst, a, n, p, ridge)
}

// A Spectral is the room in which functions of symmetric matrices are formed, by their
// eigenvalues. The zero value is ready; it grows on demand and is kept, as a Scratch.
//
// For the roots that rules take, iterations on products of matrices do not pay: the
// decomposition and what is formed of it come to 3 products of the same size in T and
// 2 in float64, while a coupled Newton iteration for the fourth root takes 4 products
// a step, half of each, and 14 to 20 steps. BenchmarkRoots of package bench measures it: the
// iteration is twice as fast at n = 32, level at 128, and takes four times as long at 784,
// where in float32 it is a hundred times less exact.
type Spectral[T kernel.Float] struct {
	eigen           Scratch
	values, vectors []float64
	room            Room[T]
	narrow          *Spectral[float64] // for matrices of at most narrowMax rows
	wide            []float64
	crew            *crew.Crew
}

// narrowMax is up to what size roots are formed in float64 even for float32: there it costs
// microseconds, and a root of a matrix that lacks rank is closer by a digit.
const narrowMax = 64

// Use lets products of matrices be shared with helpers, as kernel.Scratch does.
func (s *Spectral[T]) Use(c *crew.Crew) {
	s.eigen.Use(c)
	s.room.Use(c)
	s.crew = c
	if s.narrow != nil {
		s.narrow.Use(c)
	}
}

// Apply sets dst to V diag(f) V' for the symmetric n x n matrix a = V diag(values) V', of
// which only the upper triangle is read. f is given the values, which ascend, and
// replaces them by its own, none negative; an error of it is returned. dst, which may
// be a, is symmetric to the bit, and not touched if there is an error.
//
// The values and the eigenvectors of the tridiagonal matrix are found in float64, so
// that a ridge of a few roundings of T still tells. What is made of them is in T, and off
// by a few roundings of the largest f, for more than narrowMax rows.
func (s *Spectral[T]) Apply(dst, a []T, n int, f func(values []float64) error) error {
	checkSize(a, n, n)
	checkSize(dst, n, n)
	if isSingle[T]() && n <= narrowMax {
		return s.applyWide(dst, a, n, f)
	}
	if cap(s.vectors) < n*n {
		s.vectors, s.values = make([]float64, n*n), make([]float64, n)
	}
	values, vectors := s.values[:n], s.vectors[:n*n]
	if err := decompose(&s.eigen, values, vectors, a, n); err != nil || n == 0 {
		return err
	}
	if err := f(values); err != nil {
		return err
	}
	// dst = W W' with W = Q U diag(f^(1/2)), for a = Q T Q' and T = U diag(values) U'.
	for j, v := range values {
		values[j] = math.Sqrt(v)
	}
	r := &s.eigen.reduction
	take := s.room.take(2*n*n + n + 2*panel*(n+panel))
	w, v, tau := take(n*n), take(n*n), take(n)
	block := reflectors[T]{
		gram: take(panel * panel), t: take(panel * panel),
		vx: take(panel * n), tvx: take(panel * n), product: &s.room.product,
	}
	for i := range n {
		row := w[i*n:][:n]
		for j, x := range vectors[i*n:][:n] {
			row[j] = T(x * values[j])
		}
	}
	convert(v, r.a)
	convert(tau, r.tau)
	block.transform(w, v, tau, n)
	kernel.Gram(&s.room.product, dst, n, w, n, 1, n, n, false)
	kernel.Mirror(dst, n, n)
	return nil
}

// applyWide is Apply in float64.
func (s *Spectral[T]) applyWide(dst, a []T, n int, f func(values []float64) error) error {
	if s.narrow == nil {
		s.narrow = new(Spectral[float64])
		s.narrow.Use(s.crew)
	}
	if cap(s.wide) < n*n {
		s.wide = make([]float64, n*n)
	}
	wide := s.wide[:n*n]
	convert(wide, a)
	if err := s.narrow.Apply(wide, wide, n, f); err != nil {
		return err
	}
	convert(dst, wide)
	return nil
}

// InvRoot is the function of that name.
func (s *Spectral[T]) InvRoot(dst, a []T, n int, p, ridge float64) error {
	if !(p > 0) || !(ridge >= 0) {
		panic("linop: InvRoot needs p > 0 and ridge >= 0")
	}
	return s.Apply(dst, a, n, func(values []float64) error {
		least, largest := values[0], max(values[n-1], -values[0])
		slack := 0x1p-46
		if isSingle[T]() {
			slack = 0x1p-20
		}
		if least < -float64(n)*slack*largest {
			return fmt.Errorf("linop: no root of an indefinite matrix (eigenvalues from %.3g to %.3g)", least, values[n-1])
		}
		shift := ridge - min(least, 0)
		if !(least+shift > 0) {
			return fmt.Errorf("linop: no inverse root of a singular matrix of size %d; use a ridge above 0", n)
		}
		for i, v := range values {
			values[i] = math.Pow(v+shift, -1/p)
		}
		return nil
	})
}

func convert[T, S kernel.Float](dst []T, src []S) {
	for i, v := range src {
		dst[i] = T(v)
	}
}
