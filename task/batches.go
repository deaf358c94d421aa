package task

import (
	"basin/nn"
	"basin/problem"
	"basin/rng"
)

// batches cuts a fresh permutation of the examples into batches of one size in
// every epoch; the examples of an incomplete last batch wait for the next epoch.
type batches[T problem.Float] struct {
	all   *nn.Examples[T]
	shift *shift // nil for none
	warp  *warp  // done after that; nil for none
	room  []T    // for an example that is shifted or warped
	seed  uint64
	steps int // per epoch
	epoch int // the one that order is of; -1 for none
	order []int
	batch *nn.Examples[T] // the present one
	f     *nn.Batch[T]
}

func newBatches[T problem.Float](e *nn.Engine[T], all *nn.Examples[T], size int, seed uint64, shift *shift, warp *warp) *batches[T] {
	b := &batches[T]{all: all, shift: shift, warp: warp, seed: seed, steps: all.N / size, epoch: -1, order: make([]int, all.N), batch: all.Room(size)}
	if shift != nil || warp != nil {
		b.room = make([]T, all.In)
	}
	b.f = e.Training(b.batch, 0)
	return b
}

// at gives the batch of step t, which depends on t and the seed alone.
func (b *batches[T]) at(t int) problem.Objective[T] {
	if t < 1 {
		panic("task: steps count from 1")
	}
	epoch, k := (t-1)/b.steps, (t-1)%b.steps
	if epoch != b.epoch {
		s := rng.At(b.seed, "batches", epoch)
		s.Perm(b.order)
		b.epoch = epoch
	}
	b.batch.Gather(b.all, b.order[k*b.batch.N:(k+1)*b.batch.N])
	if b.shift != nil {
		shiftAll(b.shift, b.batch.X, b.room, b.seed, t)
	}
	if b.warp != nil {
		warpAll(b.warp, b.batch.X, b.room)
	}
	b.f.SetNoise(noiseAt(b.seed, t))
	return b.f
}

// noiseAt is the key of what step t draws at random, beside its batch.
func noiseAt(seed uint64, t int) uint64 {
	s := rng.At(seed, "noise", t)
	return s.Uint64()
}
