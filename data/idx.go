package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// An idxFile says what a file in the IDX format must hold: n items of rows x cols
// unsigned bytes, or of one byte each where rows is 0.
type idxFile struct {
	item          string // "image", "label"
	n, rows, cols int
}

// shape is the sizes the header must give, the number of items first.
func (f idxFile) shape() []int {
	if f.rows == 0 {
		return []int{f.n}
	}
	return []int{f.n, f.rows, f.cols}
}

// bytes is the length of all items together.
func (f idxFile) bytes() int { return f.n * max(1, f.rows*f.cols) }

// read gives the bytes of all items of the file at path, plain or compressed with
// gzip. Errors name the file, what it holds and what was expected.
func (f idxFile) read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	body, err := f.parse(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; %s", path, err, remedy)
	}
	return body, nil
}

// parse does the work of read. The header is compared before anything is allocated
// for what follows it.
func (f idxFile) parse(r io.Reader) ([]byte, error) {
	in, err := inflated(r)
	if err != nil {
		return nil, err
	}
	if err := f.header(in); err != nil {
		return nil, err
	}
	body := make([]byte, f.bytes())
	if err := readBody(in, body, counted{f.n, f.item}, 4+4*len(f.shape())+f.bytes()); err != nil {
		return nil, err
	}
	return body, nil
}

// header reads the magic number, two zeros, the type (8: unsigned byte) and the
// number of dimensions, and then the dimensions, all big-endian.
func (f idxFile) header(in io.Reader) error {
	want := f.shape()
	magic := 0x800 | uint32(len(want))
	got, err := word(in)
	switch {
	case err != nil:
		return err
	case got != magic:
		return fmt.Errorf("not an IDX file of %ss: its magic number is 0x%08x, not 0x%08x", f.item, got, magic)
	}
	sizes := make([]int, len(want))
	for i := range sizes {
		size, err := word(in)
		if err != nil {
			return err
		}
		sizes[i] = int(size)
	}
	if f.rows != 0 && (sizes[1] != f.rows || sizes[2] != f.cols) {
		return fmt.Errorf("its images are %d x %d pixels, not %d x %d", sizes[1], sizes[2], f.rows, f.cols)
	}
	if sizes[0] != f.n {
		return fmt.Errorf("is of %s, not of %s", counted{sizes[0], f.item}, grouped(f.n))
	}
	return nil
}

// word reads 32 bits of a header.
func word(in io.Reader) (uint32, error) {
	var b [4]byte
	if _, err := io.ReadFull(in, b[:]); cutShort(err) {
		return 0, errors.New("truncated: it ends within the header")
	} else if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b[:]), nil
}
