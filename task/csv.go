package task

import (
	"basin/data"
	"basin/nn"
)

var csvDoc = Doc{
	Name: "csv", Group: ownFiles, Files: true, Example: `csv(file="iris.csv")`,
	Summary: "A table of comma-separated values: one column, classes or numbers, from all the others.",
	Notes: []string{
		"file, plain or gzipped, is looked for in the working folder and then in --data. Its fields may be separated by semicolons or tabs, and all but those of the target must be numbers.",
		"header=auto takes the first line for names if a field beside the target is not a number, if the target is named in it, or if the next line has another number of fields.",
		"kind=auto takes a target for classes if not all of it are numbers, or if it has at most 20 different whole numbers, of five examples each on average. Classes are in the order of their numbers or names. Numbers have squared loss.",
		"The parts are cut at random by split_seed, of each class its share, rounded down. test_file, with the same columns, is the part for testing instead.",
		"The matching loss is of 2,048 training examples, or of all where there are fewer.",
	},
}

type csv struct {
	File      string  `arg:"file" help:"the table"`
	Target    string  `arg:"target" default:"last" help:"column to be learnt: its name, its number from 1, or last"`
	Kind      string  `arg:"kind" default:"auto" choices:"auto|classes|numbers" help:"what the target is"`
	Header    string  `arg:"header" default:"auto" choices:"auto|true|false" help:"whether the first line names the columns"`
	Batch     int     `arg:"batch" default:"32" valid:"[0,inf)" help:"examples per step, 0 for all"`
	Normalize string  `arg:"normalize" default:"standard" choices:"standard|none" help:"standard: each column, and a target of numbers, less its mean over the training examples, divided by its standard deviation"`
	Loss      string  `arg:"loss" default:"softmax" choices:"softmax|logistic" help:"on classes; logistic is for two, with one output"`
	TestFile  string  `arg:"test_file" default:"" help:"a table of the examples for testing"`
	Val       float64 `arg:"val" default:"0.15" valid:"(0,1)" help:"share of the examples for validation"`
	Test      float64 `arg:"test" default:"0.15" valid:"(0,1)" help:"share of the examples for testing"`
	SplitSeed int     `arg:"split_seed" default:"0" valid:"[0,inf)" help:"seed of the cut into parts"`
}

func (*csv) network() network { return network{model: "mlp(64, 64)"} }

func (c *csv) read(dir string, m nn.Model) (*Data, error) {
	path, err := data.Find(c.File, dir)
	if err != nil {
		return nil, err
	}
	test := ""
	if c.TestFile != "" {
		if test, err = data.Find(c.TestFile, dir); err != nil {
			return nil, err
		}
	}
	how := data.CSV{Target: c.Target, Header: c.Header, Kind: c.Kind}
	s, err := how.Read(path, test, data.Cut{Val: c.Val, Test: c.Test, Seed: uint64(c.SplitSeed)})
	if err != nil {
		return nil, err
	}
	return ofFile(s, m, c.Normalize, c.Loss, c.Batch)
}
