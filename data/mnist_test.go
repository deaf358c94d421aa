package data

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shared is the folder of real data sets beside the repository.
const shared = "../../shared/data"

func needShared(t *testing.T) {
	if _, err := os.Stat(shared); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("without real data: ", err)
	}
}

func TestRealFiles(t *testing.T) {
	needShared(t)
	same := func(n int) []int { return slices.Repeat([]int{n}, 10) }
	for _, c := range []struct {
		name        string
		read        func(string) (*Split, error)
		dir         string
		train, test []int
		mean, sd    float64 // of all 60,000, as commonly quoted
	}{
		{"mnist", MNIST, shared,
			[]int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
			[]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}, 0.1307, 0.3081},
		{"fashion", FashionMNIST, filepath.Join(shared, "fashion-mnist"), same(6000), same(1000), 0.2860, 0.3530},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := c.read(c.dir)
			if err != nil {
				t.Fatal(err)
			}
			if s.Train.N != 55_000 || s.Val.N != 5_000 || s.Test.N != 10_000 {
				t.Fatalf("parts of %d, %d, %d", s.Train.N, s.Val.N, s.Test.N)
			}
			train, test := make([]int, 10), make([]int, 10)
			for _, m := range []*Images{s.Train, s.Val} {
				for _, c := range m.Labels {
					train[c]++
				}
			}
			for _, c := range s.Test.Labels {
				test[c]++
			}
			if !slices.Equal(train, c.train) || !slices.Equal(test, c.test) {
				t.Errorf("label counts %v and %v, want %v and %v", train, test, c.train, c.test)
			}
			all := &Images{Channels: 1, Pixels: append(bytes.Clone(s.Train.Pixels), s.Val.Pixels...)}
			if mean, sd := all.Moments(0); math.Abs(mean-c.mean) > 6e-5 || math.Abs(sd-c.sd) > 6e-5 {
				t.Errorf("moments %.4f and %.4f, want %.4f and %.4f", mean, sd, c.mean, c.sd)
			}
		})
	}
}

func TestRealFilesMistaken(t *testing.T) {
	needShared(t)
	_, err := FashionMNIST(filepath.Join(shared, "mnist"))
	if err == nil || !strings.Contains(err.Error(), "are those of mnist, not of fashion_mnist") {
		t.Errorf("MNIST's files as Fashion-MNIST: %v", err)
	}
	_, err = MNIST(filepath.Join(shared, "fashion-mnist"))
	if err == nil || !strings.Contains(err.Error(), "are those of fashion_mnist, not of mnist") {
		t.Errorf("Fashion-MNIST's files as MNIST: %v", err)
	}
}

// tiny is a data set of 20 training and 6 test images of 2 x 2 pixels.
var tiny = source{name: "tiny", folders: []string{"tiny", "TINY/raw"}, train: 20, val: 5, test: 6, size: 2, classes: 3}

// writeTiny writes the files of tiny; first is the first pixel of all.
func writeTiny(t *testing.T, dir string, first byte, dot, ext string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for part, n := range map[string]int{"train": 20, "t10k": 6} {
		pixels, labels := make([]byte, 4*n), make([]byte, n)
		for i := range pixels {
			pixels[i] = first + byte(i)
		}
		for i := range labels {
			labels[i] = byte(i % 3)
		}
		for name, b := range map[string][]byte{
			"-images" + dot + "idx3-ubyte": idx(pixels, n, 2, 2), "-labels" + dot + "idx1-ubyte": idx(labels, n),
		} {
			if ext == ".gz" {
				b = gzipped(t, b)
			}
			if err := os.WriteFile(filepath.Join(dir, part+name+ext), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestSourceReads(t *testing.T) {
	for _, dot := range []string{"-", "."} {
		for _, ext := range []string{"", ".gz"} {
			for _, sub := range []string{".", "tiny", "TINY/raw"} {
				dir := t.TempDir()
				writeTiny(t, filepath.Join(dir, sub), 10, dot, ext)
				s, err := tiny.read(dir)
				if err != nil {
					t.Fatal(err)
				}
				if s.Train.N != 15 || s.Val.N != 5 || s.Test.N != 6 {
					t.Fatalf("parts of %d, %d, %d", s.Train.N, s.Val.N, s.Test.N)
				}
				// Every image starts with ten more than four times its number.
				var seen []int
				for _, m := range []*Images{s.Train, s.Val} {
					if !slices.IsSortedFunc(slices.Collect(slices.Chunk(m.Pixels, 4)), bytes.Compare) {
						t.Error("a part is not in order")
					}
					for i := range m.N {
						k := int(m.Image(i)[0]-10) / 4
						seen = append(seen, k)
						if int(m.Labels[i]) != k%3 {
							t.Errorf("image %d has label %d", k, m.Labels[i])
						}
					}
				}
				slices.Sort(seen)
				for i, k := range seen {
					if i != k {
						t.Fatalf("images %v, want each of 20 once", seen)
					}
				}
			}
		}
	}
}

// A folder of the right name goes before files that lie beside it.
func TestSourcePrefersNamed(t *testing.T) {
	dir := t.TempDir()
	writeTiny(t, dir, 100, "-", "")
	writeTiny(t, filepath.Join(dir, "tiny"), 10, "-", "")
	s, err := tiny.read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Test.Pixels[0] != 10 {
		t.Error("read the files beside the named folder")
	}
}

func TestSourceErrors(t *testing.T) {
	write := func(t *testing.T, path string, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	replace := func(t *testing.T, path string, create func(string) error) {
		if err := errors.Join(os.Remove(path), create(path)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
		err   string // DIR stands for the folder
	}{
		{"file missing", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "t10k-labels-idx1-ubyte")); err != nil {
				t.Fatal(err)
			}
		}, "DIR/t10k-labels-idx1-ubyte is missing, and so is t10k-labels-idx1-ubyte.gz; download it, or pass another folder with --data"},
		{"label out of range", func(t *testing.T, dir string) {
			labels := make([]byte, 20)
			labels[7] = 3
			write(t, filepath.Join(dir, "train-labels-idx1-ubyte"), idx(labels, 20))
		}, "DIR/train-labels-idx1-ubyte: label 3 of example 7 is not in 0..2; " + remedy},
		{"fewer labels than images", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "train-labels-idx1-ubyte"), idx(make([]byte, 19), 19))
		}, "DIR/train-labels-idx1-ubyte: is of 19 labels, not of 20; " + remedy},
		{"test for training", func(t *testing.T, dir string) {
			b, err := os.ReadFile(filepath.Join(dir, "t10k-images-idx3-ubyte"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "train-images-idx3-ubyte"), b)
		}, "DIR/train-images-idx3-ubyte: is of 6 images, not of 20; " + remedy},
		{"folder for a file", func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, "t10k-labels-idx1-ubyte"), func(path string) error { return os.Mkdir(path, 0o700) })
		}, "DIR/t10k-labels-idx1-ubyte is a folder where a file should be; move the file in it here, or pass another folder with --data"},
		{"dangling link", func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, "train-images-idx3-ubyte"), func(path string) error { return os.Symlink("nothing", path) })
		}, "DIR/train-images-idx3-ubyte is a link to nothing; " + remedy},
		{"device", func(t *testing.T, dir string) {
			replace(t, filepath.Join(dir, "train-labels-idx1-ubyte"), func(path string) error { return os.Symlink(os.DevNull, path) })
		}, "DIR/train-labels-idx1-ubyte is not a regular file; " + remedy},
		{"nothing but a folder", func(t *testing.T, dir string) {
			for _, name := range []string{"train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
				replace(t, filepath.Join(dir, name), func(string) error { return nil })
			}
			replace(t, filepath.Join(dir, "train-images-idx3-ubyte"), func(path string) error { return os.Mkdir(path, 0o700) })
		}, "DIR/train-images-idx3-ubyte is a folder where a file should be; move the file in it here, or pass another folder with --data"},
		{"no folder", func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}, "the folder DIR does not exist: pass the folder of the files with --data"},
		{"file for the folder", func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			write(t, dir, nil)
		}, "DIR is not a folder: pass the folder of the files with --data"},
		{"empty folder", func(t *testing.T, dir string) {
			for _, name := range []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
				replace(t, filepath.Join(dir, name), func(string) error { return nil })
			}
		}, "found no train-images-idx3-ubyte, with or without .gz, in DIR/tiny, DIR/TINY/raw, DIR: pass the folder of the files with --data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeTiny(t, dir, 10, "-", "")
			c.spoil(t, dir)
			_, err := tiny.read(dir)
			want := strings.ReplaceAll(c.err, "DIR", dir)
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
	if _, err := tiny.read(""); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("without a folder: %v", err)
	}
}

// Files of the right shape with other contents are no data set of that name.
func TestSourceIdentity(t *testing.T) {
	dir := t.TempDir()
	writeTiny(t, dir, 10, "-", "")
	s, err := tiny.read(dir)
	if err != nil {
		t.Fatal(err)
	}
	pinned := tiny
	pinned.hash = s.Hash()
	if _, err := pinned.read(dir); err != nil {
		t.Error(err)
	}
	writeTiny(t, dir, 11, "-", "")
	if _, err := pinned.read(dir); err == nil || !strings.Contains(err.Error(), "with other images or labels") {
		t.Errorf("other contents: %v", err)
	}
}
