package data

import (
	"fmt"
	"os"
	"path/filepath"
)

// CIFAR-10 in its binary form: records of a label and the three planes of a picture.
const (
	cifarSide    = 32
	cifarPlane   = cifarSide * cifarSide
	cifarRecord  = 1 + 3*cifarPlane
	cifarClasses = 10
)

// A cifar is a data set of files of such records.
type cifar struct {
	name        string
	folders     []string // where to look within the folder given, first of all
	train, test []records
	val         int    // records of train that are set aside
	balanced    bool   // as many of each class in train, and in test
	hash        string // of the split, empty if it is not known
}

// records are a file of n records.
type records struct {
	name string
	n    int
}

var cifar10 = cifar{
	name: "cifar10", folders: []string{"cifar-10-batches-bin", "cifar10"},
	train: []records{
		{"data_batch_1.bin", 10_000}, {"data_batch_2.bin", 10_000}, {"data_batch_3.bin", 10_000},
		{"data_batch_4.bin", 10_000}, {"data_batch_5.bin", 10_000},
	},
	test: []records{{"test_batch.bin", 10_000}},
	val:  5_000, balanced: true,
}

var cifar10Subset = cifar{
	name: "the subset of cifar10", folders: []string{"cifar10-subset"},
	train: []records{{"train_3200.bin", 3200}}, test: []records{{"holdout_800.bin", 800}},
	val:  400,
	hash: "00c52e2202baaa4fdc34b9cbbdaa907326da8b77be4ac0af36f44ab05748570f",
}

// CIFAR10 reads the photographs of Krizhevsky 2009 in their binary form: 45,000 for
// training, 5,000 for validation and 10,000 for testing. dir is the folder of
// data_batch_1.bin to data_batch_5.bin and test_batch.bin, plain or gzipped, or a
// folder with such a folder named cifar-10-batches-bin or cifar10. Files without
// exactly as many pictures of each class are refused.
func CIFAR10(dir string) (*Split, error) { return cifar10.read(dir) }

// CIFAR10Subset reads the first 4,000 pictures of CIFAR-10's training set: 2,800 for
// training, 400 for validation, both from train_3200.bin, and 800 for testing from
// holdout_800.bin, in dir or in a folder named cifar10-subset. Files with other
// contents are refused.
func CIFAR10Subset(dir string) (*Split, error) { return cifar10Subset.read(dir) }

func (s cifar) read(dir string) (*Split, error) {
	var files []file
	for _, r := range append(s.train[:len(s.train):len(s.train)], s.test...) {
		files = append(files, gzippable(r.name))
	}
	folder, err := findFolder(dir, s.folders, files...)
	if err != nil {
		return nil, err
	}
	all, err := s.part(folder, s.train)
	if err != nil {
		return nil, err
	}
	split := &Split{}
	if split.Test, err = s.part(folder, s.test); err != nil {
		return nil, err
	}
	split.Train, split.Val = holdOut(all, s.val)
	if s.hash != "" && split.Hash() != s.hash {
		return nil, fmt.Errorf("the files in %s are not those of %s: well formed, but with other pictures or labels; %s", folder, s.name, remedy)
	}
	return split, nil
}

// part reads the files of one part, one after another.
func (s cifar) part(folder string, files []records) (*Images, error) {
	n := 0
	for _, r := range files {
		n += r.n
	}
	const perByte = 6 // as read, in its part, and as a number
	if err := Fits("the set of "+counted{n, "picture"}.String(), float64(n)*cifarRecord*perByte); err != nil {
		return nil, err
	}
	m := newImages(n, cifarSide, cifarSide, 3, cifarClasses)
	done := 0
	for _, r := range files {
		path, err := gzippable(r.name).need(folder)
		if err != nil {
			return nil, err
		}
		if err := r.read(path, m, done); err != nil {
			return nil, fmt.Errorf("%s: %w; %s", path, err, remedy)
		}
		done += r.n
	}
	if !s.balanced {
		return m, nil
	}
	var count [cifarClasses]int
	for _, label := range m.Labels {
		count[label]++
	}
	for class, k := range count {
		if k != n/cifarClasses {
			return nil, fmt.Errorf("%s and the files that belong to it have %s of class %d, where %s has %s; %s",
				filepath.Join(folder, files[0].name), counted{k, "picture"}, class, s.name, grouped(n/cifarClasses), remedy)
		}
	}
	return m, nil
}

// read puts the records of the file at path into m, from example first on.
func (r records) read(path string, m *Images, first int) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in, err := inflated(f)
	if err != nil {
		return err
	}
	body := make([]byte, r.n*cifarRecord)
	if err := readBody(in, body, counted{r.n, "record"}, len(body)); err != nil {
		return err
	}
	for i := range r.n {
		record := body[i*cifarRecord : (i+1)*cifarRecord]
		if record[0] >= cifarClasses {
			return fmt.Errorf("label %d of record %d is not in 0..%d", record[0], i, cifarClasses-1)
		}
		m.Labels[first+i] = record[0]
		interleave(m.Image(first+i), record[1:])
	}
	return nil
}

// interleave turns a picture of one plane for each channel into one of pixels.
func interleave(dst, planes []byte) {
	for k := range cifarPlane {
		for c := range 3 {
			dst[3*k+c] = planes[c*cifarPlane+k]
		}
	}
}
