package kernel

import (
	"maps"
	"math"
	"testing"

	"basin/rng"
)

// TestSweeps holds the loops in assembly to those in Go, bit by bit, at all lengths
// up to 70, with guards, with infinities, NaN, zeros and denormals among the values,
// and with dst apart from its operands or one of them.
func TestSweeps(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		if active != portable {
			testSweeps[float32](t)
			testSweeps[float64](t)
		}
	})
}

func testSweeps[T Float](t *testing.T) {
	table := map[string]func(dst, a, b []T){
		"Add": Add[T], "Sub": Sub[T], "Mul": Mul[T], "Div": Div[T], "AddReLU": AddReLU[T],
		"Quotient": Quotient[T], "Max": Max[T], "Min": Min[T],
		"Gate": func(dst, a, b []T) { Gate(dst, a, numbers(b)) },
	}
	for name, f := range maps.Clone(table) {
		table[name+" of one"] = func(dst, a, b []T) { f(dst, a[:min(1, len(a))], b) }
		table[name+" with one"] = func(dst, a, b []T) { f(dst, a, b[:min(1, len(b))]) }
	}
	maps.Copy(table, map[string]func(dst, a, b []T){
		"Square": func(dst, a, _ []T) { Square(dst, a) },
		"ReLU":   func(dst, a, _ []T) { ReLU(dst, a) },
		"AddRows": func(dst, a, b []T) {
			n := len(dst)
			rows := make([]T, 15*n)
			for i := range 15 {
				copy(rows[i*n:], [][]T{a, b}[i%2])
			}
			AddRows(dst, rows, 15)
		},
	})
	for _, c := range functionTable[T]() {
		table[c.name] = func(dst, a, _ []T) { c.f(dst, a) }
	}
	for name, f := range table {
		for n := range 70 {
			fill := odd[T](n)
			a, b, dst := newGuarded(n, n%3, fill), newGuarded(n, n%5, fill), newGuarded(n, n%7, fill)
			want := append([]T(nil), dst.before...)
			onPath(portable, func() { f(want, a.before, b.before) })
			dst.want = func(i int) T { return want[i] }
			f(dst.in, a.in, b.in)
			dst.check(t, name)
			if name != "AddRows" && name != "Gate of one" {
				a.want = dst.want
				f(a.in, a.in, b.in)
				a.check(t, name+" in place")
			}
		}
	}
}

// onPath runs f with kernels other than those in use.
func onPath(p path, f func()) {
	defer func(old path) { active = old }(active)
	active = p
	f()
}

// odd fills with numbers of all sizes, and with those that are none.
func odd[T Float](n int) func() T {
	s := rng.At(5, "kernel test", n)
	special := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e-310, -1e-40, 1e38, 1e300}
	return func() T {
		switch s.IntN(8) {
		case 0:
			return T(special[s.IntN(len(special))])
		case 1:
			return T(100 * s.Norm())
		case 2:
			return T(s.Norm() / 100)
		}
		return T(s.Norm())
	}
}

// numbers is b with 1 for NaN.
func numbers[T Float](b []T) []T {
	c := append([]T(nil), b...)
	for i, x := range c {
		if x != x {
			c[i] = 1
		}
	}
	return c
}
