package linop

import (
	"cmp"
	"math"
	"slices"

	"basin/kernel"
)

// A division finds T = V diag(d) V' of a symmetric tridiagonal matrix by divide and
// conquer (Cuppen 1981, Numer. Math. 36; Dongarra & Sorensen 1987, SIAM J. Sci. Stat.
// Comput. 8; Gu & Eisenstat 1995, SIAM J. Matrix Anal. Appl. 16). Eigenvectors are
// rows of q, so that what is done to one of them runs along the memory.
type division struct {
	n    int
	d, e []float64 // T as in a reduction; d becomes the eigenvalues
	q    []float64 // n x n
	tol  float64   // what may be neglected in T

	// Of the update at hand:
	z        []float64 // its vector
	side     []side    // where each eigenvector is not zero
	order    []int     // of the eigenvectors
	place    []int     // of each of them in g
	g        []float64 // the eigenvectors before it, n x n
	u        []float64 // its own, n x n
	equation secular
	product  *kernel.Scratch[float64]
}

// A side tells which half an eigenvector comes from.
type side uint8

const (
	upper side = 1 << iota
	lower
	both = upper | lower
)

// divide puts the eigenvalues of T into d of its own, in no order, and the
// eigenvectors into rows of q. room is of n x n. It tells whether all were found.
func (w *division) divide(d, e, room []float64) bool {
	copy(w.d, d)
	w.e, w.g = e[:w.n-1], room
	w.tol = 8 * 0x1p-53 * max(kernel.AbsMax(w.d), kernel.AbsMax(w.e))
	return w.solve(0, w.n)
}

// solve does what divide does for rows lo to hi.
func (w *division) solve(lo, hi int) bool {
	if hi-lo == 1 {
		clear(w.q[lo*w.n:][:w.n])
		w.q[lo*(w.n+1)] = 1
		return true
	}
	mid := (lo + hi) / 2
	b := math.Abs(w.e[mid-1])
	w.d[mid-1] -= b
	w.d[mid] -= b
	return w.solve(lo, mid) && w.solve(mid, hi) && w.merge(lo, mid, hi)
}

// merge joins the two halves of rows lo to hi. With b = e[mid-1]
//
//	T = diag(T_1, T_2) + |b| y y',       y = (0, ..., 0, 1, sign b, 0, ..., 0)
//	  = V (diag(d) + rho z z') V',       z = V'y / sqrt 2 of length one, rho = 2 |b|
//	  = V U diag(x) U'V'
//
// V U concerns only the eigenvectors that deflate keeps, and each half of it is a sum
// over those that are not zero there, which saves half of the work.
func (w *division) merge(lo, mid, hi int) bool {
	n, b := w.n, w.e[mid-1]
	rho := 2 * math.Abs(b)
	if rho <= w.tol {
		return true
	}
	for i := lo; i < hi; i++ {
		if i < mid {
			w.side[i], w.z[i] = upper, math.Sqrt2/2*w.q[i*n+mid-1]
		} else {
			w.side[i], w.z[i] = lower, math.Copysign(math.Sqrt2/2, b)*w.q[i*n+mid]
		}
	}
	kept := w.deflate(lo, hi, rho)
	k, m := len(kept), hi-lo
	count := w.gather(lo, hi, k)
	if !w.equation.solve(w.u, w.place, rho) {
		return false
	}
	copy(w.d[lo:], w.equation.x)
	above, below := count[upper]+count[both], count[both]+count[lower]
	kernel.MatMul(w.product, w.q[lo*n+lo:], n, w.u, k, 1, w.g, m, 1, k, mid-lo, above, false)
	kernel.MatMul(w.product, w.q[lo*n+mid:], n, w.u[k-below:], k, 1, w.g[(k-below)*m+mid-lo:], m, 1, k, hi-mid, below, false)
	for i := k; i < m; i++ {
		copy(w.q[(lo+i)*n+lo:], w.g[i*m:][:m])
	}
	return true
}

// ascending gives the eigenvectors lo to hi in the order of their eigenvalues.
func (w *division) ascending(lo, hi int) []int {
	order := w.order[lo:hi]
	for i := range order {
		order[i] = lo + i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(w.d[i], w.d[j]), i-j) })
	return order
}

// deflate applies rotations after which as many entries of z as possible may count
// as zero, so that their eigenvectors are those of T already, and moves these to the
// end of order. It returns the others, whose d ascend by more than tol.
func (w *division) deflate(lo, hi int, rho float64) (kept []int) {
	order := w.ascending(lo, hi)
	kept, idle := order[:0], w.place[:0]
	last := -1 // the one in question
	for _, i := range order {
		if rho*math.Abs(w.z[i]) <= w.tol {
			idle = append(idle, i)
			continue
		}
		if last >= 0 {
			r := math.Hypot(w.z[last], w.z[i])
			c, s := w.z[i]/r, w.z[last]/r
			if (w.d[i]-w.d[last])*math.Abs(c*s) > w.tol {
				kept = append(kept, last)
			} else {
				w.rotate(last, i, c, s, lo, hi)
				w.z[i] = r
				idle = append(idle, last)
			}
		}
		last = i
	}
	if last >= 0 {
		kept = append(kept, last)
	}
	copy(order[len(kept):], idle)
	return kept
}

// rotate makes eigenvectors i and j of the halves c v_i - s v_j and s v_i + c v_j.
func (w *division) rotate(i, j int, c, s float64, lo, hi int) {
	turn(w.q[i*w.n+lo:i*w.n+hi], w.q[j*w.n+lo:j*w.n+hi], c, s)
	d, gap := w.d[i], w.d[j]-w.d[i]
	w.d[i], w.d[j] = d+s*s*gap, d+c*c*gap
	w.side[i] |= w.side[j]
	w.side[j] = w.side[i]
}

// gather moves the eigenvectors to g, the first k in order by their sides: upper,
// both, lower, of which it returns the counts. It makes the secular equation of these,
// and moves the eigenvalues of the others to where they stay.
func (w *division) gather(lo, hi, k int) (count [both + 1]int) {
	order, m := w.order[lo:hi], hi-lo
	for _, i := range order[:k] {
		count[w.side[i]]++
	}
	next := [both + 1]int{both: count[upper], lower: count[upper] + count[both]}
	w.equation.resize(k)
	for j, i := range order {
		w.place[j] = j
		if j < k {
			w.place[j] = next[w.side[i]]
			next[w.side[i]]++
			w.equation.d[j], w.equation.z[j] = w.d[i], w.z[i]
		} else {
			w.z[lo+j] = w.d[i]
		}
		copy(w.g[w.place[j]*m:][:m], w.q[i*w.n+lo:])
	}
	copy(w.d[lo+k:hi], w.z[lo+k:hi])
	return count
}
