package task

import (
	"basin/data"
	"basin/nn"
)

var mnistDoc = Doc{
	Name: "mnist", Group: classification, Files: true,
	Summary: "MNIST: handwritten digits, 28 x 28 pixels, 10 classes, from its four files.",
	Notes: []string{
		"--data is the folder of the files, plain or gzipped, or one that holds them in mnist/ or MNIST/raw/. Other contents are refused.",
		"55,000 examples for training, 5,000 set aside for validation, always the same, and the 10,000 for testing.",
		"The matching loss is of 2,048 training examples, the same for every seed.",
	},
}

type mnist struct{ pictures }

func (m *mnist) load(dir string, net *nn.Net) (*Data, error) {
	split, err := data.MNIST(dir)
	if err != nil {
		return nil, err
	}
	return m.from(split, net)
}
