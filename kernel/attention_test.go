package kernel

import (
	"fmt"
	"math"
	"testing"
)

func TestAttention(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		for _, a := range []Attention{{1, 1, 1, 1}, {2, 5, 3, 1}, {1, 16, 1, 7}, {2, 31, 2, 5}, {1, 33, 2, 16}, {1, 70, 1, 32}, {1, 130, 2, 3}} {
			t.Run(fmt.Sprint(a), func(t *testing.T) {
				testAttention[float32](t, a, 2e-6)
				testAttention[float64](t, a, 4e-15)
			})
		}
	})
}

// testAttention compares with the definition, from a room full of what is not a number.
func testAttention[T Float](t *testing.T, a Attention, tol float64) {
	t.Helper()
	size := a.Examples * a.Positions * a.Heads * a.Width
	fill := normals[T]()
	nan := func() T { return T(math.NaN()) }
	qkv, d := newGuarded(3*size, 1, fill), newGuarded(size, 3, fill)
	out, dqkv, room := newGuarded(size, 0, nan), newGuarded(3*size, 2, nan), newGuarded(a.Room(), 1, nan)
	var s Scratch[T]
	CausalAttention(&s, a, out.in, qkv.in, room.in)
	CausalAttentionGrad(&s, a, dqkv.in, qkv.in, d.in, room.in)
	value, grad := specifiedAttention(a, qkv.in, d.in)
	closeTo(t, "value", out.in, value, tol)
	closeTo(t, "gradient", dqkv.in, grad, tol)

	for _, in := range []*guarded[T]{qkv, d} {
		in.want = func(i int) T { return in.before[i] }
		in.check(t, "argument")
	}
	for _, x := range []*guarded[T]{out, dqkv, room} {
		x.want = func(i int) T { return x.in[i] }
		x.check(t, "result")
	}
}

func closeTo[T Float](t *testing.T, what string, got []T, want []float64, tol float64) {
	t.Helper()
	for i, v := range got {
		if !(math.Abs(float64(v)-want[i]) <= tol*max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: %T: element %d of %d is %v, want %v", what, v, i, len(got), v, want[i])
		}
	}
}

// specifiedAttention is attention, and the gradient of its inner product with d, pair of
// positions by pair of positions.
func specifiedAttention[T Float](a Attention, qkv, d []T) (out, grad []float64) {
	width := a.Heads * a.Width
	scale := 1 / math.Sqrt(float64(a.Width))
	out, grad = make([]float64, len(d)), make([]float64, len(qkv))
	for x := range a.Examples * a.Heads {
		at := func(position, part int) int {
			return (x/a.Heads*a.Positions+position)*3*width + part*width + x%a.Heads*a.Width
		}
		for i := range a.Positions {
			beside := (x/a.Heads*a.Positions+i)*width + x%a.Heads*a.Width
			p, dp := make([]float64, i+1), make([]float64, i+1)
			var sum, mean float64
			for j := range p {
				for w := range a.Width {
					p[j] += float64(qkv[at(i, 0)+w]) * float64(qkv[at(j, 1)+w]) * scale
					dp[j] += float64(d[beside+w]) * float64(qkv[at(j, 2)+w])
				}
				p[j] = math.Exp(p[j])
				sum += p[j]
			}
			for j := range p {
				p[j] /= sum
				mean += p[j] * dp[j]
			}
			for j := range p {
				ds := p[j] * (dp[j] - mean) * scale
				for w := range a.Width {
					out[beside+w] += p[j] * float64(qkv[at(j, 2)+w])
					grad[at(i, 0)+w] += ds * float64(qkv[at(j, 1)+w])
					grad[at(j, 1)+w] += ds * float64(qkv[at(i, 0)+w])
					grad[at(j, 2)+w] += p[j] * float64(d[beside+w])
				}
			}
		}
	}
	return out, grad
}
