package linop

import (
	"math"
	"testing"

	"basin/rng"
)

// newSecular is an equation of its own room.
func newSecular(d, z []float64, rho float64) *secular {
	return &secular{d: d, z: z, rho: rho, x: make([]float64, len(d)), gap: make([]float64, len(d))}
}

// The roots lie one in each gap and sum to the trace of D + rho z z', and the vectors
// rebuild that matrix, though the weights z range over twelve decades and gaps are as
// small as deflation leaves them.
func TestSecular(t *testing.T) {
	const k = 40
	for seed := range uint64(20) {
		s := rng.At(seed, "secular", 0)
		d, z, rho := make([]float64, k), make([]float64, k), math.Pow(10, 2*s.Norm())
		want := make([]float64, k*k)
		trace, at := 0., -1.
		for i := range k {
			at += math.Pow(10, -12*s.Float64())
			d[i], z[i] = at, s.Sign()*math.Pow(10, -12*s.Float64())
			trace += at + rho*z[i]*z[i]
		}
		for i := range k {
			for j := range k {
				want[i*k+j] = rho * z[i] * z[j]
			}
			want[i*k+i] += d[i]
		}
		f := newSecular(d, z, rho)
		u, delta, place := make([]float64, k*k), make([]float64, k), make([]int, k)
		sum := 0.
		for j := range k {
			place[j] = j
			if !f.root(j, delta) {
				t.Fatalf("seed %d: root %d not found", seed, j)
			}
			if !(delta[j] < 0) || j+1 < k && !(delta[j+1] > 0) {
				t.Errorf("seed %d: root %d is %g above its pole and %g below the next", seed, j, -delta[j], delta[min(j+1, k-1)])
			}
			sum += f.x[j]
		}
		if !(math.Abs(sum-trace) <= 1e-14*k*math.Abs(trace)) {
			t.Errorf("seed %d: the roots sum to %v, the trace is %v", seed, sum, trace)
		}
		if !f.solve(u, place, rho) {
			t.Fatalf("seed %d: no solution", seed)
		}
		if e := offOrthonormal(u, k); !(e <= 20) {
			t.Errorf("seed %d: vectors are %.3g roundings off orthonormal", seed, e)
		}
		if e := distance(symWithSpectrum(transpose(u, k, k), f.x, k), want); !(e <= 1e-14) {
			t.Errorf("seed %d: the matrix is off by %g", seed, e)
		}
	}
}

// The eigenvalues of diag(-1, 1) + z z' with z = (1, 1) are x = 1 +- sqrt 2, the vectors
// (1, x); place exchanges their entries.
func TestSecularPlace(t *testing.T) {
	f := newSecular([]float64{-1, 1}, []float64{1, 1}, 1)
	u := make([]float64, 4)
	if !f.solve(u, []int{1, 0}, 1) {
		t.Fatal("no solution")
	}
	for j, x := range []float64{1 - math.Sqrt2, 1 + math.Sqrt2} {
		if !(math.Abs(f.x[j]-x) <= 4e-16) {
			t.Errorf("root %d is %v, want %v", j, f.x[j], x)
		}
		if ratio := u[2*j] / u[2*j+1]; !(math.Abs(ratio-x) <= 1e-15) {
			t.Errorf("vector %d is %v, want a multiple of (%v, 1)", j, u[2*j:2*j+2], x)
		}
	}
}

// Where there is no root to find, the search ends and says so.
func TestSecularFails(t *testing.T) {
	f := newSecular([]float64{0, 1, 2}, []float64{1, math.NaN(), 1}, 1)
	if f.solve(make([]float64, 9), []int{0, 1, 2}, 1) {
		t.Error("roots of NaN found")
	}
}
