package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// Read reads a file given as bytes, which it does not keep. F64 tensors are read
// to F64; F32, F16 and BF16 to F32, without rounding.
func Read(data []byte) (*File, error) {
	f, err := read(data)
	if err != nil {
		return nil, prefixed(err)
	}
	return f, nil
}

func read(data []byte) (*File, error) {
	header, values, err := split(data)
	if err != nil {
		return nil, err
	}
	entries, metadata, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	if err := account(entries, len(values)); err != nil {
		return nil, err
	}
	f := &File{Metadata: metadata}
	for _, e := range entries {
		f.Tensors = append(f.Tensors, e.tensor(values[e.begin:e.end]))
	}
	return f, nil
}

// split separates header and values.
func split(data []byte) (header, values []byte, err error) {
	if len(data) < 8 {
		return nil, nil, fmt.Errorf("the file has %d bytes, too few for any", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	rest := data[8:]
	switch {
	case n > maxHeader:
		return nil, nil, fmt.Errorf("the header would have %d bytes, more than %d; this is no safetensors file", n, maxHeader)
	case n > uint64(len(rest)):
		return nil, nil, fmt.Errorf("the header should have %d bytes, but the file ends after %d; it is cut short, or no safetensors file", n, len(rest))
	}
	header = rest[:n]
	switch {
	case n == 0 || header[0] != '{':
		return nil, nil, errors.New("the header does not begin with {; this is no safetensors file")
	case !utf8.Valid(header):
		return nil, nil, errors.New("the header is not UTF-8")
	}
	return header, rest[n:], nil
}

// An entry is a tensor as the header has it.
type entry struct {
	name       string
	dtype      string
	shape      []int
	begin, end int
}

// account puts entries in the order of their values and demands that they cover
// size bytes exactly.
func account(entries []entry, size int) error {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at, before := 0, "the header"
	for _, e := range entries {
		if err := e.check(at, before, size); err != nil {
			return named(e.name, err)
		}
		at, before = e.end, fmt.Sprintf("tensor %.80q", e.name)
	}
	if at != size {
		return fmt.Errorf("%d bytes follow %s and belong to no tensor", size-at, before)
	}
	return nil
}

// check demands that the values begin where those before end, and fit the shape.
func (e entry) check(at int, before string, size int) error {
	n, err := count(e.shape)
	if err != nil {
		return err
	}
	width, ok := sizes[e.dtype]
	switch {
	case !ok:
		return fmt.Errorf("type %.20q cannot be read, only F64, F32, F16 and BF16; leave the tensor out or convert it", e.dtype)
	case e.begin > e.end:
		return fmt.Errorf("it ends at byte %d, before it begins at %d", e.end, e.begin)
	case e.end > size:
		return fmt.Errorf("it ends at byte %d, but the values end at %d; the file is cut short", e.end, size)
	case e.end-e.begin != n*width:
		return fmt.Errorf("shape %v of %s needs %d bytes, data_offsets give %d", e.shape, e.dtype, n*width, e.end-e.begin)
	case e.begin < at:
		return fmt.Errorf("it begins at byte %d, within %s", e.begin, before)
	case e.begin > at:
		return fmt.Errorf("it begins at byte %d, leaving a gap after %s", e.begin, before)
	}
	return nil
}

// tensor reads the values.
func (e entry) tensor(b []byte) Tensor {
	t := Tensor{Name: e.name, Shape: e.shape}
	n := len(b) / sizes[e.dtype]
	if e.dtype == "F64" {
		t.F64 = make([]float64, n)
		for i := range t.F64 {
			t.F64[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
		return t
	}
	t.F32 = make([]float32, n)
	for i := range t.F32 {
		switch e.dtype {
		case "F32":
			t.F32[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		case "F16":
			t.F32[i] = fromHalf(binary.LittleEndian.Uint16(b[2*i:]))
		case "BF16":
			t.F32[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
		}
	}
	return t
}

// fromHalf is the value of an IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10
// of fraction.
func fromHalf(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch exp {
	case 0: // zero and subnormals: frac * 2^-24, exact in float32
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
	case 0x1f: // infinity and NaN
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}
