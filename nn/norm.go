package nn

import (
	"basin/graph"
	"basin/problem"
)

// normEps is added to the variance, as in PyTorch.
const normEps = 1e-5

// Norm is a normalisation with blocks name.weight, a gain that starts at one, and
// name.bias, which starts at zero, one number each per channel, the last axis:
//
//	none   x itself, without blocks
//	batch  over all but channels (Ioffe and Szegedy 2015)
//	layer  over each row; of pictures, over each picture (Ba, Kiros and Hinton 2016)
//	group  over each picture and each of so many groups of channels (Wu and He 2018)
//	rms    over each row, divided by its root mean square alone, without bias
//	       (Zhang and Sennrich 2019)
func (b *Builder) Norm(kind, name string, x *graph.Node, groups int) *graph.Node {
	return b.normalize(kind, name, x, groups, ones)
}

// normalize is Norm with another start of the gain.
func (b *Builder) normalize(kind, name string, x *graph.Node, groups int, start Initializer) *graph.Node {
	if kind == "none" {
		return x
	}
	g, s := b.Graph, x.Shape()
	g.Scope(name)
	gain := b.Param(name+".weight", problem.Gain, start, lastAxis(x))
	if kind == "rms" {
		return g.Mul(g.RMSNormalize(x, normEps), gain)
	}
	bias := b.Param(name+".bias", problem.Bias, zeros, lastAxis(x))
	switch kind {
	case "batch":
		return b.batchNorm(name, x, gain, bias)
	case "layer":
		groups = 1
	}
	if len(s) != 4 {
		return g.Add(g.Mul(g.Standardize(x, normEps, len(s)-1), gain), bias)
	}
	if s[3]%groups != 0 {
		b.Fail(name, "%d channels do not part into %d groups", s[3], groups)
		return x
	}
	z := g.Reshape(x, s[0], s[1]*s[2], groups, s[3]/groups)
	z = g.Reshape(g.Standardize(z, normEps, 1, 3), s...)
	return g.Add(g.Mul(z, gain), bias)
}

// batchNorm normalises by the statistics of the batch or, in evaluation, by the state
// name.running_mean and name.running_var; these are named as in PyTorch, but belong
// to the parameters rather than to the steps that led there.
func (b *Builder) batchNorm(name string, x, gain, bias *graph.Node) *graph.Node {
	g := b.Graph
	if b.Training {
		b.normalized = append(b.normalized, x)
		return g.Add(g.Mul(g.Standardize(x, normEps, allButLast(x)...), gain), bias)
	}
	mean, variance := b.stateOf(name+".running_mean", x), b.stateOf(name+".running_var", x)
	scale := g.Mul(gain, g.Pow(g.Add(variance, g.Const(normEps)), -0.5))
	return g.Add(g.Mul(x, scale), g.Sub(bias, g.Mul(mean, scale)))
}

// stateOf adds a statistic of each channel of x to the state of evaluation.
func (b *Builder) stateOf(name string, x *graph.Node) *graph.Node {
	n := b.Graph.Input(name, lastAxis(x))
	b.state = append(b.state, problem.Block{Name: name, Shape: []int{lastAxis(x)}})
	b.statistics = append(b.statistics, n)
	return n
}

func allButLast(x *graph.Node) []int {
	axes := make([]int, max(len(x.Shape())-1, 0))
	for i := range axes {
		axes[i] = i
	}
	return axes
}
