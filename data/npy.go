package data

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"basin/problem"
)

// An npyArray is what the header of an array in NumPy's .npy format says.
type npyArray struct {
	name  string
	order binary.ByteOrder
	kind  byte // 'f': floating point, 'i': integer, 'u': without sign
	width int  // bytes of a number
	shape []int
	skip  int // bytes before the first number
}

// len is how many numbers there are, which need not fit an int.
func (a *npyArray) len() float64 {
	n := 1.0
	for _, d := range a.shape {
		n *= float64(d)
	}
	return n
}

// tuple writes a shape as NumPy does.
func tuple(shape []int) string {
	text := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(shape), "[]")), ", ")
	if len(shape) == 1 {
		text += ","
	}
	return "(" + text + ")"
}

// header reads the header of a named array.
func (f *NPZ) header(name string) (*npyArray, error) {
	file := f.arrays[name]
	if file == nil {
		return nil, fmt.Errorf("%s has no array %s, which belongs to its others", f.path, name)
	}
	r, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", f.path, name, err)
	}
	defer r.Close()
	a, err := parseNPY(bufio.NewReader(r))
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", f.path, name, err)
	}
	a.name = name
	if want := float64(a.skip) + a.len()*float64(a.width); want != float64(file.UncompressedSize64) {
		return nil, fmt.Errorf("%s: %s: has the shape %s, which makes %.0f bytes, but holds %d; save it again",
			f.path, name, tuple(a.shape), want, file.UncompressedSize64)
	}
	return a, nil
}

var (
	npyType    = regexp.MustCompile(`'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d*)'`)
	npyFortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape'\s*:\s*\(([\d, ]*)\)`)
)

// mostHeader bounds the header of an array, which takes some hundred bytes.
const mostHeader = 1 << 16

// parseNPY reads a header: magic, version, length and a Python dictionary (NumPy
// Enhancement Proposal 1).
func parseNPY(r io.Reader) (*npyArray, error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || string(start[:6]) != "\x93NUMPY" {
		return nil, errors.New("not an array in NumPy's format")
	}
	b := make([]byte, 2)
	if start[6] > 1 {
		b = make([]byte, 4)
	}
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, errors.New("truncated: it ends within the header")
	}
	length := int(binary.LittleEndian.Uint16(b))
	if len(b) == 4 {
		length = int(binary.LittleEndian.Uint32(b))
	}
	if length > mostHeader {
		return nil, fmt.Errorf("damaged: its header says that it takes %s bytes", grouped(length))
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, errors.New("truncated: it ends within the header")
	}
	kind, fortran, shape := npyType.FindSubmatch(text), npyFortran.FindSubmatch(text), npyShape.FindSubmatch(text)
	if kind == nil || fortran == nil || shape == nil {
		return nil, errors.New("its header does not give a type of number, an order and a shape; want an array of one type")
	}
	a := &npyArray{order: binary.LittleEndian, kind: kind[2][0], skip: len(start) + len(b) + length}
	a.width, _ = strconv.Atoi(string(kind[3]))
	if string(kind[1]) == ">" {
		a.order = binary.BigEndian
	}
	if !strings.Contains(" f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 ", fmt.Sprintf(" %c%d ", a.kind, a.width)) {
		return nil, fmt.Errorf("holds numbers of the type %s%s; convert it to float32, float64, or integers", kind[2], kind[3])
	}
	for field := range strings.FieldsFuncSeq(string(shape[1]), func(r rune) bool { return r == ',' || r == ' ' }) {
		d, err := strconv.Atoi(field)
		if err != nil || d < 1 || d > 1<<40 {
			return nil, fmt.Errorf("has the shape (%s), with an axis of %s", shape[1], field)
		}
		a.shape = append(a.shape, d)
	}
	if string(fortran[1]) == "True" && len(a.shape) > 1 {
		return nil, errors.New("is in Fortran order; save numpy.ascontiguousarray of it")
	}
	return a, nil
}

// readArray reads the numbers, all of which must be finite.
func readArray[T problem.Float](f *NPZ, a *npyArray) ([]T, error) {
	if err := Fits("the array "+a.name+" of "+f.path, a.len()*bytesPerInput); err != nil {
		return nil, err
	}
	r, err := f.arrays[a.name].Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", f.path, a.name, err)
	}
	defer r.Close()
	list := make([]T, int(a.len()))
	if err := a.read(r, func(i int, v float64) { list[i] = T(v) }); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", f.path, a.name, err)
	}
	return list, nil
}

// read gives every number to set.
func (a *npyArray) read(r io.Reader, set func(i int, v float64)) error {
	in := bufio.NewReaderSize(r, 1<<16)
	if _, err := in.Discard(a.skip); err != nil {
		return err
	}
	n := int(a.len())
	b := make([]byte, a.width)
	for i := range n {
		if _, err := io.ReadFull(in, b); cutShort(err) {
			return fmt.Errorf("truncated: holds %s of %s numbers; save it again", grouped(i), grouped(n))
		} else if err != nil {
			return fmt.Errorf("damaged: %w; save it again", err)
		}
		v := a.number(b)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("number %s of %s is %v; leave out the example", grouped(i), grouped(n), v)
		}
		set(i, v)
	}
	// At the end of a member the archive compares its checksum.
	switch _, err := in.ReadByte(); {
	case err == nil:
		return fmt.Errorf("bytes follow the last of %s numbers; save it again", grouped(n))
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("damaged: %w; save it again", err)
	}
	return nil
}

// number decodes one number.
func (a *npyArray) number(b []byte) float64 {
	var u uint64
	switch a.width {
	case 1:
		u = uint64(b[0])
	case 2:
		u = uint64(a.order.Uint16(b))
	case 4:
		u = uint64(a.order.Uint32(b))
	case 8:
		u = a.order.Uint64(b)
	}
	switch {
	case a.kind == 'u':
		return float64(u)
	case a.kind == 'i':
		unused := 64 - 8*a.width
		return float64(int64(u<<unused) >> unused)
	case a.width == 4:
		return float64(math.Float32frombits(uint32(u)))
	}
	return math.Float64frombits(u)
}
