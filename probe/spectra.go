package probe

import (
	"errors"

	"basin/kernel"
	"basin/linop"
	"basin/problem"
)

// weightSpectrum is the quantity of the spectrum of a block as a matrix, or of its
// change from the start.
type weightSpectrum struct {
	block  string
	change bool
}

func (q weightSpectrum) Compute(p *Pass) (spectrum, error) {
	x := p.X
	if q.change {
		d, err := Need(p, change{})
		if err != nil {
			return spectrum{}, err
		}
		x = d
	}
	for _, b := range p.Layout.Blocks {
		if b.Name == q.block {
			m, n, _ := b.Matrix()
			return spectrumOf(problem.View(x, b), m, n, p.Eps)
		}
	}
	panic("probe: no block named " + q.block)
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
	case errors.Is(err, linop.ErrNotFinite):
		return spectrum{}, errors.New("the matrix is not finite")
	case err != nil:
		return spectrum{}, errors.New("the singular values did not converge")
	case len(s) == 0 || s[0] == 0:
		return spectrum{}, errZero
	}
	return spectrum{s, float64(max(m, n)) * eps * s[0]}, nil
}
