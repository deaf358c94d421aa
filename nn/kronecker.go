package nn

import (
	"basin/graph"
	"basin/problem"
)

// KroneckerLayers lists the layers, from the input on.
func (o *Objective[T]) KroneckerLayers() []problem.KroneckerLayer {
	var list []problem.KroneckerLayer
	for _, l := range o.engine.plan(planKey{factorsOf, 1, o.mode}).layers {
		w := o.engine.net.layout.Blocks[l.Weight]
		rows, cols, _ := w.Matrix()
		if l.Bias >= 0 {
			cols++
		}
		list = append(list, problem.KroneckerLayer{Weight: l.Weight, Bias: l.Bias, Out: rows, In: cols})
	}
	return list
}

// factors gives, for each layer, the sum of v v' and of v over predictions, and d d'
// over places. Patches of pictures are their convolution with unit vectors.
func (w *wiring) factors() []*graph.Node {
	g := w.Graph
	y := g.Sum(w.losses)
	predictions := float64(w.losses.Shape().Len())
	w.layers = g.Layers(y, w.x, w.params...)
	var outputs, list []*graph.Node
	for _, l := range w.layers {
		outputs = append(outputs, l.Output)
	}
	adjoints := g.Gradient(y, outputs...)
	for i, l := range w.layers {
		v, unit := l.Input, (*graph.Node)(nil)
		if v == nil {
			s := w.params[l.Weight].Shape() // (out, in, height, width)
			size := s[1] * s[2] * s[3]
			unit = g.Input("patches", s[2], s[3], s[1], size)
			v = g.Conv2D(l.Pictures, unit, l.Conv)
			v = g.Reshape(v, v.Shape().Len()/size, size)
		}
		w.patches = append(w.patches, unit)
		d := adjoints[i]
		out := lastAxis(d)
		d = g.Reshape(d, d.Shape().Len()/out, out)
		list = append(list, g.Scale(1/predictions, g.MatMul(v, v, true, false)), g.Scale(1/predictions, g.Sum(v, 0)),
			g.Scale(1/float64(d.Shape()[0]), g.MatMul(d, d, true, false)))
	}
	return append(list, w.mean) // so that it is never empty
}

// KroneckerFactors sets a[i] and g[i] to the factors of layer i.
func (o *Objective[T]) KroneckerFactors(a, g [][]T, x []T) {
	e, n, layers := o.engine, o.examples.N, o.KroneckerLayers()
	e.fits(x)
	for i := range layers {
		clear(a[i])
		clear(g[i])
	}
	chunk := o.chunk(factorsOf)
	for lo := 0; lo < n; lo += chunk {
		rows := min(chunk, n-lo)
		p := o.plan(factorsOf, x, lo, rows)
		parts := make([][]T, 3*len(layers))
		for i, l := range p.layers {
			if unit := p.patches[i]; unit != nil {
				p.Bind(unit, patches[T](unit.Shape()))
			}
			in := layers[i].In
			if l.Bias >= 0 {
				in--
			}
			for k, size := range []int{in * in, in, layers[i].Out * layers[i].Out} {
				parts[3*i+k] = make([]T, size)
				p.BindOutput(3*i+k, parts[3*i+k])
			}
		}
		e.run(p)
		weight := T(rows) / T(n)
		for i, l := range layers {
			places := p.layers[i].Output.Shape().Len() / l.Out
			assemble(a[i], parts[3*i], parts[3*i+1], weight, T(places)/T(rows*e.net.positions))
			for j, v := range parts[3*i+2] {
				g[i][j] += weight * v
			}
		}
	}
}

// assemble adds weight [v v', v; v', count] to a, without the border where a has none.
func assemble[T problem.Float](a, square, sum []T, weight, count T) {
	in := len(sum)
	size := in
	if len(a) > len(square) {
		size++
		a[len(a)-1] += weight * count
	}
	for i := range in {
		for j, v := range square[i*in : (i+1)*in] {
			a[i*size+j] += weight * v
		}
		if size > in {
			a[i*size+in] += weight * sum[i]
			a[in*size+i] += weight * sum[i]
		}
	}
}

// patches are weights (height, width, in, in height width) whose convolution lists
// what lies under the window, in the order of a block (out, in, height, width).
func patches[T problem.Float](s graph.Shape) []T {
	w := make([]T, s.Len())
	for y := range s[0] {
		for x := range s[1] {
			for c := range s[2] {
				w[((y*s[1]+x)*s[2]+c)*s[3]+(c*s[0]+y)*s[1]+x] = 1
			}
		}
	}
	return w
}
