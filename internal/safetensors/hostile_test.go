package safetensors

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestHostileFiles(t *testing.T) {
	four, eight := []byte{0, 0, 0, 0}, make([]byte, 8)
	x := func(body string) string { return `{"x":{` + body + `}}` }
	tensors := func(offsets ...string) string {
		var list []string
		for i, o := range offsets {
			list = append(list, fmt.Sprintf(`"%c":{"dtype":"F32","shape":[1],"data_offsets":%s}`, 'a'+i, o))
		}
		return "{" + strings.Join(list, ",") + "}"
	}
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "the file has 0 bytes, too few for any"},
		{[]byte("1234567"), "the file has 7 bytes, too few for any"},
		{file("{}")[:9], "the header should have 2 bytes, but the file ends after 1; it is cut short, or no safetensors file"},
		{[]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "the header would have 18446744073709551615 bytes, more than 104857600; this is no safetensors file"},
		{[]byte("PK\x03\x04 a zip archive"), "the header would have 8800140462016121680 bytes, more than 104857600; this is no safetensors file"},
		{file(""), "the header does not begin with {; this is no safetensors file"},
		{file(" {}"), "the header does not begin with {; this is no safetensors file"},
		{file("{\"\xff\":1}"), "the header is not UTF-8"},
		{file("{"), "header: it ends too early"},
		{file("{}}"), "header: something follows it"},
		{file("{}{}"), "header: something follows it"},
		{file(`{"x"`), "header: tensor \"x\": it ends too early"},
		{file(`{"x":`), `header: tensor "x": it ends too early`},
		{file(`{"x":1}`), `header: tensor "x": expected an object, found 1`},
		{file(`{"x":null}`), `header: tensor "x": expected an object, found <nil>`},
		{file(`{x:1}`), "header: invalid character 'x'"},
		{file(`{"__metadata__":[]}`), "header: expected an object, found ["},
		{file(`{"__metadata__":{"a":1}}`), `header: metadata "a" is not a string`},
		{file(`{"__metadata__":{"a":"1","\u0061":"2"}}`), `header: "a" is there twice`},
		{file(`{"__metadata__":{},"__metadata__":{}}`), `header: "__metadata__" is there twice`},
		{file(`{"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"x":{}}`), `header: "x" is there twice`},
		{file(x(``)), `header: tensor "x": it lacks one of dtype, shape and data_offsets`},
		{file(x(`"dtype":"F32","shape":[0]`)), `header: tensor "x": it lacks one of dtype, shape and data_offsets`},
		{file(x(`"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]`)), `header: tensor "x": "dtype" is there twice`},
		{file(x(`"dtype":"F32","shape":[0],"data_offsets":[0,0],"more":1`)), `header: tensor "x": unknown member "more"`},
		{file(x(`"DTYPE":"F32","shape":[0],"data_offsets":[0,0]`)), `header: tensor "x": unknown member "DTYPE"`},
		{file(x(`"dtype":32,"shape":[0],"data_offsets":[0,0]`)), `header: tensor "x": dtype is not a string`},
		{file(x(`"dtype":"F32","shape":0,"data_offsets":[0,0]`)), `header: tensor "x": expected shape as an array, found 0`},
		{file(x(`"dtype":"F32","shape":["1"],"data_offsets":[0,0]`)), `header: tensor "x": shape holds 1, which is no number`},
		{file(x(`"dtype":"F32","shape":[-1],"data_offsets":[0,0]`)), `header: tensor "x": shape holds -1, which is no whole number in range`},
		{file(x(`"dtype":"F32","shape":[1.0],"data_offsets":[0,0]`)), `header: tensor "x": shape holds 1.0, which is no whole number in range`},
		{file(x(`"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,0]`)), `header: tensor "x": shape holds 9223372036854775808, which is no whole number in range`},
		{file(x(`"dtype":"F32","shape":[0],"data_offsets":[0]`)), `header: tensor "x": data_offsets has 1 numbers, not 2`},
		{file(x(`"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]`)), `tensor "x": its shape has too many values`},
		{file(x(`"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]`)), `tensor "x": its shape has too many values`},
		{file(x(`"dtype":"I64","shape":[1],"data_offsets":[0,8]`), eight...), `tensor "x": type "I64" cannot be read, only F64, F32, F16 and BF16; leave the tensor out or convert it`},
		{file(x(`"dtype":"F32","shape":[1],"data_offsets":[4,0]`), four...), `tensor "x": it ends at byte 0, before it begins at 4`},
		{file(x(`"dtype":"F32","shape":[2],"data_offsets":[0,8]`), four...), `tensor "x": it ends at byte 8, but the values end at 4; the file is cut short`},
		{file(x(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`), four...), `tensor "x": shape [2] of F32 needs 8 bytes, data_offsets give 4`},
		{file(x(`"dtype":"F64","shape":[],"data_offsets":[0,4]`), four...), `tensor "x": shape [] of F64 needs 8 bytes, data_offsets give 4`},
		{file(x(`"dtype":"F32","shape":[1],"data_offsets":[4,8]`), eight...), `tensor "x": it begins at byte 4, leaving a gap after the header`},
		{file(tensors("[0,4]", "[2,6]"), eight...), `tensor "b": it begins at byte 2, within tensor "a"`},
		{file(tensors("[0,4]", "[0,4]"), four...), `tensor "b": it begins at byte 0, within tensor "a"`},
		{file(tensors("[8,12]", "[0,4]"), make([]byte, 12)...), `tensor "a": it begins at byte 8, leaving a gap after tensor "b"`},
		{file(tensors("[0,4]"), eight...), `4 bytes follow tensor "a" and belong to no tensor`},
		{file("{}", 1), `1 bytes follow the header and belong to no tensor`},
	} {
		f, err := Read(c.data)
		if err == nil {
			t.Errorf("%.100q: read %v, want error %s", c.data, f, c.want)
		} else if !strings.HasPrefix(err.Error(), "safetensors: "+c.want) {
			t.Errorf("%.100q:\n got %v\nwant safetensors: %s", c.data, err, c.want)
		}
	}
}

func TestErrorsStayShort(t *testing.T) {
	long := strings.Repeat("9", 1<<16)
	for _, header := range []string{
		`{"` + long + `":1}`, `{"x":` + long + `}`, `{"x":"` + long + `"}`, `{"x":{"` + long + `":1}}`,
		`{"x":{"shape":[` + long + `]}}`, `{"x":{"shape":["` + long + `"]}}`, `{"__metadata__":{"` + long + `":1}}`,
		`{"x":{"dtype":"` + long + `","shape":[],"data_offsets":[0,0]}}`, `{"` + long + `":{},"` + long + `":{}}`,
	} {
		_, err := Read(file(header))
		if err == nil || len(err.Error()) > 300 {
			t.Errorf("%.40q: error of %d bytes: %.300v", header, len(fmt.Sprint(err)), err)
		}
	}
}

// FuzzRead holds any bytes to this: an error, or a file that is equal after being
// written and read.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, []Tensor{{Name: "w", Shape: []int{1, 2}, F32: []float32{1, 2}}, {Name: "b", F64: []float64{3}}}, map[string]string{"k": "v"}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(file("{}"))
	f.Add(file(`{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"g":{"dtype":"BF16","shape":[1,1],"data_offsets":[2,4]}}`, 1, 2, 3, 4))
	f.Add(file(`{"z":{"dtype":"F32","shape":[0,9],"data_offsets":[0,0]}}`))
	f.Add(file(`{"z":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := Read(data)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Write(&b, first.Tensors, first.Metadata); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		second, err := Read(b.Bytes())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if len(first.Metadata) == 0 {
			first.Metadata, second.Metadata = nil, nil
		}
		if !reflect.DeepEqual(exactly(first), exactly(second)) {
			t.Fatalf("read %v, after writing %v", first, second)
		}
	})
}

// exactly is a file in a form in which NaNs compare.
func exactly(f *File) []string {
	list := []string{fmt.Sprint(f.Metadata)}
	for _, x := range f.Tensors {
		list = append(list, fmt.Sprintf("%q %v %x %x", x.Name, x.Shape, x.F32, x.F64))
	}
	return list
}
