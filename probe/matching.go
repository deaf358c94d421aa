package probe

import (
	"math"
	"slices"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
	"basin/rng"
)

// A matcher renumbers the units of one solution so that it is as near to another as can
// be found: by coordinate descent on |a - b|^2 over groups of units, each of which is a
// linear assignment problem while the others stay (weight matching; Ainsworth, Hayase and
// Srinivasa 2023, algorithm 1).
type matcher struct {
	layout *problem.Layout
	groups []problem.UnitGroup
	seed   uint64
	room   kernel.Scratch[float64]
}

// match gives b renumbered to a, the nearest of several attempts. The first goes through
// the groups in their own order, the others through random ones.
func (m *matcher) match(a, b []float64, attempts int) ([]float64, error) {
	best, least := b, distanceOf(a, b)
	for k := range attempts {
		matched, err := m.attempt(a, b, k)
		if err != nil {
			return nil, err
		}
		if d := distanceOf(a, matched); d < least {
			best, least = matched, d
		}
	}
	return best, nil
}

// attempt goes through the groups until none changes any more.
func (m *matcher) attempt(a, b []float64, k int) ([]float64, error) {
	order := make([]int, len(m.groups))
	for i := range order {
		order[i] = i
	}
	stream := rng.At(m.seed, "probe/matching", k)
	b, next := slices.Clone(b), make([]float64, len(b))
	for changed := true; changed; {
		changed = false
		if k > 0 {
			stream.Perm(order)
		}
		for _, i := range order {
			g := &m.groups[i]
			units, err := m.assign(g, a, b)
			if err != nil {
				return nil, err
			}
			if units != nil {
				g.Renumber(m.layout, next, b, units)
				b, next = next, b
				changed = true
			}
		}
	}
	return b, nil
}

// assign gives the units of b that are to take the places of those of a; nil if these are
// already the best, to rounding, so that no rounding has the descent go in circles.
func (m *matcher) assign(g *problem.UnitGroup, a, b []float64) ([]int, error) {
	n := g.N
	products := make([]float64, n*n) // of unit i of a with unit j of b
	for _, at := range g.Axes {
		block := m.layout.Blocks[at.Block]
		m.multiply(products, problem.View(a, block), problem.View(b, block), n, at.Inner)
	}
	kernel.Scale(products, -1)
	units, err := linop.Assignment(products, n)
	if err != nil {
		return nil, err
	}
	gain, size := 0.0, 0.0
	for i, j := range units {
		was, is := products[i*n+i], products[i*n+j]
		gain += was - is
		size += math.Abs(was) + math.Abs(is)
	}
	if gain <= 1e-12*size {
		return nil, nil
	}
	return units, nil
}

// multiply adds to products those of the n units that two blocks have along an axis. The
// sum over the entries of a unit is one over the places before and after the axis, of which
// the more go into a product of matrices.
func (m *matcher) multiply(products, a, b []float64, n, inner int) {
	outer := len(a) / (n * inner)
	count, step, long, stride := outer, n*inner, inner, 1
	if outer > inner {
		count, step, long, stride = inner, 1, outer, n*inner
	}
	for i := range count {
		kernel.MatMul(&m.room, products, n, a[i*step:], inner, stride, b[i*step:], stride, inner, n, n, long, true)
	}
}

// distanceOf is |a - b|.
func distanceOf(a, b []float64) float64 {
	d := slices.Clone(a)
	kernel.Axpy(d, -1, b)
	return kernel.Norm2(d)
}
