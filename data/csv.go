package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A CSV says how a table of comma-separated values is to be read.
type CSV struct {
	Target string // a column by name or by number from 1, or "last"
	Header string // "true", "false", or "auto"
	Kind   string // of the target: "classes", "numbers", or "auto"
}

// Bounds on what auto takes whole numbers for classes.
const (
	mostAutoClasses   = 20
	leastAutoExamples = 5 // of each class, on average
)

// bytesPerInput is what an input takes while a table is cut and then used: 8 as read,
// 8 in its part, 4 in single precision.
const bytesPerInput = 20

// Read reads the table at path, plain or gzipped, and cuts it into parts; with a test
// file, of the same columns, that is the part for testing, and cut.Test is not used.
// All columns but the target must hold numbers. Errors name line and column.
func (c CSV) Read(path, test string, cut Cut) (*Samples[float64], error) {
	all, err := c.table(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	code, err := c.coding(all)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	sample, err := all.sample(code)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s := &Samples[float64]{Shape: []int{all.in}, Classes: len(code.classes)}
	if code.classes == nil {
		s.Outputs = 1
	}
	if test != "" {
		judged, err := c.table(test)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", test, err)
		case judged.in != all.in:
			return nil, fmt.Errorf("%s has %d columns, where %s has %d", test, judged.in+1, path, all.in+1)
		}
		if s.Test, err = judged.sample(code); err != nil {
			return nil, fmt.Errorf("%s: %w", test, err)
		}
	}
	if err := s.cut(sample, cut); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// A table is a file of numbers and targets.
type table struct {
	in      int
	x       []float64 // rows x in
	targets []int     // of each row, an index into texts
	texts   []string  // distinct targets in order of appearance
	lines   []int     // of the file, where each text is first
	column  string    // of the target, as messages name it
}

// table reads a file as far as that needs no view of all targets.
func (c CSV) table(path string) (*table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := countLines(f)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	in, err := inflated(f)
	if err != nil {
		return nil, err
	}
	if mark, _ := in.Peek(3); string(mark) == "\xef\xbb\xbf" { // of UTF-8, as spreadsheets write it
		if _, err := in.Discard(3); err != nil {
			return nil, err
		}
	}
	r := &csvReader{csv: csv.NewReader(in)}
	r.csv.Comma = separator(in)
	r.csv.FieldsPerRecord = -1
	r.csv.TrimLeadingSpace = true
	return c.rows(r, lines)
}

// countLines bounds the number of rows.
func countLines(r io.Reader) (int, error) {
	in, err := inflated(r)
	if err != nil {
		return 0, err
	}
	lines, block := 1, make([]byte, 1<<16)
	for {
		n, err := in.Read(block)
		lines += bytes.Count(block[:n], []byte{'\n'})
		switch {
		case errors.Is(err, io.EOF):
			return lines, nil
		case err != nil:
			return 0, fmt.Errorf("damaged: %w; %s", err, remedy)
		}
	}
}

// separator is that of comma, semicolon and tab of which the first line has most.
func separator(in *bufio.Reader) rune {
	start, _ := in.Peek(4096)
	line, _, _ := bytes.Cut(start, []byte{'\n'})
	best := ','
	for _, c := range ";\t" {
		if bytes.Count(line, []byte(string(c))) > bytes.Count(line, []byte(string(best))) {
			best = c
		}
	}
	return best
}

// A csvReader gives records and where they are.
type csvReader struct {
	csv  *csv.Reader
	line int // of the last record
}

// next is the next record, nil at the end.
func (r *csvReader) next() ([]string, error) {
	record, err := r.csv.Read()
	var wrong *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("line %d: %w at byte %d of the line", wrong.Line, wrong.Err, wrong.Column)
	case err != nil:
		return nil, err
	}
	r.line, _ = r.csv.FieldPos(0)
	for i := range record {
		record[i] = strings.TrimSpace(record[i])
	}
	return record, nil
}

// rows reads all records, of which there are at most most.
func (c CSV) rows(r *csvReader, most int) (*table, error) {
	first, err := r.next()
	if err != nil {
		return nil, err
	}
	firstLine := r.line
	second, err := r.next()
	if err != nil {
		return nil, err
	}
	if first == nil {
		return nil, errors.New("is empty; it must hold a row for each example")
	}
	head, err := c.header(first, second)
	if err != nil {
		return nil, err
	}
	t := &table{in: head.width - 1, column: head.name(head.target)}
	if err := Fits(fmt.Sprintf("a table of %s and %d columns", counted{most, "line"}, head.width), float64(most)*float64(t.in)*bytesPerInput); err != nil {
		return nil, err
	}
	t.x = make([]float64, 0, most*t.in)
	seen := map[string]int{}
	if !head.present {
		if err := t.add(first, firstLine, head, seen); err != nil {
			return nil, err
		}
	}
	for record := second; record != nil; {
		if err := t.add(record, r.line, head, seen); err != nil {
			return nil, err
		}
		if record, err = r.next(); err != nil {
			return nil, err
		}
	}
	if len(t.targets) == 0 {
		return nil, errors.New("holds no row beside its header")
	}
	return t, nil
}

// A csvHeader is what the first records tell.
type csvHeader struct {
	present bool
	width   int
	target  int      // column, from 0
	names   []string // nil where the columns have none
}

// header decides about the first record. In auto it is a header if the target is
// named in it, if the next record has another number of fields, or if a field beside
// the target is not a number. Headers of which a field is a number, or that do not
// cover all columns, name nothing: the examples of scikit-learn start so.
func (c CSV) header(first, second []string) (*csvHeader, error) {
	h := &csvHeader{width: len(second)}
	if second == nil {
		h.width = len(first)
	}
	number, err := strconv.Atoi(c.Target)
	numbered := err == nil
	switch {
	case c.Target == "last":
		h.target = h.width - 1
	case slices.Contains(first, c.Target) && c.Header != "false":
		h.target, h.present = slices.Index(first, c.Target), true
	case !numbered:
		return nil, fmt.Errorf("no column is named %q; its first line is %s; name one of these, or the number of the column", c.Target, strings.Join(first, ", "))
	case number < 1 || number > h.width:
		return nil, fmt.Errorf("has %d columns, so that target=%d is none of them", h.width, number)
	default:
		h.target = number - 1
	}
	if h.width < 2 {
		return nil, errors.New("has one column; it must have one for the target and at least one more, with commas between them")
	}
	allNames := len(first) == h.width
	for i, field := range first {
		_, err := strconv.ParseFloat(field, 64)
		if err == nil {
			allNames = false
		}
		if err != nil && i != h.target {
			h.present = true
		}
	}
	h.present = (h.present || len(first) != h.width || c.Header == "true") && c.Header != "false"
	if h.present && allNames {
		h.names = slices.Clone(first)
	}
	return h, nil
}

// name calls a column by its number and its name.
func (h *csvHeader) name(i int) string {
	if h.names == nil || h.names[i] == "" {
		return fmt.Sprintf("column %d", i+1)
	}
	return fmt.Sprintf("column %d (%s)", i+1, h.names[i])
}

// add appends a record.
func (t *table) add(record []string, line int, h *csvHeader, seen map[string]int) error {
	if len(record) != h.width {
		return fmt.Errorf("line %d has %s, where %d were expected", line, counted{len(record), "field"}, h.width)
	}
	for i, field := range record {
		if i == h.target {
			continue
		}
		x, err := finite(field)
		if err != nil {
			return fmt.Errorf("line %d, %s: %w; inputs must be numbers: change the field, or leave out the line or the column", line, h.name(i), err)
		}
		t.x = append(t.x, x)
	}
	field := record[h.target]
	k, ok := seen[field]
	if !ok {
		if field == "" {
			return fmt.Errorf("line %d, %s: the target is missing; fill it in, or leave out the line", line, h.name(h.target))
		}
		k = len(t.texts)
		field = strings.Clone(field)
		seen[field] = k
		t.texts = append(t.texts, field)
		t.lines = append(t.lines, line)
	}
	t.targets = append(t.targets, k)
	return nil
}

func finite(field string) (float64, error) {
	x, err := strconv.ParseFloat(field, 64)
	switch {
	case field == "":
		return 0, errors.New("the field is empty")
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%q is not a number", clip(field))
	case math.IsInf(x, 0) || math.IsNaN(x):
		return 0, fmt.Errorf("%q is not finite", clip(field))
	}
	return x, nil
}

// clip shortens what a message quotes.
func clip(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return text
}
