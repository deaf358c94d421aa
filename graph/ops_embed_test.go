package graph

func embedCases() []opCase {
	const rows, width = 4, 3
	return []opCase{
		{op: opEmbed, shapes: []Shape{{rows, width}}, draw: normal, labels: fiveLabels,
			build: func(g *Graph, a []*Node) *Node { return g.Embed(a[0], a[1]) },
			want: func(_ Shape, a [][]float64) (v []float64) {
				for _, y := range fiveLabels {
					v = append(v, a[0][y*width:(y+1)*width]...)
				}
				return v
			}},
		{op: opEmbedGrad, shapes: []Shape{{5, width}}, draw: normal, labels: fiveLabels,
			build: func(g *Graph, a []*Node) *Node { return g.EmbedGrad(a[0], a[1], rows) },
			want: func(out Shape, a [][]float64) []float64 {
				v := make([]float64, out.Len())
				for i, x := range a[0] {
					v[fiveLabels[i/width]*width+i%width] += x
				}
				return v
			}},
	}
}
