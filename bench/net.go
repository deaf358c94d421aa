package bench

import (
	"fmt"
	"math"
	"strings"

	"basin/kernel"
	"basin/nn"
	"basin/optim"
	"basin/problem"
	"basin/recipe"
)

// model is the recipe of the network.
func (s *Spec) model() string {
	switch s.Net {
	case MLP:
		widths := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(s.Widths), "[]")), ", ")
		return fmt.Sprintf("mlp(%s, act=%s)", widths, s.Act)
	case CNN:
		return fmt.Sprintf("cnn(32, 64, hidden=128, act=%s)", s.Act)
	case ResNet:
		return fmt.Sprintf("resnet(depth=%d, act=%s)", s.Depth, s.Act)
	case GPT:
		return fmt.Sprintf("gpt(layers=4, width=128, heads=4, act=%s)", s.Act)
	}
	return string(s.Net)
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
	in := nn.Input{Shape: s.Shape}
	if s.Net == GPT {
		in.Tokens = s.Outputs
	}
	return nn.NewNet(m, in, s.Outputs)
}

// examples are all the examples of the workload. Those of a transformer are texts of
// one token more than it takes, of which it is to predict each but the first.
func (s *Spec) examples() *nn.Examples[float32] {
	in := 1
	for _, d := range s.Shape {
		in *= d
	}
	ex := &nn.Examples[float32]{N: s.Examples, In: in}
	if s.Net == GPT {
		for i := range s.Examples {
			for j := range in + 1 {
				token := class(inputs, i*(in+1)+j, s.Outputs)
				if j < in {
					ex.Tokens = append(ex.Tokens, token)
				}
				if j > 0 {
					ex.Labels = append(ex.Labels, token)
				}
			}
		}
		return ex
	}
	ex.X, ex.Labels = make([]float32, s.Examples*in), make([]int, s.Examples)
	uniform(ex.X, inputs, unitBound)
	for i := range ex.Labels {
		ex.Labels[i] = class(classes, i, s.Outputs)
	}
	return ex
}

// part is examples lo to hi-1.
func part(ex *nn.Examples[float32], lo, hi int) *nn.Examples[float32] {
	rows := make([]int, hi-lo)
	for i := range rows {
		rows[i] = lo + i
	}
	p := ex.Room(hi - lo)
	p.Gather(ex, rows)
	return p
}

// start is the initial point: weights of variance 2 over the inputs of a unit (He
// et al. 2015), gains one, biases zero.
func start(l *problem.Layout) []float32 {
	x := kernel.Vector[float32](l.N)
	for k, b := range l.Blocks {
		if _, cols, ok := b.Matrix(); ok {
			uniform(problem.View(x, b), weights+k, math.Sqrt(6/float64(cols)))
		}
		if b.Role == problem.Gain {
			for i := range problem.View(x, b) {
				x[b.Off+i] = 1
			}
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
	r.stepper, err = optim.New(o, &optim.Context[float32]{Layout: r.layout, Blocks: r.layout.Blocks, Start: r.x, Crew: r.crew})
	return err
}

// multiplied is the number of operations in products of matrices of which the first
// layer has some and each other layer others: 1 and 2 for a value and the adjoints of
// its activations, 2 and 6 for the tangent of a gradient.
func (s *Spec) multiplied(first, rest float64) float64 {
	var sum float64
	widths := s.layers()
	for k, in := range widths[:len(widths)-1] {
		times := rest
		if k == 0 {
			times = first
		}
		sum += times * 2 * float64(s.Batch*in*widths[k+1])
	}
	return sum
}
