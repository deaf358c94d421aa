package bench

import (
	"fmt"
	"math"
	"strings"

	"basin/nn"
	"basin/optim"
	"basin/problem"
	"basin/recipe"
)

// model is the recipe of the network.
func (s *Spec) model() string {
	hidden := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(s.Widths[1:len(s.Widths)-1]), "[]")), ", ")
	return fmt.Sprintf("mlp(%s, act=%s)", hidden, s.Act)
}

func (s *Spec) net() (*nn.Net, error) {
	source := s.model()
	r, err := recipe.Parse(source)
	if err != nil {
		return nil, err
	}
	m, err := nn.ParseModel(source, r[0])
	if err != nil {
		return nil, err
	}
	return nn.NewNet(m, nn.Input{Shape: []int{s.Widths[0]}}, s.Widths[len(s.Widths)-1])
}

// examples are all the examples of the workload.
func (s *Spec) examples() *nn.Examples[float32] {
	in, out := s.Widths[0], s.Widths[len(s.Widths)-1]
	ex := &nn.Examples[float32]{N: s.Examples, In: in, X: make([]float32, s.Examples*in), Labels: make([]int, s.Examples)}
	uniform(ex.X, inputs, unitBound)
	for i := range ex.Labels {
		ex.Labels[i] = int(hash(classes, i) >> 40 % uint64(out))
	}
	return ex
}

// part is examples lo to hi-1, where they lie.
func part(ex *nn.Examples[float32], lo, hi int) *nn.Examples[float32] {
	return &nn.Examples[float32]{N: hi - lo, In: ex.In, X: ex.X[lo*ex.In : hi*ex.In], Labels: ex.Labels[lo:hi]}
}

// start is the initial point: weights of variance 2 over the inputs of a unit (He
// et al. 2015), biases zero.
func start(l *problem.Layout) []float32 {
	x := make([]float32, l.N)
	for k, b := range l.Blocks {
		if _, cols, ok := b.Matrix(); ok {
			uniform(problem.View(x, b), weights+k, math.Sqrt(6/float64(cols)))
		}
	}
	return x
}

// along is a direction in the space of parameters.
func along(l *problem.Layout) []float32 {
	v := make([]float32, l.N)
	for k, b := range l.Blocks {
		uniform(problem.View(v, b), direction+k, unitBound)
	}
	return v
}

// newStepper makes the rule's stepper for a training from the start.
func (r *run) newStepper() error {
	parsed, err := recipe.Parse(string(r.spec.Rule))
	if err != nil {
		return err
	}
	o, err := optim.Resolve(parsed)
	if err != nil {
		return err
	}
	r.stepper, err = optim.New(o, &optim.Context[float32]{Layout: r.layout, Blocks: r.layout.Blocks, Start: r.x})
	return err
}

// multiplied is the number of operations in products of matrices of which the first
// layer has some and each other layer others: 1 and 2 for a value and the adjoints of
// its activations, 2 and 6 for the tangent of a gradient.
func (s *Spec) multiplied(first, rest float64) float64 {
	var sum float64
	for k, in := range s.Widths[:len(s.Widths)-1] {
		times := rest
		if k == 0 {
			times = first
		}
		sum += times * 2 * float64(s.Batch*in*s.Widths[k+1])
	}
	return sum
}
