package task

import (
	"basin/data"
	"basin/nn"
)

var npzDoc = Doc{
	Name: "npz", Group: ownFiles, Files: true, Example: `npz(file="arrays.npz")`,
	Summary: "NumPy arrays of inputs and targets from an archive that numpy.savez wrote.",
	Notes: []string{
		"file is looked for in the working folder and then in --data. Its arrays are x_train and y_train, or x and y, or as x= and y= say; where those names contain train, arrays with val or test in its place are the other parts, which else are cut from training at random by split_seed, of each class its share, rounded down.",
		"Inputs have the shape (N, ...): (N, numbers), (N, height, width, channels), or (N, height, width) for pictures of one channel. Targets are N classes counted from 0, or numbers, (N) or (N, outputs). Types are float32, float64 and integers.",
		"kind=auto takes integers for classes. Numbers have squared loss.",
		"The matching loss is of 2,048 training examples, or of all where there are fewer.",
	},
}

type npz struct {
	File      string  `arg:"file" help:"the archive"`
	X         string  `arg:"x" default:"" help:"array of inputs; empty for x_train or x"`
	Y         string  `arg:"y" default:"" help:"array of targets; empty for y_train or y"`
	Kind      string  `arg:"kind" default:"auto" choices:"auto|classes|numbers" help:"what the targets are"`
	Batch     int     `arg:"batch" default:"32" valid:"[0,inf)" help:"examples per step, 0 for all"`
	Normalize string  `arg:"normalize" default:"standard" choices:"standard|none" help:"standard: each number, of pictures each channel, and targets of numbers, less the mean over the training examples, divided by the standard deviation"`
	Loss      string  `arg:"loss" default:"softmax" choices:"softmax|logistic" help:"on classes; logistic is for two, with one output"`
	Val       float64 `arg:"val" default:"0.15" valid:"(0,1)" help:"share of the examples for validation"`
	Test      float64 `arg:"test" default:"0.15" valid:"(0,1)" help:"share of the examples for testing"`
	SplitSeed int     `arg:"split_seed" default:"0" valid:"[0,inf)" help:"seed of the cut into parts"`
}

func (*npz) network() network { return network{model: "mlp(64, 64)"} }

func (z *npz) read(dir string, m nn.Model) (*Data, error) {
	path, err := data.Find(z.File, dir)
	if err != nil {
		return nil, err
	}
	f, err := data.OpenNPZ(path, z.X, z.Y, z.Kind)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	wide, err := f.Wide()
	if err != nil {
		return nil, err
	}
	cut := data.Cut{Val: z.Val, Test: z.Test, Seed: uint64(z.SplitSeed)}
	if wide {
		s, err := data.ReadNPZ[float64](f, cut)
		if err != nil {
			return nil, err
		}
		return ofFile(s, m, z.Normalize, z.Loss, z.Batch)
	}
	s, err := data.ReadNPZ[float32](f, cut)
	if err != nil {
		return nil, err
	}
	return ofFile(s, m, z.Normalize, z.Loss, z.Batch)
}
