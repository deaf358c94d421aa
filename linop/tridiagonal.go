package linop

import (
	"math"

	"basin/kernel"
)

// A tridiagonal is a symmetric matrix as Q T Q', with d on the diagonal of T and e
// beside it, and Q = H_0 H_1 ... of reflections H_j = I - tau_j v_j v_j'. Row j of v
// holds v_j, which is zero up to element j and one in the next.
type tridiagonal struct {
	n       int
	d, e    []float64
	v, tau  []float64
	scratch kernel.Scratch[float64]
}

// panel is how many reflections are gathered into one matrix product.
const panel = 32

// tridiagonalize reduces the symmetric matrix a, both triangles of which are given
// and overwritten, by blocks of Householder reflections (Dongarra, Hammarling,
// Sorensen 1989): within a block the trailing matrix is left as it was, and products
// with it are corrected by the block's pairs v, w, which are then taken out of it at
// once, A - V W' - W V'.
func tridiagonalize(a []float64, n int) *tridiagonal {
	t := &tridiagonal{n: n, d: make([]float64, n), e: make([]float64, max(n-1, 0)), v: make([]float64, n*n), tau: make([]float64, n)}
	// left and right are the factors of the block's update, -V, -W and W, V.
	left, right := make([]float64, 2*panel*n), make([]float64, 2*panel*n)
	x := make([]float64, n)
	for j0 := 0; j0 < n; j0 += panel {
		nb := min(panel, n-j0)
		wrow := func(i int) []float64 { return right[i*n : (i+1)*n] }
		vrow := func(i int) []float64 { return t.v[(j0+i)*n : (j0+i+1)*n] }
		for i := range nb {
			j := j0 + i
			copy(x[j:], a[j*n+j:(j+1)*n])
			for p := range i {
				kernel.Axpy(x[j:], -wrow(p)[j], vrow(p)[j:])
				kernel.Axpy(x[j:], -vrow(p)[j], wrow(p)[j:])
			}
			t.d[j] = x[j]
			w := wrow(i)
			clear(w)
			if j == n-1 {
				break
			}
			v := vrow(i)[j+1:]
			copy(v, x[j+1:])
			t.e[j], t.tau[j] = reflect(v)
			w = w[j+1:]
			for r := range w {
				w[r] = kernel.Dot(a[(j+1+r)*n+j+1:(j+2+r)*n], v)
			}
			for p := range i {
				vp, wp := vrow(p)[j+1:], wrow(p)[j+1:]
				wv, vv := kernel.Dot(wp, v), kernel.Dot(vp, v)
				kernel.Axpy(w, -wv, vp)
				kernel.Axpy(w, -vv, wp)
			}
			kernel.Scale(w, t.tau[j])
			kernel.Axpy(w, -t.tau[j]/2*kernel.Dot(w, v), v)
		}
		j1 := j0 + nb
		if j1 == n {
			break
		}
		for i := range nb {
			copy(right[(nb+i)*n:(nb+i+1)*n], vrow(i))
			for r, v := range vrow(i) {
				left[i*n+r] = -v
				left[(nb+i)*n+r] = -right[i*n+r]
			}
		}
		m := n - j1
		kernel.MatMul(&t.scratch, a[j1*n+j1:], n, left[j1:], 1, n, right[j1:], n, 1, m, m, 2*nb, true)
	}
	return t
}

// reflect turns x into the v of the reflection I - tau v v' that takes x to a multiple
// beta of the first unit vector; v[0] is 1.
func reflect(x []float64) (beta, tau float64) {
	alpha, rest := x[0], kernel.Norm2(x[1:])
	x[0] = 1
	if rest == 0 {
		return alpha, 0
	}
	beta = -math.Copysign(math.Hypot(alpha, rest), alpha)
	kernel.Scale(x[1:], 1/(alpha-beta))
	return beta, (beta - alpha) / beta
}

// apply sets the n x n matrix s to Q s, block by block as I - V T V' with a triangular
// T (Schreiber, Van Loan 1989).
func (t *tridiagonal) apply(s []float64) {
	n := t.n
	vs, tvs := make([]float64, panel*n), make([]float64, panel*n)
	for j0 := (n - 1) / panel * panel; j0 >= 0; j0 -= panel {
		nb := min(panel, n-1-j0)
		if nb <= 0 {
			continue
		}
		// Rows up to j0 are left alone.
		m := n - j0 - 1
		v := t.v[j0*n+j0+1:]
		tri := t.triangle(j0, nb)
		kernel.MatMul(&t.scratch, vs, n, v, n, 1, s[(j0+1)*n:], n, 1, nb, n, m, false)
		kernel.MatMul(&t.scratch, tvs, n, tri, nb, 1, vs, n, 1, nb, n, nb, false)
		kernel.MatMul(&t.scratch, s[(j0+1)*n:], n, v, 1, n, tvs, n, 1, m, n, nb, true)
	}
}

// triangle is -T of the product of nb reflections from j0 on.
func (t *tridiagonal) triangle(j0, nb int) []float64 {
	n := t.n
	tri := make([]float64, nb*nb)
	for i := range nb {
		tau := t.tau[j0+i]
		vi := t.v[(j0+i)*n : (j0+i+1)*n]
		for p := range i {
			vv := kernel.Dot(t.v[(j0+p)*n:(j0+p+1)*n], vi)
			for r := range p + 1 {
				tri[r*nb+i] -= tau * vv * tri[r*nb+p]
			}
		}
		tri[i*nb+i] = -tau
	}
	return tri
}
