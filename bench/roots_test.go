package bench

import (
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"basin/kernel"
	"basin/linop"
	"basin/optim"
	"basin/recipe"
	"basin/task"
)

// BenchmarkRoots compares ways to inverse p-th roots of the matrices that Shampoo takes them
// of, ridge and all, and ways to renew SOAP's bases. Errors are in the Frobenius norm, relative
// to the root by eigendecomposition in float64. Iterations are favoured: they know the largest
// eigenvalue, and make as few steps as bring the error to the bound, without looking for it;
// where none does, the steps that come closest. Times are the best in milliseconds.
//
//   - eigen: linop.Spectral, which the rules use.
//   - newton: the coupled Newton iteration (Guo & Higham 2006; Anil et al. 2020, arXiv
//     2002.09018): M <- T^p M, X <- X T with T = ((p+1) I - M)/p.
//   - schulz: coupled Newton-Schulz steps of the fifth order for the square root and its
//     inverse, first steep ones as in Muon, then exact ones; twice for p = 4.
func BenchmarkRoots(b *testing.B) {
	for _, f := range factors(b) {
		for _, p := range []int{2, 4} {
			want, err := rootOf[float64](f, p)
			if err != nil {
				b.Fatal(err)
			}
			benchmarkRoots[float32](b, f, p, want)
			benchmarkRoots[float64](b, f, p, want)
		}
		benchmarkBases[float32](b, f)
		benchmarkBases[float64](b, f)
	}
}

// A factor is the covariance of gradients along one dimension of a block, with Shampoo's
// ridge; it is divided by its largest eigenvalue.
type factor struct {
	data string
	n    int
	a    []float64
}

// factors are those of a network of layers of 784, 256, 128 and 32 units after a hundred
// steps of Shampoo: on MNIST if it is there, else on drawn digits.
func factors(b *testing.B) []factor {
	text, dir := "mnist", "../../shared/data"
	if _, err := os.Stat(dir + "/mnist"); err != nil {
		text = "glyphs(train=10000)"
	}
	r, err := recipe.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	model, err := recipe.Parse("mlp(256, 128, 32)")
	if err != nil {
		b.Fatal(err)
	}
	t, err := task.Resolve(r, model)
	if err != nil {
		b.Fatal(err)
	}
	d, err := t.Load(dir)
	if err != nil {
		b.Fatal(err)
	}
	p, err := task.New[float32](d, 1)
	if err != nil {
		b.Fatal(err)
	}
	rule, err := recipe.Parse("shampoo(interval=20)")
	if err != nil {
		b.Fatal(err)
	}
	o, err := optim.Resolve(rule)
	if err != nil {
		b.Fatal(err)
	}
	x := append([]float32(nil), p.Start...)
	st, err := optim.New(o, &optim.Context[float32]{Layout: p.Layout, Blocks: p.Layout.Blocks, Start: p.Start, First: p.Phases[0].Batch(1)})
	if err != nil {
		b.Fatal(err)
	}
	g := make([]float32, len(x))
	for t := 1; t <= 100; t++ {
		f := p.Phases[0].Batch(t)
		loss := f.Grad(g, x)
		st.Step(&optim.Step[float32]{T: t, X: x, D: g, Loss: loss, F: f})
		kernel.Add(x, x, g)
	}
	memory, _ := optim.As[optim.Memory](st)
	list, found := []factor(nil), map[int]bool{}
	for _, item := range memory.Memory() {
		for _, n := range []int{32, 128, 256, 784} {
			if v, ok := item.(*[]float32); ok {
				item = *v
			}
			if stat, ok := item.([]float32); ok && len(stat) == n*n && !found[n] {
				found[n] = true
				list = append(list, newFactor(b, text, stat, n))
			}
		}
	}
	return list
}

func newFactor(b *testing.B, text string, stat []float32, n int) factor {
	f := factor{text, n, make([]float64, n*n)}
	for i, v := range stat {
		f.a[i] = float64(v)
	}
	kernel.Mirror(f.a, n, n)
	values, err := linop.SymValues(f.a, n)
	if err != nil {
		b.Fatal(err)
	}
	kernel.Scale(f.a, 1/values[n-1])
	for i := range n {
		f.a[i*(n+1)] += 1e-6 - min(values[0]/values[n-1], 0)
	}
	return f
}

func rootOf[T kernel.Float](f factor, p int) ([]T, error) {
	var s linop.Spectral[T]
	dst := make([]T, f.n*f.n)
	return dst, s.InvRoot(dst, narrowed[T](f.a), f.n, float64(p), 0)
}

func narrowed[T kernel.Float](a []float64) []T {
	c := make([]T, len(a))
	for i, v := range a {
		c[i] = T(v)
	}
	return c
}

func distanceFrom[T kernel.Float](got []T, want []float64) float64 {
	var off, all float64
	for i, w := range want {
		off += (float64(got[i]) - w) * (float64(got[i]) - w)
		all += w * w
	}
	return math.Sqrt(off / all)
}

func benchmarkRoots[T kernel.Float](b *testing.B, f factor, p int, want []float64) {
	a := narrowed[T](f.a)
	// bench takes what finds how many steps to make and how many products they have.
	bench := func(method string, find func() (run func() []T, steps, products int)) {
		b.Run(fmt.Sprintf("root/data=%s/n=%d/p=%d/type=%T/method=%s", f.data, f.n, p, T(0), method), func(b *testing.B) {
			run, steps, products := find()
			least, e := best(b, func() { run() }), distanceFrom(run(), want)
			b.ReportMetric(least, "ms")
			b.ReportMetric(e*1e6, "error/1e-6")
			b.ReportMetric(float64(steps), "steps")
			b.ReportMetric(float64(products), "products")
		})
	}
	bench("eigen", func() (func() []T, int, int) {
		var s linop.Spectral[T]
		dst := make([]T, len(a))
		return func() []T {
			if err := s.InvRoot(dst, a, f.n, float64(p), 0); err != nil {
				b.Fatal(err)
			}
			return dst
		}, 0, 0
	})
	for exact, bound := range map[int]float64{2: 1e-4, 3: 1e-6} {
		bench(fmt.Sprintf("newton/bound=%g", bound), func() (func() []T, int, int) {
			it := newIteration[T](f.n)
			closest, steps := math.Inf(1), 0
			it.begin(a, p)
			for k := 1; k <= 40 && closest > bound; k++ {
				it.step(p)
				if e := distanceFrom(it.x, want); e < closest {
					closest, steps = e, k
				}
			}
			return func() []T {
				it.begin(a, p)
				for range steps {
					it.step(p)
				}
				return it.x
			}, steps, steps * (p/2 + 2)
		})
		bench(fmt.Sprintf("schulz/bound=%g", bound), func() (func() []T, int, int) {
			it := newIteration[T](f.n)
			closest, steep := math.Inf(1), 0
			for k := 0; k <= 9 && closest > bound; k++ {
				if e := distanceFrom(it.schulz(a, p, k, exact), want); e < closest {
					closest, steep = e, k
				}
			}
			return func() []T { return it.schulz(a, p, steep, exact) }, steep + exact, (steep + exact) * 2 * p
		})
	}
}

// best is the best time of f in milliseconds.
func best(b *testing.B, f func()) float64 {
	least := time.Duration(1 << 62)
	for b.Loop() {
		began := time.Now()
		f()
		least = min(least, time.Since(began))
	}
	b.ReportMetric(0, "ns/op")
	return float64(least) / 1e6
}

// An iteration makes roots by products of symmetric matrices, whose upper triangles are
// computed and mirrored.
type iteration[T kernel.Float] struct {
	n          int
	scratch    kernel.Scratch[T]
	m, x, t, u []T
}

func newIteration[T kernel.Float](n int) *iteration[T] {
	room := func() []T { return make([]T, n*n) }
	return &iteration[T]{n: n, m: room(), x: room(), t: room(), u: room()}
}

func (w *iteration[T]) multiply(c, a, b []T) {
	kernel.MulUpper(&w.scratch, c, w.n, a, w.n, 1, b, w.n, 1, w.n, w.n, false)
	kernel.Mirror(c, w.n, w.n)
}

// addDiagonal adds alpha to the diagonal of a.
func (w *iteration[T]) addDiagonal(a []T, alpha float64) {
	for i := range w.n {
		a[i*(w.n+1)] += T(alpha)
	}
}

// begin starts Newton's iteration for a whose largest eigenvalue is 1.
func (w *iteration[T]) begin(a []T, p int) {
	z := float64(p+1) / 2
	copy(w.m, a)
	kernel.Scale(w.m, T(z))
	clear(w.x)
	w.addDiagonal(w.x, math.Pow(z, 1/float64(p)))
}

func (w *iteration[T]) step(p int) {
	copy(w.t, w.m)
	kernel.Scale(w.t, T(-1/float64(p)))
	w.addDiagonal(w.t, float64(p+1)/float64(p))
	w.multiply(w.u, w.x, w.t)
	w.x, w.u = w.u, w.x
	for k := 1; k < p; k *= 2 {
		w.multiply(w.u, w.t, w.t)
		w.t, w.u = w.u, w.t
	}
	w.multiply(w.u, w.t, w.m)
	w.m, w.u = w.u, w.m
}

// schulz takes Y = a, Z = I to Y P, P Z with P a polynomial of Z Y, which go to the root and
// its inverse.
func (w *iteration[T]) schulz(a []T, p, steep, exact int) []T {
	y, z := w.m, w.x
	copy(y, a)
	for ; p > 1; p /= 2 {
		clear(z)
		w.addDiagonal(z, 1)
		for k := range steep + exact {
			c := [3]float64{3.4445, -4.7750, 2.0315}
			if k >= steep {
				c = [3]float64{15. / 8, -10. / 8, 3. / 8}
			}
			w.multiply(w.t, z, y)
			w.multiply(w.u, w.t, w.t)
			kernel.Axpby(T(c[2]), w.u, T(c[1]), w.t)
			w.addDiagonal(w.u, c[0])
			w.multiply(w.t, y, w.u)
			y, w.t = w.t, y
			w.multiply(w.t, z, w.u)
			z, w.t = w.t, z
		}
	}
	w.m, w.x = y, z
	return z
}

// benchmarkBases compares a step of power iteration with the decomposition.
func benchmarkBases[T kernel.Float](b *testing.B, f factor) {
	n := f.n
	a, q, next := narrowed[T](f.a), make([]T, n*n), make([]T, n*n)
	values, vectors, err := linop.SymEig(f.a, n)
	if err != nil {
		b.Fatal(err)
	}
	for i, v := range vectors {
		q[i] = T(v)
	}
	name := fmt.Sprintf("basis/data=%s/n=%d/type=%T/method=", f.data, n, T(0))
	b.Run(name+"power", func(b *testing.B) {
		var scratch kernel.Scratch[T]
		var room linop.Room[T]
		b.ReportMetric(best(b, func() {
			kernel.MatMul(&scratch, next, n, a, n, 1, q, n, 1, n, n, n, false)
			if err := room.QR(next, nil, next, n, n); err != nil {
				b.Fatal(err)
			}
		}), "ms")
	})
	b.Run(name+"eigen", func(b *testing.B) {
		var s linop.Scratch
		wide := make([]float64, n*n)
		b.ReportMetric(best(b, func() {
			for i, v := range a {
				wide[i] = float64(v)
			}
			if err := s.SymEig(values, vectors, wide, n); err != nil {
				b.Fatal(err)
			}
			for i, v := range vectors {
				next[i] = T(v)
			}
		}), "ms")
	})
}
