package probe

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"basin/kernel"
)

var classesDoc = Doc{
	Name:    "classes",
	Family:  "function",
	Summary: "Accuracy and loss by class: the worst one, and those that are common and rare in training.",
	Readings: []Reading{
		{Name: "class_accuracy", Formula: "accuracy on the examples of one class", Null: "the share of predictions that are this class", Invariant: Permutation | Rescaling | Rotation, Parts: "classes"},
		{Name: "class_loss", Formula: "mean loss on the examples of one class", Null: "ln C for uniform predictions of C classes", Invariant: Permutation | Rescaling | Rotation, Parts: "classes"},
		{Name: "balanced_accuracy", Formula: "mean of class_accuracy over the classes that occur", Null: "1/C for C classes", Invariant: Permutation | Rescaling | Rotation},
		{Name: "worst_class_accuracy", Formula: "least class_accuracy", Null: "0 unless predictions differ", Invariant: Permutation | Rescaling | Rotation, Headline: true},
		{Name: "head_accuracy", Formula: "accuracy on the head: the fewest classes, most frequent in training first, that hold at least a share `head` of the training examples", Null: "1/C for decisions by chance among C classes", Invariant: Permutation | Rescaling | Rotation},
		{Name: "head_loss", Formula: "mean loss there", Null: "ln C for uniform predictions of C classes", Invariant: Permutation | Rescaling | Rotation},
		{Name: "tail_accuracy", Formula: "accuracy on the tail: all other classes", Null: "1/C for decisions by chance among C classes", Invariant: Permutation | Rescaling | Rotation, Headline: true},
		{Name: "tail_loss", Formula: "mean loss there", Null: "ln C for uniform predictions of C classes", Invariant: Permutation | Rescaling | Rotation},
	},
	Source: "rare classes and optimizers: Kunstner et al. 2024, arXiv 2402.19449",
	Needs:  "outputs and classes",
	Cost:   "one evaluation of the set and of the training labels (shared with other probes)",
	Notes: []string{
		"Standard errors are over examples, binomial for shares as for `accuracy`. The least of several uncertain shares lies below the least true one by chance, the more so the fewer examples each class has; the error of worst_class_accuracy is that of its class alone. 95 % intervals held the true value in 92 to 97 % of samples (docs/intervals.md).",
		"Where the most frequent class has less than twice the examples of the least frequent one there is no head and no tail. Classes of equal frequency are taken in order.",
	},
}

type classes struct {
	Head float64 `arg:"head" default:"0.5" valid:"(0,1)" help:"share of the training examples in the head"`
	Set  string  `arg:"set" default:"test" help:"the set on which it is measured"`
}

func (s *classes) Measure(p *Pass) error {
	o, err := Need(p, Outputs{s.Set, 0})
	if err != nil {
		return err
	}
	right, err := o.right()
	if err != nil {
		return err
	}
	losses := o.losses()
	own := func(name, of string, member func(label int) bool) (accuracy, stderr float64) {
		accuracyName, lossName := name+"_accuracy", name+"_loss"
		if of != "" {
			accuracyName, lossName = part(accuracyName, of), part(lossName, of)
		}
		accuracy, stderr = shareAmong(right, o, member)
		p.Estimate(accuracyName, accuracy, stderr)
		if losses == nil {
			p.None(lossName, "the outputs alone do not tell the loss")
		} else {
			loss, stderr := meanAmong(losses, o, member)
			p.Estimate(lossName, loss, stderr)
		}
		return accuracy, stderr
	}
	count := frequencies(o)
	var each, square, occur, worstErr float64
	worst := math.Inf(1)
	for c, n := range count {
		if n == 0 {
			continue
		}
		occur++
		share, stderr := own("class", strconv.Itoa(c), func(label int) bool { return label == c })
		each += share
		square += stderr * stderr
		if share < worst {
			worst, worstErr = share, stderr
		}
	}
	p.Estimate("balanced_accuracy", each/occur, math.Sqrt(square)/occur)
	p.Estimate("worst_class_accuracy", worst, worstErr)
	head, err := s.head(p)
	if err != nil {
		return err
	}
	for _, name := range []string{"head", "tail"} {
		inside := name == "head"
		if !slices.ContainsFunc(o.Labels, func(label int) bool { return head[label] == inside }) {
			why := fmt.Sprintf("no example of the set %q is of the %s", s.Set, name)
			p.None(name+"_accuracy", why)
			p.None(name+"_loss", why)
			continue
		}
		own(name, "", func(label int) bool { return head[label] == inside })
	}
	return nil
}

// head tells of each class whether it belongs to the head.
func (s *classes) head(p *Pass) ([]bool, error) {
	train, err := Need(p, Outputs{"train", 0})
	if err != nil {
		return nil, err
	}
	if err := train.classes(); err != nil {
		return nil, err
	}
	count := frequencies(train)
	if slices.Max(count) < 2*slices.Min(count) {
		return nil, errors.New("the classes are about as frequent in training as one another")
	}
	order := make([]int, len(count))
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return count[b] - count[a] })
	head, held := make([]bool, len(count)), 0
	for _, c := range order {
		if float64(held) >= s.Head*float64(train.N) {
			break
		}
		head[c] = true
		held += count[c]
	}
	return head, nil
}

// frequencies counts the predictions whose right class is each one.
func frequencies(o *Predictions) []int {
	count := make([]int, max(o.K, 2))
	for _, y := range o.Labels {
		count[y]++
	}
	return count
}

// shareAmong is the share of right predictions among those of some labels, with the
// standard error that proportion has.
func shareAmong(right []float64, o *Predictions, member func(label int) bool) (share, stderr float64) {
	var some []float64
	for i, y := range o.Labels {
		if member(y) {
			some = append(some, right[i])
		}
	}
	share, stderr = proportion(some, 1)
	if o.Each > 1 {
		if _, among := meanAmong(right, o, member); !(among < stderr) {
			stderr = among
		}
	}
	return share, stderr
}

// meanAmong is the mean of v over the predictions of some labels. Its standard error
// is over examples, each of which may have any number of such predictions.
func meanAmong(v []float64, o *Predictions, member func(label int) bool) (mean, stderr float64) {
	sum, count := make([]float64, o.N/o.Each), make([]float64, o.N/o.Each)
	for i, y := range o.Labels {
		if member(y) {
			sum[i/o.Each] += v[i]
			count[i/o.Each]++
		}
	}
	return ratio(sum, count)
}

// ratio is sum a / sum b over examples, with the standard error of a ratio of means,
// linearised. Examples of b = 0 count for nothing.
func ratio(a, b []float64) (r, stderr float64) {
	total := kernel.Sum(b)
	r = kernel.Sum(a) / total
	var square, n float64
	for e, v := range b {
		if v > 0 {
			n++
			off := a[e] - float64(r*v)
			square += float64(off * off)
		}
	}
	return r, math.Sqrt(square*n/(n-1)) / total
}
