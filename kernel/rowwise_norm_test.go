package kernel

import (
	"math"
	"slices"
	"testing"
)

// A norm is a loop for rows or columns with its derivative.
type norm[T Float] struct {
	name    string
	value   func(dst, x []T, width int, eps float64, r []T)
	grad    func(dst, d, z []T, width int, r []T)
	columns bool
	rms     bool
}

func norms[T Float]() []norm[T] {
	return []norm[T]{
		{"StandardizeRows", StandardizeRows[T], StandardizeRowsGrad[T], false, false},
		{"RMSRows", RMSRows[T], RMSRowsGrad[T], false, true},
		{"StandardizeColumns", StandardizeColumns[T], StandardizeColumnsGrad[T], true, false},
	}
}

func TestNorms(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for _, f := range norms[float32]() {
			testNorm(t, f, 3e-7)
		}
		for _, f := range norms[float64]() {
			testNorm(t, f, 1e-14)
		}
	})
}

// testNorm compares with the definitions, on values far from zero.
func testNorm[T Float](t *testing.T, f norm[T], tol float64) {
	const eps = 1e-5
	fill := normals[T]()
	for rows := 1; rows < 9; rows += 3 {
		for width := 1; width < 140; width += 1 + width/5 {
			n := rows * width
			groups, count, at := rows, width, func(g, k int) int { return g*width + k }
			if f.columns {
				groups, count, at = width, rows, func(g, k int) int { return k*width + g }
			}
			x := newGuarded(n, width%3, func() T { return 20 + 3*fill() })
			d := newGuarded(n, width%5, fill)
			z, dx, r := newGuarded(n, 0, fill), newGuarded(n, 1, fill), newGuarded(groups, 0, fill)
			f.value(z.in, x.in, width, eps, r.in)
			f.grad(dx.in, d.in, z.in, width, r.in)
			for g := range groups {
				var mean, variance, dd, dz float64
				for k := range count {
					mean += float64(x.in[at(g, k)]) / float64(count)
				}
				if f.rms {
					mean = 0
				}
				for k := range count {
					variance += math.Pow(float64(x.in[at(g, k)])-mean, 2) / float64(count)
				}
				s := 1 / math.Sqrt(variance+eps)
				want := func(k int) float64 { return (float64(x.in[at(g, k)]) - mean) * s }
				for k := range count {
					dd += float64(d.in[at(g, k)]) / float64(count)
					dz += float64(d.in[at(g, k)]) * want(k) / float64(count)
				}
				if f.rms {
					dd = 0
				}
				closeTo := func(what string, got T, want, scale float64) {
					if math.Abs(float64(got)-want) > tol*scale {
						t.Fatalf("%s: %T, %dx%d, %d: %s is %v, want %v", f.name, got, rows, width, g, what, got, want)
					}
				}
				closeTo("r", r.in[g], s, s)
				for k := range count {
					// A mean of 20 in which 1e-16 is lost is magnified by s.
					closeTo("z", z.in[at(g, k)], want(k), 1+math.Abs(want(k))+s)
					closeTo("dx", dx.in[at(g, k)], s*(float64(d.in[at(g, k)])-dd-want(k)*dz), s*8*(1+s))
				}
			}
			for _, v := range []*guarded[T]{z, dx, r} {
				v.want = func(i int) T { return v.in[i] }
				v.check(t, f.name)
			}
			f.value(x.in, x.in, width, eps, r.in)
			f.grad(d.in, d.in, z.in, width, r.in)
			x.want, d.want = func(i int) T { return z.in[i] }, func(i int) T { return dx.in[i] }
			x.check(t, f.name+" in place")
			d.check(t, f.name+" gradient in place")
		}
	}
}

// The columns that are taken together have the bits of those that are not.
func TestColumnsOnAllPaths(t *testing.T) {
	t.Run("float32", testColumnsOnAllPaths[float32])
	t.Run("float64", testColumnsOnAllPaths[float64])
}

func testColumnsOnAllPaths[T Float](t *testing.T) {
	fill := normals[T]()
	for _, width := range []int{16, 17, 32, 50} {
		for rows := 1; rows < 40; rows += 6 {
			x, d := newGuarded(rows*width, 1, fill), newGuarded(rows*width, 2, fill)
			z, dx, r := newGuarded(rows*width, 0, fill), newGuarded(rows*width, 3, fill), newGuarded(width, 0, fill)
			var want [3][]T
			for p := portable; p <= best(); p++ {
				use(t, p)
				StandardizeColumns(z.in, x.in, width, 1e-5, r.in)
				StandardizeColumnsGrad(dx.in, d.in, z.in, width, r.in)
				for k, v := range []*guarded[T]{z, dx, r} {
					if p == portable {
						want[k] = slices.Clone(v.in)
					}
					v.want = func(i int) T { return want[k][i] }
					v.check(t, "StandardizeColumns "+p.String())
				}
			}
		}
	}
	testColumnMoments[T](t)
	width := 32
	x, z, r := make([]T, 4*width), make([]T, 4*width), make([]T, width)
	if n := testing.AllocsPerRun(10, func() {
		StandardizeColumns(z, x, width, 1e-5, r)
		StandardizeColumnsGrad(x, x, z, width, r)
		ColumnMoments(r, z[:width], z[width:2*width], x)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// testColumnMoments compares with the definitions, far from zero, and path with path.
func testColumnMoments[T Float](t *testing.T) {
	fill := normals[T]()
	for _, width := range []int{1, 15, 16, 50} {
		const rows = 37
		x := newGuarded(rows*width, 1, func() T { return 1000 + fill() })
		var want [3]*guarded[T]
		for p := portable; p <= best(); p++ {
			use(t, p)
			var got [3]*guarded[T]
			for k := range got {
				got[k] = newGuarded(width, k, fill)
			}
			ColumnMoments(got[0].in, got[1].in, got[2].in, x.in)
			if p == portable {
				want = got
				for j := range width {
					var mean, squares float64
					for i := range rows {
						mean += float64(x.in[i*width+j]) / rows
					}
					for i := range rows {
						squares += math.Pow(float64(x.in[i*width+j])-mean, 2)
					}
					if m := float64(got[0].in[j]) + float64(got[1].in[j]); math.Abs(m-mean) > 1e-9 || math.Abs(float64(got[2].in[j])-squares) > 1e-6*squares {
						t.Errorf("%T, column %d of %d: mean %v and squares %v, want %v and %v", m, j, width, m, got[2].in[j], mean, squares)
					}
				}
			}
			for k, v := range got {
				v.want = func(i int) T { return want[k].in[i] }
				v.check(t, "ColumnMoments "+p.String())
			}
		}
	}
}
