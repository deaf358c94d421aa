package bench

import (
	"fmt"
	"strings"
)

// A Spec says what a workload computes.
type Spec struct {
	Task     Task   `json:"task"`
	Net      Net    `json:"net"`
	Act      string `json:"act"`
	Shape    []int  `json:"shape"`  // of one example: inputs; height, width, channels; tokens
	Widths   []int  `json:"widths"` // hidden units of an MLP
	Depth    int    `json:"depth"`  // of a residual network
	Outputs  int    `json:"outputs"`
	Rule     Rule   `json:"rule"`  // for training
	Batch    int    `json:"batch"` // examples at a time
	Examples int    `json:"examples"`
	Steps    int    `json:"steps"` // of a unit, where it has several
}

// A Task is the kind of quantity.
type Task string

const (
	// Train is one step of training: gradient on the next batch, and update.
	Train Task = "train"
	// Retrain is a training of Spec.Steps steps from the start.
	Retrain Task = "retrain"
	// Product is the Hessian of the mean loss of the first Batch examples times a
	// vector, at a point where another product was taken before.
	Product Task = "product"
	// FreshProduct is the same at a point where nothing was computed before.
	FreshProduct Task = "fresh_product"
	// Eigen is Spec.Steps steps of power iteration for the Hessian's largest
	// eigenvalue, from scratch.
	Eigen Task = "eigen"
	// Norms is the norm of the gradient of each of the first Batch examples' loss.
	Norms Task = "norms"
)

// A Net is a family of networks.
type Net string

const (
	// MLP is a chain of dense layers with biases.
	MLP Net = "mlp"
	// CNN is two convolutions of 3 x 3 pixels, 32 and 64 channels, pooling, a dense
	// layer of 128 units and a head.
	CNN Net = "cnn"
	// ResNet is a residual network of 16, 32 and 64 channels with batch normalisation
	// (He et al. 2016, section 4.2).
	ResNet Net = "resnet"
	// GPT is a transformer of four layers, 128 numbers per position, four heads.
	GPT Net = "gpt"
)

// A Rule is an update rule with its settings, as a recipe.
type Rule string

// The rules. shampoo renews its roots at steps that are powers of two alone, so that
// nearly all steps are without.
const (
	SGDM    Rule = "sgd(lr=0.05, momentum=0.9)"
	AdamW   Rule = "adamw(lr=1e-3, weight_decay=0.01)"
	Muon    Rule = "muon(lr=0.02, momentum=0.95, rest=adamw(lr=1e-3, weight_decay=0.01))"
	Shampoo Rule = "shampoo(lr=0.01, beta1=0, beta2=1, eps=1e-4, ridge=0, clip=inf, interval=1000000000)"
)

// Name is what stands before the arguments.
func (r Rule) Name() string {
	name, _, _ := strings.Cut(string(r), "(")
	return name
}

// A Workload is a Spec with the letter of the group that it belongs to.
type Workload struct {
	Group string
	Spec
	// Units is how many units of work the time is given for; 0: one.
	Units int
	// Runs tells that two threads make two independent runs.
	Runs bool
}

// Name is "group/key=value/key=value...".
func (w *Workload) Name() string {
	parts := []string{w.Group, "task=" + string(w.Task)}
	switch w.Net {
	case MLP:
		parts = append(parts, "net="+strings.ReplaceAll(strings.Trim(fmt.Sprint(w.layers()), "[]"), " ", "-"))
	case ResNet:
		parts = append(parts, fmt.Sprintf("net=%s%d", w.Net, w.Depth))
	default:
		parts = append(parts, "net="+string(w.Net))
	}
	parts = append(parts, fmt.Sprintf("batch=%d", w.Batch))
	if w.Rule != "" {
		parts = append(parts, "rule="+w.Rule.Name())
	}
	if w.Steps > 0 {
		parts = append(parts, fmt.Sprintf("steps=%d", w.Steps))
	}
	if w.Units > 1 {
		parts = append(parts, fmt.Sprintf("runs=%d", w.Units))
	}
	return strings.Join(parts, "/")
}

// layers are the widths of an MLP from the inputs to the outputs.
func (s *Spec) layers() []int { return append(append([]int{s.Shape[0]}, s.Widths...), s.Outputs) }
