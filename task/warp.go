package task

import (
	"fmt"
	"math"

	"basin/problem"
	"basin/rng"
)

// A warp makes each number of an example anew as a weighted sum of the example's
// numbers: for number i those at from[i*each:(i+1)*each].
type warp struct {
	each   int
	from   []int32
	weight []float32 // nil for ones
}

// permutation is a random order of so many inputs, other than as they are.
func permutation(inputs int, seed uint64, k int) *warp {
	s := rng.At(seed, "task/permuted", k)
	order := make([]int, inputs)
	w := &warp{each: 1, from: make([]int32, inputs)}
	for moved := false; !moved; {
		s.Perm(order)
		for i, j := range order {
			w.from[i] = int32(j)
			moved = moved || i != j
		}
	}
	return w
}

// rotation turns pictures of height x width x channels counterclockwise about their
// middle, by bilinear interpolation; what would come from outside is as at the border.
func rotation(height, width, channels int, degrees float64) *warp {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	middleY, middleX := float64(height-1)/2, float64(width-1)/2
	w := &warp{each: 4}
	for i := range height {
		for j := range width {
			down, right := float64(i)-middleY, float64(j)-middleX
			y := min(max(middleY+float64(down*cos)+float64(right*sin), 0), float64(height-1))
			x := min(max(middleX-float64(down*sin)+float64(right*cos), 0), float64(width-1))
			top, left := min(int(y), max(height-2, 0)), min(int(x), max(width-2, 0))
			bottom, far := min(top+1, height-1), min(left+1, width-1)
			v, u := y-float64(top), x-float64(left)
			for c := range channels {
				at := func(row, col int) int32 { return int32((row*width+col)*channels + c) }
				w.from = append(w.from, at(top, left), at(top, far), at(bottom, left), at(bottom, far))
				w.weight = append(w.weight, float32((1-v)*(1-u)), float32((1-v)*u), float32(v*(1-u)), float32(v*u))
			}
		}
	}
	return w
}

// warpAll warps the examples x in place; room is for one.
func warpAll[T problem.Float](w *warp, x, room []T) {
	for lo := 0; lo < len(x); lo += len(room) {
		warpOne(w, room, x[lo:lo+len(room)])
		copy(x[lo:], room)
	}
}

func warpOne[T problem.Float](w *warp, to, from []T) {
	if w.weight == nil {
		for i, j := range w.from {
			to[i] = from[j]
		}
		return
	}
	for i := range to {
		var sum T
		for k := i * w.each; k < (i+1)*w.each; k++ {
			sum += T(T(w.weight[k]) * from[w.from[k]])
		}
		to[i] = sum
	}
}

// warped gives examples warped, themselves for no warp.
func (e *examples) warped(w *warp) *examples {
	if e == nil || w == nil {
		return e
	}
	p := *e
	switch made := e.x.made.(type) {
	case []float32:
		p.x = &array{made: warpedCopy(w, made, e.in)}
	case []float64:
		p.x = &array{made: warpedCopy(w, made, e.in)}
	default:
		panic(fmt.Sprintf("task: examples of %T", made))
	}
	return &p
}

func warpedCopy[T problem.Float](w *warp, x []T, in int) []T {
	to := make([]T, len(x))
	for lo := 0; lo < len(x); lo += in {
		warpOne(w, to[lo:lo+in], x[lo:lo+in])
	}
	return to
}
