package replay

import (
	"encoding/json"
	"fmt"
	"math"

	"basin/problem"
)

// A table is a list of numbers, row-major, which a file may also cut into a list for each
// row.
type table vector

func (t *table) UnmarshalJSON(body []byte) error {
	var rows []vector
	if json.Unmarshal(body, &rows) != nil {
		return json.Unmarshal(body, (*vector)(t))
	}
	*t = nil
	for _, row := range rows {
		*t = append(*t, row...)
	}
	return nil
}

// layers lists the layers of the network whose inputs the file has: every param of two
// dimensions, with the one after it where that is of one dimension and as long as the
// weight has rows.
func (f *File) layers() []problem.KroneckerLayer {
	var list []problem.KroneckerLayer
	for i, b := range f.layout.Blocks {
		if len(b.Shape) != 2 {
			continue
		}
		l := problem.KroneckerLayer{Weight: i, Bias: -1, Out: b.Shape[0], In: b.Shape[1]}
		if i+1 < len(f.layout.Blocks) {
			if next := f.layout.Blocks[i+1].Shape; len(next) == 1 && next[0] == l.Out {
				l.Bias = i + 1
				l.In++
			}
		}
		list = append(list, l)
	}
	return list
}

// checkLayers holds layer_inputs and output_grads to the layers.
func (f *File) checkLayers() error {
	if len(f.LayerInputs) == 0 && len(f.OutputGrads) == 0 {
		return nil
	}
	layers := f.layers()
	for name, rows := range map[string][][]table{"layer_inputs": f.LayerInputs, "output_grads": f.OutputGrads} {
		if len(rows) != f.Steps {
			return fmt.Errorf("%s has %d steps of %d", name, len(rows), f.Steps)
		}
		for t, row := range rows {
			if len(row) != len(layers) {
				return fmt.Errorf("%s[%d] has %d of %d layers", name, t, len(row), len(layers))
			}
			for i, v := range row {
				if err := vector(v).check(); err != nil {
					return fmt.Errorf("%s[%d][%d]%w", name, t, i, err)
				}
			}
		}
	}
	for t := range f.Steps {
		for i, l := range layers {
			in := f.layout.Blocks[l.Weight].Shape[1]
			a, g := len(f.LayerInputs[t][i]), len(f.OutputGrads[t][i])
			if a == 0 || a%in != 0 || g != a/in*l.Out {
				return fmt.Errorf("layer_inputs[%d][%d] has %d values and output_grads %d, which are not as many rows of %d and of %d", t, i, a, g, in, l.Out)
			}
		}
	}
	return nil
}

// layered is a step of a file that has the inputs v of the layers and the gradients of the
// mean loss in their outputs, a row for each prediction.
type layered[T problem.Float] struct {
	*recorded[T]
	layers          []problem.KroneckerLayer
	inputs, outputs [][]float64 // per layer
}

func (f *layered[T]) KroneckerLayers() []problem.KroneckerLayer { return f.layers }

func (f *layered[T]) KroneckerFactors(a, g [][]T, _ []T) {
	for i, l := range f.layers {
		batch := len(f.outputs[i]) / l.Out
		in := len(f.inputs[i]) / batch
		rows := make([]float64, 0, batch*l.In)
		for b := range batch {
			rows = append(rows, f.inputs[i][b*in:(b+1)*in]...)
			if l.Bias >= 0 {
				rows = append(rows, 1)
			}
		}
		square(a[i], rows, l.In, 1/float64(batch))
		square(g[i], f.outputs[i], l.Out, float64(batch)) // of batch times the rows, over batch
	}
}

// square sets dst to scale times the sum of v v' over rows v of n values.
func square[T problem.Float](dst []T, rows []float64, n int, scale float64) {
	for i := range n {
		for j := range n {
			sum := 0.0
			for at := 0; at < len(rows); at += n {
				sum += rows[at+i] * rows[at+j]
			}
			dst[i*n+j] = T(scale * sum)
		}
	}
}

// layersAt gives what the optimizer sees at a step of a file with layers. Where the file
// has the batch too, and the network is the usual one, that is the network itself, since
// dividing by small eigenvalues would magnify the digits that its gradients lack.
func layersAt[T problem.Float](f *File, steps func(t int) *recorded[T]) func(t int) problem.Objective[T] {
	layers := f.layers()
	at := func(t int) problem.Objective[T] {
		s := &layered[T]{recorded: steps(t), layers: layers}
		for i := range layers {
			s.inputs = append(s.inputs, flatten[float64]([]vector{vector(f.LayerInputs[t][i])}))
			s.outputs = append(s.outputs, flatten[float64]([]vector{vector(f.OutputGrads[t][i])}))
		}
		return s
	}
	if !f.isTanhNetwork() {
		return at
	}
	return func(t int) problem.Objective[T] {
		return &tanhNetwork[T]{layered[T]{recorded: &recorded[T]{layout: f.layout}, layers: layers}, f.tables(t)}
	}
}

// batch is the inputs and targets of a step.
type batch struct{ x, y []float64 }

func (f *File) tables(t int) batch {
	return batch{flatten[float64]([]vector{vector(f.BatchX[t])}), flatten[float64]([]vector{vector(f.BatchY[t])})}
}

// isTanhNetwork tells whether the first gradient of the file is that of a tanhNetwork on
// the first batch.
func (f *File) isTanhNetwork() bool {
	layers := f.layers()
	if len(f.BatchX) != f.Steps || len(f.BatchY) != f.Steps || len(layers) == 0 || layers[0].Weight != 0 || len(f.Grads) == 0 {
		return false
	}
	blocks := f.layout.Blocks
	next, width := 0, blocks[0].Shape[1]
	for _, l := range layers { // one after another, and nothing else
		if l.Weight != next || blocks[next].Shape[1] != width {
			return false
		}
		if next, width = next+1, l.Out; l.Bias >= 0 {
			next++
		}
	}
	first := blocks[0].Shape
	for t := range f.Steps {
		if x, y := f.BatchX[t], f.BatchY[t]; next != len(blocks) || len(x) == 0 || len(x)%first[1] != 0 || len(y) != len(x)/first[1]*width ||
			vector(x).check() != nil || vector(y).check() != nil {
			return false
		}
	}
	n := &tanhNetwork[float64]{layered[float64]{recorded: &recorded[float64]{layout: f.layout}, layers: layers}, f.tables(0)}
	got := make([]float64, f.layout.N)
	n.Grad(got, flatten[float64](f.params()))
	for i, want := range flatten[float64](f.Grads[0]) {
		if !(distance(got[i], want) <= tolerance64) {
			return false
		}
	}
	return true
}

// tanhNetwork is 1/2 |z - y|^2, summed over outputs and averaged over predictions, z being
// the outputs of linear layers with tanh between them.
type tanhNetwork[T problem.Float] struct {
	layered[T]
	batch batch
}

func (f *tanhNetwork[T]) Loss(x []T) float64 { return f.Grad(make([]T, len(x)), x) }

// Grad also sets inputs and outputs.
func (f *tanhNetwork[T]) Grad(dst, x []T) (loss float64) {
	clear(dst)
	f.inputs, f.outputs = nil, make([][]float64, len(f.layers))
	blocks := f.layout.Blocks
	v, z := f.batch.x, []float64(nil)
	rows := len(v) / blocks[0].Shape[1]
	for i, l := range f.layers {
		if i > 0 {
			v = make([]float64, len(z))
			for j, e := range z {
				v[j] = math.Tanh(e)
			}
		}
		f.inputs = append(f.inputs, v)
		in, w := len(v)/rows, problem.View(x, blocks[l.Weight])
		z = make([]float64, rows*l.Out)
		for j := range z {
			r, o := j/l.Out, j%l.Out
			if l.Bias >= 0 {
				z[j] = float64(problem.View(x, blocks[l.Bias])[o])
			}
			for k := range in {
				z[j] += float64(w[o*in+k]) * v[r*in+k]
			}
		}
	}
	d := make([]float64, len(z))
	for j, y := range f.batch.y {
		loss += (z[j] - y) * (z[j] - y) / 2 / float64(rows)
		d[j] = (z[j] - y) / float64(rows)
	}
	for i := len(f.layers) - 1; i >= 0; i-- {
		l := f.layers[i]
		f.outputs[i] = d
		v = f.inputs[i]
		in, w, g := len(v)/rows, problem.View(x, blocks[l.Weight]), make([]float64, l.Out*(len(v)/rows))
		before := make([]float64, len(v))
		for j, e := range d {
			r, o := j/l.Out, j%l.Out
			for k := range in {
				g[o*in+k] += e * v[r*in+k]
				before[r*in+k] += e * float64(w[o*in+k]) * (1 - v[r*in+k]*v[r*in+k])
			}
		}
		for j, e := range g {
			problem.View(dst, blocks[l.Weight])[j] = T(e)
		}
		if l.Bias >= 0 {
			for o, b := range columnSums(d, l.Out) {
				problem.View(dst, blocks[l.Bias])[o] = T(b)
			}
		}
		d = before
	}
	return loss
}

func columnSums(d []float64, n int) []float64 {
	sums := make([]float64, n)
	for i, e := range d {
		sums[i%n] += e
	}
	return sums
}

func (f *tanhNetwork[T]) KroneckerFactors(a, g [][]T, x []T) {
	f.Grad(make([]T, len(x)), x)
	f.layered.KroneckerFactors(a, g, x)
}
