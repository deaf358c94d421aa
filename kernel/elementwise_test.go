package kernel_test

import (
	"math"
	"testing"

	"basin/kernel"
	"basin/rng"
)

// awkward numbers come among the random ones.
var awkward = []float64{0, math.Copysign(0, -1), 1, -1, 1e-45, -1e-45, 1e38, -1e38, math.Inf(1), math.Inf(-1)}

func values[T kernel.Float](s *rng.Stream, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(s.Norm())
		if s.IntN(4) == 0 {
			v[i] = T(awkward[s.IntN(len(awkward))])
		}
	}
	return v
}

// guarded gives n elements within memory that intact checks.
func guarded[T kernel.Float](t *testing.T, n int) (v []T, intact func()) {
	const before, after, mark = 3, 5, 12345
	mem := make([]T, before+n+after)
	for i := range mem {
		mem[i] = mark
	}
	return mem[before : before+n], func() {
		t.Helper()
		for i, m := range mem {
			if (i < before || i >= before+n) && m != mark {
				t.Fatalf("length %d: wrote outside, at %d", n, i-before)
			}
		}
	}
}

func sameBits[T kernel.Float](a, b T) bool {
	return math.Float64bits(float64(a)) == math.Float64bits(float64(b)) || a != a && b != b
}

// checkPair compares a kernel of two operands with its scalar loop, for all lengths
// to 70, either operand repeated, and the result in the place of an operand.
func checkPair[T kernel.Float](t *testing.T, name string, f func(dst, a, b []T), scalar func(a, b T) T) {
	s := rng.At(1, name, 0)
	for n := range 71 {
		for _, c := range [][2]int{{n, n}, {1, n}, {n, 1}} {
			a, b := values[T](&s, c[0]), values[T](&s, c[1])
			if n == 0 && (c[0] == 1 || c[1] == 1) {
				continue
			}
			want := make([]T, n)
			for i := range want {
				want[i] = scalar(a[min(i, len(a)-1)], b[min(i, len(b)-1)])
			}
			check := func(how string, dst []T) {
				t.Helper()
				for i := range dst {
					if !sameBits(dst[i], want[i]) {
						t.Fatalf("%s, %s, lengths %v: at %d got %v, want %v", name, how, c, i, dst[i], want[i])
					}
				}
			}
			dst, intact := guarded[T](t, n)
			f(dst, a, b)
			intact()
			check("own memory", dst)
			if len(a) == n {
				dst, intact := guarded[T](t, n)
				copy(dst, a)
				f(dst, dst, b)
				intact()
				check("over a", dst)
			}
			if len(b) == n {
				dst, intact := guarded[T](t, n)
				copy(dst, b)
				f(dst, a, dst)
				intact()
				check("over b", dst)
			}
		}
	}
}

// positive is f with 0 for -0.
func positive[T kernel.Float](f func(dst, a, b []T)) func(dst, a, b []T) {
	return func(dst, a, b []T) {
		f(dst, a, b)
		for i := range dst {
			dst[i] += 0
		}
	}
}

func testPairs[T kernel.Float](t *testing.T) {
	checkPair(t, "Add", kernel.Add[T], func(a, b T) T { return a + b })
	checkPair(t, "Sub", kernel.Sub[T], func(a, b T) T { return a - b })
	checkPair(t, "Mul", kernel.Mul[T], func(a, b T) T { return a * b })
	checkPair(t, "Div", kernel.Div[T], func(a, b T) T { return a / b })
	checkPair(t, "Quotient", kernel.Quotient[T], func(a, b T) T {
		if b == 0 {
			return a - a
		}
		return a / b
	})
	// Go's max and min tell zeros of different signs apart.
	checkPair(t, "Max", positive(kernel.Max[T]), func(a, b T) T { return max(a, b) + 0 })
	checkPair(t, "Min", positive(kernel.Min[T]), func(a, b T) T { return min(a, b) + 0 })
	checkPair(t, "AddReLU", kernel.AddReLU[T], func(a, b T) T { return max(a+b, 0) })
	checkPair(t, "Gate", kernel.Gate[T], func(d, y T) T {
		if y > 0 {
			return d
		}
		return 0
	})
}

func TestPairs(t *testing.T) {
	t.Run("float32", testPairs[float32])
	t.Run("float64", testPairs[float64])
}

func checkSingle[T kernel.Float](t *testing.T, name string, f func(dst, a []T), scalar func(a T) T) {
	s := rng.At(1, name, 0)
	for n := range 71 {
		a := values[T](&s, n)
		want := make([]T, n)
		for i := range want {
			want[i] = scalar(a[i])
		}
		dst, intact := guarded[T](t, n)
		f(dst, a)
		intact()
		f(a, a)
		for i := range dst {
			if !sameBits(dst[i], want[i]) || !sameBits(a[i], want[i]) {
				t.Fatalf("%s, length %d: at %d got %v, in place %v, want %v", name, n, i, dst[i], a[i], want[i])
			}
		}
	}
}

func testSingles[T kernel.Float](t *testing.T) {
	checkSingle(t, "ReLU", kernel.ReLU[T], func(a T) T { return max(a, 0) })
	checkSingle(t, "Square", kernel.Square[T], func(a T) T { return a * a })
	checkSingle(t, "Map", func(dst, a []T) { kernel.Map(dst, a, math.Atan) }, func(a T) T { return T(math.Atan(float64(a))) })
}

func TestSingles(t *testing.T) {
	t.Run("float32", testSingles[float32])
	t.Run("float64", testSingles[float64])
}
