package graph

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Shape is the length of each axis, outermost first.
type Shape []int

// Len is the number of elements.
func (s Shape) Len() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

func (s Shape) String() string {
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = strconv.Itoa(d)
	}
	return "(" + strings.Join(parts, ",") + ")"
}

// strides are those of a row-major array of the shape.
func (s Shape) strides() []int {
	st := make([]int, len(s))
	n := 1
	for i := len(s) - 1; i >= 0; i-- {
		st[i] = n
		n *= s[i]
	}
	return st
}

// spread gives the strides with which an array of shape s is read as one of the
// shape it broadcasts to: zero along the axes that repeat it.
func (s Shape) spread(to Shape) []int {
	st := make([]int, len(to))
	own := s.strides()
	for i, d := range s {
		if d != 1 {
			st[len(to)-len(s)+i] = own[i]
		}
	}
	return st
}

// broadcast gives the shape of an elementwise op of two arrays: axes are matched
// from the last, and an axis that is missing or has length 1 is repeated.
func broadcast(a, b Shape) (Shape, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	for i, d := range b {
		o := &out[len(a)-len(b)+i]
		switch {
		case *o == 1:
			*o = d
		case d != 1 && d != *o:
			return nil, false
		}
	}
	return out, true
}

// chosen sorts the axes that a caller names; none stands for all.
func (s Shape) chosen(axes []int) []int {
	if len(axes) > 0 {
		return slices.Sorted(slices.Values(axes))
	}
	all := make([]int, len(s))
	for i := range all {
		all[i] = i
	}
	return all
}

// has tells what is wrong with sorted axes of an array of shape s.
func (s Shape) has(axes []int) error {
	for i, k := range axes {
		if k < 0 || k >= len(s) {
			return fmt.Errorf("shape %v has no axis %d", s, k)
		}
		if i > 0 && axes[i-1] == k {
			return errors.New("an axis is named twice")
		}
	}
	return nil
}

// contiguous tells whether an array of shape s whose axes are put in the given order
// keeps its elements in place.
func (s Shape) contiguous(order []int) bool {
	before := -1
	for _, k := range order {
		if s[k] == 1 {
			continue
		}
		if k < before {
			return false
		}
		before = k
	}
	return true
}

// without gives the shape that summing over the given axes leaves.
func (s Shape) without(axes []int) Shape {
	out := Shape{}
	for i, d := range s {
		if !slices.Contains(axes, i) {
			out = append(out, d)
		}
	}
	return out
}

// repeated lists the axes of to along which an array of shape s is repeated.
func (s Shape) repeated(to Shape) []int {
	var axes []int
	lead := len(to) - len(s)
	for i, d := range to {
		if i < lead || s[i-lead] != d {
			axes = append(axes, i)
		}
	}
	return axes
}
