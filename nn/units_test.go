package nn

import (
	"fmt"
	"slices"
	"testing"

	"basin/problem"
	"basin/rng"
)

// unitModels have normalisations that part channels, and more than one picture size.
var unitModels = []small{
	{"mlp(5, 4)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"mlp(5, 4, norm=batch)", numbers(3), 3, problem.SoftmaxCrossEntropy},
	{"cnn(4, 6, hidden=5, pool_every=1, norm=group, groups=2)", Input{Shape: []int{8, 8, 2}}, 3, problem.SoftmaxCrossEntropy},
	{"cnn(4, 6, hidden=0, pool=avg, norm=layer)", Input{Shape: []int{8, 6, 2}}, 3, problem.SoftmaxCrossEntropy},
	{"resnet(depth=14, width=2)", Input{Shape: []int{6, 6, 3}}, 4, problem.SoftmaxCrossEntropy},
	{"resnet(depth=8, width=4, norm=group, groups=2)", Input{Shape: []int{6, 6, 3}}, 4, problem.SoftmaxCrossEntropy},
	{"gpt(layers=2, width=12, heads=3, tie=true)", text, 5, problem.SoftmaxCrossEntropy},
	{"gpt(layers=2, width=12, heads=3, predict=last)", text, 5, problem.SoftmaxCrossEntropy},
}

// Whatever permutations are made of the groups of units, one by one or all together,
// outputs are the same to rounding.
func TestUnits(t *testing.T) {
	for _, m := range slices.Concat(smallModels, kinked, unitModels) {
		t.Run(m.String(), func(t *testing.T) {
			s := modelled[float64](t, m, 5)
			e := NewEngine[float64](s.net, s.loss, 3)
			o := e.Objective(s.examples)
			e.Calibrate(s.x, s.examples)
			want := outputsAt(o, s.x)
			all := slices.Clone(s.x)
			for i, g := range o.Units() {
				order, alone, moved := make([]int, g.N), make([]float64, len(s.x)), make([]float64, len(s.x))
				stream := rng.At(1, "units", i)
				for slices.IsSorted(order) {
					stream.Perm(order)
				}
				g.Renumber(s.net.layout, alone, s.x, order)
				if slices.Equal(alone, s.x) {
					t.Errorf("group %d is of no entry: %+v", i, g)
				}
				e.Calibrate(alone, s.examples)
				compare(t, fmt.Sprintf("outputs with group %d renumbered", i), outputsAt(o, alone), want, 1e-12)
				g.Renumber(s.net.layout, moved, all, order)
				copy(all, moved)
			}
			e.Calibrate(all, s.examples)
			compare(t, "outputs with all groups renumbered", outputsAt(o, all), want, 1e-12)
		})
	}
}

// The groups of each model, by hand: their sizes, and the blocks that each is part of.
func TestUnitsAreAll(t *testing.T) {
	for _, c := range []struct {
		small
		want []string
	}{
		{small{"linear", numbers(3), 3, 0}, nil},
		{small{"mlp(5, 4)", numbers(3), 3, 0}, []string{
			"5: layer1.weight/3 layer1.bias/1 layer2.weight/1",
			"4: layer2.weight/5 layer2.bias/1 head.weight/1"}},
		{small{"mlp(5, norm=batch)", numbers(3), 3, 0}, []string{
			"5: layer1.weight/3 layer1.norm.weight/1 layer1.norm.bias/1 head.weight/1"}},
		{small{"cnn(3, 2, pool_every=1, hidden=4)", Input{Shape: []int{8, 8, 5}}, 3, 0}, []string{
			"3: conv1.weight/45 conv1.bias/1 conv2.weight/9",
			"2: conv2.weight/27 conv2.bias/1 hidden.weight/1",
			"4: hidden.weight/8 hidden.bias/1 head.weight/1"}},
		// Two channels of a group may change places if those of the other group do too.
		{small{"cnn(6, hidden=0, norm=group, groups=2)", Input{Shape: []int{4, 4, 1}}, 3, 0}, []string{
			"2: conv1.weight/27 conv1.norm.weight/3 conv1.norm.bias/3 head.weight/3",
			"3: conv1.weight/9 conv1.norm.weight/1 conv1.norm.bias/1 head.weight/1"}},
		{small{"resnet(depth=8, width=2, norm=none)", Input{Shape: []int{8, 8, 1}}, 3, 0}, []string{
			"2: stem.weight/9 stem.bias/1 stage1.block1.conv1.weight/9 stage1.block1.conv2.weight/18 stage1.block1.conv2.bias/1 stage2.block1.conv1.weight/9 stage2.block1.shortcut.weight/1",
			"2: stage1.block1.conv1.weight/18 stage1.block1.conv1.bias/1 stage1.block1.conv2.weight/9",
			"4: stage2.block1.conv1.weight/18 stage2.block1.conv1.bias/1 stage2.block1.conv2.weight/9",
			"4: stage2.block1.conv2.weight/36 stage2.block1.conv2.bias/1 stage2.block1.shortcut.weight/2 stage2.block1.shortcut.bias/1 stage3.block1.conv1.weight/9 stage3.block1.shortcut.weight/1",
			"8: stage3.block1.conv1.weight/36 stage3.block1.conv1.bias/1 stage3.block1.conv2.weight/9",
			"8: stage3.block1.conv2.weight/72 stage3.block1.conv2.bias/1 stage3.block1.shortcut.weight/4 stage3.block1.shortcut.bias/1 head.weight/1"}},
		// The stream, and of each layer the heads, the numbers of a head, which have one
		// order in all heads, queries, keys and values, and the dense units.
		{small{"gpt(layers=1, width=6, heads=2, norm=rms)", text, 5, 0}, []string{
			"6: tokens.weight/1 positions.weight/1 block1.norm1.weight/1 block1.qkv.weight/1 block1.out.weight/6 block1.out.bias/1 block1.norm2.weight/1 block1.up.weight/1 block1.down.weight/24 block1.down.bias/1 norm.weight/1 head.weight/1",
			"2: block1.qkv.weight/18 block1.qkv.bias/3 block1.out.weight/3",
			"3: block1.qkv.weight/6 block1.qkv.bias/1 block1.out.weight/1",
			"24: block1.up.weight/6 block1.up.bias/1 block1.down.weight/1"}},
		{small{"deep_linear(4, 3)", numbers(3), 2, 0}, []string{
			"4: layer1.weight/3 layer2.weight/1", "3: layer2.weight/4 head.weight/1"}},
		{small{"homogeneous(4, power=3)", numbers(3), 2, 0}, []string{"4: layer1.weight/3 head.weight/1"}},
		{small{"diagonal_linear", numbers(3), 1, 0}, nil},
		{small{"matrix_product(depth=3, width=2)", Input{Shape: []int{3, 3}}, 1, 0}, []string{
			"2: factor1.weight/3 factor2.weight/1", "2: factor2.weight/2 factor3.weight/1"}},
		{small{"matrix_product", Input{Shape: []int{2}, Tokens: 3}, 1, 0}, []string{"3: factor1.weight/3 factor2.weight/1"}},
	} {
		n := mustNet(t, c.recipe, c.in, c.outputs)
		var got []string
		for _, g := range n.Units() {
			line := fmt.Sprintf("%d:", g.N)
			for _, a := range g.Axes {
				line += fmt.Sprintf(" %s/%d", n.layout.Blocks[a.Block].Name, a.Inner)
			}
			got = append(got, line)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.recipe, got, c.want)
		}
	}
}
