package probe

import (
	"errors"
	"fmt"
	"math"
)

var intransigenceDoc = Doc{
	Name:    "intransigence",
	Family:  "streams",
	Summary: "How much worse the tasks of a stream are learnt than by a network that did not learn those before, or learnt them at once.",
	Readings: []Reading{
		{Name: "intransigence", Formula: "R_k - A[k,k], A[k,k] the accuracy on task k after phase k and R_k that of a reference network; mean over k = 2..K after phase K", Null: "0; below 0 where earlier tasks help", Invariant: Permutation | Rescaling | Rotation, Parts: "tasks, such as task2", Headline: true},
		{Name: "reference_accuracy", Formula: "R_k; mean over k = 2..K", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation, Parts: "tasks"},
		{Name: "masked_intransigence", Formula: "the same, with the largest output taken among those of task k alone", Null: "0", Invariant: Permutation | Rescaling | Rotation, Parts: "tasks"},
		{Name: "masked_reference_accuracy", Formula: "R_k among the outputs of task k alone; mean over k = 2..K", Null: "the share of the task's commonest class", Invariant: Permutation | Rescaling | Rotation, Parts: "tasks"},
	},
	Source: "Chaudhry et al. 2018, Riemannian walk, arXiv 1801.10112",
	Needs:  "a stream, and a solution at the end of a phase of the run that made it, after the second or a later one",
	Cost:   "as many steps as the run itself for reference=alone, (K+1)/2 times as many for joint, once for all points of a run",
	Notes: []string{
		"References are trained by the same optimizer, from the same start. reference=alone sees the batches of phase k alone, in their order, and ends as the phase does; its schedules are planned for that phase. reference=joint, that of the paper, sees those of phases 1 to k in turn, as many steps as they have together, whatever until_accuracy says.",
		"Where tasks have classes of their own and share the outputs, a network trained on one task alone soon answers with its classes only: there the masked readings, or reference=joint, are fair.",
		"The first task has no task before it and is left out. The standard error is binomial over each task's examples, as that of forgetting, with both accuracies taken as independent: on the same examples, so that differences are surer than it says. 95 % intervals held the true value in 95 to 96 % of samples (docs/intervals.md) of such independent answers.",
	},
}

type intransigence struct {
	Reference string `arg:"reference" default:"alone" choices:"alone|joint" help:"networks trained on task k alone, or on tasks 1 to k at once"`
}

func (s *intransigence) Measure(p *Pass) error {
	last := len(p.Stages) - 1 // K
	switch {
	case p.Judged == nil:
		return errors.New("the task is no stream of tasks")
	case p.Stages == nil || p.Reference == nil:
		return errors.New("it is known of solutions at the ends of phases alone, and with the run that made them")
	case last < 2:
		return errors.New("it takes two phases")
	}
	plain, masked := againstReference{p: p}, againstReference{p: p, prefix: "masked_"}
	for k := 2; k <= last; k++ {
		first := k
		if s.Reference == "joint" {
			first = 1
		}
		all, own, err := p.Reference(first, k)
		if err != nil {
			return err
		}
		stage := p.Stages[k]
		plain.add(k, all, stage.Accuracy[k-1])
		if stage.Masked != nil {
			masked.add(k, own, stage.Masked[k-1])
		}
	}
	plain.mean()
	if p.Stages[last].Masked == nil {
		return errors.New("all outputs by which a task is judged are for it, so that a mask changes nothing")
	}
	masked.mean()
	return nil
}

// againstReference reads tasks one by one and their mean.
type againstReference struct {
	p                      *Pass
	prefix                 string
	tasks, sum, of         float64 // how many; differences; references
	variance, ofReferences float64
}

func (a *againstReference) add(k int, reference, accuracy float64) {
	n := float64(a.p.Judged[k-1])
	e, f := binomialErr(reference, n), binomialErr(accuracy, n)
	task := fmt.Sprintf("task%d", k)
	a.p.Estimate(part(a.prefix+"intransigence", task), reference-accuracy, math.Hypot(e, f))
	a.p.Estimate(part(a.prefix+"reference_accuracy", task), reference, e)
	a.tasks++
	a.sum += reference - accuracy
	a.of += reference
	a.variance += e*e + f*f
	a.ofReferences += e * e
}

func (a *againstReference) mean() {
	a.p.Estimate(a.prefix+"intransigence", a.sum/a.tasks, math.Sqrt(a.variance)/a.tasks)
	a.p.Estimate(a.prefix+"reference_accuracy", a.of/a.tasks, math.Sqrt(a.ofReferences)/a.tasks)
}
