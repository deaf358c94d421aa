package probe

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"basin/kernel"
	"basin/problem"
	"basin/rng"
)

var weightNoiseDoc = Doc{
	Name:    "weight_noise",
	Family:  "function",
	Summary: "Accuracy and loss after random changes to the weights.",
	Readings: []Reading{
		{Name: "weight_noise_accuracy", Formula: "mean over draws of the accuracy with weights w (1 + s z), or w + s rms(W) z, for z ~ N(0, 1) and rms(W) the root mean square of the block", Null: "the share of the commonest class", Invariant: Rescaling, Parts: "relative_s and additive_s"},
		{Name: "weight_noise_loss", Formula: "the same of the mean loss", Null: "the loss with the weights as they are", Invariant: Rescaling, Parts: "relative_s and additive_s"},
		{Name: "weight_noise_mean", Formula: "mean of weight_noise_accuracy with w (1 + s z) over all s", Null: "the share of the commonest class", Invariant: Rescaling, Headline: true},
	},
	Source: "relative noise as a measure of flatness: Dziugaite et al. 2020, arXiv 2010.11924",
	Needs:  "outputs; classes for accuracy",
	Cost:   "2 `draws` evaluations of `examples` examples for each size",
	Notes: []string{
		"Biases and gains are kept, and so is what normalisation has for mean and variance. Draws follow from the seed, so that all solutions of a seed see the same z; renumbered units see others.",
		"The standard error is over draws; the examples are the same ones. Student's 95 % intervals held the true value in 93 to 94 % of samples (docs/intervals.md).",
	},
}

type weightNoise struct {
	Sizes    []float64 `arg:"sizes" default:"[0.05, 0.1, 0.2, 0.5]" valid:"(0,inf)" help:"sizes s of the noise"`
	Draws    int       `arg:"draws" default:"8" valid:"[2,inf)" help:"how many draws of noise"`
	Set      string    `arg:"set" default:"test" help:"the set on which it is measured"`
	Examples int       `arg:"examples" default:"2000" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

func (s *weightNoise) Measure(p *Pass) error {
	f, err := Need(p, Subset{s.Set, s.Examples})
	if err != nil {
		return err
	}
	blocks, sizes := weights(p.Layout), unique(s.Sizes)
	if len(blocks) == 0 {
		return errors.New("the model has no weights")
	}
	if len(sizes) == 0 {
		return errors.New("no size is given")
	}
	mean := make([]float64, s.Draws)
	var none error // why there is no accuracy
	for _, kind := range []struct {
		name string
		add  func(w []float64, z *rng.Stream, size float64)
	}{{"relative", relativeNoise}, {"additive", additiveNoise}} {
		for _, size := range sizes {
			of := kind.name + "_" + strconv.FormatFloat(size, 'g', -1, 64)
			accuracies, losses := make([]float64, s.Draws), make([]float64, s.Draws)
			x := make([]float64, len(p.X))
			for r := range s.Draws {
				copy(x, p.X)
				z := rng.At(p.Seed, "probe/weight_noise", r)
				for _, b := range blocks {
					kind.add(problem.View(x, b), &z, size)
				}
				at, err := scoreOf(f, x, s.Set)
				if err != nil {
					return fmt.Errorf("with noise %s: %w", of, err)
				}
				none = at.none
				accuracies[r], losses[r] = kernel.Sum(at.right)/float64(len(at.right)), at.loss
				if kind.name == "relative" {
					mean[r] += accuracies[r] / float64(len(sizes))
				}
			}
			if none == nil {
				accuracy, stderr := meanErr(accuracies)
				p.Estimate(part("weight_noise_accuracy", of), accuracy, stderr)
			}
			loss, stderr := meanErr(losses)
			p.Estimate(part("weight_noise_loss", of), loss, stderr)
		}
	}
	if none != nil {
		return none
	}
	accuracy, stderr := meanErr(mean)
	p.Estimate("weight_noise_mean", accuracy, stderr)
	return nil
}

// relativeNoise multiplies each weight of a block by 1 + size z.
func relativeNoise(w []float64, z *rng.Stream, size float64) {
	for i := range w {
		w[i] *= 1 + float64(size*z.Norm())
	}
}

// additiveNoise adds size rms z to each weight of a block.
func additiveNoise(w []float64, z *rng.Stream, size float64) {
	rms := kernel.Norm2(w) / math.Sqrt(float64(len(w)))
	for i := range w {
		w[i] += float64(size * rms * z.Norm())
	}
}
