package data

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCIFAR10Subset(t *testing.T) {
	needShared(t)
	for _, dir := range []string{shared, filepath.Join(shared, "cifar10-subset")} {
		s, err := CIFAR10Subset(dir)
		if err != nil {
			t.Fatal(err)
		}
		if s.Train.N != 2800 || s.Val.N != 400 || s.Test.N != 800 {
			t.Fatalf("parts of %d, %d, %d", s.Train.N, s.Val.N, s.Test.N)
		}
		train, test := make([]int, 10), make([]int, 10)
		for _, m := range []*Images{s.Train, s.Val} {
			if m.Rows != 32 || m.Cols != 32 || m.Channels != 3 || len(m.Pixels) != m.N*3072 {
				t.Fatalf("pictures of %d x %d x %d in %d bytes", m.Rows, m.Cols, m.Channels, len(m.Pixels))
			}
			for _, c := range m.Labels {
				train[c]++
			}
		}
		for _, c := range s.Test.Labels {
			test[c]++
		}
		if !slices.Equal(train, []int{319, 302, 337, 308, 328, 312, 330, 314, 327, 323}) ||
			!slices.Equal(test, []int{77, 64, 83, 76, 94, 81, 84, 71, 80, 90}) {
			t.Errorf("label counts %v and %v", train, test)
		}
	}
}

// The first pixels of CIFAR-10 as it was published: a frog whose red plane starts
// 59 43 50 68, green 62 46 48 54, blue 63 45 43 42.
func TestCIFAR10Channels(t *testing.T) {
	needShared(t)
	m, err := cifar10Subset.part(filepath.Join(shared, "cifar10-subset"), cifar10Subset.train)
	if err != nil {
		t.Fatal(err)
	}
	if want := []byte{59, 62, 63, 43, 46, 45, 50, 48, 43, 68, 54, 42}; !bytes.Equal(m.Image(0)[:12], want) {
		t.Errorf("the first pixels are %v, want %v", m.Image(0)[:12], want)
	}
	if want := []byte{6, 9, 9, 4, 1, 1, 2, 7, 8, 3}; !bytes.Equal(m.Labels[:10], want) {
		t.Errorf("the first labels are %v, want %v", m.Labels[:10], want)
	}
}

// small is a data set of two training files of 10 records and a test file of 10.
var small = cifar{
	name: "small", folders: []string{"small"}, val: 5, balanced: true,
	train: []records{{"a.bin", 10}, {"b.bin", 10}}, test: []records{{"t.bin", 10}},
}

// recordsOf makes records whose labels run through the classes, with the planes'
// bytes their number in the file plus 100 times the channel.
func recordsOf(n int) []byte {
	var b []byte
	for i := range n {
		b = append(b, byte(i%10))
		for c := range 3 {
			b = append(b, bytes.Repeat([]byte{byte(i + 100*c)}, cifarPlane)...)
		}
	}
	return b
}

func writeSmall(t *testing.T, dir, ext string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.bin", "b.bin", "t.bin"} {
		b := recordsOf(10)
		if ext == ".gz" {
			b = gzipped(t, b)
		}
		if err := os.WriteFile(filepath.Join(dir, name+ext), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCIFARReads(t *testing.T) {
	for _, ext := range []string{"", ".gz"} {
		for _, sub := range []string{".", "small"} {
			dir := t.TempDir()
			writeSmall(t, filepath.Join(dir, sub), ext)
			s, err := small.read(dir)
			if err != nil {
				t.Fatal(err)
			}
			if s.Train.N != 15 || s.Val.N != 5 || s.Test.N != 10 {
				t.Fatalf("parts of %d, %d, %d", s.Train.N, s.Val.N, s.Test.N)
			}
			for i := range 10 {
				if p := s.Test.Image(i); int(s.Test.Labels[i]) != i || p[3071] != byte(i+200) || p[3070] != byte(i+100) || p[0] != byte(i) {
					t.Errorf("test picture %d is %v... of class %d", i, p[:6], s.Test.Labels[i])
				}
			}
		}
	}
}

func TestCIFARErrors(t *testing.T) {
	spoiled := func(change func(b []byte) []byte) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "b.bin"), change(recordsOf(10)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
		err   string
	}{
		{"cut", spoiled(func(b []byte) []byte { return b[:7*cifarRecord+5] }), "DIR/b.bin: truncated: holds 7 of 10 records (30,730 bytes expected); " + remedy},
		{"empty", spoiled(func([]byte) []byte { return nil }), "DIR/b.bin: truncated: holds 0 of 10 records (30,730 bytes expected); " + remedy},
		{"long", spoiled(func(b []byte) []byte { return append(b, 1) }), "DIR/b.bin: bytes follow the last of 10 records; " + remedy},
		{"gzip cut", spoiled(func(b []byte) []byte { b = gzipped(t, b); return b[:len(b)-4] }), "DIR/b.bin: damaged behind the last of 10 records: unexpected EOF; " + remedy},
		{"label", spoiled(func(b []byte) []byte { b[3*cifarRecord] = 10; return b }), "DIR/b.bin: label 10 of record 3 is not in 0..9; " + remedy},
		{"counts", spoiled(func(b []byte) []byte { b[0] = 9; return b }), "DIR/a.bin and the files that belong to it have 1 picture of class 0, where small has 2; " + remedy},
		{"missing", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "t.bin")); err != nil {
				t.Fatal(err)
			}
		}, "DIR/t.bin is missing, and so is t.bin.gz; download it, or pass another folder with --data"},
		{"none", func(t *testing.T, dir string) {
			for _, name := range []string{"a.bin", "b.bin", "t.bin"} {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}, "found no a.bin, with or without .gz, in DIR/small, DIR: pass the folder of the files with --data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeSmall(t, dir, "")
			c.spoil(t, dir)
			_, err := small.read(dir)
			if want := strings.ReplaceAll(c.err, "DIR", dir); err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
	dir := t.TempDir()
	writeSmall(t, dir, "")
	pinned := small
	pinned.hash = "0"
	if _, err := pinned.read(dir); err == nil || !strings.Contains(err.Error(), "with other pictures or labels") {
		t.Errorf("other contents: %v", err)
	}
}
