package kernel

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"unsafe"

	"basin/rng"
)

// onEachPath runs f with every family of kernels that this machine has.
func onEachPath(t *testing.T, f func(t *testing.T)) {
	for p := portable; p <= best(); p++ {
		t.Run("path="+p.String(), func(t *testing.T) {
			use(t, p)
			f(t)
		})
	}
}

// use makes p the path in use until the test is over.
func use(t testing.TB, p path) {
	old := active
	t.Cleanup(func() { active = old })
	active = p
}

// A trial is a product whose operands have no room to spare, with guards around C
// and in the gaps between its rows.
type trial[T Float] struct {
	product[T]
	memory, before []T // of C with its guards; C before the product
}

const (
	guard  = 12345
	guards = 64 // on either side
)

// newTrial fills the operands with fill, each offset elements from the start of
// its memory.
func newTrial[T Float](m, n, k int, ldc, ars, acs, brs, bcs, offset int, accumulate bool, fill func() T) *trial[T] {
	room := func(rs, cs, rows, cols int) []T {
		size := 0
		if rows > 0 && cols > 0 {
			size = (rows-1)*rs + (cols-1)*cs + 1
		}
		x := make([]T, offset+size)[offset:]
		for i := range x {
			x[i] = fill()
		}
		return x
	}
	c := room(ldc, 1, m, n)
	memory := make([]T, guards+offset+len(c)+guards)
	for i := range memory {
		memory[i] = guard
	}
	inside := memory[guards+offset:][:len(c)]
	for i, v := range c {
		if i%ldc < n {
			inside[i] = v
		}
	}
	return &trial[T]{
		product[T]{
			c: matrix[T]{inside, ldc, 1}, a: matrix[T]{room(ars, acs, m, k), ars, acs}, b: matrix[T]{room(brs, bcs, k, n), brs, bcs},
			m: m, n: n, k: k, accumulate: accumulate,
		},
		memory, append([]T(nil), inside...)}
}

func (p *trial[T]) String() string {
	return fmt.Sprintf("%T m=%d n=%d k=%d ldc=%d a=(%d,%d) b=(%d,%d) accumulate=%t",
		T(0), p.m, p.n, p.k, p.c.rs, p.a.rs, p.a.cs, p.b.rs, p.b.cs, p.accumulate)
}

func (p *trial[T]) run(s *Scratch[T]) {
	MatMul(s, p.c.data, p.c.rs, p.a.data, p.a.rs, p.a.cs, p.b.data, p.b.rs, p.b.cs, p.m, p.n, p.k, p.accumulate)
}

// check compares each element of C with what MatMul's comment specifies, bit by
// bit, and looks at the guards.
func (p *trial[T]) check(t testing.TB) {
	t.Helper()
	start := len(p.memory) - guards - len(p.c.data)
	for i, v := range p.memory {
		at := i - start
		if v != guard && (at < 0 || at >= len(p.c.data) || at%p.c.rs >= p.n) {
			t.Fatalf("%v: memory outside c changed at %d", p, at)
		}
	}
	for i := range p.m {
		for j := range p.n {
			got, want := p.c.from(i, j).data[0], p.specified(i, j)
			if pattern(got) != pattern(want) && (got == got || want == want) {
				t.Fatalf("%v: c(%d,%d) = %v, specified %v", p, i, j, got, want)
			}
		}
	}
}

func pattern[T Float](x T) uint64 { return math.Float64bits(float64(x)) }

// specified is the value of an element of C according to MatMul's comment.
func (p *trial[T]) specified(i, j int) T {
	a, b := p.a.data[min(i*p.a.rs, len(p.a.data)):], p.b.data[min(j*p.b.cs, len(p.b.data)):]
	parts := (p.k + 255) / 256
	var total T
	for part, from := 0, 0; part < parts; part++ {
		size := p.k / parts
		if part < p.k%parts {
			size++
		}
		var sum T
		for q := from; q < from+size; q++ {
			x, y := a[q*p.a.cs], b[q*p.b.rs]
			if active == portable {
				sum += T(x * y)
			} else {
				sum = fma(x, y, sum)
			}
		}
		switch {
		case part > 0:
			total += sum
		case p.accumulate:
			total = p.before[i*p.c.rs+j] + sum
		default:
			total = sum
		}
		from += size
	}
	if p.k == 0 && p.accumulate {
		return p.before[i*p.c.rs+j]
	}
	return total
}

// fma is x*y + z with one rounding.
func fma[T Float](x, y, z T) T {
	if unsafe.Sizeof(x) == 8 {
		return T(math.FMA(float64(x), float64(y), float64(z)))
	}
	// The product of two float32 is exact in float64. Rounding the sum to odd there
	// keeps the second rounding from going astray (Boldo and Melquiond 2008).
	a, b := float64(x)*float64(y), float64(z)
	s := a + b
	v := s - a
	rest := (a - (s - v)) + (b - v)
	if u := math.Float64bits(s); rest != 0 && rest == rest && u&1 == 0 {
		if (rest > 0) == (s > 0) {
			s = math.Float64frombits(u + 1)
		} else {
			s = math.Float64frombits(u - 1)
		}
	}
	return T(s)
}

// normals fills with standard normals of a fixed stream, which begins anew after many.
func normals[T Float]() func() T {
	list, i := manyNormals(), -1
	return func() T {
		if i++; i == len(list) {
			i = 0
		}
		return T(list[i])
	}
}

var manyNormals = sync.OnceValue(func() []float64 {
	s := rng.At(1, "kernel test", 0)
	list := make([]float64, 65521)
	for i := range list {
		list[i] = s.Norm()
	}
	return list
})
