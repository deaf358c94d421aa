package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"

	"basin/internal/safetensors"
	"basin/recipe"
)

// A blockMap says which tensors of another program's file are which blocks: a line
//
//	BLOCK = TENSOR [transposed]
//
// each, or "- = TENSOR" for one to be left out. Empty lines and those that begin with
// # count for nothing; tensors that no line names keep their names.
type blockMap struct {
	path  string
	lines []mapLine
}

type mapLine struct {
	number        int
	block, tensor string
	transposed    bool
}

func readBlockMap(path string) (*blockMap, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m := &blockMap{path: path}
	s := bufio.NewScanner(f)
	for number := 1; s.Scan(); number++ {
		text := strings.TrimSpace(s.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		block, rest, ok := strings.Cut(text, "=")
		words := strings.Fields(rest)
		l := mapLine{number: number, block: strings.TrimSpace(block)}
		if len(words) == 2 && words[1] == "transposed" {
			l.transposed, words = true, words[:1]
		}
		if !ok || len(words) != 1 || l.block == "" || strings.ContainsAny(l.block, " \t") {
			return nil, m.errorAt(number, "must be of the form BLOCK = TENSOR [transposed], found %q", printable(text))
		}
		l.tensor = words[0]
		for _, other := range m.lines {
			if other.tensor == l.tensor || other.block == l.block && l.block != "-" {
				return nil, m.errorAt(number, "%s is in line %d already", printable(text), other.number)
			}
		}
		m.lines = append(m.lines, l)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func (m *blockMap) errorAt(line int, format string, args ...any) error {
	return fmt.Errorf("%s: line %d: %s", m.path, line, fmt.Sprintf(format, args...))
}

// apply gives the tensors of file their names as blocks, which are those of the network.
func (m *blockMap) apply(file *safetensors.File, blocks []string) error {
	var names []string
	for _, t := range file.Tensors {
		names = append(names, t.Name)
	}
	for _, l := range m.lines {
		if l.block != "-" && !slices.Contains(blocks, l.block) {
			return m.errorAt(l.number, "%s", recipe.Unknown("block", l.block, blocks))
		}
		i := slices.Index(names, l.tensor)
		if i < 0 {
			return m.errorAt(l.number, "%s", recipe.Unknown("tensor of the file", l.tensor, names))
		}
		t := &file.Tensors[i]
		if l.transposed {
			if len(t.Shape) != 2 {
				return m.errorAt(l.number, "the tensor %s has shape %v, and only one of two dimensions can be transposed", l.tensor, t.Shape)
			}
			t.F32, t.F64 = transposed(t.F32, t.Shape), transposed(t.F64, t.Shape)
			t.Shape = []int{t.Shape[1], t.Shape[0]}
		}
		t.Name = l.block
	}
	file.Tensors = slices.DeleteFunc(file.Tensors, func(t safetensors.Tensor) bool { return t.Name == "-" })
	for i, t := range file.Tensors {
		if slices.ContainsFunc(file.Tensors[:i], func(o safetensors.Tensor) bool { return o.Name == t.Name }) {
			return fmt.Errorf("%s: two tensors would be the block %s; leave one out by a line - = TENSOR", m.path, t.Name)
		}
	}
	return nil
}

// transposed is a, of the given shape, by columns; nil where a is.
func transposed[T float32 | float64](a []T, shape []int) []T {
	if a == nil {
		return nil
	}
	rows, cols := shape[0], shape[1]
	b := make([]T, len(a))
	for i := range rows {
		for j := range cols {
			b[j*rows+i] = a[i*cols+j]
		}
	}
	return b
}
