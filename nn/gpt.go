package nn

import (
	"fmt"
	"math"

	"basin/graph"
	"basin/problem"
)

var gptEntry = Entry{
	Name: "gpt", Help: "a decoder-only transformer that predicts the next token at every position",
	Equations: "h = E[token] + P[position]\nh = h + attention(norm(h)), h = h + V act(U norm(h)), for each layer\nz = W norm(h)",
	Source:    "Radford et al. 2019 (GPT-2); attention: Vaswani et al. 2017, arXiv 1706.03762",
	Notes: []string{
		"There are as many positions as the task gives tokens, each with a learned P. Positions see those up to their own. The layers in between have four times the width.",
		"Weights start normal with standard deviation init_std, those that add to h (out and down) with init_std / sqrt(2 layers); biases start at zero, gains at one.",
		"Dropout is on the sum of embeddings and on what is added to h, not on the weights of attention.",
		"Blocks: tokens.weight, positions.weight, block1.norm1, block1.qkv, block1.out, block1.norm2, block1.up, block1.down, ..., norm, head.weight, each but the embeddings and the head with .weight and .bias. The hidden layers that probes see are h after each layer, and norm(h).",
		"predict=last gives one prediction for each example, at its last token.",
	},
	Example: "--task 'modular_addition(input=tokens)' --model 'gpt(layers=1, predict=last)'",
	New:     func() Architecture { return new(gpt) },
}

type gpt struct {
	Layers  int     `arg:"layers" default:"4" valid:"[1,1000]" help:"pairs of attention and dense layers"`
	Width   int     `arg:"width" default:"128" valid:"[1,inf)" help:"numbers per position"`
	Heads   int     `arg:"heads" default:"4" valid:"[1,inf)" help:"heads of attention, of width/heads numbers each"`
	Context int     `arg:"context" default:"128" valid:"[1,65536]" help:"most tokens of an example; as many as that where the task leaves it open"`
	Act     string  `arg:"act" default:"gelu" choices:"relu|tanh|gelu|gelu_tanh|silu|softplus|leaky_relu|elu|quadratic" help:"activation of the dense layers; gelu_tanh is that of GPT-2"`
	Norm    string  `arg:"norm" default:"layer" choices:"layer|rms" help:"normalisation before each layer and before the head"`
	Tie     bool    `arg:"tie" default:"false" help:"use the embedding of tokens for the head"`
	Predict string  `arg:"predict" default:"all" choices:"all|last" help:"at which positions to predict"`
	InitStd float64 `arg:"init_std" default:"0.02" valid:"[0,inf)" help:"standard deviation of initial weights"`
	Dropout float64 `arg:"dropout" default:"0" valid:"[0,1)" help:"share of numbers left out in each step"`
}

func (m *gpt) context() int { return m.Context }

func (m *gpt) Build(b *Builder, x *graph.Node) *graph.Node {
	g, context := b.Graph, b.Input.Len()
	x = b.Sequence(x)
	if context > m.Context {
		b.Fail("context", "it is %d, the task gives %d tokens", m.Context, context)
	}
	if m.Width%m.Heads != 0 {
		b.Fail("heads", "a width of %d does not part into %d heads", m.Width, m.Heads)
		return x
	}
	if m.Tie && b.Outputs != b.Input.Tokens {
		b.Fail("head", "tie=true needs as many outputs as kinds of tokens, there are %d and %d", b.Outputs, b.Input.Tokens)
	}
	init, last := gaussian(m.InitStd), gaussian(m.InitStd/math.Sqrt(2*float64(m.Layers)))
	g.Scope("embedding")
	tokens := b.Param("tokens.weight", problem.Embedding, init, b.Input.Tokens, m.Width)
	positions := b.Param("positions.weight", problem.Embedding, init, context, m.Width)
	h := g.Add(g.Reshape(g.Embed(tokens, x), b.Rows, context, m.Width), positions)
	h = b.Dropout("embedding", g.Reshape(h, b.Rows*context, m.Width), m.Dropout)
	for i := range m.Layers {
		name := fmt.Sprintf("block%d", i+1)
		z := b.Norm(m.Norm, name+".norm1", h, 1)
		h = g.Add(h, b.Dropout(name+".out", m.attention(b, name, z, init, last), m.Dropout))
		z = b.Norm(m.Norm, name+".norm2", h, 1)
		z = activate(g, m.Act, b.Dense(name+".up", z, 4*m.Width, init, true))
		h = g.Add(h, b.Dropout(name+".down", b.Dense(name+".down", z, m.Width, last, true), m.Dropout))
		b.Hidden(name, m.answering(b, h))
	}
	h = b.Norm(m.Norm, "norm", m.answering(b, h), 1)
	b.Hidden("norm", h)
	if m.Tie {
		g.Scope("head")
		return g.MatMul(h, tokens, false, true)
	}
	return b.Dense("head", h, b.Outputs, init, false)
}

// attention mixes the positions of x.
func (m *gpt) attention(b *Builder, name string, x *graph.Node, init, last Initializer) *graph.Node {
	g := b.Graph
	qkv := b.Dense(name+".qkv", x, 3*m.Width, init, true)
	z := g.CausalAttention(g.Reshape(qkv, b.Rows, b.Input.Len(), 3*m.Width), m.Heads)
	return b.Dense(name+".out", g.Reshape(z, b.Rows*b.Input.Len(), m.Width), m.Width, last, true)
}

// answering are the rows of h, one for each position, at which there is a prediction.
func (m *gpt) answering(b *Builder, h *graph.Node) *graph.Node {
	if m.Predict == "all" {
		return h
	}
	g, context := b.Graph, b.Input.Len()
	rows := g.Reshape(h, b.Rows, 1, context*m.Width)
	return g.Reshape(g.Part(rows, context-1, context), b.Rows, m.Width)
}
