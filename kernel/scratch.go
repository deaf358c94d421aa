package kernel

// Scratch is the room in which MatMul, Conv and CrossEntropy arrange their operands. The zero value is
// ready; it grows on demand and is kept, so that a product of a shape seen before
// allocates nothing. One Scratch serves one goroutine.
type Scratch[T Float] struct {
	a, b  []T
	share *sharing[T] // of MatMul; nil: none
	// Of CrossEntropy: rows turned over, exponentials of rows.
	across *turned[T]
	rows   []T

	// Of Conv and its adjoints: pictures with zeros around them, packed weights or
	// pixels, what they are summed by.
	frames, packed []T
	others, planes []T // framed gradients; transformed tiles
	stencils       []stencil
	runs, jumps    []int
}

// grow gives n elements of undefined content, in the memory of *buf if it suffices.
func grow[T Float](buf *[]T, n int) []T {
	if cap(*buf) < n {
		*buf = make([]T, n)
	}
	return (*buf)[:n]
}
