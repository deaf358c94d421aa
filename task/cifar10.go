package task

import (
	"basin/data"
	"basin/nn"
)

var cifar10Doc = Doc{
	Name: "cifar10", Group: classification, Files: true, Example: "cifar10(subset=true)",
	Summary: "CIFAR-10: photographs, 32 x 32 pixels in colour, 10 classes, from its files in binary form.",
	Notes: []string{
		"--data is the folder of data_batch_1.bin to data_batch_5.bin and test_batch.bin, plain or gzipped, or one that holds them in cifar-10-batches-bin/ or cifar10/. Files without as many pictures of each class are refused.",
		"45,000 examples for training, 5,000 set aside for validation, always the same, and the 10,000 for testing.",
		"subset=true takes the first 4,000 pictures of the training set instead, from train_3200.bin and holdout_800.bin, in --data or in cifar10-subset/: 2,800 for training, 400 for validation and 800 for testing. Its accuracies do not compare with those published.",
		"The matching loss is of 2,048 training examples, the same for every seed, as they are.",
		"augment=true trains on each picture moved by up to 4 pixels both ways, black moving in, and half of them mirrored (He et al. 2016, arXiv 1512.03385); how, depends on the seed and the step.",
	},
}

type cifar10 struct {
	pictures
	Subset  bool `arg:"subset" default:"false" help:"the first 4,000 pictures alone"`
	Augment bool `arg:"augment" default:"false" help:"move and mirror the pictures of each batch at random"`
}

func (*cifar10) network() network {
	return network{model: "resnet(depth=8)", input: nn.Input{Shape: []int{32, 32, 3}}, outputs: 10}
}

func (c *cifar10) load(dir string, net *nn.Net) (*Data, error) {
	read := data.CIFAR10
	if c.Subset {
		read = data.CIFAR10Subset
	}
	split, err := read(dir)
	if err != nil {
		return nil, err
	}
	s, scale, err := c.supervised(split, net)
	if err != nil {
		return nil, err
	}
	if c.Augment {
		h := &shift{side: 32, channels: 3, pad: 4}
		for _, table := range scale {
			h.black = append(h.black, table[0])
		}
		s.shift = h
	}
	return s.data(split.Hash())
}
