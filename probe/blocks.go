package probe

import (
	"errors"
	"fmt"

	"basin/kernel"
	"basin/problem"
)

// matrices are the blocks that are weight matrices; further dimensions of a kernel
// are merged into its columns. Rows and columns that are single are left out for
// want of a rank.
func matrices(l *problem.Layout) []problem.Block {
	var all []problem.Block
	for _, b := range l.Blocks {
		if m, n, ok := b.Matrix(); ok && min(m, n) > 1 {
			all = append(all, b)
		}
	}
	return all
}

// weights are the blocks of weights, without biases and gains.
func weights(l *problem.Layout) []problem.Block {
	var all []problem.Block
	for _, b := range l.Blocks {
		if b.Role == problem.Weight || b.Role == problem.Embedding {
			all = append(all, b)
		}
	}
	return all
}

// perBlock reads f of each block as name/block, and the mean over those that have a
// value, each block with equal weight, as name.
func perBlock(p *Pass, name string, blocks []problem.Block, f func(b problem.Block) (float64, error)) {
	var values []float64
	var why error
	for _, b := range blocks {
		v, err := f(b)
		if err != nil {
			why = err
			p.None(part(name, b.Name), err.Error())
			continue
		}
		values = append(values, v)
		p.Exact(part(name, b.Name), v)
	}
	switch {
	case len(blocks) == 0:
		p.None(name, "the model has no such weights")
		return
	case len(values) == 0:
		p.None(name, why.Error())
		return
	}
	var warnings []string
	if left := len(blocks) - len(values); left > 0 {
		warnings = append(warnings, fmt.Sprintf("mean without %d of %d blocks: %v", left, len(blocks), why))
	}
	p.Exact(name, kernel.Sum(values)/float64(len(values)), warnings...)
}

// change is X - Start.
type change struct{}

func (change) Compute(p *Pass) ([]float64, error) {
	if len(p.Start) != len(p.X) {
		return nil, errors.New("the start is not known")
	}
	d := append([]float64(nil), p.X...)
	kernel.Axpy(d, -1, p.Start)
	return d, nil
}
