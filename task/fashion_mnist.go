package task

import (
	"basin/data"
	"basin/nn"
)

var fashionMNISTDoc = Doc{
	Name: "fashion_mnist", Group: classification, Files: true,
	Summary: "Fashion-MNIST: articles of clothing, 28 x 28 pixels, 10 classes, from its four files.",
	Notes: []string{
		"--data is the folder of the files, plain or gzipped, or one that holds them in fashion-mnist/, fashion_mnist/ or FashionMNIST/raw/. Other contents are refused.",
		"55,000 examples for training, 5,000 set aside for validation, always the same, and the 10,000 for testing.",
		"The matching loss is of 2,048 training examples, the same for every seed.",
	},
}

type fashionMNIST struct{ pictures }

func (f *fashionMNIST) load(dir string, net *nn.Net) (*Data, error) {
	split, err := data.FashionMNIST(dir)
	if err != nil {
		return nil, err
	}
	return f.from(split, net)
}
