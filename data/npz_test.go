package data

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// testdata/numpy.npz is NumPy's own work, by savez_compressed. Its arrays of inputs
// are x[i,j] = i + j/4 - 2 for 30 x 4 in several types; bytes counts up to 250 over
// and over in 30 x 5 x 2; y is i mod 3, neg one less.
const numpy = "testdata/numpy.npz"

func readNumPy(t *testing.T, x, y, kind string) (*Samples[float64], error) {
	t.Helper()
	f, err := OpenNPZ(numpy, x, y, kind)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadNPZ[float64](f, Cut{Val: 0.2, Test: 0.2})
}

func TestNPZTypes(t *testing.T) {
	for _, name := range []string{"x", "wide", "big"} {
		s, err := readNumPy(t, name, "y", "auto")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(s.Shape, []int{4}) || s.Classes != 3 || s.Train.N != 18 || s.Val.N != 6 || s.Test.N != 6 {
			t.Errorf("%s: shape %v, %d classes, parts of %d, %d, %d", name, s.Shape, s.Classes, s.Train.N, s.Val.N, s.Test.N)
		}
		for _, p := range s.Parts() {
			for i, y := range p.Labels {
				row := p.X[4*i : 4*i+4]
				k := row[0] + 2
				if row[1] != row[0]+0.25 || row[3] != row[0]+0.75 || y != int(k)%3 {
					t.Errorf("%s: example %v is %v of class %d", name, k, row, y)
				}
			}
		}
	}
	s, err := readNumPy(t, "bytes", "reg", "auto")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Shape, []int{5, 2, 1}) || s.Outputs != 2 || s.Classes != 0 || len(s.Val.Y) != 12 {
		t.Errorf("shape %v with %d outputs, %d targets", s.Shape, s.Outputs, len(s.Val.Y))
	}
	for _, p := range s.Parts() {
		for i := range p.N {
			k := -p.Y[2*i+1] + 2 // its number, from the second target
			if p.X[10*i+3] != math.Mod(10*k+3, 251) || p.Y[2*i] != 4*(k-2)+1.5 {
				t.Errorf("example %v has the targets %v and the inputs %v", k, p.Y[2*i:2*i+2], p.X[10*i:10*i+10])
			}
		}
	}
}

// Files that have parts keep them.
func TestNPZParts(t *testing.T) {
	s, err := readNumPy(t, "", "", "auto")
	if err != nil {
		t.Fatal(err)
	}
	if s.Train.N != 16 || s.Val.N != 4 || s.Test.N != 10 || s.Classes != 2 {
		t.Fatalf("parts of %d, %d, %d; %d classes", s.Train.N, s.Val.N, s.Test.N, s.Classes)
	}
	for i, y := range s.Test.Labels {
		if s.Test.X[4*i] != float64(20+i-2) || y != i%2 {
			t.Errorf("test example %d starts with %v and is of class %d", i, s.Test.X[4*i], y)
		}
	}
}

func TestNPZWide(t *testing.T) {
	for name, want := range map[string]bool{"x": false, "wide": true, "bytes": false, "big": false} {
		f, err := OpenNPZ(numpy, name, "y", "auto")
		if err != nil {
			t.Fatal(err)
		}
		if wide, err := f.Wide(); err != nil || wide != want {
			t.Errorf("%s is wide: %v, %v", name, wide, err)
		}
		f.Close()
	}
}

func TestNPZErrors(t *testing.T) {
	for _, c := range []struct{ x, y, kind, err string }{
		{"z", "", "auto", " has no array z; it has x, y, wide, reg, fortran, "},
		{"x", "u", "auto", " has no array u; it has x, y, "},
		{"fortran", "y", "auto", ": fortran: is in Fortran order; save numpy.ascontiguousarray of it"},
		{"words", "y", "auto", ": words: holds numbers of the type U1; convert it to float32, float64, or integers"},
		{"half", "y", "auto", ": half: holds numbers of the type f2"},
		{"y", "y", "auto", ": y has the shape (30,), and y (30,); want (N, ...) and (N) or (N, outputs) with the same N"},
		{"x", "y_train", "auto", ": x has the shape (30, 4), and y_train (20,); want"},
		{"x", "reg", "classes", ": reg: 2 numbers for each of 30 examples; a class is one"},
		{"x", "neg", "auto", ": neg: label -1 of example 0 is not a whole number in 0..29"},
	} {
		if _, err := readNumPy(t, c.x, c.y, c.kind); err == nil || !strings.HasPrefix(err.Error(), numpy+c.err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("x=%s, y=%s: %v, want %s", c.x, c.y, err, c.err)
		}
	}
	whole, err := os.ReadFile(numpy)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"cut": whole[:len(whole)/2], "empty": nil, "text": []byte("1,2\n")} {
		path := written(t, name+".npz", b)
		if _, err := OpenNPZ(path, "", "", "auto"); err == nil || !strings.HasPrefix(err.Error(), path+": zip: not a valid zip file; it must be an archive") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// npy is an array with the given header and numbers.
func npy(header string, numbers ...float32) []byte {
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	b = append(b, header...)
	for _, v := range numbers {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// archive writes x and y into an archive, stored as they are.
func archive(t *testing.T, x, y []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range map[string][]byte{"x.npy": x, "y.npy": y} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return written(t, "a.npz", b.Bytes())
}

func described(shape string) string {
	return fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': %s, }\n", shape)
}

func TestNPYErrors(t *testing.T) {
	good := npy(described("(2,)"), 0, 1)
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		x, y []byte
		err  string
	}{
		"magic":       {[]byte("\x93NUMPX\x01\x00"), good, ": x: not an array in NumPy's format"},
		"short":       {[]byte("\x93NUM"), good, ": x: not an array in NumPy's format"},
		"header cut":  {npy(described("(2, 1)"), 1, 2)[:40], good, ": x: truncated: it ends within the header"},
		"header long": {[]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), good, ": x: damaged: its header says that it takes 4,294,967,295 bytes"},
		"header":      {npy("{}", 1, 2), good, ": x: its header does not give a type of number, an order and a shape"},
		"record":      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 1), }\n", 1, 2), good, ": x: its header does not give a type"},
		"no axis":     {npy(described("(0, 3)")), good, ": x: has the shape (0, 3), with an axis of 0"},
		"vast axis":   {npy(described("(99999999999999999999, 3)")), good, ": x: has the shape (99999999999999999999, 3), with an axis of"},
		"vast":        {npy(described("(1000000000, 1000000000)"), 1), good, ": x: has the shape (1000000000, 1000000000), which makes 4000000000000000000 bytes, but holds 92"},
		"too few":     {npy(described("(2, 2)"), 1, 2, 3), good, ": x: has the shape (2, 2), which makes 86 bytes, but holds 82; save it again"},
		"too many":    {npy(described("(2, 1)"), 1, 2, 3), good, ": x: has the shape (2, 1), which makes 78 bytes, but holds 82"},
		"not finite":  {npy(described("(2, 1)"), 1, nan), good, ": x: number 1 of 2 is NaN; leave out the example"},
		"fraction":    {npy(described("(2, 1)"), 1, 2), npy(described("(2,)"), 0, 0.5), ": y: label 0.5 of example 1 is not a whole number in 0..1"},
		"one class":   {npy(described("(2, 1)"), 1, 2), npy(described("(2,)"), 0, 0), ": y: all examples are of class 0; there must be two classes at least"},
	} {
		path := archive(t, c.x, c.y)
		f, err := OpenNPZ(path, "", "", "classes")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = ReadNPZ[float32](f, Cut{})
		f.Close()
		if err == nil || !strings.HasPrefix(err.Error(), path+c.err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", name, err, c.err)
		}
	}
	// A byte of the numbers that is not as the checksum says.
	path := archive(t, npy(described("(2, 1)"), 1, 2), good)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(b, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40})
	b[i] = 1
	f, err := OpenNPZ(written(t, "b.npz", b), "", "", "classes")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := ReadNPZ[float32](f, Cut{}); err == nil || !strings.Contains(err.Error(), "x: damaged: zip: checksum error; save it again") {
		t.Errorf("with a damaged byte: %v", err)
	}
}

// Headers of any kind are read or refused.
func FuzzNPY(f *testing.F) {
	f.Add(npy(described("(2, 1)"), 1, 2))
	f.Add([]byte("\x93NUMPY\x03\x00\xff\xff\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := parseNPY(bytes.NewReader(b))
		if err != nil {
			return
		}
		if a.len() < 100_000 {
			n := 0
			err := a.read(bytes.NewReader(b), func(int, float64) { n++ })
			if want := int(a.len()); err == nil && (n != want || len(b) != a.skip+want*a.width) {
				t.Errorf("read %d numbers of %d from %d bytes", n, want, len(b))
			}
		}
	})
}
