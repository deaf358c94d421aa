package data

import (
	"archive/zip"
	"errors"
	"fmt"
	"math"
	"strings"

	"basin/problem"
)

// An NPZ is an archive of NumPy arrays by name, as numpy.savez and savez_compressed
// write it.
type NPZ struct {
	path   string
	zip    *zip.ReadCloser
	X, Y   string // names of inputs and targets for training
	Kind   string // of the targets: "classes", "numbers", or "auto"
	arrays map[string]*zip.File
}

// OpenNPZ opens an archive. x and y name the arrays of inputs and targets; where one
// is empty it is x_train or x, y_train or y. kind is that of the targets; with "auto"
// integers are classes.
func OpenNPZ(path, x, y, kind string) (*NPZ, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; it must be an archive written by numpy.savez or numpy.savez_compressed", path, err)
	}
	f := &NPZ{path: path, zip: z, Kind: kind, arrays: map[string]*zip.File{}}
	var names []string
	for _, file := range z.File {
		if name, ok := strings.CutSuffix(file.Name, ".npy"); ok {
			f.arrays[name] = file
			names = append(names, name)
		}
	}
	choose := func(given string, usual ...string) (string, error) {
		if given != "" {
			usual = []string{given}
		}
		for _, name := range usual {
			if f.arrays[name] != nil {
				return name, nil
			}
		}
		return "", fmt.Errorf("%s has no array %s; it has %s; name them with x= and y=", path, strings.Join(usual, " or "), strings.Join(names, ", "))
	}
	if f.X, err = choose(x, "x_train", "x"); err == nil {
		f.Y, err = choose(y, "y_train", "y")
	}
	if err != nil {
		z.Close()
		return nil, err
	}
	return f, nil
}

// Close closes the file.
func (f *NPZ) Close() error { return f.zip.Close() }

// Wide reports whether inputs may need double precision.
func (f *NPZ) Wide() (bool, error) {
	a, err := f.header(f.X)
	if err != nil {
		return false, err
	}
	return a.kind == 'f' && a.width == 8 || a.kind != 'f' && a.width >= 4, nil
}

// ReadNPZ reads the samples. Where the names for training contain "train", arrays with
// val and test in its place are the other parts; parts without arrays of their own are
// cut from training. Inputs are (N, ...), of which three axes, (N, height, width), are
// pictures of one channel; targets are (N) or (N, outputs).
func ReadNPZ[T problem.Float](f *NPZ, cut Cut) (*Samples[T], error) {
	s := &Samples[T]{}
	all, err := readPart(f, s, f.X, f.Y)
	if err != nil {
		return nil, err
	}
	for _, p := range []struct {
		name string
		part **Sample[T]
	}{{"val", &s.Val}, {"test", &s.Test}} {
		x, y := strings.Replace(f.X, "train", p.name, 1), strings.Replace(f.Y, "train", p.name, 1)
		if x == f.X || y == f.Y || f.arrays[x] == nil && f.arrays[y] == nil {
			continue
		}
		if *p.part, err = readPart(f, s, x, y); err != nil {
			return nil, err
		}
	}
	if err := s.cut(all, cut); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	return s, nil
}

// readPart reads inputs and targets of one part. The first part that is read settles
// shape and classes for the others.
func readPart[T problem.Float](f *NPZ, s *Samples[T], x, y string) (*Sample[T], error) {
	ax, err := f.header(x)
	if err != nil {
		return nil, err
	}
	ay, err := f.header(y)
	if err != nil {
		return nil, err
	}
	if len(ax.shape) < 2 || len(ay.shape) < 1 || len(ay.shape) > 2 || ax.shape[0] != ay.shape[0] {
		return nil, fmt.Errorf("%s: %s has the shape %s, and %s %s; want (N, ...) and (N) or (N, outputs) with the same N",
			f.path, x, tuple(ax.shape), y, tuple(ay.shape))
	}
	shape := ax.shape[1:]
	if len(shape) == 2 {
		shape = append(shape[:2:2], 1)
	}
	if s.Shape == nil {
		s.Shape = shape
	} else if fmt.Sprint(s.Shape) != fmt.Sprint(shape) {
		return nil, fmt.Errorf("%s: an example of %s has the shape %s, and one of %s %s; they must be equal", f.path, x, tuple(shape), f.X, tuple(s.Shape))
	}
	p := &Sample[T]{N: ax.shape[0]}
	if p.X, err = readArray[T](f, ax); err != nil {
		return nil, err
	}
	targets, err := readArray[float64](f, ay)
	if err != nil {
		return nil, err
	}
	if f.Kind == "numbers" || f.Kind == "auto" && ay.kind == 'f' {
		outputs := len(targets) / p.N
		if s.Outputs == 0 {
			s.Outputs = outputs
		} else if s.Outputs != outputs {
			return nil, fmt.Errorf("%s: %s has %d numbers per example, and %s %d", f.path, y, outputs, f.Y, s.Outputs)
		}
		for _, v := range targets {
			p.Y = append(p.Y, T(v))
		}
		return p, nil
	}
	if p.Labels, err = labels(targets, p.N, &s.Classes); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", f.path, y, err)
	}
	return p, nil
}

// labels takes numbers for classes, of which there are as many as *classes says or, if
// it is 0, as the numbers do.
func labels(numbers []float64, n int, classes *int) ([]int, error) {
	if len(numbers) != n {
		return nil, fmt.Errorf("%d numbers for each of %s; a class is one", len(numbers)/n, counted{n, "example"})
	}
	below, most := *classes, 0
	if below == 0 {
		below = n
	}
	list := make([]int, n)
	for i, v := range numbers {
		if v < 0 || v >= float64(below) || v != math.Trunc(v) {
			return nil, fmt.Errorf("label %v of example %d is not a whole number in 0..%d; classes are counted from 0, and all occur in training", v, i, below-1)
		}
		list[i] = int(v)
		most = max(most, int(v))
	}
	if *classes == 0 {
		if most == 0 {
			return nil, errors.New("all examples are of class 0; there must be two classes at least")
		}
		*classes = most + 1
	}
	return list, nil
}
