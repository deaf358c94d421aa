package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"basin/rng"
)

// A source is a data set of four IDX files.
type source struct {
	name    string
	folders []string // where to look within the folder given, first of all
	train   int      // images for training, of which val are set aside
	val     int
	test    int
	size    int    // rows and columns of an image
	classes int    // labels are below
	hash    string // of the split, empty if it is not known
}

var mnist = source{
	name: "mnist", folders: []string{"mnist", "MNIST/raw", "MNIST"},
	train: 60_000, val: 5_000, test: 10_000, size: 28, classes: 10,
	hash: "ed3e456e94fb3f3e7a9f0864132cff9500657d5cfeb0d2ecb28d9221810508c1",
}

var fashionMNIST = source{
	name: "fashion_mnist", folders: []string{"fashion-mnist", "fashion_mnist", "FashionMNIST/raw", "FashionMNIST"},
	train: 60_000, val: 5_000, test: 10_000, size: 28, classes: 10,
	hash: "f39fa58f89a8f30dca0e5aa15fb6f882abbc54ba0c18ae25d5f8f6caa5b165ac",
}

// MNIST reads the handwritten digits of LeCun, Cortes & Burges: 55,000 for training,
// 5,000 for validation and 10,000 for testing. dir is the folder of the four files,
// plain or gzipped, or a folder with such a folder named mnist or MNIST/raw. Files
// with other contents are refused.
func MNIST(dir string) (*Split, error) { return mnist.read(dir) }

// FashionMNIST reads the articles of clothing of Xiao, Rasul & Vollgraf 2017
// (arXiv 1708.07747), like MNIST, from files in dir or in a folder named
// fashion-mnist, fashion_mnist or FashionMNIST/raw.
func FashionMNIST(dir string) (*Split, error) { return fashionMNIST.read(dir) }

func (s source) read(dir string) (*Split, error) {
	folder, err := s.find(dir)
	if err != nil {
		return nil, err
	}
	all, err := s.part(folder, "train", s.train)
	if err != nil {
		return nil, err
	}
	test, err := s.part(folder, "t10k", s.test)
	if err != nil {
		return nil, err
	}
	split := &Split{Test: test}
	split.Train, split.Val = holdOut(all, s.val)
	return split, s.identify(folder, split)
}

// find gives the folder with the files: the first named one that has any of them,
// so that a folder of several data sets never yields the wrong one, else dir.
func (s source) find(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("the data are read from files: pass their folder with --data")
	}
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the folder %s does not exist: pass the folder of the files with --data", dir)
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", fmt.Errorf("%s is not a folder: pass the folder of the files with --data", dir)
	}
	var looked []string
	for _, sub := range append(s.folders, ".") {
		folder := filepath.Join(dir, filepath.FromSlash(sub))
		for _, part := range []string{"train", "t10k"} {
			for _, kind := range []string{"images", "labels"} {
				if _, ok := locate(folder, part, kind); ok {
					return folder, nil
				}
			}
		}
		looked = append(looked, folder)
	}
	for _, folder := range looked {
		if err := obstacle(folder, "train", "images"); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("found no train-images-idx3-ubyte, with or without .gz, in %s: pass the folder of the files with --data",
		strings.Join(looked, ", "))
}

// locate gives the path of a file under any of its usual names, and the plainest of
// these where there is none.
func locate(folder, part, kind string) (path string, ok bool) {
	paths := usual(folder, part, kind)
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, true
		}
	}
	return paths[1], false
}

// usual gives the usual names of a file, compressed and plain by turns.
func usual(folder, part, kind string) (paths []string) {
	dims := map[string]int{"images": 3, "labels": 1}[kind]
	for _, dot := range []string{"-", "."} {
		for _, ext := range []string{".gz", ""} {
			paths = append(paths, filepath.Join(folder, fmt.Sprintf("%s-%s%sidx%d-ubyte%s", part, kind, dot, dims, ext)))
		}
	}
	return paths
}

// obstacle is the error of something else being where a file should be, if it is.
func obstacle(folder, part, kind string) error {
	for _, path := range usual(folder, part, kind) {
		if _, err := os.Lstat(path); err != nil {
			continue
		}
		switch info, err := os.Stat(path); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s is a link to nothing; %s", path, remedy)
		case err != nil:
			return err
		case info.IsDir():
			return fmt.Errorf("%s is a folder where a file should be; move the file in it here, or pass another folder with --data", path)
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a regular file; %s", path, remedy)
		}
	}
	return nil
}

// part reads the images and labels of one part.
func (s source) part(folder, part string, n int) (*Images, error) {
	m := &Images{N: n, Rows: s.size, Cols: s.size, Classes: s.classes}
	var err error
	images := idxFile{item: "image", n: n, rows: s.size, cols: s.size}
	if m.Pixels, err = open(folder, part, "images", images); err != nil {
		return nil, err
	}
	if m.Labels, err = open(folder, part, "labels", idxFile{item: "label", n: n}); err != nil {
		return nil, err
	}
	for i, label := range m.Labels {
		if int(label) >= s.classes {
			path, _ := locate(folder, part, "labels")
			return nil, fmt.Errorf("%s: label %d of example %d is not in 0..%d; %s", path, label, i, s.classes-1, remedy)
		}
	}
	return m, nil
}

// open reads one file of a part, under whatever name.
func open(folder, part, kind string, want idxFile) ([]byte, error) {
	path, ok := locate(folder, part, kind)
	if !ok {
		if err := obstacle(folder, part, kind); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s is missing, and so is %s.gz; download it, or pass another folder with --data", path, filepath.Base(path))
	}
	return want.read(path)
}

// holdOut sets n examples aside, always the same; both parts keep the order.
func holdOut(all *Images, n int) (rest, held *Images) {
	order := make([]int, all.N)
	s := rng.At(0, "data/holdout", 0)
	s.Perm(order)
	slices.Sort(order[:n])
	slices.Sort(order[n:])
	return all.Pick(order[n:]), all.Pick(order[:n])
}

// identify refuses files whose contents are not those of the data set.
func (s source) identify(folder string, split *Split) error {
	got := split.Hash()
	if s.hash == "" || got == s.hash {
		return nil
	}
	for _, other := range []source{mnist, fashionMNIST} {
		if got == other.hash {
			return fmt.Errorf("the files in %s are those of %s, not of %s: pass another folder with --data", folder, other.name, s.name)
		}
	}
	return fmt.Errorf("the files in %s are not those of %s: well formed, but with other images or labels; download them again, or pass another folder with --data", folder, s.name)
}
