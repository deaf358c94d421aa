package optim

import (
	"errors"
	"math"

	"basin/kernel"
	"basin/problem"
)

var adafactorDoc = Doc{
	Name:    "adafactor",
	Family:  "adaptive",
	Summary: "Adafactor: the gradient over the root of a mean of squares that a matrix keeps only by rows and columns, limited in size and scaled to the weights.",
	Equations: `beta2_t = 1 - t^decay_rate
r = beta2_t*r + (1-beta2_t)*(mean of g^2 over each row + eps1),  c likewise over each column
v = r c' / mean(r)                            (vectors: v = beta2_t*v + (1-beta2_t)*(g^2 + eps1))
u = g/sqrt(v) / max(1, RMS(g/sqrt(v))/clip_threshold)
a = min(lr, 1/sqrt(t))                        (relative_step=false: lr; warmup_init: at most 1e-6*t)
a = a * max(eps2, RMS(x))                     (scale_parameter=false: a)
m = beta1*m + (1-beta1)*a*u
d = -a*weight_decay*x - m`,
	Source: "Shazeer & Stern 2018, Adafactor: adaptive learning rates with sublinear memory cost, arXiv 1804.04235, Algorithms 4 and 5",
	Notes: []string{
		"A block of two or more dimensions is factored over the last two, one matrix for each index of the others, as in fairseq's and Hugging Face's codes; optax factors the two longest dimensions, and only from a length of 128 up. RMS is over the whole block.",
		"relative_step=true with lr=0.01 is Hugging Face's lr=None. The first moment is of steps that a has already scaled, as there; the paper has none at the defaults.",
		"PyTorch has eps1 as a lower bound of the root instead, min(lr, 1/sqrt(t)) always, and decay times lr without RMS(x).",
		"With eps1=0 a coordinate whose v is 0 does not move.",
	},
	Blocks:      "two or more dimensions: factored over the last two; RMS is over each block",
	Clipping:    "g/sqrt(v), at a root mean square of clip_threshold over each block",
	Decay:       "apart from the gradient, times a",
	Epsilon:     "eps1 added to squares, eps2 the least that RMS(x) counts for",
	Correction:  "none: beta2_t is 0 at the first step",
	Memory:      "rows + cols values for each matrix, 1 per parameter of vectors (v); with beta1 1 more per parameter (m)",
	Gradients:   1,
	Invariances: []Invariance{LossScale, Rescaling},
	Example:     "adafactor(lr=0.03)",
}

type adafactorSettings struct {
	LR             Schedule `arg:"lr" default:"0.01" valid:"(0,inf)" search:"1e-4..1 log" help:"step size, or its largest value if relative_step"`
	Eps1           float64  `arg:"eps1" default:"1e-30" valid:"[0,inf)" help:"added to squares"`
	Eps2           float64  `arg:"eps2" default:"1e-3" valid:"[0,inf)" search:"1e-6..1e-1 log" help:"least root mean square that the weights of a block count for"`
	ClipThreshold  float64  `arg:"clip_threshold" default:"1" valid:"(0,inf]" help:"largest root mean square of a block's step over a"`
	DecayRate      float64  `arg:"decay_rate" default:"-0.8" valid:"(-inf,0]" search:"-1..-0.5" help:"power of t by which the mean of squares comes to forget more slowly"`
	Beta1          float64  `arg:"beta1" default:"0" valid:"[0,1)" search:"0..0.99" help:"memory of the mean of steps"`
	WeightDecay    Schedule `arg:"weight_decay" default:"0" valid:"[0,inf)" search:"1e-4..1 log" help:"share of x taken away, times a"`
	ScaleParameter bool     `arg:"scale_parameter" default:"true" help:"whether steps are scaled to the weights of the block"`
	RelativeStep   bool     `arg:"relative_step" default:"true" help:"whether the step size is at most 1/sqrt(t)"`
	WarmupInit     bool     `arg:"warmup_init" default:"false" help:"whether it is at most 1e-6*t"`
}

func (s *adafactorSettings) check() error {
	if s.WarmupInit && !s.RelativeStep {
		return errors.New("warmup_init needs relative_step=true")
	}
	return nil
}

type adafactor[T problem.Float] struct {
	adafactorSettings
	blocks     []factoredBlock[T]
	sum, scale []T // squares of columns, and what to multiply them by; room for the longest row
}

// A factoredBlock is a block with its moments: the means of squares of rows and
// columns if it is of matrices, else of elements.
type factoredBlock[T problem.Float] struct {
	problem.Block
	rows, cols int
	r, c       []float64
	v          []T
	m          []T // nil without beta1
}

func newAdafactor[T problem.Float](s *adafactorSettings, c *Context[T]) (part[T], error) {
	a := &adafactor[T]{adafactorSettings: *s}
	cols := 0
	for _, b := range c.Blocks {
		f := factoredBlock[T]{Block: b}
		if k := len(b.Shape); k >= 2 {
			f.rows, f.cols = b.Shape[k-2], b.Shape[k-1]
			f.r, f.c = make([]float64, b.Len()/f.cols), make([]float64, b.Len()/f.rows)
			cols = max(cols, f.cols)
		} else {
			f.v = kernel.Vector[T](b.Len())
		}
		if s.Beta1 != 0 {
			f.m = kernel.Vector[T](b.Len())
		}
		a.blocks = append(a.blocks, f)
	}
	a.sum, a.scale = make([]T, cols), make([]T, cols)
	return a, nil
}

func (a *adafactor[T]) Step(s *Step[T]) {
	t := float64(s.T)
	fresh := math.Pow(t, a.DecayRate) // 1 - beta2_t
	rate, decay := a.LR.At(s.T), a.WeightDecay.At(s.T)
	if a.RelativeStep {
		rate = min(rate, 1/math.Sqrt(t))
	}
	if a.WarmupInit {
		rate = min(rate, 1e-6*t)
	}
	for _, b := range a.blocks {
		d, x := problem.View(s.D, b.Block), problem.View(s.X, b.Block)
		if b.v != nil {
			b.divide(d, fresh, a.Eps1)
		} else {
			for k := 0; k*b.rows*b.cols < len(d); k++ {
				b.divideMatrix(d, k, fresh, a.Eps1, a.sum[:b.cols], a.scale[:b.cols])
			}
		}
		unit := math.Sqrt(float64(len(d))) // the norm where the mean square is 1
		step := rate
		if a.ScaleParameter {
			step *= max(a.Eps2, kernel.Norm2(x)/unit)
		}
		along := step / max(1, kernel.Norm2(d)/(unit*a.ClipThreshold))
		if b.m == nil {
			kernel.Axpby(T(-along), d, T(-step*decay), x)
			continue
		}
		kernel.Momentum(d, b.m, x, &kernel.MomentumRates[T]{
			Keep: T(a.Beta1), Fresh: T((1 - a.Beta1) * along), Mean: 1, Step: -1,
		})
		kernel.Axpy(d, T(-step*decay), x)
	}
}

// divide turns the gradient d of a vector into d/sqrt(v), and moves on v.
func (b *factoredBlock[T]) divide(d []T, fresh, eps float64) {
	keep, rest, more := T(1-fresh), T(fresh), T(fresh*eps)
	v := b.v[:len(d)]
	for i, g := range d {
		v[i] = T(keep*v[i]) + T(rest*T(g*g)) + more
		d[i] = g * T(inverseRoot(float64(v[i])))
	}
}

// divideMatrix does so for the k-th matrix of d, and moves on its r and c.
func (b *factoredBlock[T]) divideMatrix(d []T, k int, fresh, eps float64, sum, scale []T) {
	d = d[k*b.rows*b.cols:][:b.rows*b.cols]
	r, c := b.r[k*b.rows:][:b.rows], b.c[k*b.cols:][:b.cols]
	mean := 0.0
	clear(sum)
	for i := range r {
		row := d[i*b.cols:][:b.cols]
		kernel.Square(scale, row)
		kernel.Add(sum, sum, scale)
		r[i] = (1-fresh)*r[i] + fresh*(kernel.Dot(row, row)/float64(b.cols)+eps)
		mean += r[i] / float64(b.rows)
	}
	for j := range c {
		c[j] = (1-fresh)*c[j] + fresh*(float64(sum[j])/float64(b.rows)+eps)
		scale[j] = T(inverseRoot(c[j]))
	}
	for i := range r {
		row := d[i*b.cols:][:b.cols]
		kernel.Scale(row, T(math.Sqrt(mean)*inverseRoot(r[i])))
		kernel.Mul(row, row, scale)
	}
}

// inverseRoot is 1/sqrt(v), and 0 for v = 0.
func inverseRoot(v float64) float64 {
	if v == 0 {
		return 0
	}
	return 1 / math.Sqrt(v)
}

func (a *adafactor[T]) Memory() []any {
	var all []any
	for _, b := range a.blocks {
		all = append(all, b.r, b.c, b.v, b.m)
	}
	return all
}

func (a *adafactor[T]) Flops() float64 {
	sum := 0.0
	for _, b := range a.blocks {
		sum += 14 * float64(b.Len())
	}
	return sum
}
