package data

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"

	"basin/rng"
)

// A Completion is a square matrix of low rank of which some entries are seen.
type Completion struct {
	Size, Rank int
	Truth      []float64 // Size x Size row-major
	Observed   []int     // places in Truth, in order
	Hidden     []int     // the others, in order
	Seen       []float64 // Truth at Observed, with noise
}

// NewCompletion draws the matrix U V'/sqrt(rank) with U and V, size x rank, from N(0,
// 1), so that entries have variance 1, and of its entries those seen, to which
// noise*e, e ~ N(0, 1), is added. U and V are rounded to single precision, so that the
// matrix is nearly always the same on every machine.
func NewCompletion(size, rank, observed int, noise float64, seed uint64) *Completion {
	c := &Completion{Size: size, Rank: rank, Truth: make([]float64, size*size)}
	factor := func(name string) []float64 {
		s := rng.At(seed, "completion/"+name, 0)
		f := make([]float64, size*rank)
		for i := range f {
			f[i] = single(s.Norm())
		}
		return f
	}
	u, v := factor("u"), factor("v")
	for k := range c.Truth {
		i, j := k/size, k%size
		c.Truth[k] = unfused(u[i*rank:(i+1)*rank], v[j*rank:(j+1)*rank]) / math.Sqrt(float64(rank))
	}
	order := make([]int, len(c.Truth))
	s := rng.At(seed, "completion/observed", 0)
	s.Perm(order)
	c.Observed, c.Hidden = order[:observed:observed], order[observed:]
	slices.Sort(c.Observed)
	slices.Sort(c.Hidden)
	for _, k := range c.Observed {
		s := rng.At(seed, "completion/noise", k)
		c.Seen = append(c.Seen, c.Truth[k]+float64(noise*s.Norm()))
	}
	return c
}

// Hash is the SHA-256 of the matrix and of what is seen of it, in hexadecimal.
func (c *Completion) Hash() string {
	h := sha256.New()
	hashNumbers(h, c.Truth)
	places := make([]float64, len(c.Observed))
	for i, k := range c.Observed {
		places[i] = float64(k)
	}
	hashNumbers(h, places)
	hashNumbers(h, c.Seen)
	return hex.EncodeToString(h.Sum(nil))
}
