package nn

import (
	"fmt"
	"strings"
)

// An Input says what one example is: an array of numbers, such as {784} or, for a
// picture, {height, width, channels}; or, where Tokens is above 0, a sequence of as
// many tokens as Shape, of one axis, says, numbered from 0 to Tokens-1.
type Input struct {
	Shape  []int
	Tokens int
}

// Len is how many numbers, or tokens, one example has.
func (in Input) Len() int {
	n := 1
	for _, d := range in.Shape {
		n *= d
	}
	return n
}

// String is such as "784 numbers", "pictures of 28 x 28 x 1" or "128 tokens of 65 kinds".
func (in Input) String() string {
	lengths := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(in.Shape), "[]")), " x ")
	switch {
	case in.Tokens > 0:
		return fmt.Sprintf("%s tokens of %d kinds", lengths, in.Tokens)
	case len(in.Shape) == 3:
		return "pictures of " + lengths
	}
	return lengths + " numbers"
}
