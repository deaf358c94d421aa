package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// file makes a file of a header as it stands and values.
func file(header string, values ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), values...)
}

func TestWrite(t *testing.T) {
	tensors := []Tensor{
		{Name: "b", Shape: []int{2, 1}, F32: []float32{1, -2}},
		{Name: "a", F64: []float64{math.Inf(1)}},
		{Name: "none", Shape: []int{0, 3}},
	}
	var b bytes.Buffer
	if err := Write(&b, tensors, map[string]string{"z": "1", "format": "pt"}); err != nil {
		t.Fatal(err)
	}
	const header = `{"__metadata__":{"format":"pt","z":"1"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},` +
		`"a":{"dtype":"F64","shape":[],"data_offsets":[8,16]},"none":{"dtype":"F32","shape":[0,3],"data_offsets":[16,16]}}`
	want := file(header+strings.Repeat(" ", -len(header)&7), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f)
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got\n%q\nwant\n%q", b.Bytes(), want)
	}
	if (len(want)-16)%8 != 0 {
		t.Error("values do not begin at a multiple of 8")
	}
}

func TestWriteThenRead(t *testing.T) {
	large := make([]float32, 1<<15+3)
	for i := range large {
		large[i] = float32(i) / 7
	}
	for _, want := range []File{
		{},
		{Metadata: map[string]string{"task": `text(file="é<&>\n")`, "": ""}},
		{Tensors: []Tensor{{Name: "", Shape: []int{1}, F32: []float32{1}}}},
		{Tensors: []Tensor{
			{Name: "empty", Shape: []int{4, 0}, F32: []float32{}},
			{Name: "odd", Shape: []int{3}, F32: []float32{float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, math.MaxFloat32}},
			{Name: "layer1.weight", Shape: []int{2, 2}, F64: []float64{1, 5e-324, math.Inf(-1), math.Pi}},
			{Name: "large", Shape: []int{len(large)}, F32: large},
			{Name: "one", Shape: []int{}, F64: []float64{2}},
			{Name: "no doubles", Shape: []int{0}, F64: []float64{}},
		}},
	} {
		var b, again bytes.Buffer
		if err := Write(&b, want.Tensors, want.Metadata); err != nil {
			t.Fatal(err)
		}
		got, err := Read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("got %.200v\nwant %.200v", *got, want)
		}
		if err := Write(&again, got.Tensors, got.Metadata); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
			t.Errorf("written again, the bytes differ (%v)", err)
		}
	}
}

func TestReadKeepsNaNs(t *testing.T) {
	const bits = 0xffc12345
	f, err := Read(file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0x45, 0x23, 0xc1, 0xff))
	if err != nil {
		t.Fatal(err)
	}
	if got := math.Float32bits(f.Tensors[0].F32[0]); got != bits {
		t.Errorf("got bits %#x, want %#x", got, bits)
	}
}

func TestReadHalves(t *testing.T) {
	f, err := Read(file(`{"f":{"dtype":"F16","shape":[7],"data_offsets":[0,14]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[14,18]}}   `,
		0x00, 0x3c, 0x01, 0x00, 0xff, 0x03, 0x00, 0xc4, 0xff, 0x7b, 0x00, 0xfc, 0x00, 0x80, // F16
		0x80, 0x3f, 0x49, 0xc0)) // BF16
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{1, 0x1p-24, 1023 * 0x1p-24, -4, 65504, float32(math.Inf(-1)), float32(math.Copysign(0, -1))}
	for i, x := range f.Tensors[0].F32 {
		if math.Float32bits(x) != math.Float32bits(want[i]) {
			t.Errorf("F16 [%d]: got %v, want %v", i, x, want[i])
		}
	}
	if b := f.Tensors[1].F32; b[0] != 1 || b[1] != -3.140625 {
		t.Errorf("BF16: got %v, want [1 -3.140625]", b)
	}
}

// TestHalfIsMonotone checks every positive half against its neighbour: by the
// definition of the format they ascend, by 2^-24 at first.
func TestHalfIsMonotone(t *testing.T) {
	for h := uint16(0); h < 0x7c00; h++ {
		x, next := fromHalf(h), fromHalf(h+1)
		step := math.Ldexp(1, max(int(h>>10), 1)-25)
		if h < 0x7bff && float64(next)-float64(x) != step {
			t.Fatalf("half %#x is %v, the next %v; they should be %v apart", h, x, next, step)
		}
		if fromHalf(h|0x8000) != -x {
			t.Fatalf("half %#x is not the negative of %#x", h|0x8000, h)
		}
	}
	if x := fromHalf(0x7c01); x == x {
		t.Errorf("half 0x7c01 is %v, not NaN", x)
	}
}

// Values may stand in another order than in the header.
func TestOrderIsThatOfValues(t *testing.T) {
	f, err := Read(file(`{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"e":{"shape":[0],"data_offsets":[4,4],"dtype":"F32"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
		0, 0, 0x80, 0x3f, 0, 0, 0, 0x40))
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, x := range f.Tensors {
		order = append(order, fmt.Sprint(x.Name, x.F32))
	}
	if got := strings.Join(order, " "); got != "a[1] e[] b[2]" {
		t.Errorf("got %s", got)
	}
	if x, ok := f.Tensor("b"); !ok || x.F32[0] != 2 {
		t.Error("b is not found by its name")
	}
	if _, ok := f.Tensor("c"); ok {
		t.Error("c is found but not there")
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after--; f.after < 0 {
		return 0, errors.New("no more")
	}
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	x := Tensor{Name: "x", Shape: []int{1}, F32: []float32{1}}
	for _, c := range []struct {
		tensors  []Tensor
		metadata map[string]string
		want     string
	}{
		{[]Tensor{x, x}, nil, `safetensors: tensor "x": the name is there twice`},
		{[]Tensor{{Name: "x", Shape: []int{2}, F32: []float32{1}}}, nil, `safetensors: tensor "x": shape [2] needs 2 values, it has 1`},
		{[]Tensor{{Name: "x", Shape: []int{-1}}}, nil, `safetensors: tensor "x": dimension -1 of its shape is negative`},
		{[]Tensor{{Name: "x", Shape: []int{1 << 40, 1 << 40}}}, nil, `safetensors: tensor "x": its shape has too many values`},
		{[]Tensor{{Name: "x", F32: []float32{1}, F64: []float64{1}}}, nil, `safetensors: tensor "x": it has values of both types`},
		{[]Tensor{{Name: "__metadata__", F32: []float32{1}}}, nil, `safetensors: tensor "__metadata__": no tensor can have this name`},
		{[]Tensor{{Name: "\xff", F32: []float32{1}}}, nil, `safetensors: tensor "\xff": no tensor can have this name`},
		{nil, map[string]string{"a": "\xff"}, `safetensors: metadata "a" is not UTF-8`},
	} {
		var b bytes.Buffer
		if err := Write(&b, c.tensors, c.metadata); err == nil || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
		if b.Len() > 0 {
			t.Errorf("%s: %d bytes were written before", c.want, b.Len())
		}
	}
	y := Tensor{Name: "y", F64: []float64{1}}
	for after := range 3 {
		if err := Write(&failing{after}, []Tensor{x, y}, nil); err == nil || err.Error() != "no more" {
			t.Errorf("after %d writes: got %v", after, err)
		}
	}
}
