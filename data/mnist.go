package data

import (
	"fmt"
	"slices"

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

// find gives the folder with the files.
func (s source) find(dir string) (string, error) {
	var files []file
	for _, part := range []string{"train", "t10k"} {
		for _, kind := range []string{"images", "labels"} {
			files = append(files, idxNames(part, kind))
		}
	}
	return findFolder(dir, s.folders, files...)
}

// idxNames gives the usual names of a file, compressed and plain by turns.
func idxNames(part, kind string) (names file) {
	dims := map[string]int{"images": 3, "labels": 1}[kind]
	for _, dot := range []string{"-", "."} {
		names = append(names, gzippable(fmt.Sprintf("%s-%s%sidx%d-ubyte", part, kind, dot, dims))...)
	}
	return names
}

// part reads the images and labels of one part.
func (s source) part(folder, part string, n int) (*Images, error) {
	m := &Images{N: n, Rows: s.size, Cols: s.size, Channels: 1, Classes: s.classes}
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
			path, _ := idxNames(part, "labels").locate(folder)
			return nil, fmt.Errorf("%s: label %d of example %d is not in 0..%d; %s", path, label, i, s.classes-1, remedy)
		}
	}
	return m, nil
}

// open reads one file of a part, under whatever name.
func open(folder, part, kind string, want idxFile) ([]byte, error) {
	path, err := idxNames(part, kind).need(folder)
	if err != nil {
		return nil, err
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
