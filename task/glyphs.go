package task

import (
	"basin/data"
	"basin/nn"
)

var glyphsDoc = Doc{
	Name: "glyphs", Group: classification,
	Summary: "Digits drawn from fonts, distorted and noisy: built in, 28 x 28 pixels, 10 classes.",
	Notes: []string{
		"12,000 examples for training, 2,000 for validation, 4,000 for testing, generated in a second, the same on every machine.",
		"The matching loss is of 2,048 training examples, the same for every seed.",
	},
}

type glyphs struct{ pictures }

func (g *glyphs) load(_ string, net *nn.Net) (*Data, error) { return g.from(data.Glyphs(), net) }
