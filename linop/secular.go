package linop

import (
	"math"

	"basin/kernel"
)

// A secular equation, for rho > 0, d ascending strictly and no entry of z zero, is
//
//	f(x) = 1/rho + sum_i z_i^2 / (d_i - x) = 0
//
// Its roots are the eigenvalues of diag(d) + rho z z' (Golub 1973, SIAM Review 15):
// d_j < x_j < d_{j+1}, and the last is at most d_j + rho z'z.
type secular struct {
	d, z []float64
	rho  float64
	x    []float64 // the roots
	gap  []float64 // d seen from one of them
}

// resize makes it an equation with k poles, which are to be set.
func (f *secular) resize(k int) {
	f.d, f.z, f.x, f.gap = f.d[:k], f.z[:k], f.x[:k], f.gap[:k]
}

// solve finds the roots, and the unit eigenvectors as rows of u, entry i in column
// place[i]. It changes z. It tells whether all were found.
//
// The vector of the z_i / (d_i - x_j) for a computed root need not be orthogonal to
// the others. But the computed roots are the exact ones of the equation with
//
//	z_i^2 = prod_j (x_j - d_i) / prod_{j != i} (d_j - d_i) / rho
//
// whose z is close to the given one, and the computed vectors of that are orthogonal
// to rounding (Gu & Eisenstat 1994, SIAM J. Matrix Anal. Appl. 15).
func (f *secular) solve(u []float64, place []int, rho float64) bool {
	f.rho = rho
	k := len(f.d)
	for j := range k {
		if !f.root(j, u[j*k:][:k]) {
			return false
		}
	}
	square := f.gap
	for i := range square {
		square[i] = 1
	}
	for j, d := range f.d {
		row := u[j*k:][:k]
		own := square[j]
		for i, delta := range row {
			square[i] *= delta / (f.d[i] - d)
		}
		square[j] = own * -row[j]
	}
	for i, s := range square {
		f.z[i] = math.Copysign(math.Sqrt(s), f.z[i])
	}
	vector := f.gap
	for j := range k {
		row := u[j*k:][:k]
		for i, z := range f.z {
			vector[i] = z / row[i]
		}
		scale := 1 / kernel.Norm2(vector)
		for i, v := range vector {
			row[place[i]] = v * scale
		}
	}
	return true
}
