package optim

import (
	"fmt"

	"basin/kernel"
	"basin/problem"
)

var proxDoc = Doc{
	Name:    "prox",
	Family:  "transform",
	Summary: "After every step a proximal step on a penalty, which makes zeros that are exact: numbers, units or singular values.",
	Equations: `y = x + d
d = argmin_z {|z - y|^2/2 + step*penalty(z)} - x
  l1       |z|_1: z = sign(y) * max(0, |y| - step)
  group    sum of the norms of the rows of each weight: z_i = y_i * max(0, 1 - step/|y_i|)
  nuclear  sum of the singular values of each weight: they become max(0, value - step)`,
	Source: "Parikh & Boyd 2014, Proximal algorithms, sections 6.5 and 6.7; Yuan & Lin 2006 (group); Cai, Candes & Shen 2010, arXiv 0810.3286 (nuclear)",
	Notes: []string{
		"For the minimum of loss + strength*penalty under a rule of rate lr, step is lr*strength; both can follow one schedule: sgd(lr=cosine(0.1)) | prox(step=cosine(1e-5)).",
		"Behind an adaptive rule this is not the proximal step in that rule's metric, and what it ends at is no minimum of a penalised loss.",
		"l1 acts on weights alone unless blocks=all; group and nuclear act on weights of two or more dimensions, a row being all weights into a unit.",
	},
	Blocks:      "weights; l1 with blocks=all: all",
	Decay:       "as the proximal step of the penalty",
	EndsAt:      "the minimum of the loss with the penalty",
	Memory:      "none",
	Gradients:   1,
	Invariances: []Invariance{SignedPermutation},
	Example:     "sgd(lr=0.1) | prox(penalty=l1, step=1e-4)",
}

type (
	penalty    string
	proxBlocks string
)

type proxSettings struct {
	Penalty penalty    `arg:"penalty" default:"l1" choices:"l1|group|nuclear" help:"what is penalised"`
	Step    Schedule   `arg:"step" default:"1e-5" valid:"[0,inf)" search:"1e-8..1e-2 log" help:"learning rate times strength of the penalty"`
	Blocks  proxBlocks `arg:"blocks" default:"weights" choices:"weights|all" help:"blocks that l1 acts on"`
}

func (s *proxSettings) check() error {
	if s.Blocks == "all" && s.Penalty != "l1" {
		return fmt.Errorf("penalty=%s is of matrices, so that blocks must be weights", s.Penalty)
	}
	return nil
}

type prox[T problem.Float] struct {
	proxSettings
	blocks []problem.Block
	svd    *spectrum
	flops  float64
}

func newProx[T problem.Float](s *proxSettings, c *Context[T]) (part[T], error) {
	r := &prox[T]{proxSettings: *s}
	for _, b := range c.Blocks {
		if s.Blocks == "all" || isMatrix(b) || s.Penalty == "l1" && b.Role == problem.Weight {
			r.blocks = append(r.blocks, b)
			r.flops += 5 * float64(b.Len())
		}
	}
	if len(r.blocks) == 0 {
		return nil, fmt.Errorf("there is no weight among the blocks %s for it to act on", blockNames(c.Blocks))
	}
	if s.Penalty == "nuclear" {
		r.svd = newSpectrum(r.blocks)
		r.flops = r.svd.flops
	}
	return r, nil
}

func (r *prox[T]) Step(s *Step[T]) {
	step := r.proxSettings.Step.At(s.T)
	for _, b := range r.blocks {
		x, d := problem.View(s.X, b), problem.View(s.D, b)
		if r.Penalty == "nuclear" {
			respectrum(r.svd, d, x, b, step, soften[float64])
			continue
		}
		kernel.Axpy(d, 1, x)
		if r.Penalty == "l1" {
			soften(d, step)
		} else {
			_, cols, _ := b.Matrix()
			for i := 0; i < len(d); i += cols {
				row := d[i:][:cols]
				l := length(row)
				shorten(row, max(0, l-step))
			}
		}
		kernel.Axpy(d, -1, x)
	}
}

func (r *prox[T]) Memory() []any  { return nil }
func (r *prox[T]) Flops() float64 { return r.flops }
