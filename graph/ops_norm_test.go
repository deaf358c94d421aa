package graph

import (
	"math"
	"slices"
	"testing"

	"basin/rng"
)

// naiveGroups splits an array of shape s into groups of elements with one place on all
// axes but the given, and gives f of each back in its place.
func naiveGroups(s Shape, axes []int, f func(group [][]float64) []float64, a ...[]float64) []float64 {
	kept := slices.Clone(s)
	for i := range s {
		if len(axes) == 0 || slices.Contains(axes, i) {
			kept[i] = 1
		}
	}
	out := make([]float64, s.Len())
	for k := range kept.Len() {
		var at []int
		for i := range out {
			if spreadIndex(i, s, kept) == k {
				at = append(at, i)
			}
		}
		group := make([][]float64, len(a))
		for j := range a {
			for _, i := range at {
				group[j] = append(group[j], a[j][i])
			}
		}
		for j, v := range f(group) {
			out[at[j]] = v
		}
	}
	return out
}

func naiveMoments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

// naiveJacobian of standardisation, or of the root-mean-square form, at x, times d:
// dz_i/dx_j = r ([i = j] - [centred]/n - z_i z_j/n).
func naiveJacobian(x, d []float64, eps float64, centred bool) []float64 {
	z, r := naiveNormalized(x, eps, centred)
	n := float64(len(x))
	out := make([]float64, len(x))
	for i := range x {
		for j := range x {
			jacobian := -z[i] * z[j] / n
			if i == j {
				jacobian++
			}
			if centred {
				jacobian -= 1 / n
			}
			out[i] += r * jacobian * d[j]
		}
	}
	return out
}

func naiveNormalized(x []float64, eps float64, centred bool) (z []float64, r float64) {
	mean, variance := naiveMoments(x)
	if !centred {
		mean, variance = 0, variance+mean*mean
	}
	r = 1 / math.Sqrt(variance+eps)
	for _, v := range x {
		z = append(z, (v-mean)*r)
	}
	return z, r
}

func normCases() []opCase {
	var cases []opCase
	for _, c := range []struct {
		shape Shape
		axes  []int
	}{{Shape{5, 4}, []int{1}}, {Shape{5, 4}, []int{0}}, {Shape{5, 4}, nil}, {Shape{9, 40}, []int{0}}, {Shape{2, 3, 4}, []int{2}}, {Shape{2, 3, 4}, []int{0, 1}},
		{Shape{2, 3, 2, 3}, []int{1, 3}}, {Shape{2, 3, 2, 1}, []int{3, 1, 2}}, {Shape{1, 4, 3}, []int{1}}} {
		cases = append(cases,
			opCase{op: opStandardize, shapes: []Shape{c.shape}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.Standardize(a[0], 0.1, c.axes...) },
				want: func(_ Shape, a [][]float64) []float64 {
					return naiveGroups(c.shape, c.axes, func(x [][]float64) []float64 {
						z, _ := naiveNormalized(x[0], 0.1, true)
						return z
					}, a[0])
				}},
			opCase{op: opStandardizeGrad, shapes: []Shape{c.shape, c.shape}, draw: normal,
				build: func(g *Graph, a []*Node) *Node {
					return g.Cotangent([]*Node{g.Standardize(a[0], 0.1, c.axes...)}, a[1:], a[:1])[0]
				},
				want: func(_ Shape, a [][]float64) []float64 {
					return naiveGroups(c.shape, c.axes, func(x [][]float64) []float64 {
						return naiveJacobian(x[0], x[1], 0.1, true)
					}, a...)
				}})
	}
	for axis := range 2 {
		shape, axes := Shape{5, 4}, []int{axis}
		cases = append(cases, opCase{op: opNormalizeScale, shapes: []Shape{shape}, draw: normal,
			build: func(g *Graph, a []*Node) *Node {
				z := g.Standardize(a[0], 0.1, axis)
				return g.add(opNormalizeScale, z.attr, z, a[0])
			},
			want: func(_ Shape, a [][]float64) (scales []float64) {
				naiveGroups(shape, axes, func(x [][]float64) []float64 {
					_, r := naiveNormalized(x[0], 0.1, true)
					scales = append(scales, r)
					return nil
				}, a[0])
				return scales
			}})
	}
	for _, shape := range []Shape{{5, 4}, {2, 3, 4}, {6}} {
		last := []int{len(shape) - 1}
		cases = append(cases,
			opCase{op: opRMSNormalize, shapes: []Shape{shape}, draw: normal,
				build: func(g *Graph, a []*Node) *Node { return g.RMSNormalize(a[0], 0.1) },
				want: func(_ Shape, a [][]float64) []float64 {
					return naiveGroups(shape, last, func(x [][]float64) []float64 {
						z, _ := naiveNormalized(x[0], 0.1, false)
						return z
					}, a[0])
				}},
			opCase{op: opRMSNormalizeGrad, shapes: []Shape{shape, shape}, draw: normal,
				build: func(g *Graph, a []*Node) *Node {
					return g.Cotangent([]*Node{g.RMSNormalize(a[0], 0.1)}, a[1:], a[:1])[0]
				},
				want: func(_ Shape, a [][]float64) []float64 {
					return naiveGroups(shape, last, func(x [][]float64) []float64 {
						return naiveJacobian(x[0], x[1], 0.1, false)
					}, a...)
				}})
	}
	return cases
}

func TestMoments(t *testing.T) {
	for _, axes := range [][]int{{0}, {2}, {0, 1}, {1}, {0, 2}, nil} {
		g, shape := New(), Shape{6, 3, 4}
		x := g.Input("x", shape...)
		mean, variance := g.Moments(x, axes...)
		s := rng.At(1, "moments", len(axes))
		data := drawn(&s, shape.Len(), func(s *rng.Stream) float64 { return 3 + s.Norm() })
		var means, variances []float64
		naiveGroups(shape, axes, func(x [][]float64) []float64 {
			m, v := naiveMoments(x[0])
			means, variances = append(means, m), append(variances, v)
			return nil
		}, data)
		got := newFunction[float64](t, g, nil, []*Node{x}, mean, variance).at(data)
		left := shape.without(shape.chosen(axes))
		if !slices.Equal(mean.shape, left) || !slices.Equal(variance.shape, left) {
			t.Errorf("over %v: shapes %v and %v, want %v", axes, mean.shape, variance.shape, left)
		}
		compare(t, "mean", got[0], means, 1e-14)
		compare(t, "variance", got[1], variances, 1e-14)
	}
}

// Single precision over a million elements, with a mean of three standard deviations:
// what is summed in it would be off by 1e-4.
func TestNormalizationIsPrecise(t *testing.T) {
	const n, cols = 1 << 20, 2
	s := rng.At(1, "precise", 0)
	x := make([]float32, n*cols)
	for i := range x {
		x[i] = float32(3 + s.Norm())
	}
	for _, shape := range []Shape{{n, cols}, {cols, n}} {
		axis := slices.Index(shape, n)
		var wide []float64
		for _, v := range x {
			wide = append(wide, float64(v))
		}
		var means, variances []float64
		want := naiveTwo(shape, axis, wide, &means, &variances)

		g := New()
		in := g.Input("x", shape...)
		mean, variance := g.Moments(in, axis)
		got := newFunction[float32](t, g, nil, []*Node{in}, g.Standardize(in, 0, axis), mean, variance).at(x)
		for i, v := range got[0] {
			if math.Abs(float64(v)-want[i]) > 1e-6 {
				t.Fatalf("%v: element %d is %v, want %v", shape, i, v, want[i])
			}
		}
		for j := range means {
			if a, b := math.Abs(float64(got[1][j])-means[j]), math.Abs(float64(got[2][j])-variances[j]); a > 1e-6*means[j] || b > 1e-6*variances[j] {
				t.Errorf("%v: mean off by %.1e of %.1f, variance by %.1e of %.1f", shape, a, means[j], b, variances[j])
			}
		}
	}
}

// naiveTwo standardizes a matrix of two rows or columns in double precision.
func naiveTwo(shape Shape, axis int, x []float64, means, variances *[]float64) []float64 {
	out := make([]float64, len(x))
	step, n := shape.strides()[axis], shape[axis]
	for j := range len(x) / n {
		at := j * shape.strides()[1-axis]
		group := make([]float64, n)
		for i := range group {
			group[i] = x[at+i*step]
		}
		mean, variance := naiveMoments(group)
		*means, *variances = append(*means, mean), append(*variances, variance)
		for i, v := range group {
			out[at+i*step] = (v - mean) / math.Sqrt(variance)
		}
	}
	return out
}
