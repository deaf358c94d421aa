package probe

import (
	"errors"
	"math"
	"slices"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

// weightSpectrum is the quantity of the spectrum of a block as a matrix. Rounding in a
// difference is that of its terms.
type weightSpectrum struct {
	block string
	of    matrixKind
}

func (q weightSpectrum) Compute(p *Pass) (spectrum, error) {
	x, err := q.of.vector(p)
	if err != nil {
		return spectrum{}, err
	}
	b := named(p, q.block)
	m, n, _ := b.Matrix()
	a, err := spectrumOf(problem.View(x, b), m, n, p.Eps)
	if err == nil && (q.of == moved || q.of == undecayed) {
		if whole, err := Need(p, weightSpectrum{q.block, solution}); err == nil {
			if a.s[0] <= p.Eps*whole.s[0] {
				return spectrum{}, errors.New("the matrix is zero but for rounding")
			}
			a.noise = max(a.noise, whole.noise)
		}
	}
	return a, err
}

func named(p *Pass, block string) problem.Block {
	i := slices.IndexFunc(p.Layout.Blocks, func(b problem.Block) bool { return b.Name == block })
	return p.Layout.Blocks[i]
}

// weightVectors is the quantity of the singular vectors of a block as a matrix.
type weightVectors weightSpectrum

// A decomposition is U diag(s) V' = A, of size m x n.
type decomposition struct {
	m, n     int
	u, s, vt []float64
}

func (q weightVectors) Compute(p *Pass) (decomposition, error) {
	x, err := q.of.vector(p)
	if err != nil {
		return decomposition{}, err
	}
	b := named(p, q.block)
	m, n, _ := b.Matrix()
	u, s, vt, err := linop.SVD(problem.View(x, b), m, n)
	return decomposition{m, n, u, s, vt}, explained(err)
}

// inputMoments is the quantity of the second moments E[v v'] of the inputs v of layers
// over a Subset's predictions, at as many places as a weight is used, by the name of
// the weight.
type inputMoments Subset

func (q inputMoments) Compute(p *Pass) (map[string][]float64, error) {
	f, err := Need(p, Subset(q))
	if err != nil {
		return nil, err
	}
	k, ok := problem.As[problem.Kronecker[float64]](f)
	if !ok {
		return nil, errors.New("the inputs of layers are not known")
	}
	layers := k.KroneckerLayers()
	a, g := make([][]float64, len(layers)), make([][]float64, len(layers))
	for i, l := range layers {
		a[i], g[i] = make([]float64, l.In*l.In), make([]float64, l.Out*l.Out)
	}
	k.KroneckerFactors(a, g, p.X)
	moments := map[string][]float64{}
	for i, l := range layers {
		in := l.In
		if l.Bias >= 0 { // the last input is the one that the bias multiplies
			in--
		}
		c := make([]float64, in*in)
		for j := range in {
			copy(c[j*in:(j+1)*in], a[i][j*l.In:])
		}
		moments[p.Layout.Blocks[l.Weight].Name] = c
	}
	return moments, nil
}

// inputSpectrum is the quantity of the spectrum of D C^(1/2), where D is the change
// of a block and C the second moment of its inputs.
type inputSpectrum struct {
	block string
	over  inputMoments
}

func (q inputSpectrum) Compute(p *Pass) (spectrum, error) {
	x, err := Need(p, change{})
	if err != nil {
		return spectrum{}, err
	}
	moments, err := Need(p, q.over)
	if err != nil {
		return spectrum{}, err
	}
	c, ok := moments[q.block]
	if !ok {
		return spectrum{}, errors.New("the inputs of this layer are not known")
	}
	b := named(p, q.block)
	m, n, _ := b.Matrix()
	d, dc, gram := problem.View(x, b), make([]float64, m*n), make([]float64, m*m)
	var room kernel.Scratch[float64]
	kernel.MatMul(&room, dc, n, d, n, 1, c, n, 1, m, n, n, false)
	kernel.MatMul(&room, gram, m, dc, n, 1, d, 1, n, m, m, n, false)
	squares, err := linop.SymValues(gram, m)
	if err != nil {
		return spectrum{}, explained(err)
	}
	slices.Reverse(squares)
	if squares[0] <= 0 {
		return spectrum{}, errZero
	}
	noise := float64(max(m, n)) * p.Eps * squares[0]
	s := make([]float64, min(m, n))
	for i := range s {
		s[i] = math.Sqrt(max(squares[i], 0))
	}
	return spectrum{s, math.Sqrt(noise)}, nil
}

// featureSpectrum is the quantity of the spectrum of a hidden layer's activations,
// examples x units, each unit's mean over the examples taken off.
type featureSpectrum struct {
	of    Features
	layer int
}

func (q featureSpectrum) Compute(p *Pass) (spectrum, error) {
	f, err := Need(p, q.of)
	if err != nil {
		return spectrum{}, err
	}
	if f.N < 2 {
		return spectrum{}, errors.New("one example has no centred activations")
	}
	width := f.Layers[q.layer].Width
	return spectrumOf(centred(f.Values[q.layer], f.N, width), f.N, width, p.Eps)
}

// centred is the m x n matrix a less the mean of each column.
func centred(a []float64, m, n int) []float64 {
	mean := make([]float64, n)
	for i := range m {
		kernel.Axpy(mean, 1/float64(m), a[i*n:(i+1)*n])
	}
	c := append([]float64(nil), a...)
	for i := range m {
		kernel.Axpy(c[i*n:(i+1)*n], -1, mean)
	}
	return c
}

// unit is a in units of its largest entry, so that no power of it overflows.
func unit(a []float64) []float64 {
	u := append([]float64(nil), a...)
	if most := kernel.AbsMax(u); most > 0 {
		// Not 1/most, which is infinite for the least of numbers.
		for i := range u {
			u[i] /= most
		}
	}
	return u
}

var errZero = errors.New("the matrix is zero")

// spectrumOf decomposes an m x n matrix known to a relative precision eps.
func spectrumOf(a []float64, m, n int, eps float64) (spectrum, error) {
	s, err := linop.SingularValues(a, m, n)
	switch {
	case err != nil:
		return spectrum{}, explained(err)
	case len(s) == 0 || s[0] == 0:
		return spectrum{}, errZero
	}
	return spectrum{s, float64(max(m, n)) * eps * s[0]}, nil
}

// explained is the reason that an error of a decomposition is for readings.
func explained(err error) error {
	switch {
	case errors.Is(err, linop.ErrNotFinite):
		return errors.New("the matrix is not finite")
	case err != nil:
		return errors.New("the singular values did not converge")
	}
	return nil
}
