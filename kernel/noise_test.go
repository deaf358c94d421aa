package kernel

import "testing"

func TestNoise(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		testNoise[float32](t)
		testNoise[float64](t)
	})
}

// testNoise compares with the sequence, number by number.
func testNoise[T Float](t *testing.T) {
	nothing := func() T { return 5 }
	for _, keep := range []float64{1, 0.9, 0.5, 0.1, 1e-3, 1e-12} {
		for n := range 70 {
			dst := newGuarded(n, n%5, nothing)
			state := mix(mix(mix(uint64(n))^'a') ^ 'b')
			dst.want = func(i int) T {
				if u := mix(state+uint64(i/2)*gamma) >> (32 * (i % 2)) % (1 << 32); float64(u) < float64(uint64(keep*(1<<32))) {
					return T(1 / keep)
				}
				return 0
			}
			Noise(dst.in, uint64(n), "ab", keep)
			dst.check(t, "Noise")
		}
	}
}
