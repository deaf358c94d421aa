package kernel

// A sweep is one call of an assembly loop over vectors of n elements: what dst, a,
// b, c and the scalars mean depends on the loop. The assembly knows the offsets of
// the fields.
type sweep[T Float] struct {
	dst, a, b, c *T
	n            int
	result       uint64 // the bits of a sum in double precision, or of a T
	scalars      [9]T
}

// A loop is the number of an assembly loop: its place in kernel/gen's list.
type loop int

const (
	adamLoop loop = iota
	axpyLoop
	scaleLoop
	dotLoop
	sumLoop
	largestLoop
)
