package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"basin/internal/safetensors"
)

var blocksOfNet = []string{"a.weight", "a.bias", "kept"}

func foreign() *safetensors.File {
	return &safetensors.File{Tensors: []safetensors.Tensor{
		{Name: "fc.kernel", Shape: []int{2, 3}, F32: []float32{1, 2, 3, 4, 5, 6}},
		{Name: "fc.bias", Shape: []int{3}, F64: []float64{7, 8, 9}},
		{Name: "steps", Shape: []int{}, F32: []float32{600}},
		{Name: "kept", Shape: []int{1}, F32: []float32{1}},
	}}
}

func blockMapOf(t *testing.T, text string) (*blockMap, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "blocks")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return readBlockMap(path)
}

func TestBlockMap(t *testing.T) {
	m, err := blockMapOf(t, "# ours = theirs\n\na.weight = fc.kernel transposed\na.bias=fc.bias\n- = steps\n")
	if err != nil {
		t.Fatal(err)
	}
	f := foreign()
	if err := m.apply(f, blocksOfNet); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range f.Tensors {
		names = append(names, x.Name)
	}
	if want := []string{"a.weight", "a.bias", "kept"}; !slices.Equal(names, want) {
		t.Errorf("tensors %v, want %v", names, want)
	}
	w, _ := f.Tensor("a.weight")
	if !slices.Equal(w.Shape, []int{3, 2}) || !slices.Equal(w.F32, []float32{1, 4, 2, 5, 3, 6}) {
		t.Errorf("transposed: %v of shape %v", w.F32, w.Shape)
	}
	if b, _ := f.Tensor("a.bias"); !slices.Equal(b.F64, []float64{7, 8, 9}) {
		t.Errorf("the bias is %v", b.F64)
	}
}

func TestBlockMapRefusals(t *testing.T) {
	for text, says := range map[string]string{
		"a.weight fc.kernel":                 `line 1: must be of the form BLOCK = TENSOR [transposed], found "a.weight fc.kernel"`,
		"a = b c":                            "line 1: must be of the form",
		" = b":                               "line 1: must be of the form",
		"a = b transposed twice":             "line 1: must be of the form",
		"a = fc.bias\na = steps":             "line 2: a = steps is in line 1 already",
		"a = fc.bias\nb = fc.bias":           "line 2: b = fc.bias is in line 1 already",
		"kept = fc.biass":                    `line 1: unknown tensor of the file "fc.biass"; did you mean "fc.bias"`,
		"kept = fc.bias transposed":          "line 1: the tensor fc.bias has shape [3], and only one of two dimensions can be transposed",
		"a.wieght = fc.kernel":               `line 1: unknown block "a.wieght"; did you mean "a.weight"`,
		"kept = fc.bias":                     "two tensors would be the block kept",
		"a = b\x1b[31m c":                    "line 1: must be of the form",
		strings.Repeat("x", 100_000) + "= b": "token too long",
	} {
		m, err := blockMapOf(t, text)
		if err == nil {
			err = m.apply(foreign(), blocksOfNet)
		}
		if err == nil || !strings.Contains(err.Error(), says) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%.40q: %v, want %q", text, err, says)
		}
	}
}
