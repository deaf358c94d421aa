package task

import (
	"basin/nn"
	"basin/problem"
	"basin/rng"
)

// windows are the sequences of a length that a text holds, wherever they begin, with
// the token that follows each of their tokens as its label.
type windows struct {
	tokens  []int32 // more than context
	context int
	batch   int
}

// epochSteps is how many steps see as many tokens as there are, one at least.
func (w *windows) epochSteps() int { return max(1, (len(w.tokens)-1)/(w.context*w.batch)) }

// copy copies the window that begins at token start.
func (w *windows) copy(tokens, labels []int, start int) {
	for i := range w.context {
		tokens[i] = int(w.tokens[start+i])
		labels[i] = int(w.tokens[start+i+1])
	}
}

// spread gives up to most windows at even distances, from the first to the last, that
// do not overlap.
func (w *windows) spread(most int) *examples {
	n := min(most, (len(w.tokens)-1)/w.context)
	e := &examples{n: n, in: w.context, tokens: make([]int, n*w.context), labels: make([]int, n*w.context)}
	last := len(w.tokens) - 1 - w.context
	for i := range n {
		start := 0
		if n > 1 {
			start = i * last / (n - 1)
		}
		w.copy(e.tokens[i*w.context:(i+1)*w.context], e.labels[i*w.context:(i+1)*w.context], start)
	}
	return e
}

// windowBatches draws a batch of windows for every step, each from all that there are.
type windowBatches[T problem.Float] struct {
	*windows
	seed  uint64
	batch *nn.Examples[T]
	f     *nn.Batch[T]
}

func newWindowBatches[T problem.Float](e *nn.Engine[T], w *windows, seed uint64) *windowBatches[T] {
	n := w.batch * w.context
	b := &windowBatches[T]{windows: w, seed: seed, batch: &nn.Examples[T]{
		N: w.batch, In: w.context, Tokens: make([]int, n), Labels: make([]int, n),
	}}
	b.f = e.Training(b.batch, 0)
	return b
}

// at gives the batch of step t, which depends on t and the seed alone.
func (b *windowBatches[T]) at(t int) problem.Objective[T] {
	b.fill(b.batch.Tokens, b.batch.Labels, t)
	b.f.SetNoise(noiseAt(b.seed, t))
	return b.f
}

// fill draws the windows of step t.
func (b *windowBatches[T]) fill(tokens, labels []int, t int) {
	s := rng.At(b.seed, "batches", t)
	for lo := 0; lo < len(tokens); lo += b.context {
		b.copy(tokens[lo:lo+b.context], labels[lo:lo+b.context], s.IntN(len(b.tokens)-b.context))
	}
}
