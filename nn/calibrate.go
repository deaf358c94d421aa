package nn

import (
	"fmt"

	"basin/problem"
)

// State gives the state of the objectives in evaluation mode, of a network that has
// one, computed from ex. Before the first call of Calibrate it is zero.
func (e *Engine[T]) State(ex *Examples[T]) *problem.State[T] {
	return &problem.State[T]{Layout: e.net.state, Values: e.state, Calibrate: func(x []T) { e.Calibrate(x, ex) }}
}

// calibrationBatch is the most examples that are normalised together.
const calibrationBatch = 128

// Calibrate sets the statistics of batch normalisation to those of parameters x: mean
// and biased variance of what each layer normalises, over all of ex, which pass
// through the network in batches, each normalised by its own statistics as in
// training, without dropout (PreciseBN; Wu and Johnson 2021, arXiv 2105.07576). It
// does nothing for a network that has no state.
func (e *Engine[T]) Calibrate(x []T, ex *Examples[T]) {
	if e.net.state == nil {
		return
	}
	if err := e.Check(ex); err != nil {
		panic("nn: " + err.Error())
	}
	e.fits(x)
	batches := (ex.N + calibrationBatch - 1) / calibrationBatch
	for len(e.moments) < batches {
		e.moments = append(e.moments, make([]T, e.net.state.N))
	}
	bound := func(k int) int { return ex.N * k / batches }
	for k := range batches {
		lo, hi := bound(k), bound(k+1)
		p := e.plan(planKey{statisticsOf, hi - lo, calibration})
		e.bind(p, p.wiring, x, ex, lo)
		for i, b := range e.net.state.Blocks {
			p.BindOutput(i, problem.View(e.moments[k], b))
		}
		e.run(p)
	}
	weight := func(k int) float64 { return float64(bound(k+1)-bound(k)) / float64(ex.N) }
	e.pool(batches, weight)
}

// pool sets the state to the moments of all batches together: the mean of their
// means, and the mean of their variances and of their means' squared distances from it.
func (e *Engine[T]) pool(batches int, weight func(k int) float64) {
	blocks := e.net.state.Blocks // mean, variance, mean, variance, ...
	for i := 0; i < len(blocks); i += 2 {
		for c := range blocks[i].Len() {
			at, spread := blocks[i].Off+c, blocks[i+1].Off+c
			var mean, variance float64
			for k := range batches {
				mean += float64(weight(k) * float64(e.moments[k][at]))
			}
			for k := range batches {
				d := float64(e.moments[k][at]) - mean
				variance += float64(weight(k) * (float64(e.moments[k][spread]) + float64(d*d)))
			}
			e.state[at], e.state[spread] = T(mean), T(variance)
		}
	}
}

// maxBatch is how many numbers a batch that is normalised may take: 4 GiB in single
// precision.
const maxBatch = 1 << 30

// CheckBatch says why the network cannot be trained on batches of n examples.
func (e *Engine[T]) CheckBatch(n int) error {
	if e.net.state == nil {
		return nil
	}
	if room := e.plan(planKey{gradientOf, n, training}).Room(); room > maxBatch {
		return fmt.Errorf("a batch of %d examples takes %.3g GiB, all at once because the model normalises over the batch; the most is 4 GiB: choose smaller batches", n, float64(room)*4/(1<<30))
	}
	return nil
}
