package linop

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/rng"
)

// ErrOpNotFinite is returned for an operator that gives infinite or NaN products.
var ErrOpNotFinite = errors.New("linop: a product with the operator is not finite")

// A Search says which eigenvalues Lanczos is to find, and how well.
type Search struct {
	// Top and Bottom count the algebraically largest and smallest eigenvalues
	// wanted.
	Top, Bottom int
	// Tol is the residual, relative to its magnitude, at which an eigenvalue is
	// found.
	Tol float64
	// Floor is the residual at which one of the smallest is found as well, relative to
	// the largest magnitude there is: next to large eigenvalues the relative error of
	// one that is about zero is hard to reach and says little.
	Floor float64
	// Steps is the most products to spend.
	Steps int
}

// A Ritz pair approximates an eigenpair.
type Ritz struct {
	Value float64
	// Residual is |A v - Value v|. Some eigenvalue is at most this far from Value;
	// most often far less, as the square of it.
	Residual float64
	// Vector is v, of length one.
	Vector []float64
}

// A Krylov is the outcome of Lanczos: what was found, and the space it was found
// in.
type Krylov struct {
	Top    []Ritz // descending
	Bottom []Ritz // ascending
	// Found says that every eigenvalue wanted has reached the tolerance.
	Found bool
	// Basis is orthonormal, one vector per product spent.
	Basis [][]float64
	// Trace is that of the operator restricted to the space.
	Trace float64
}

// Lanczos finds eigenvalues at the ends of the spectrum of a symmetric operator by
// the Lanczos process with full reorthogonalisation (Paige 1972; Parlett 1980), from
// a random start.
//
// When the space spanned is invariant its Ritz pairs are exact, and a fresh random
// direction is taken; a space per eigenvalue wanted is exhausted in this way before
// they count as found, so that repeated eigenvalues appear as often as they should.
// Without such an end, an eigenvalue repeated to the last bit is seen once. A
// search for more eigenvalues than there are gives all there are.
func Lanczos(op Op, s Search, start *rng.Stream) (*Krylov, error) {
	if s.Top < 0 || s.Bottom < 0 || s.Steps < 1 || op.N < 1 {
		panic("linop: Lanczos needs N >= 1, Steps >= 1, and no negative count")
	}
	l := lanczos{op: op, start: start, next: make([]float64, op.N)}
	l.fresh()
	for {
		if err := l.step(); err != nil {
			return nil, err
		}
		m := len(l.basis)
		exhausted := l.off[m-1] == 0
		if exhausted {
			l.exhausted++
		}
		full := m == op.N
		last := full || m >= s.Steps
		if !last && !exhausted && m > 20 && m%5 != 0 {
			continue
		}
		k, err := l.ritz(s)
		if err != nil {
			return nil, err
		}
		switch {
		case full:
			k.Found = true
		case exhausted:
			k.Found = l.exhausted >= max(s.Top, s.Bottom)
		default:
			k.Found = k.Found && l.exhausted == 0
		}
		if k.Found || last {
			l.vectors(k)
			return k, nil
		}
		if exhausted {
			l.fresh()
		}
	}
}

// lanczos holds A V = V T + off[m-1] next e_m', with T tridiagonal: diag on its
// diagonal, off[:m-1] beside it, zero where one invariant space ends.
type lanczos struct {
	op        Op
	start     *rng.Stream
	basis     [][]float64
	diag, off []float64
	next      []float64 // unit, orthogonal to the basis
	exhausted int       // invariant spaces completed
	columns   []float64 // eigenvectors of T
}

// fresh makes next a random unit vector orthogonal to the basis.
func (l *lanczos) fresh() {
	for {
		for i := range l.next {
			l.next[i] = l.start.Norm()
		}
		kernel.Scale(l.next, 1/kernel.Norm2(l.next))
		l.orthogonalise(l.next)
		// What is left of a random vector is of length sqrt(1 - m/N) or so; if
		// cancellation ate it, another one is drawn.
		if r := kernel.Norm2(l.next); r > 1e-8 {
			kernel.Scale(l.next, 1/r)
			return
		}
	}
}

// orthogonalise takes the basis out of w, again where much of w was lost to it
// ("twice is enough", Kahan in Parlett 1980).
func (l *lanczos) orthogonalise(w []float64) {
	norm := kernel.Norm2(w)
	for range 2 {
		for _, v := range l.basis {
			kernel.Axpy(w, -kernel.Dot(v, w), v)
		}
		after := kernel.Norm2(w)
		if after > math.Sqrt2/2*norm {
			return
		}
		norm = after
	}
}

func (l *lanczos) step() error {
	v, w := l.next, make([]float64, l.op.N)
	l.op.Mul(w, v)
	m := len(l.basis)
	l.basis = append(l.basis, v)
	scale := kernel.Norm2(w)
	if m > 0 {
		kernel.Axpy(w, -l.off[m-1], l.basis[m-1])
	}
	alpha := kernel.Dot(v, w)
	kernel.Axpy(w, -alpha, v)
	l.orthogonalise(w)
	beta := kernel.Norm2(w)
	if !isFinite(alpha) || !isFinite(beta) {
		return ErrOpNotFinite
	}
	for _, d := range l.diag {
		scale = max(scale, math.Abs(d))
	}
	if beta <= float64(l.op.N)*0x1p-52*scale || m+1 == l.op.N {
		beta = 0
	} else {
		kernel.Scale(w, 1/beta)
	}
	l.diag, l.off, l.next = append(l.diag, alpha), append(l.off, beta), w
	return nil
}

// ritz solves T for the values wanted; Found tells whether all are within
// tolerance.
func (l *lanczos) ritz(s Search) (*Krylov, error) {
	m := len(l.diag)
	values, err := l.solve()
	if err != nil {
		return nil, err
	}
	k := &Krylov{Found: true, Basis: l.basis, Trace: kernel.Sum(l.diag)}
	norm := max(math.Abs(values[0]), math.Abs(values[m-1]))
	pair := func(j int, floor float64) Ritz {
		r := Ritz{Value: values[j], Residual: l.residual(j)}
		if r.Residual > max(s.Tol*math.Abs(r.Value), floor*norm, float64(l.op.N)*0x1p-52*norm) {
			k.Found = false
		}
		return r
	}
	for i := range min(s.Top, m) {
		k.Top = append(k.Top, pair(m-1-i, 0))
	}
	for i := range min(s.Bottom, m) {
		k.Bottom = append(k.Bottom, pair(i, s.Floor))
	}
	k.Found = k.Found && m >= s.Top && m >= s.Bottom
	return k, nil
}

// solve sets columns to the eigenvectors of T and gives its eigenvalues, ascending.
func (l *lanczos) solve() (values []float64, err error) {
	m := len(l.diag)
	t := make([]float64, m*m)
	for i, d := range l.diag {
		t[i*m+i] = d
		if i+1 < m {
			t[i*m+i+1] = l.off[i]
		}
	}
	values, l.columns, err = SymEig(t, m)
	return values, err
}

// residual is that of the Ritz pair j of the last solve.
func (l *lanczos) residual(j int) float64 {
	m := len(l.diag)
	return l.off[m-1] * math.Abs(l.columns[(m-1)*m+j])
}

// vectors gives the pairs of k, the last that ritz made, their vectors.
func (l *lanczos) vectors(k *Krylov) {
	m := len(l.basis)
	vector := func(j int) []float64 {
		x := make([]float64, l.op.N)
		for i, v := range l.basis {
			kernel.Axpy(x, l.columns[i*m+j], v)
		}
		return x
	}
	for i := range k.Top {
		k.Top[i].Vector = vector(m - 1 - i)
	}
	for i := range k.Bottom {
		k.Bottom[i].Vector = vector(i)
	}
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
