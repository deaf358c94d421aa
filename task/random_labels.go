package task

import (
	"basin/rng"
)

var randomLabelsDoc = Doc{
	Name: "random_labels", Group: streams, Example: "random_labels(glyphs(train=1000), tasks=10, epochs=20)",
	Summary: "The examples of a task with fresh random classes each time, to be memorised: whether a network can still learn.",
	Notes: append([]string{
		"Classes are uniform and follow from data_seed. There is nothing to generalise to, so there are no sets val and test, and accuracies are on 2,048 of the training examples, or all where there are fewer: a fall of the accuracy right after each phase is loss of plasticity (Lyle et al. 2023, arXiv 2303.01486; Dohare et al. 2024).",
	}, streamNotes...),
}

type randomLabels struct {
	over
	Tasks int `arg:"tasks" default:"5" valid:"[1,1000]" help:"how many times classes are drawn"`
	pace
	DataSeed int `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the classes"`
}

func (r *randomLabels) phases() int { return r.Tasks }

func (r *randomLabels) split(s *supervised) ([]part, error) {
	classes := s.classes()
	var parts []part
	for k := range r.Tasks {
		train := *s.train
		train.labels = make([]int, train.n)
		draw := rng.At(uint64(r.DataSeed), "task/random_labels", k)
		for i := range train.labels {
			train.labels[i] = draw.IntN(classes)
		}
		p := part{train: &train}
		r.heads(&p, k, r.Tasks, classes)
		parts = append(parts, p)
	}
	return parts, nil
}
