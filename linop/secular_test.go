package linop

import (
	"math"
	"testing"

	"basin/rng"
)

// The eigenvalues of D + rho z z' lie one in each gap and sum to its trace; its
// vectors are orthogonal though the weights z range over twelve decades and some
// gaps are as small as deflation leaves them.
func TestSecular(t *testing.T) {
	for seed := range uint64(20) {
		s := rng.At(seed, "secular", 0)
		const k = 40
		p := secular{make([]float64, k), make([]float64, k), math.Pow(10, 2*s.Norm())}
		trace, at := 0., -1.
		for i := range k {
			at += math.Pow(10, -12*s.Float64())
			p.d[i] = at
			p.z[i] = s.Sign() * math.Pow(10, -12*s.Float64())
			trace += at + p.rho*p.z[i]*p.z[i]
		}
		delta := make([]float64, k*k)
		sum, values := 0., make([]float64, k)
		for j := range k {
			row := delta[j*k : (j+1)*k]
			values[j] = p.root(j, row)
			sum += values[j]
			if !(row[j] < 0) || j+1 < k && !(row[j+1] > 0) {
				t.Errorf("seed %d: root %d is %g above its pole and %g below the next", seed, j, -row[j], row[min(j+1, k-1)])
			}
		}
		if math.Abs(sum-trace) > 1e-14*k*math.Abs(trace) {
			t.Errorf("seed %d: the eigenvalues sum to %v, the trace is %v", seed, sum, trace)
		}
		p.vectors(delta)
		if d := distance(product(delta, transpose(delta, k, k), k, k, k), identity(k)); d > 2e-14 {
			t.Errorf("seed %d: vectors are off orthonormal by %g", seed, d)
		}
		for i := range k {
			for j := range k {
				want, got := p.rho*p.z[i]*p.z[j], 0.
				if i == j {
					want += p.d[i]
				}
				for l := range k {
					got += delta[l*k+i] * delta[l*k+j] * values[l]
				}
				if math.Abs(got-want) > 1e-14*max(1, values[k-1]) {
					t.Fatalf("seed %d: element %d, %d is %v, want %v", seed, i, j, got, want)
				}
			}
		}
	}
}
