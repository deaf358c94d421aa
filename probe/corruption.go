package probe

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"basin/kernel"
	"basin/rng"
)

var corruptionDoc = Doc{
	Name:    "corruption",
	Family:  "function",
	Summary: "Accuracy and loss on inputs that are noisy, faded, covered in part or shifted.",
	Readings: []Reading{
		{Name: "corrupted_accuracy", Formula: "accuracy on altered inputs", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation, Parts: "kind_severity"},
		{Name: "corrupted_loss", Formula: "mean loss on altered inputs", Null: "the loss on the inputs as they are", Invariant: Permutation | Rescaling | Rotation, Parts: "kind_severity"},
		{Name: "corruption_accuracy", Formula: "mean over kinds of the mean of corrupted_accuracy over severities", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation, Parts: "kinds", Headline: true},
		{Name: "corruption_drop", Formula: "accuracy on the inputs as they are - corruption_accuracy", Null: "0", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "accuracy as a mean over kinds and severities: Hendrycks & Dietterich 2019, arXiv 1903.12261",
	Needs:  "inputs that are numbers; pictures for all kinds but noise; outputs and classes for accuracy",
	Cost:   "one evaluation of `examples` examples for each kind and severity",
	Notes: []string{
		"noise: s sd e is added, e ~ N(0, 1) for each number. contrast: x becomes m + s (x - m), m the mean of the picture. occlusion: a box of s times height and width, at random inside the picture, is set to the mean of all inputs. shift: the picture is moved by s pixels up, down, left or right at random, and the pixels at its edge are repeated where it came from.",
		"Mean and standard deviation sd are those of all numbers among 2,000 training inputs, as the network sees them. The draws follow from seed and example, so that solutions of a seed are compared on the same altered inputs, and a severity differs from another in size alone.",
		"The standard error is over examples, whose results at all severities belong together. 95 % intervals held the true value in 94 to 96 % of samples (docs/intervals.md).",
	},
}

type corruption struct {
	Noise     []float64 `arg:"noise" default:"[0.25, 0.5, 1]" valid:"(0,inf)" help:"standard deviations of noise, in those of the inputs"`
	Contrast  []float64 `arg:"contrast" default:"[0.5, 0.25, 0.1]" valid:"[0,1)" help:"shares of contrast left"`
	Occlusion []float64 `arg:"occlusion" default:"[0.25, 0.5]" valid:"(0,1]" help:"sides of the box, in those of the picture"`
	Shift     []int     `arg:"shift" default:"[1, 2, 4]" valid:"[1,1000]" help:"pixels by which pictures are shifted"`
	Set       string    `arg:"set" default:"test" help:"the set whose inputs are altered"`
	Examples  int       `arg:"examples" default:"2000" valid:"[0,inf)" help:"how many of its examples, 0 for all"`
}

// An alteration sets dst to an altered src, with the draws of s.
type alteration func(dst, src []float64, severity float64, s *rng.Stream)

func (s *corruption) Measure(p *Pass) error {
	in, err := Need(p, Inputs{s.Set, s.Examples})
	if err != nil {
		return err
	}
	unit, err := Need(p, inputScale{})
	if err != nil {
		return err
	}
	f, err := Need(p, Subset{s.Set, s.Examples})
	if err != nil {
		return err
	}
	clean, err := scoreOf(f, p.X, s.Set)
	if err != nil {
		return err
	}
	pixels := make([]float64, len(s.Shift))
	convert(pixels, s.Shift)
	kinds := 0.
	var total []float64 // each example's accuracy, by kind
	for _, kind := range []struct {
		name       string
		alter      alteration
		severities []float64
		picture    bool
	}{
		{"noise", unit.noise, s.Noise, false},
		{"contrast", contrast, s.Contrast, true},
		{"occlusion", occlusion(in, unit.mean), s.Occlusion, true},
		{"shift", shift(in), pixels, true},
	} {
		if _, _, _, ok := in.picture(); kind.picture && !ok || len(kind.severities) == 0 {
			continue
		}
		severities := unique(kind.severities)
		var mean []float64
		for _, severity := range severities {
			x := make([]float64, len(in.X))
			for i := range in.N {
				stream := rng.At(p.Seed, "probe/corruption/"+kind.name, i)
				kind.alter(x[i*in.Size:(i+1)*in.Size], in.Row(i), severity, &stream)
			}
			r, err := scoreOf(in.With(x), p.X, s.Set)
			if err != nil {
				return err
			}
			r.read(p, "corrupted", kind.name+"_"+strconv.FormatFloat(severity, 'g', -1, 64))
			mean = added(mean, byExample(r.right, r.each), 1/float64(len(severities)))
		}
		if clean.none == nil {
			accuracy, stderr := meanShare(mean, clean.each)
			p.Estimate(part("corruption_accuracy", kind.name), accuracy, stderr)
		}
		total = added(total, mean, 1)
		kinds++
	}
	if kinds == 0 {
		return errors.New("there is nothing to alter: inputs that are no pictures have noise alone")
	}
	if clean.none != nil {
		return clean.none
	}
	kernel.Scale(total, 1/kinds)
	mean, stderr := meanShare(total, clean.each)
	p.Estimate("corruption_accuracy", mean, stderr)
	drop := append([]float64(nil), byExample(clean.right, clean.each)...)
	kernel.Axpy(drop, -1, total)
	mean, stderr = meanErr(drop)
	p.Estimate("corruption_drop", mean, stderr)
	return nil
}

// unique gives the numbers of a list in ascending order, each once.
func unique(list []float64) []float64 { return slices.Compact(slices.Sorted(slices.Values(list))) }

// added is dst + weight v; nil stands for zeros.
func added(dst, v []float64, weight float64) []float64 {
	if dst == nil {
		dst = make([]float64, len(v))
	}
	kernel.Axpy(dst, weight, v)
	return dst
}

func (m moments) noise(dst, src []float64, severity float64, s *rng.Stream) {
	for i, v := range src {
		dst[i] = v + float64(severity*m.sd*s.Norm())
	}
}

func contrast(dst, src []float64, severity float64, _ *rng.Stream) {
	mean := kernel.Sum(src) / float64(len(src))
	for i, v := range src {
		dst[i] = mean + float64(severity*(v-mean))
	}
}

func occlusion(in *InputSet, fill float64) alteration {
	height, width, channels, _ := in.picture()
	return func(dst, src []float64, severity float64, s *rng.Stream) {
		copy(dst, src)
		rows, cols := int(math.Ceil(severity*float64(height))), int(math.Ceil(severity*float64(width)))
		top, left := int(s.Float64()*float64(height-rows+1)), int(s.Float64()*float64(width-cols+1))
		for r := top; r < top+rows; r++ {
			for i := (r*width + left) * channels; i < (r*width+left+cols)*channels; i++ {
				dst[i] = fill
			}
		}
	}
}

func shift(in *InputSet) alteration {
	height, width, channels, _ := in.picture()
	return func(dst, src []float64, severity float64, s *rng.Stream) {
		down, right := 0, 0
		by := int(severity) * (2*s.IntN(2) - 1)
		if s.IntN(2) == 0 {
			down = by
		} else {
			right = by
		}
		for r := range height {
			from := min(max(r-down, 0), height-1)
			for c := range width {
				at := (from*width + min(max(c-right, 0), width-1)) * channels
				copy(dst[(r*width+c)*channels:][:channels], src[at:])
			}
		}
	}
}
