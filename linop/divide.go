package linop

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/gonum"

	"basin/kernel"
)

// leaf is the size at which a tridiagonal matrix is no longer divided.
const leaf = 32

// A divider computes the eigenvectors of a symmetric tridiagonal matrix by divide
// and conquer (Cuppen 1981), with eigenvectors that are orthogonal to working
// precision (Gu, Eisenstat 1995). Nearly all its work is matrix products. Elements
// of the matrix are to be of size one or so at most.
type divider struct {
	n       int
	d, e    []float64
	rows    []float64 // n x n, eigenvectors as rows
	work    []float64 // n x n
	inner   []float64 // eigenvectors of a secular problem, k x k
	scratch kernel.Scratch[float64]
}

// divide overwrites d with the eigenvalues, ascending, destroys e, and returns the
// eigenvectors as rows.
func divide(d, e []float64) (rows []float64, ok bool) {
	n := len(d)
	if n == 0 {
		return nil, true
	}
	c := &divider{n: n, d: d, e: e, rows: make([]float64, n*n), work: make([]float64, n*n), inner: make([]float64, n*n)}
	return c.rows, c.solve(0, n)
}

// solve does the part from lo to hi.
func (c *divider) solve(lo, hi int) bool {
	if hi-lo <= leaf {
		return c.leaf(lo, hi)
	}
	mid := (lo + hi) / 2
	rho := c.e[mid-1]
	c.d[mid-1] -= math.Abs(rho)
	c.d[mid] -= math.Abs(rho)
	if !c.solve(lo, mid) || !c.solve(mid, hi) {
		return false
	}
	c.merge(lo, mid, hi, rho)
	return true
}

func (c *divider) leaf(lo, hi int) bool {
	m := hi - lo
	z, work := c.work[:m*m], make([]float64, max(1, 2*m-2))
	e := append([]float64(nil), c.e[lo:max(hi-1, lo)]...)
	if !(gonum.Implementation{}).Dsteqr(lapack.EVTridiag, m, c.d[lo:hi], e, z, m, work) {
		return false
	}
	for i := range m {
		row := c.rows[(lo+i)*c.n+lo : (lo+i)*c.n+hi]
		for r := range row {
			row[r] = z[r*m+i]
		}
	}
	return true
}

// Where an eigenvector of the divided matrix has elements.
const (
	upper = iota // in the first half alone
	dense
	lower // in the second half alone
	kinds
)

// merge solves diag(T1, T2) + |rho| u u', u the sum of the two unit vectors at the
// cut with the sign of rho on the second, from the eigenpairs of T1 and T2.
func (c *divider) merge(lo, mid, hi int, rho float64) {
	m := hi - lo
	z, kind := make([]float64, m), make([]int, m)
	for i := range m {
		row := c.row(lo+i, lo, hi)
		if lo+i < mid {
			z[i], kind[i] = row[mid-1-lo]/math.Sqrt2, upper
		} else {
			z[i], kind[i] = math.Copysign(1, rho)*row[mid-lo]/math.Sqrt2, lower
		}
	}
	d := c.d[lo:hi]
	kept := c.deflate(lo, hi, d, z, kind, 2*math.Abs(rho))
	k := len(kept)
	values := make([]float64, m)
	copy(values, d)

	// The inner problem, in ascending order of d.
	s := secular{make([]float64, k), make([]float64, k), 2 * math.Abs(rho)}
	for i, at := range kept {
		s.d[i], s.z[i] = d[at], z[at]
	}
	inner := c.inner[:k*k]
	for j, at := range kept {
		values[at] = s.root(j, inner[j*k:(j+1)*k])
	}
	s.vectors(inner)

	c.combine(lo, mid, hi, kept, kind, inner)
	c.sort(lo, hi, values)
}

// combine makes of the eigenvectors of the inner problem, as rows, those of the
// whole: inner times the rows kept. These are gathered by kind, so that the halves
// of rows that are zero are left out.
func (c *divider) combine(lo, mid, hi int, kept, kind []int, inner []float64) {
	k, m, half := len(kept), hi-lo, mid-lo
	order := make([]int, 0, k)
	var count [kinds]int
	for kd := range kinds {
		for i, at := range kept {
			if kind[at] == kd {
				order = append(order, i)
				count[kd]++
			}
		}
	}
	packed := make([]float64, k)
	for j := range k {
		row := inner[j*k : (j+1)*k]
		for i, from := range order {
			packed[i] = row[from]
		}
		copy(row, packed)
	}
	gathered, result := c.work[:k*m], make([]float64, k*m)
	for i, from := range order {
		copy(gathered[i*m:(i+1)*m], c.row(lo+kept[from], lo, hi))
	}
	if first := k - count[lower]; first > 0 {
		kernel.MatMul(&c.scratch, result, m, inner, k, 1, gathered, m, 1, k, half, first, false)
	}
	if from := count[upper]; from < k {
		kernel.MatMul(&c.scratch, result[half:], m, inner[from:], k, 1, gathered[from*m+half:], m, 1, k, m-half, k-from, false)
	}
	for j, at := range kept {
		copy(c.row(lo+at, lo, hi), result[j*m:(j+1)*m])
	}
}

func (c *divider) row(i, lo, hi int) []float64 { return c.rows[i*c.n+lo : i*c.n+hi] }

// deflate finds the eigenpairs that the coupling leaves as they are, to working
// precision: those with a small z, and one of each two with nearly the same value,
// after a rotation that makes its z zero. The indices of the others are returned,
// in order of d.
func (c *divider) deflate(lo, hi int, d, z []float64, kind []int, rho float64) []int {
	order := make([]int, len(d))
	var size float64
	for i := range order {
		order[i] = i
		size = max(size, math.Abs(d[i]), math.Abs(z[i]))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d[a], d[b]) })
	tol := 8 * 0x1p-53 * size
	var kept []int
	for _, i := range order {
		if rho*math.Abs(z[i]) <= tol {
			continue
		}
		if len(kept) > 0 {
			p := kept[len(kept)-1]
			both := math.Hypot(z[i], z[p])
			cos, sin := z[i]/both, -z[p]/both
			if math.Abs((d[i]-d[p])*cos*sin) <= tol {
				z[i], z[p] = both, 0
				rotate(c.row(lo+p, lo, hi), c.row(lo+i, lo, hi), cos, sin)
				d[p], d[i] = d[p]*cos*cos+d[i]*sin*sin, d[p]*sin*sin+d[i]*cos*cos
				if kind[i] != kind[p] {
					kind[i] = dense
				}
				kept = kept[:len(kept)-1]
			}
		}
		kept = append(kept, i)
	}
	return kept
}

func rotate(x, y []float64, cos, sin float64) {
	for i, a := range x {
		b := y[i]
		x[i], y[i] = cos*a+sin*b, cos*b-sin*a
	}
}

// vectors turns row j of delta, d minus eigenvalue j, into unit eigenvector j. They
// are those of a problem whose eigenvalues are exactly the ones computed: its z
// follows from them by Loewner's formula (Gu, Eisenstat 1995).
func (s *secular) vectors(delta []float64) {
	k := len(s.d)
	z := make([]float64, k)
	for i := range z {
		z[i] = -delta[i*k+i]
	}
	for j := range k {
		for i := range z {
			if i != j {
				z[i] *= delta[j*k+i] / (s.d[i] - s.d[j])
			}
		}
	}
	for i := range z {
		z[i] = math.Copysign(math.Sqrt(z[i]), s.z[i])
	}
	for j := range k {
		row := delta[j*k : (j+1)*k]
		for i := range row {
			row[i] = z[i] / row[i]
		}
		kernel.Scale(row, 1/kernel.Norm2(row))
	}
}

// sort puts eigenpairs in ascending order.
func (c *divider) sort(lo, hi int, values []float64) {
	m := hi - lo
	order := make([]int, m)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	sorted := c.work[:m*m]
	for i, from := range order {
		c.d[lo+i] = values[from]
		copy(sorted[i*m:(i+1)*m], c.row(lo+from, lo, hi))
	}
	for i := range m {
		copy(c.row(lo+i, lo, hi), sorted[i*m:(i+1)*m])
	}
}
