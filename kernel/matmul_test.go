package kernel

import (
	"fmt"
	"math"
	"testing"
	"unsafe"

	"basin/rng"
)

// onEachPath runs f with every family of kernels that this machine has.
func onEachPath(t *testing.T, f func(t *testing.T)) {
	for p := portable; p <= best(); p++ {
		t.Run("path="+p.String(), func(t *testing.T) {
			defer func(old path) { active = old }(active)
			active = p
			f(t)
		})
	}
}

// A product is a case of MatMul: operands within guarded memory, and what c held.
type product[T Float] struct {
	operands[T]
	mem, before []T // c with its guards; c before the product
}

const guard = 12345

// newProduct gives a product with the operands' memory as small as can be, offset
// elements from an allocation's start, filled with fill(i).
func newProduct[T Float](m, n, k, ldc, ars, acs, brs, bcs, offset int, accumulate bool, fill func() T) *product[T] {
	alloc := func(rs, cs, rows, cols int) []T {
		size := 0
		if rows > 0 && cols > 0 {
			size = (rows-1)*rs + (cols-1)*cs + 1
		}
		s := make([]T, offset+size)[offset:]
		for i := range s {
			s[i] = fill()
		}
		return s
	}
	c := alloc(ldc, 1, m, n)
	mem := make([]T, len(c)+2*(64+offset))
	for i := range mem {
		mem[i] = guard
	}
	at := 64 + offset
	copy(mem[at:], c)
	for i := range c { // the gaps between rows are guards too
		if i%ldc >= n {
			mem[at+i] = guard
		}
	}
	p := &product[T]{operands[T]{mem[at : at+len(c)], alloc(ars, acs, m, k), alloc(brs, bcs, k, n),
		ldc, ars, acs, brs, bcs, m, n, k, accumulate}, mem, nil}
	p.before = append([]T(nil), p.c...)
	return p
}

func (p *product[T]) String() string {
	return fmt.Sprintf("m=%d n=%d k=%d ldc=%d a=(%d,%d) b=(%d,%d) accumulate=%t",
		p.m, p.n, p.k, p.ldc, p.ars, p.acs, p.brs, p.bcs, p.accumulate)
}

func (p *product[T]) multiply(s *Scratch[T]) {
	MatMul(s, p.c, p.ldc, p.a, p.ars, p.acs, p.b, p.brs, p.bcs, p.m, p.n, p.k, p.accumulate)
}

// check compares c with the sum that MatMul's comment specifies, bit by bit, and
// looks at the guards.
func (p *product[T]) check(t *testing.T) {
	t.Helper()
	at := (len(p.mem) - len(p.c)) / 2
	for i, v := range p.mem {
		inside := i >= at && i < at+len(p.c) && (i-at)%p.ldc < p.n
		if !inside && v != guard {
			t.Fatalf("%v: memory outside c changed at %d", p, i-at)
		}
	}
	for i := range p.m {
		for j := range p.n {
			got, want := p.c[i*p.ldc+j], p.specified(i, j)
			if got != want && !(got != got && want != want) {
				t.Fatalf("%v: c[%d,%d] = %v, specified %v", p, i, j, got, want)
			}
		}
	}
}

// specified is the value of an element of C according to MatMul's comment.
func (p *product[T]) specified(i, j int) T {
	add := func(x, y, sum T) T { return sum + T(x*y) }
	if active != portable {
		add = fma[T]
	}
	var total T
	if p.accumulate {
		total = p.before[i*p.ldc+j]
	}
	parts, from := (p.k+255)/256, 0
	for part := range parts {
		size := p.k / parts
		if part < p.k%parts {
			size++
		}
		var sum T
		for q := from; q < from+size; q++ {
			sum = add(p.a[i*p.ars+q*p.acs], p.b[q*p.brs+j*p.bcs], sum)
		}
		if total += sum; part == 0 && !p.accumulate {
			total = sum
		}
		from += size
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
	if rest != 0 && !math.IsInf(s, 0) && math.Float64bits(s)&1 == 0 {
		if (rest > 0) == (s > 0) {
			s = math.Float64frombits(math.Float64bits(s) + 1)
		} else {
			s = math.Float64frombits(math.Float64bits(s) - 1)
		}
	}
	return T(s)
}

// normals fills with standard normals from a fixed stream.
func normals[T Float]() func() T {
	s := rng.At(1, "kernel test", 0)
	return func() T { return T(s.Norm()) }
}

func TestMatMulSmall(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		t.Run("float32", testSmall[float32])
		t.Run("float64", testSmall[float64])
	})
}

// testSmall takes all sizes from 0 to 20 or so, each with one of the kinds of
// strides, alignments and accumulation.
func testSmall[T Float](t *testing.T) {
	var s Scratch[T]
	fill := normals[T]()
	sizes := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 20}
	kind := 0
	for _, m := range sizes {
		for _, n := range sizes {
			for _, k := range sizes {
				for transposed := range 4 {
					kind++
					extra := kind % 3
					ars, acs, brs, bcs := k+extra, 1, n+extra, 1
					if transposed&1 != 0 {
						ars, acs = 1, m+extra
					}
					if transposed&2 != 0 {
						brs, bcs = 1, k+extra
					}
					p := newProduct(m, n, k, max(1, n+extra), ars, acs, brs, bcs, kind%5, kind%7 < 2, fill)
					p.multiply(&s)
					p.check(t)
				}
			}
		}
	}
}
