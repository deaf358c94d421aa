package data

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var (
	autoCSV = CSV{Target: "last", Header: "auto", Kind: "auto"}
	usual   = Cut{Val: 0.15, Test: 0.15}
)

func TestRealTables(t *testing.T) {
	needShared(t)
	for _, c := range []struct {
		file, test string
		in         int
		counts     []int // of each class, in all parts
		sizes      [3]int
		first      []float64 // the first inputs of the file
	}{
		{"sklearn/iris.csv", "", 4, []int{50, 50, 50}, [3]int{108, 21, 21}, []float64{5.1, 3.5, 1.4, 0.2}},
		{"sklearn/breast_cancer.csv", "", 30, []int{212, 357}, [3]int{401, 84, 84}, []float64{17.99, 10.38}},
		{"sklearn/digits.csv.gz", "", 64, []int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, [3]int{1265, 266, 266}, []float64{0, 0, 5, 13, 9, 1}},
		{"optdigits/optdigits.tra", "optdigits/optdigits.tes", 64,
			[]int{376 + 178, 389 + 182, 380 + 177, 389 + 183, 387 + 181, 376 + 182, 377 + 181, 387 + 179, 380 + 174, 382 + 180},
			[3]int{3252, 571, 1797}, []float64{0, 1, 6, 15, 12, 1}},
	} {
		test := ""
		if c.test != "" {
			test = filepath.Join(shared, c.test)
		}
		s, err := autoCSV.Read(filepath.Join(shared, c.file), test, usual)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if !slices.Equal(s.Shape, []int{c.in}) || s.Classes != len(c.counts) || s.Outputs != 0 {
			t.Errorf("%s: shape %v, %d classes", c.file, s.Shape, s.Classes)
		}
		counts := make([]int, s.Classes)
		for i, p := range s.Parts() {
			if p.N != c.sizes[i] || len(p.X) != p.N*c.in || len(p.Labels) != p.N {
				t.Errorf("%s: part %d of %d examples, %d inputs, %d labels, want %d", c.file, i, p.N, len(p.X), len(p.Labels), c.sizes[i])
			}
			for _, y := range p.Labels {
				counts[y]++
			}
		}
		if !slices.Equal(counts, c.counts) {
			t.Errorf("%s: classes of %v, want %v", c.file, counts, c.counts)
		}
		found := false
		for _, p := range s.Parts() {
			for i := range p.N {
				found = found || slices.Equal(p.X[i*c.in:i*c.in+len(c.first)], c.first)
			}
		}
		if !found {
			t.Errorf("%s: the first row is in no part", c.file)
		}
	}
}

// Every row is in exactly one part, with its own target.
func TestCSVCut(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "%d,-%d.5,%c\n", i, i, 'a'+i%3)
	}
	path := written(t, "t.csv", []byte(b.String()))
	s, err := autoCSV.Read(path, "", Cut{Val: 0.2, Test: 0.1, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	var seen []int
	for _, p := range s.Parts() {
		if !slices.IsSortedFunc(slices.Collect(slices.Chunk(p.X, 2)), slices.Compare) {
			t.Error("a part is not in the order of the file")
		}
		for i, y := range p.Labels {
			k := int(p.X[2*i])
			if p.X[2*i+1] != -float64(k)-0.5 || y != k%3 {
				t.Errorf("row %d has inputs %v and class %d", k, p.X[2*i:2*i+2], y)
			}
			seen = append(seen, k)
		}
	}
	slices.Sort(seen)
	for i, k := range seen {
		if i != k {
			t.Fatalf("rows %v, want each of 200 once", seen)
		}
	}
	if s.Val.N != 13+13+13 || s.Test.N != 6+6+6 {
		t.Errorf("%d for validation and %d for testing", s.Val.N, s.Test.N)
	}
	other, err := autoCSV.Read(path, "", Cut{Val: 0.2, Test: 0.1, Seed: 4})
	if err != nil || slices.Equal(other.Val.X, s.Val.X) || other.Hash() == s.Hash() {
		t.Errorf("two seeds cut alike; error %v", err)
	}
}

func TestCSVHeaders(t *testing.T) {
	rows := func(header string) string {
		return header + strings.Repeat("1,2,3\n4,5,6\n", 20)
	}
	for name, c := range map[string]struct {
		text   string
		how    CSV
		in     int
		x, y   []float64 // of the first row
		labels int
	}{
		"none":            {rows(""), CSV{"last", "auto", "numbers"}, 2, []float64{1, 2}, []float64{3}, 0},
		"names":           {rows("a,b,y\n"), CSV{"last", "auto", "numbers"}, 2, []float64{1, 2}, []float64{3}, 0},
		"target by name":  {rows("y,b,c\n"), CSV{"y", "auto", "numbers"}, 2, []float64{2, 3}, []float64{1}, 0},
		"by number":       {rows("y,b,c\n"), CSV{"2", "auto", "numbers"}, 2, []float64{1, 3}, []float64{2}, 0},
		"numbers as name": {rows("7,8,9\n"), CSV{"last", "true", "numbers"}, 2, []float64{1, 2}, []float64{3}, 0},
		"and not":         {rows("7,8,9\n"), CSV{"last", "auto", "numbers"}, 2, []float64{7, 8}, []float64{9}, 0},
		"semicolons":      {strings.ReplaceAll(rows("a,b,y\n"), ",", ";"), CSV{"b", "auto", "numbers"}, 2, []float64{1, 3}, []float64{2}, 0},
		"tabs and spaces": {strings.ReplaceAll(rows("a,b,y\n"), ",", "\t "), CSV{"last", "auto", "numbers"}, 2, []float64{1, 2}, []float64{3}, 0},
		"quotes":          {rows("\"a, first\",b,y\n"), CSV{"last", "auto", "numbers"}, 2, []float64{1, 2}, []float64{3}, 0},
		"classes":         {rows(""), CSV{"last", "auto", "auto"}, 2, []float64{1, 2}, nil, 2},
		"words":           {strings.Repeat("1,2,yes\n4,5,no\n", 20), CSV{"last", "auto", "auto"}, 2, []float64{1, 2}, nil, 2},
		"too many":        {strings.Repeat("1,2,3\n", 20) + "1,2,3.5\n", CSV{"last", "auto", "auto"}, 2, []float64{1, 2}, []float64{3}, 0},
		"of scikit-learn": {"40,2,no,yes\n" + rows(""), CSV{"last", "auto", "numbers"}, 2, []float64{1, 2}, []float64{3}, 0},
		"marked":          {"\ufeff" + rows(""), CSV{"last", "auto", "numbers"}, 2, []float64{1, 2}, []float64{3}, 0},
		"marked, quoted":  {"\ufeff\"y\",b,c\n" + rows(""), CSV{"y", "auto", "numbers"}, 2, []float64{2, 3}, []float64{1}, 0},
		"windows":         {strings.ReplaceAll(rows("a,b,y\n"), "\n", "\r\n"), CSV{"last", "auto", "numbers"}, 2, []float64{1, 2}, []float64{3}, 0},
	} {
		s, err := c.how.Read(written(t, "t.csv", []byte(c.text)), "", Cut{Val: 0.1, Test: 0.1, Seed: 5})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Shape[0] != c.in || !slices.Equal(s.Train.X[:c.in], c.x) || s.Classes != c.labels || (c.y != nil && !slices.Equal(s.Train.Y[:1], c.y)) {
			t.Errorf("%s: inputs %v, targets %v, %d classes", name, s.Train.X[:c.in], s.Train.Y, s.Classes)
		}
	}
}

// Classes are in the order of their numbers, or of their bytes, and equal numbers are
// one class.
func TestCSVClasses(t *testing.T) {
	for _, c := range []struct {
		targets []string
		kind    string
		want    []int
	}{
		{[]string{"10", "9", "-1", "9.0"}, "auto", []int{2, 1, 0, 1}},
		{[]string{"10", "9", "x", "9.0"}, "auto", []int{0, 1, 3, 2}},
		{[]string{"0.5", "0.25", "5e-1", "1"}, "classes", []int{1, 0, 1, 2}},
	} {
		var b strings.Builder
		for i := range 80 {
			fmt.Fprintf(&b, "%d,%s\n", i, c.targets[i%4])
		}
		s, err := CSV{"last", "auto", c.kind}.Read(written(t, "t.csv", []byte(b.String())), "", usual)
		if err != nil {
			t.Error(err)
			continue
		}
		for i, y := range s.Train.Labels {
			if want := c.want[int(s.Train.X[i])%4]; y != want {
				t.Errorf("targets %v: %s is class %d, want %d", c.targets, c.targets[int(s.Train.X[i])%4], y, want)
			}
		}
	}
}

func TestCSVErrors(t *testing.T) {
	many := func(rows string) string { return strings.Repeat(rows, 30) }
	for name, c := range map[string]struct {
		text string
		how  CSV
		err  string
	}{
		"empty":          {"", autoCSV, "is empty; it must hold a row for each example"},
		"only a header":  {"a,b,y\n", autoCSV, "holds no row beside its header"},
		"one column":     {many("1\n2\n"), autoCSV, "has one column; it must have one for the target and at least one more"},
		"word":           {"a,b,y\n1,2,3\n4,x5,6\n", autoCSV, `line 3, column 2 (b): "x5" is not a number; inputs must be numbers: change the field, or leave out the line or the column`},
		"missing":        {"1,2,3\n4,,6\n", autoCSV, "line 2, column 2: the field is empty; inputs must be numbers"},
		"infinite":       {"1,2,3\n4,inf,6\n", autoCSV, `line 2, column 2: "inf" is not finite`},
		"too large":      {"1,2,3\n4,1e999,6\n", autoCSV, `line 2, column 2: "1e999" is not finite`},
		"no target":      {"1,2,3\n4,5,\n", autoCSV, "line 2, column 3: the target is missing; fill it in, or leave out the line"},
		"short":          {"1,2,3\n4,5,6\n7,8\n", autoCSV, "line 3 has 2 fields, where 3 were expected"},
		"after a blank":  {"1,2,3\n\n4,5,6\n\n7,8\n", autoCSV, "line 5 has 2 fields, where 3 were expected"},
		"long":           {"1,2,3\n4,5,6\n7,8,9,10\n", autoCSV, "line 3 has 4 fields, where 3 were expected"},
		"quote":          {"1,2,3\n4,\"5,6\n", autoCSV, `line 2: extraneous or missing " in quoted-field at byte 8 of the line`},
		"unknown target": {"a,b\n1,2\n", CSV{"y", "auto", "auto"}, `no column is named "y"; its first line is a, b; name one of these, or the number of the column`},
		"no header":      {"a,b\n1,2\n", CSV{"b", "false", "auto"}, `no column is named "b"`},
		"column 3 of 2":  {"a,b\n1,2\n", CSV{"3", "auto", "auto"}, "has 2 columns, so that target=3 is none of them"},
		"one class":      {many("1,2\n"), CSV{"last", "auto", "classes"}, "the target, column 2, is 2 in all rows; there must be two classes at least"},
		"words as numbers": {"a,y\n1,2\n1,high\n", CSV{"last", "auto", "numbers"},
			`line 3, column 2 (y): "high" is not a number; choose kind=classes, or change the field`},
		"few": {"1,2\n2,3\n3,4\n", CSV{"last", "auto", "numbers"}, "the shares val=0.15 and test=0.15 leave none of 3 examples for validation; choose others"},
	} {
		path := written(t, "t.csv", []byte(c.text))
		_, err := c.how.Read(path, "", usual)
		if err == nil || !strings.HasPrefix(err.Error(), path+": "+c.err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s:\n%v, want\n%s", name, err, c.err)
		}
	}
	packed := gzipped(t, []byte(many("1,2\n2,3\n")))
	if _, err := autoCSV.Read(written(t, "t.csv.gz", packed[:len(packed)-9]), "", usual); err == nil || !strings.Contains(err.Error(), "damaged: unexpected EOF; "+remedy) {
		t.Errorf("a gzip file cut short: %v", err)
	}
	train := written(t, "train.csv", []byte(many("1,2,a\n2,3,b\n")))
	for text, want := range map[string]string{
		many("1,2,a\n2,3,c\n"): `line 2, column 3: the class "c" does not occur in training`,
		many("1,a\n2,b\n"):     "has 2 columns, where " + train + " has 3",
		"":                     "is empty",
	} {
		test := written(t, "test.csv", []byte(text))
		if _, err := autoCSV.Read(train, test, usual); err == nil || !strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(err.Error(), test), ": "), want) {
			t.Errorf("for testing: %v, want %s", err, want)
		}
	}
	if _, err := autoCSV.Read(train, "", Cut{Val: 0.5, Test: 0.5}); err == nil || !strings.Contains(err.Error(), "for training") {
		t.Errorf("nothing for training: %v", err)
	}
}

// Bytes of any kind are a table or an error of one line.
func TestCSVAnything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`([0-9a,;"\n. -]|\r\n){0,80}`).Draw(r, "text")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			r.Fatal(err)
		}
		s, err := autoCSV.Read(path, "", Cut{Val: 0.3, Test: 0.3})
		switch {
		case err != nil && strings.Contains(err.Error(), "\n"):
			r.Fatalf("an error of several lines: %v", err)
		case err == nil && (s.Train.N == 0 || len(s.Train.X) != s.Train.N*s.Shape[0]):
			r.Fatalf("%d examples of %v", s.Train.N, s.Shape)
		}
	})
}
