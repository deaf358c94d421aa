package task

import (
	"fmt"

	"basin/data"
	"basin/nn"
	"basin/problem"
)

var textDoc = Doc{
	Name: "text", Group: ownFiles, Files: true, Example: `text(file="input.txt")`,
	Summary: "A text in UTF-8, of which each character is told from those before it.",
	Notes: []string{
		"file is looked for in the working folder and then in --data. The characters that occur in it are the classes. The model's context is the length of an example: gpt(context=64), say.",
		"The first 90 % of the text are for training, the next 5 % for validation and the rest for testing.",
		"Each step takes windows that begin anywhere in the training part, drawn by the seed and the step; an epoch is as many steps as see as many characters as there are. A solution is judged on windows of each part at fixed even distances, and the loss and the accuracy are means over all their characters.",
		"The matching loss is of 256 of the training windows that are judged, or of all where there are fewer.",
	},
}

type text struct {
	File  string `arg:"file" default:"input.txt" help:"the text"`
	Batch int    `arg:"batch" default:"32" valid:"[1,100000]" help:"windows per step"`
	Eval  int    `arg:"eval" default:"512" valid:"[1,inf)" help:"windows of each part that are judged, or all that do not overlap where there are fewer"`
}

// usualContext is the length of an example where the model does not say.
const usualContext = 64

// matchWindows is the number of windows that the matching loss is of.
const matchWindows = 256

func (*text) network() network { return network{model: "gpt"} }

func (x *text) read(dir string, m nn.Model) (*Data, error) {
	context := m.Context()
	if context == 0 {
		context = usualContext
	}
	path, err := data.Find(x.File, dir)
	if err != nil {
		return nil, err
	}
	t, err := data.ReadText(path)
	if err != nil {
		return nil, err
	}
	if len(t.Vocabulary) < 2 {
		return nil, fmt.Errorf("%s holds %d different characters; it takes two to tell apart", path, len(t.Vocabulary))
	}
	if n := min(len(t.Val), len(t.Test)); n <= context {
		return nil, fmt.Errorf("%s is too short: 5 %% of it, to be tested on, are %d characters, and an example takes %d; choose a longer text, or a model with a shorter context",
			path, n, context+1)
	}
	net, err := nn.NewNet(m, nn.Input{Shape: []int{context}, Tokens: len(t.Vocabulary)}, len(t.Vocabulary))
	if err != nil {
		return nil, err
	}
	if net.Positions() != context {
		return nil, fmt.Errorf("the model %v does not predict at each position, which the task asks for; leave out predict=last", m)
	}
	judged := func(tokens []int32) *examples {
		w := windows{tokens: tokens, context: context}
		return w.spread(x.Eval)
	}
	s := &supervised{
		net: net, loss: problem.SoftmaxCrossEntropy,
		train: judged(t.Train), val: judged(t.Val), test: judged(t.Test),
		windows: &windows{tokens: t.Train, context: context, batch: x.Batch},
	}
	s.match = s.train
	if s.train.n > matchWindows {
		s.match = s.train.pick(choice("task/match", s.train.n, matchWindows))
	}
	return s.data(t.Hash())
}
