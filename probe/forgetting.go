package probe

import (
	"errors"
	"fmt"
	"math"

	"basin/problem"
)

var forgettingDoc = Doc{
	Name:    "forgetting",
	Family:  "streams",
	Summary: "How well the tasks of a stream are learnt, kept and passed on: from A[k,j], the accuracy on task j after phase k, with A[0,j] at the start.",
	Readings: []Reading{
		{Name: "average_accuracy", Formula: "(1/K) sum_{j<=K} A[K,j] after phase K", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation, Headline: true},
		{Name: "forgetting", Formula: "(1/(K-1)) sum_{j<K} (max_{1<=l<K} A[l,j] - A[K,j])", Null: "0", Invariant: Permutation | Rescaling | Rotation, Headline: true},
		{Name: "learning_accuracy", Formula: "(1/K) sum_{k<=K} A[k,k]", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation, Headline: true},
		{Name: "backward_transfer", Formula: "(1/(K-1)) sum_{j<K} (A[K,j] - A[j,j])", Null: "0", Invariant: Permutation | Rescaling | Rotation},
		{Name: "forward_transfer", Formula: "(1/(K-1)) sum_{1<j<=K} (A[j-1,j] - A[0,j])", Null: "0", Invariant: Permutation | Rescaling | Rotation},
		{Name: "plasticity_slope", Formula: "slope of the least-squares line through A[k,k] over k = 1..K", Unit: "per task", Null: "0", Invariant: Permutation | Rescaling | Rotation},
		{Name: "task_accuracy", Formula: "A[k,j]", Null: "the share of the commonest class", Invariant: Permutation | Rescaling | Rotation, Parts: "phase k and task j, such as phase2.task1; phase0 is the start"},
		{Name: "masked_average_accuracy", Formula: "average_accuracy of B, where B[k,j] is A[k,j] with the largest output taken among those of task j alone", Null: "the share of the task's commonest class", Invariant: Permutation | Rescaling | Rotation},
		{Name: "masked_forgetting", Formula: "forgetting of B", Null: "0", Invariant: Permutation | Rescaling | Rotation},
		{Name: "masked_learning_accuracy", Formula: "learning_accuracy of B", Null: "the share of the task's commonest class", Invariant: Permutation | Rescaling | Rotation},
		{Name: "masked_backward_transfer", Formula: "backward_transfer of B", Null: "0", Invariant: Permutation | Rescaling | Rotation},
		{Name: "masked_forward_transfer", Formula: "forward_transfer of B", Null: "0", Invariant: Permutation | Rescaling | Rotation},
		{Name: "masked_plasticity_slope", Formula: "plasticity_slope of B", Unit: "per task", Null: "0", Invariant: Permutation | Rescaling | Rotation},
		{Name: "masked_task_accuracy", Formula: "B[k,j]", Null: "the share of the task's commonest class", Invariant: Permutation | Rescaling | Rotation, Parts: "as those of task_accuracy"},
	},
	Source: "Lopez-Paz & Ranzato 2017, Gradient episodic memory, arXiv 1706.08840 (transfer); Chaudhry et al. 2018, Riemannian walk, arXiv 1801.10112 (forgetting); Riemer et al. 2019, arXiv 1810.11910 (learning accuracy)",
	Needs:  "a stream, and a solution at the end of a phase of the run that made it: A is kept with the run and not with the solution",
	Cost:   "nothing beside the run, which reads each task's accuracy at the start and at the end of every phase",
	Notes: []string{
		"Forgetting is to be compared at equal learning accuracy: what was not learnt cannot be forgotten, and a smaller learning rate forgets less with every optimizer.",
		"The standard error is binomial over each task's examples, as that of accuracy, with the entries of A taken as independent. They are on the same examples, so that differences are surer than it says. A largest entry is biased upward by about its error. 95 % intervals held the true value in 93 to 96 % of samples (docs/intervals.md).",
		"Readings without a mask are among all outputs, so that a task is also failed by an answer that belongs to another; a task mask tells which task it is. There are none with a mask where all outputs are for every task, or each task has a head of its own, by which it is judged.",
		"What is not learnt because of what was learnt before is intransigence, a probe of its own, since it takes trainings beside the stream. Where tasks are equally hard, as permuted ones are, plasticity_slope tells its trend for nothing.",
	},
}

type forgetting struct{}

func (forgetting) Measure(p *Pass) error {
	if p.Judged == nil {
		return errors.New("the task is no stream of tasks")
	}
	if len(p.Stages) < 2 {
		return errors.New("the accuracies on all tasks are known of solutions at the ends of phases alone, and with the run that made them")
	}
	plain := accuracyMatrix{p: p, n: p.Judged, of: func(s *problem.Stage) []float64 { return s.Accuracy }}
	plain.read("")
	if p.Stages[0].Masked == nil {
		return errors.New("all outputs by which a task is judged are for it, so that a mask changes nothing")
	}
	masked := accuracyMatrix{p: p, n: p.Judged, of: func(s *problem.Stage) []float64 { return s.Masked }}
	masked.read("masked_")
	return nil
}

// An accuracyMatrix gives the accuracy on task j, from 1, after phase k, from 0.
type accuracyMatrix struct {
	p  *Pass
	n  []int // predictions by which each task is judged
	of func(s *problem.Stage) []float64
}

func (m *accuracyMatrix) at(k, j int) float64 { return m.of(&m.p.Stages[k])[j-1] }

// An entry with its weight in a sum.
type weighted struct {
	weight float64
	k, j   int
}

// estimate reads a weighted sum of entries.
func (m *accuracyMatrix) estimate(name string, entries []weighted) {
	var sum, variance float64
	for _, e := range entries {
		a, n := m.at(e.k, e.j), float64(m.n[e.j-1])
		stderr := binomialErr(a, n)
		sum += e.weight * a
		variance += e.weight * e.weight * stderr * stderr
	}
	m.p.Estimate(name, sum, math.Sqrt(variance))
}

// read takes all readings, their names after a prefix.
func (m *accuracyMatrix) read(prefix string) {
	last := len(m.p.Stages) - 1 // K
	var average, learning, lost, backward, forward, slope []weighted
	for j := 1; j <= last; j++ {
		average = append(average, weighted{1 / float64(last), last, j})
		learning = append(learning, weighted{1 / float64(last), j, j})
		if last == 1 {
			continue
		}
		share := 1 / float64(last-1)
		// The weights of a slope over 1..K are (k - mean) / sum (k - mean)^2.
		k := float64(last)
		slope = append(slope, weighted{(float64(j) - (k+1)/2) / (k * (k*k - 1) / 12), j, j})
		if j > 1 {
			forward = append(forward, weighted{share, j - 1, j}, weighted{-share, 0, j})
		}
		if j == last {
			continue
		}
		backward = append(backward, weighted{share, last, j}, weighted{-share, j, j})
		best := 1
		for l := 2; l < last; l++ {
			if m.at(l, j) > m.at(best, j) {
				best = l
			}
		}
		lost = append(lost, weighted{share, best, j}, weighted{-share, last, j})
	}
	m.estimate(prefix+"average_accuracy", average)
	m.estimate(prefix+"learning_accuracy", learning)
	for _, r := range []struct {
		name    string
		entries []weighted
	}{{"forgetting", lost}, {"backward_transfer", backward}, {"forward_transfer", forward}, {"plasticity_slope", slope}} {
		if r.entries == nil {
			m.p.None(prefix+r.name, "it takes two phases")
			continue
		}
		m.estimate(prefix+r.name, r.entries)
	}
	for k := range m.p.Stages {
		for j := range m.n {
			m.estimate(part(prefix+"task_accuracy", fmt.Sprintf("phase%d.task%d", k, j+1)), []weighted{{1, k, j + 1}})
		}
	}
}
