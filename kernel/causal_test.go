package kernel

import (
	"math"
	"slices"
	"testing"
)

func TestCausalRows(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testCausalRows[float32](t, 3e-7) })
	t.Run("float64", func(t *testing.T) { testCausalRows[float64](t, 2e-15) })
}

// testCausalRows compares the portable loops with their definition, and the others
// with the portable ones, bit by bit; what is not valid is NaN before.
func testCausalRows[T Float](t *testing.T, tol float64) {
	fill := normals[T]()
	for _, spread := range []T{1, 40} {
		for rows := 1; rows <= 9; rows++ {
			for _, valid := range []int{1, 2, 7, 8, 13, 15, 16, 17, 29, 31, 32, 33, 64, 100} {
				stride := lined[T](valid+rows-1) + rows%2*lineOf[T]()
				scores, adjoint := newGuarded(rows*stride, rows%3, fill), newGuarded(rows*stride, valid%5, fill)
				for i := range scores.in {
					scores.in[i] *= spread
					if i%stride >= valid+i/stride {
						scores.in[i], adjoint.in[i] = T(math.NaN()), T(math.Inf(1))
					}
				}
				z, d := slices.Clone(scores.in), slices.Clone(adjoint.in)
				var p, grad []T
				for path := portable; path <= best(); path++ {
					use(t, path)
					copy(scores.in, z)
					copy(adjoint.in, d)
					causalSoftmax(scores.in, stride, rows, valid, 0.3)
					causalSoftmaxGrad(adjoint.in, scores.in, stride, rows, valid, 0.3)
					if path == portable {
						p, grad = slices.Clone(scores.in), slices.Clone(adjoint.in)
						for i := range rows {
							at := i * stride
							checkCausalRow(t, z[at:][:valid+i], d[at:][:valid+i], p[at:][:stride], grad[at:][:stride], tol)
						}
					}
					scores.want = func(i int) T { return p[i] }
					adjoint.want = func(i int) T { return grad[i] }
					scores.check(t, "causalSoftmax "+path.String())
					adjoint.check(t, "causalSoftmaxGrad "+path.String())
				}
			}
		}
	}
}

func checkCausalRow[T Float](t *testing.T, z, d, p, grad []T, tol float64) {
	t.Helper()
	var sum, mean float64
	most := slices.Max(z)
	want := make([]float64, len(z))
	for j := range z {
		want[j] = math.Exp(float64(T((z[j] - most) * 0.3)))
		sum += want[j]
	}
	for j := range z {
		want[j] /= sum
		mean += want[j] * float64(d[j])
	}
	for j := range p {
		if j >= len(z) {
			if p[j] != 0 || grad[j] != 0 {
				t.Fatalf("%T: element %d of %d valid ones: probability %v, gradient %v", p[0], j, len(z), p[j], grad[j])
			}
			continue
		}
		if math.Abs(float64(p[j])-want[j]) > tol*want[j]+1e-37 {
			t.Fatalf("%T: probability %d of %d is %v, want %v", p[0], j, len(z), p[j], want[j])
		}
		if g := 0.3 * want[j] * (float64(d[j]) - mean); math.Abs(float64(grad[j])-g) > 5*tol {
			t.Fatalf("%T: gradient %d of %d is %v, want %v", p[0], j, len(z), grad[j], g)
		}
	}
}

// A score that is not a number, or is infinite, leaves no number in its row.
func TestCausalRowsPassNaN(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			for at := range 20 {
				p := make([]float32, 2*32)
				p[32+at] = float32(bad)
				causalSoftmax(p, 32, 2, 19, 1)
				for j, v := range p {
					if (j >= 32 && j < 52) != (v != v) {
						t.Fatalf("%v at %d: element %d is %v", bad, at, j, v)
					}
				}
			}
		}
	})
}
