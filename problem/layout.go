package problem

import (
	"fmt"
	"slices"
)

// A Role says what a block does in its network; rules treat roles differently.
type Role uint8

const (
	Weight Role = iota
	Bias
	Gain
	Embedding
)

var roleNames = [...]string{"weight", "bias", "gain", "embedding"}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role %d", r)
}

// ParseRole is the inverse of String.
func ParseRole(s string) (Role, bool) {
	i := slices.Index(roleNames[:], s)
	return Role(max(i, 0)), i >= 0
}

// A Block is a named array within a flat parameter vector, row-major by Shape.
// Shape is logical, (out, in) for a dense layer and (out, in, kh, kw) for a
// convolution.
type Block struct {
	Name  string
	Role  Role
	Shape []int
	Off   int
}

// Len is the number of entries.
func (b Block) Len() int {
	n := 1
	for _, d := range b.Shape {
		n *= d
	}
	return n
}

// Matrix gives the block's rows and columns as a matrix, trailing dimensions
// merged into columns. It reports false for blocks with fewer than two dimensions.
func (b Block) Matrix() (rows, cols int, ok bool) {
	if len(b.Shape) < 2 {
		return 0, 0, false
	}
	rows, cols = b.Shape[0], 1
	for _, d := range b.Shape[1:] {
		cols *= d
	}
	return rows, cols, true
}

// A Layout is one flat vector of N numbers made of named blocks without gaps.
type Layout struct {
	N      int
	Blocks []Block
}

// NewLayout places blocks one after another; their Off is set here.
func NewLayout(blocks ...Block) *Layout {
	l := &Layout{Blocks: slices.Clone(blocks)}
	for i := range l.Blocks {
		l.Blocks[i].Off = l.N
		l.N += l.Blocks[i].Len()
	}
	return l
}

// View is the part of x that belongs to block b.
func View[T Float](x []T, b Block) []T { return x[b.Off : b.Off+b.Len() : b.Off+b.Len()] }
