package probe

import (
	"cmp"
	"math"

	"basin/kernel"
	"basin/problem"
)

var separationDoc = Doc{
	Name:    "separation",
	Family:  "between solutions",
	Summary: "How far apart two solutions are as parameters, and whether training moved both the same way.",
	Pairs:   Everyone,
	Readings: []Reading{
		{Name: "separation", Formula: "|a - b|_2", Null: "0 for equal parameters", Parts: "blocks"},
		{Name: "separation_relative", Formula: "|a - b|_2 / sqrt(|a - a_0|_2^2 + |b - b_0|_2^2), a_0 and b_0 the starts", Null: "1 for changes at right angles to one another from one start, sqrt(2) for opposite ones of one length", Parts: "blocks"},
		{Name: "change_cosine", Formula: "<a - a_0, b - b_0> / (|a - a_0|_2 |b - b_0|_2)", Null: "0 for changes in random directions, of error 1/sqrt(N)", Parts: "blocks", Same: 1},
	},
	Needs: "for all but the distance, the starts",
	Cost:  "N operations for each pair of solutions of N parameters",
	Notes: []string{
		"Renumbering the hidden units of one of two networks leaves its function alone and changes all of these: what two starts have in common is not in their coordinates.",
	},
}

type separation struct{}

// A displacement is a solution and how training came there.
type displacement struct {
	layout    *problem.Layout
	x, change []float64
	none      error // why there is no change
}

func (d *displacement) Bytes() int { return 8 * (len(d.x) + len(d.change)) }

func (separation) Sketch(p *Pass) (*displacement, error) {
	d := &displacement{layout: p.Layout, x: p.X}
	d.change, d.none = Need(p, change{})
	return d, nil
}

func (separation) Between(p *Pair, a, b *displacement) error {
	for i := -1; i < len(a.layout.Blocks); i++ {
		of := func(x []float64) []float64 { return x }
		name := func(reading string) string { return reading }
		if i >= 0 {
			block := a.layout.Blocks[i]
			of = func(x []float64) []float64 { return problem.View(x, block) }
			name = func(reading string) string { return part(reading, block.Name) }
		}
		apart := distanceOf(of(a.x), of(b.x))
		p.Exact(name("separation"), apart)
		if why := cmp.Or(a.none, b.none); why != nil {
			p.None(name("separation_relative"), why.Error())
			p.None(name("change_cosine"), why.Error())
			continue
		}
		u, v := of(a.change), of(b.change)
		moved, other := kernel.Norm2(u), kernel.Norm2(v)
		if moved == 0 && other == 0 {
			p.None(name("separation_relative"), "neither has moved from its start")
		} else {
			p.Exact(name("separation_relative"), apart/math.Hypot(moved, other))
		}
		if moved == 0 || other == 0 {
			p.None(name("change_cosine"), "one of the two has not moved from its start")
		} else {
			p.Exact(name("change_cosine"), kernel.Dot(u, v)/moved/other)
		}
	}
	return nil
}
