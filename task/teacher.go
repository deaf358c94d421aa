package task

import (
	"errors"
	"math"

	"basin/data"
	"basin/nn"
	"basin/problem"
)

var teacherDoc = Doc{
	Name: "teacher", Group: generated,
	Summary: "What a random network of one hidden layer answers.",
	Notes: []string{
		"z = A act(W x) with W ~ N(0, I/inputs), A ~ N(0, I/width), x ~ N(0, I). With classes=0 the target is the one output, with noise*e, e ~ N(0, 1), added in training, under squared loss; else the class is that of the largest of so many outputs, after such noise. 1,000 more examples each for validation and testing, without noise.",
		"mlp(width, act=act) of the teacher's own can answer alike.",
		"The matching loss is of 2,048 training examples, or of all where there are fewer.",
	},
}

type teacher struct {
	Inputs   int     `arg:"inputs" default:"20" valid:"[1,1000]" help:"dimensions of x"`
	Width    int     `arg:"width" default:"5" valid:"[1,1000]" help:"hidden units of the teacher"`
	Act      string  `arg:"act" default:"relu" choices:"relu|tanh|gelu|identity" help:"its activation"`
	Classes  int     `arg:"classes" default:"0" valid:"[0,1000]" help:"0: the target is a number; else the number of classes, two at least"`
	N        int     `arg:"n" default:"1000" valid:"[1,100000]" help:"training examples"`
	Noise    float64 `arg:"noise" default:"0" valid:"[0,inf)" help:"standard deviation of the noise in the teacher's outputs"`
	Batch    int     `arg:"batch" default:"32" valid:"[0,inf)" help:"examples per step, 0 for all"`
	DataSeed int     `arg:"data_seed" default:"0" valid:"[0,inf)" help:"seed of the teacher and of the examples"`
}

// activations of a teacher.
var activations = map[string]func(float64) float64{
	"relu":     func(z float64) float64 { return max(z, 0) },
	"tanh":     math.Tanh,
	"gelu":     func(z float64) float64 { return z / 2 * (1 + math.Erf(z/math.Sqrt2)) },
	"identity": func(z float64) float64 { return z },
}

// outputs are those of the teacher and of the network.
func (t *teacher) outputs() int { return max(1, t.Classes) }

func (t *teacher) network() network {
	return network{model: "mlp(64)", input: nn.Input{Shape: []int{t.Inputs}}, outputs: t.outputs()}
}

func (t *teacher) check() error {
	if t.Classes == 1 {
		return errors.New("classes=1 leaves nothing to tell apart; 0 is for a number, and classes are two at least")
	}
	return nil
}

func (t *teacher) load(_ string, net *nn.Net) (*Data, error) {
	if err := fits(t.N, t.Inputs); err != nil {
		return nil, err
	}
	seed := uint64(t.DataSeed)
	s := data.NewTeacher(t.Inputs, t.Width, t.outputs(), activations[t.Act], seed).Samples(t.N, t.Noise, seed)
	loss := problem.Squared
	if s.Classes > 0 {
		loss = problem.SoftmaxCrossEntropy
	}
	return fromSamples(s, s.Hash(), net, loss, t.Batch)
}
