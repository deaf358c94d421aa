// Package safetensors reads and writes the safetensors format: a header of JSON
// with the name, type, shape and place of each tensor, then their values.
//
//	8 bytes   length n of the header, little-endian
//	n bytes   {"__metadata__": {name: text, ...}, name: {"dtype", "shape", "data_offsets"}, ...}, padded with spaces
//	the rest  the values of each tensor, row-major, little-endian, without gaps
//
// Reading trusts nothing: every byte of a file is accounted for, or it is refused
// with an error that names the tensor.
package safetensors

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"unicode/utf8"
)

// maxHeader bounds the header, far above what a network of a million tensors needs.
const maxHeader = 100 << 20

const metadataName = "__metadata__"

// A Tensor is a named array, row-major by Shape; no shape is that of a single
// number. F64 holds its values if it is not nil, else F32.
type Tensor struct {
	Name  string
	Shape []int
	F32   []float32
	F64   []float64
}

// A File is what a safetensors file holds, its tensors in the order of their
// values.
type File struct {
	Tensors  []Tensor
	Metadata map[string]string
}

// Tensor finds a tensor by name.
func (f *File) Tensor(name string) (*Tensor, bool) {
	for i := range f.Tensors {
		if f.Tensors[i].Name == name {
			return &f.Tensors[i], true
		}
	}
	return nil, false
}

// sizes gives the bytes of one value of each type that can be read.
var sizes = map[string]int{"F64": 8, "F32": 4, "F16": 2, "BF16": 2}

var errOverflow = errors.New("its shape has too many values")

// count is the number of values of a shape.
func count(shape []int) (int, error) {
	n := uint64(1)
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("dimension %d of its shape is negative", d)
		}
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > math.MaxInt/8 {
			return 0, errOverflow
		}
		n = lo
	}
	return int(n), nil
}

// prefixed says whose error it is.
func prefixed(err error) error { return fmt.Errorf("safetensors: %w", err) }

// named says which tensor an error is about.
func named(name string, err error) error {
	return fmt.Errorf("tensor %.80q: %w", name, err)
}

func checkName(name string) error {
	if name == metadataName || !utf8.ValidString(name) {
		return errors.New("no tensor can have this name")
	}
	return nil
}
