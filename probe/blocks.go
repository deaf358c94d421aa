package probe

import (
	"errors"
	"fmt"
	"math"

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

// A dense is a layer W h + b of a network of dense layers.
type dense struct {
	weight problem.Block
	bias   *problem.Block // nil where there is none
}

// denseLayers are the layers of a network of nothing but dense layers, each of which
// takes what the one before gives.
func denseLayers(l *problem.Layout) ([]dense, error) {
	var layers []dense
	for i, b := range l.Blocks {
		last := len(layers) - 1
		switch {
		case b.Role == problem.Bias:
			if last >= 0 && b.Len() == layers[last].weight.Shape[0] {
				layers[last].bias = &l.Blocks[i]
			}
		case b.Role != problem.Weight || len(b.Shape) != 2 || last >= 0 && b.Shape[1] != layers[last].weight.Shape[0]:
			return nil, fmt.Errorf("the blocks are no chain of weight matrices (%s)", b.Name)
		default:
			layers = append(layers, dense{weight: b})
		}
	}
	if layers == nil {
		return nil, errors.New("the model has no weight matrix")
	}
	return layers, nil
}

// perBlock reads f of each block as name/block, and the mean over those that have a
// value, each block with equal weight, as name.
func perBlock(p *Pass, name string, blocks []problem.Block, f func(b problem.Block) (float64, error)) {
	estimatePerBlock(p, name, blocks, func(b problem.Block) estimate {
		v, err := f(b)
		return estimate{value: v, stderr: math.NaN(), err: err}
	})
}

// estimatePerBlock is perBlock for values with errors, which are taken to be
// independent.
func estimatePerBlock(p *Pass, name string, blocks []problem.Block, f func(b problem.Block) estimate) {
	var values []float64
	var why error
	variance, warned := 0., 0
	for _, b := range blocks {
		e := f(b)
		if e.err != nil {
			why = e.err
			p.None(part(name, b.Name), e.err.Error())
			continue
		}
		values = append(values, e.value)
		variance += e.stderr * e.stderr
		if e.warnings != nil {
			warned++
		}
		p.Estimate(part(name, b.Name), e.value, e.stderr, e.warnings...)
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
	if warned > 0 {
		warnings = append(warnings, fmt.Sprintf("%d of %d blocks have warnings", warned, len(values)))
	}
	n := float64(len(values))
	p.Estimate(name, kernel.Sum(values)/n, math.Sqrt(variance)/n, warnings...)
}

// A matrixKind is one of the vectors, as long as the parameters, whose blocks are looked
// at as matrices.
type matrixKind uint8

const (
	solution  matrixKind = iota
	moved                // the quantity change
	undecayed            // the quantity residual
	updated              // the last step
)

func (k matrixKind) vector(p *Pass) ([]float64, error) {
	switch k {
	case moved:
		return Need(p, change{})
	case undecayed:
		return Need(p, residual{})
	case updated:
		return p.Update, nil
	}
	return p.X, nil
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

// residual is X - a Start, with the a of startCoefficient for each block: the change
// without what decay alone does.
type residual struct{}

func (residual) Compute(p *Pass) ([]float64, error) {
	if len(p.Start) != len(p.X) {
		return nil, errors.New("the start is not known")
	}
	d := append([]float64(nil), p.X...)
	for _, b := range p.Layout.Blocks {
		if a, ok := startCoefficient(p, b); ok {
			kernel.Axpy(problem.View(d, b), -a, problem.View(p.Start, b))
		}
	}
	return d, nil
}

// startCoefficient is the a that makes |w - a w_0| least for a block w. It reports
// false where the start of the block is zero.
func startCoefficient(p *Pass, b problem.Block) (a float64, ok bool) {
	start := problem.View(p.Start, b)
	square := kernel.Dot(start, start)
	if square == 0 {
		return 0, false
	}
	return kernel.Dot(problem.View(p.X, b), start) / square, true
}
