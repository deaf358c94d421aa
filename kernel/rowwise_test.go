package kernel_test

import (
	"math"
	"testing"

	"basin/kernel"
	"basin/rng"
)

func near(got, want, tol float64) bool {
	return math.Abs(got-want) <= tol*max(math.Abs(got), math.Abs(want))
}

func testAddRows[T kernel.Float](t *testing.T) {
	s := rng.At(1, "rows", 0)
	eps := 1e-15
	if _, single := any(T(0)).(float32); single {
		eps = 6e-7
	}
	for rows := range 11 {
		for _, cols := range []int{1, 2, 7, 64} {
			a := make([]T, rows*cols)
			for i := range a {
				a[i] = T(s.Float64())
			}
			dst, intact := guarded[T](t, cols)
			for j := range dst {
				dst[j] = T(j)
			}
			kernel.AddRows(dst, a, rows)
			intact()
			for j := range dst {
				want := float64(j)
				for i := range rows {
					want += float64(a[i*cols+j])
				}
				if !near(float64(dst[j]), want, eps) {
					t.Fatalf("%dx%d: column %d: got %v, want %v", rows, cols, j, dst[j], want)
				}
			}
		}
	}
}

func TestAddRows(t *testing.T) {
	t.Run("float32", testAddRows[float32])
	t.Run("float64", testAddRows[float64])
}

// Rows z with label y and direction d, and what follows from them in closed form:
// the softmax p, the loss, its gradient, and the derivative of p along d. Naive
// formulas overflow or cancel on most of them.
var softmaxRows = []struct {
	name         string
	z, d         []float64
	y            int
	loss         float64
	p, grad, dir []float64
}{
	{"even", []float64{2, 2}, []float64{1, 0}, 0, math.Ln2, []float64{.5, .5}, []float64{-.5, .5}, []float64{.25, -.25}},
	{"huge", []float64{1e4, 0}, []float64{1, 3}, 1, 1e4, []float64{1, 0}, []float64{1, -1}, []float64{0, 0}},
	{"sure", []float64{0, -50}, []float64{1, 3}, 0, math.Exp(-50), []float64{1, math.Exp(-50)},
		[]float64{-math.Exp(-50), math.Exp(-50)}, []float64{-2 * math.Exp(-50), 2 * math.Exp(-50)}},
	{"sure of three", []float64{-40, 0, -42}, []float64{0, 1, 0}, 1, math.Exp(-40) + math.Exp(-42),
		[]float64{math.Exp(-40), 1, math.Exp(-42)}, []float64{math.Exp(-40), -math.Exp(-40) - math.Exp(-42), math.Exp(-42)},
		[]float64{-math.Exp(-40), math.Exp(-40) + math.Exp(-42), -math.Exp(-42)}},
	{"wrong and sure", []float64{0, 30}, []float64{0, 0}, 0, 30 + math.Log1p(math.Exp(-30)),
		[]float64{1 / (1 + math.Exp(30)), 1 / (1 + math.Exp(-30))}, []float64{-1 / (1 + math.Exp(-30)), 1 / (1 + math.Exp(-30))}, []float64{0, 0}},
	{"one class", []float64{7}, []float64{5}, 0, 0, []float64{1}, []float64{0}, []float64{0}},
}

func testSoftmaxRows[T kernel.Float](t *testing.T, tol float64) {
	as := func(v []float64) []T {
		w := make([]T, len(v))
		for i := range v {
			w[i] = T(v[i])
		}
		return w
	}
	for _, c := range softmaxRows {
		n := len(c.z)
		z, d := as(c.z), as(c.d)
		check := func(what string, got []T, want []float64) {
			t.Helper()
			for j := range want {
				if !near(float64(got[j]), want[j], tol) {
					t.Errorf("%s: %s: got %v, want %v", c.name, what, got, want)
					return
				}
			}
		}
		dst, intact := guarded[T](t, n)
		kernel.Softmax(dst, z, n)
		check("softmax", dst, c.p)
		kernel.CrossEntropyGrad(new(kernel.Scratch[T]), dst, z, []int{c.y}, n)
		check("gradient", dst, c.grad)
		intact()
		loss, intact := guarded[T](t, 1)
		kernel.CrossEntropy(new(kernel.Scratch[T]), loss, z, []int{c.y}, n)
		check("loss", loss, []float64{c.loss})
		intact()
		dst, intact = guarded[T](t, n)
		kernel.SoftmaxGrad(dst, z, d, n)
		check("product", dst, c.dir)
		intact()
	}
}

func TestSoftmaxRows(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testSoftmaxRows[float32](t, 2e-7) })
	t.Run("float64", func(t *testing.T) { testSoftmaxRows[float64](t, 1e-15) })
}

// Random rows are compared with the definitions, summed naively.
func TestSoftmaxDefinition(t *testing.T) {
	for _, n := range []int{1, 5, 32, 33, 70} {
		testSoftmaxDefinition(t, n)
	}
}

func testSoftmaxDefinition(t *testing.T, n int) {
	const rows = 9
	s := rng.At(1, "softmax", n)
	z, d := make([]float64, rows*n), make([]float64, rows*n)
	labels := make([]int, rows)
	for i := range z {
		z[i], d[i] = s.Norm(), s.Norm()
	}
	for i := range labels {
		labels[i] = s.IntN(n)
	}
	p, grad, product, loss := make([]float64, rows*n), make([]float64, rows*n), make([]float64, rows*n), make([]float64, rows)
	kernel.Softmax(p, z, n)
	kernel.CrossEntropyGrad(new(kernel.Scratch[float64]), grad, z, labels, n)
	kernel.SoftmaxGrad(product, z, d, n)
	kernel.CrossEntropy(new(kernel.Scratch[float64]), loss, z, labels, n)
	for i := range rows {
		var sum, mean float64
		for j := range n {
			sum += math.Exp(z[i*n+j])
		}
		for j := range n {
			mean += math.Exp(z[i*n+j]) / sum * d[i*n+j]
		}
		if want := -math.Log(math.Exp(z[i*n+labels[i]]) / sum); !near(loss[i], want, 1e-14) {
			t.Errorf("rows of %d, row %d: loss %v, want %v", n, i, loss[i], want)
		}
		for j := range n {
			q := math.Exp(z[i*n+j]) / sum
			g := q
			if j == labels[i] {
				g--
			}
			for _, c := range []struct {
				what      string
				got, want float64
			}{{"softmax", p[i*n+j], q}, {"gradient", grad[i*n+j], g}, {"product", product[i*n+j], q * (d[i*n+j] - mean)}} {
				if !near(c.got, c.want, 1e-13) {
					t.Errorf("rows of %d, row %d, column %d: %s %v, want %v", n, i, j, c.what, c.got, c.want)
				}
			}
		}
	}
}

func TestLabels(t *testing.T) {
	a := []float32{1, 2, 3, 4, 5, 6}
	dst, intact := guarded[float32](t, 2)
	kernel.Pick(dst, a, []int{2, 0}, 3)
	intact()
	if dst[0] != 3 || dst[1] != 4 {
		t.Errorf("Pick gave %v", dst)
	}
	wide, intact := guarded[float32](t, 6)
	kernel.Scatter(wide, dst, []int{1, 2}, 3)
	intact()
	if want := [6]float32{0, 3, 0, 0, 0, 4}; [6]float32(wide) != want {
		t.Errorf("Scatter gave %v", wide)
	}
	kernel.Signs(dst, []int{0, 1})
	if dst[0] != -1 || dst[1] != 1 {
		t.Errorf("Signs gave %v", dst)
	}
}
