package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Write writes tensors in the order given, after metadata, which may be nil. Equal
// arguments give equal bytes. An error is the tensor's, or of w.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	header, err := header(tensors, metadata)
	if err != nil {
		return prefixed(err)
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, t := range tensors {
		if t.F64 != nil {
			err = writeValues(w, t.F64)
		} else {
			err = writeValues(w, t.F32)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeValues writes x in pieces, so that no copy of all of it is made.
func writeValues[T float32 | float64](w io.Writer, x []T) error {
	const piece = 1 << 14
	for len(x) > 0 {
		n := min(piece, len(x))
		if err := binary.Write(w, binary.LittleEndian, x[:n]); err != nil {
			return err
		}
		x = x[n:]
	}
	return nil
}

// header gives the length and the header, together a multiple of 8 bytes.
func header(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	separator := byte('{')
	entry := func(name string, value any) error {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		b.WriteByte(separator)
		b.Write(key)
		b.WriteByte(':')
		b.Write(text)
		separator = ','
		return nil
	}
	if len(metadata) > 0 {
		for k, v := range metadata {
			if !utf8.ValidString(k) || !utf8.ValidString(v) {
				return nil, fmt.Errorf("metadata %.80q is not UTF-8", k)
			}
		}
		if err := entry(metadataName, metadata); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{}
	end := 0
	for _, t := range tensors {
		e, err := describe(t, end)
		if err == nil && seen[t.Name] {
			err = errors.New("the name is there twice")
		}
		if err == nil {
			err = entry(t.Name, e)
		}
		if err != nil {
			return nil, named(t.Name, err)
		}
		seen[t.Name] = true
		end = e.Offsets[1]
	}
	if separator == '{' {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if b.Len() > maxHeader {
		return nil, fmt.Errorf("the header would have %d bytes, more than %d", b.Len(), maxHeader)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(b.Len()-8))
	return b.Bytes(), nil
}

// described is a tensor's entry in the header.
type described struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// describe places a tensor at an offset.
func describe(t Tensor, off int) (described, error) {
	if err := checkName(t.Name); err != nil {
		return described{}, err
	}
	n, err := count(t.Shape)
	if err != nil {
		return described{}, err
	}
	d := described{DType: "F32", Shape: append([]int{}, t.Shape...)}
	have := len(t.F32)
	if t.F64 != nil {
		if t.F32 != nil {
			return d, errors.New("it has values of both types")
		}
		d.DType, have = "F64", len(t.F64)
	}
	if have != n {
		return d, fmt.Errorf("shape %v needs %d values, it has %d", t.Shape, n, have)
	}
	d.Offsets = [2]int{off, off + n*sizes[d.DType]}
	return d, nil
}
