// Package problem holds the nouns that every part of basin shares: the layout of
// a parameter vector, the objective that is a function of it, and the problem
// that surrounds both. It knows neither networks nor optimizers.
package problem

import "basin/internal/crew"

// Float is the precision in which a problem is posed: training runs in float32,
// closed forms and reference trajectories in float64 too, by the same code.
type Float interface{ float32 | float64 }

// A Matrix names one of the curvature matrices of an objective.
type Matrix uint8

const (
	// Hessian is the matrix of second derivatives of the loss.
	Hessian Matrix = iota
	// GaussNewton is J' L J, with J the Jacobian of the outputs and L the Hessian
	// of the loss in the outputs, averaged over examples.
	GaussNewton
	// Fisher is E_x E_{y~p(.|x)} of grad log p(y|x) times its transpose. It equals
	// GaussNewton for softmax cross-entropy, logistic and squared loss (unit
	// variance), whose outputs are natural parameters; losses that are no negative
	// log-likelihood have none. A Sampler estimates it: EmpiricalFisher of what it
	// samples is Fisher on average.
	Fisher
	// EmpiricalFisher is the mean over predictions of grad l times its transpose, with
	// l the prediction's own loss at the true label (on which see Kunstner, Balles
	// and Hennig 2019). It equals none of the others: with few errors left it goes to
	// zero, and Fisher need not.
	EmpiricalFisher
)

func (m Matrix) String() string {
	switch m {
	case Hessian:
		return "Hessian"
	case GaussNewton:
		return "Gauss-Newton"
	case Fisher:
		return "Fisher"
	case EmpiricalFisher:
		return "empirical Fisher"
	}
	return "unknown matrix"
}

// An Objective is a twice differentiable function of a flat parameter vector of
// Layout().N numbers. It is pure: no call changes what another returns. No method
// changes x or v; each writes dst in full. An Objective serves one goroutine at a
// time.
type Objective[T Float] interface {
	Layout() *Layout
	// Loss returns the loss at x.
	Loss(x []T) float64
	// Grad sets dst to the gradient at x and returns the loss.
	Grad(dst, x []T) float64
	// MulVec sets dst to the product of m at x with v. It reports false, with dst
	// undefined, where the objective has no such matrix.
	MulVec(m Matrix, dst, x, v []T) bool
}

// An Unwrapper is an objective, or any other value, that wraps another one of its
// kind and leaves the abilities it does not name to it.
type Unwrapper[T Float] interface{ Unwrap() Objective[T] }

// As finds the first of f, what f wraps, and so on, that has ability A.
func As[A any, T Float](f Objective[T]) (A, bool) {
	for f != nil {
		if a, ok := f.(A); ok {
			return a, true
		}
		u, ok := f.(Unwrapper[T])
		if !ok {
			break
		}
		f = u.Unwrap()
	}
	var none A
	return none, false
}

// A LossKind says what an objective over examples averages.
type LossKind uint8

const (
	// SoftmaxCrossEntropy is -log softmax(z)_y for class y.
	SoftmaxCrossEntropy LossKind = iota
	// Squared is half the squared distance |z - y|^2 / 2, summed over outputs.
	Squared
	// Logistic is log(1 + exp(-y z)) for y = +-1 and a single output z.
	Logistic
	// Exponential is exp(-y z) for y = +-1 and a single output z.
	Exponential
)

func (k LossKind) String() string {
	switch k {
	case SoftmaxCrossEntropy:
		return "softmax cross-entropy"
	case Squared:
		return "squared"
	case Logistic:
		return "logistic"
	case Exponential:
		return "exponential"
	}
	return "unknown loss"
}

// A Predictor is an objective that is a mean over predictions of a loss of a
// network's outputs. A network makes one prediction for each example, or as many for
// each, one after another: a language model one per token.
type Predictor[T Float] interface {
	LossKind() LossKind
	// Size gives the number of predictions and of outputs per prediction.
	Size() (predictions, outputs int)
	// Outputs sets dst, predictions x outputs row-major, to the network's outputs
	// (logits, before any softmax).
	Outputs(dst, x []T)
	// Labels gives one class per prediction, counted from 0; for Logistic and
	// Exponential 0 stands for y = -1 and 1 for y = +1. It is nil where targets are
	// not classes. The caller must not change it.
	Labels() []int
}

// An Activation names a hidden layer and its width per prediction.
type Activation struct {
	Name  string
	Width int
}

// A Hidden objective shows the activations of its hidden layers.
type Hidden[T Float] interface {
	// Hidden lists the layers in order from the input; it may be empty.
	Hidden() []Activation
	// Activations sets dst[i], predictions x Hidden()[i].Width row-major.
	Activations(dst [][]T, x []T)
}

// An ExampleGrader gives the gradient of each example's own loss; their mean is
// the gradient of the objective (without any penalty on x alone).
type ExampleGrader[T Float] interface {
	// ExampleGrads sets dst, (hi-lo) x Layout().N row-major, for examples lo..hi-1.
	ExampleGrads(dst, x []T, lo, hi int)
}

// ExampleNorms gives the norms of the gradients of ExampleGrader, for a fraction of the
// work.
type ExampleNorms[T Float] interface {
	// ExampleNorms sets dst, one number for each example.
	ExampleNorms(dst []float64, x []T)
}

// An InputGrader gives the gradient of each example's own loss with respect to
// that example's input.
type InputGrader[T Float] interface {
	// InputSize is the number of inputs per example; 0 where inputs are no numbers,
	// such as tokens, and there is no gradient.
	InputSize() int
	// InputGrads sets dst, examples x InputSize() row-major.
	InputGrads(dst, x []T)
}

// Inputs are shown by an objective over examples, which can be had with others.
type Inputs[T Float] interface {
	// InputShape is the shape of one example's input, {height, width, channels} for
	// pictures; nil where inputs are no numbers, and there are none to show or replace.
	InputShape() []int
	// Inputs sets dst, examples x inputs row-major.
	Inputs(dst []T)
	// WithInputs gives the same objective with these inputs in place of its own, targets
	// and all. They are read where they lie. It is valid as long as the receiver is.
	WithInputs(inputs []T) Objective[T]
}

// A Jacobian objective gives products with the Jacobian J of its outputs, (predictions
// x outputs) x parameters, at x.
type Jacobian[T Float] interface {
	// JacVec sets dst, predictions x outputs, to J v.
	JacVec(dst, x, v []T)
	// VecJac sets dst, of Layout().N numbers, to J'u for u of predictions x outputs.
	VecJac(dst, x, u []T)
}

// A Sampler is an objective over examples that can be had with labels or targets that
// its model makes up.
type Sampler[T Float] interface {
	// Sampled gives the same objective with each label drawn from what the model at x
	// holds for likely; for squared loss targets are normal with unit variance. The
	// draws follow from the seed. It reports false for a loss that is no negative
	// log-likelihood. The result is valid as long as the receiver is.
	Sampled(x []T, seed uint64) (Objective[T], bool)
}

// A KroneckerLayer is a layer whose part of the Fisher matrix is about the Kronecker
// product of two small ones: G of its outputs and A of its inputs, the weight's
// columns, followed by 1 if it has a bias.
type KroneckerLayer struct {
	Weight, Bias int // blocks of the layout; Bias is -1 where there is none
	Out, In      int // sizes of G and of A
}

// A Kronecker objective gives the factors of Kronecker-factored approximate curvature
// (Martens and Grosse 2015, arXiv 1503.05671; convolutions: Grosse and Martens 2016,
// arXiv 1602.01407).
type Kronecker[T Float] interface {
	// KroneckerLayers lists the layers: those whose weight multiplies activations in one
	// place alone.
	KroneckerLayers() []KroneckerLayer
	// KroneckerFactors sets a[i], In x In, and g[i], Out x Out, of layer i, from its
	// inputs v and the gradients d of the predictions' own losses in its outputs, at
	// as many places as the weight is used for the examples:
	//
	//	A = sum v v' / predictions    G = sum d d' / places
	//
	// The labels are the objective's; those of a Sampler give the factors of Fisher.
	KroneckerFactors(a, g [][]T, x []T)
}

// A Subsetter is an objective over examples that can be had over some of them.
type Subsetter[T Float] interface {
	// Examples is how many there are to pick among: as many as predictions, or fewer
	// where each example has several.
	Examples() int
	// Subset gives the same objective over the examples with the given indices, in
	// that order. It is valid as long as the receiver is.
	Subset(indices []int) Objective[T]
}

// A Flopper knows the floating-point operations of its methods.
type Flopper interface {
	Flops() (loss, grad, product float64)
}

// A Metric is that of an optimizer's step: x - Rate P^-1 m with a diagonal P, and m the
// gradient or what a momentum makes of it.
type Metric struct {
	// InvSqrt is the diagonal of P^-1/2, one number for each parameter; nil where P is
	// the identity. It is zero where a parameter does not move.
	InvSqrt []float64
	Rate    float64
	// Edge is the Rate times lambda_max(P^-1 H) above which the rule leaves a quadratic
	// of Hessian H, given its gradients without noise while P and Rate stay.
	Edge float64
}

// A Course is the way that training took to a solution.
type Course struct {
	Steps int
	Cost  Cost
	// Path is, for each block of the layout, the sum over steps of the length of its part.
	Path []float64
	// Last is, for each block, the length of its part of the last step; nil before the first.
	Last []float64
	// Stale is how many steps before the last one that was renewed which made it, such as the
	// roots of matrices; -1 where nothing is that is renewed only now and then.
	Stale int
}

// A Preconditioner shows the metric of an optimizer's steps. It is declared here so that
// a probe may be shown what a rule does without knowing rules.
type Preconditioner interface {
	// Metric gives the metric of step t, the last one made.
	Metric(t int) Metric
}

// Until says when a phase is over: at the first that is reached of those set.
type Until[T Float] struct {
	Steps int // 0: not limited by steps
	// Accuracy is the share of right answers on Judge, a Predictor of classes, that is
	// enough; it is looked at every Every steps. 0: it does not matter.
	Accuracy float64
	Every    int
	Judge    Objective[T]
}

// A Phase is a stretch of training on one source of data. Batch is pure in t,
// which counts from 1 within the phase; two optimizers given one seed see the
// same batches. What Batch returns is valid until the next call.
type Phase[T Float] struct {
	Name  string
	Until Until[T]
	// Anew tells that the optimizer begins anew with the phase: its memory, its steps and
	// its schedules.
	Anew bool
	// EpochSteps is the number of steps that see every training example once; 1
	// where the objective is one fixed function.
	EpochSteps int
	Batch      func(t int) Objective[T]
}

// A State is what evaluation needs beside the parameters, such as the means and
// variances by which a network normalises. It belongs to the parameters, not to the
// path that led to them: all optimizers are judged alike, averages of iterates too.
type State[T Float] struct {
	Layout *Layout
	// Values are those that objectives in evaluation mode use now; what is written
	// here they use from then on.
	Values []T
	// Calibrate sets Values to the state that belongs to x.
	Calibrate func(x []T)
}

// A Target is one of the tasks of a stream, as a solution is judged on it.
type Target[T Float] struct {
	// Judge is a Predictor of classes.
	Judge Objective[T]
	// Mask are the outputs of Judge that are for the task, from the first to before the second;
	// both are 0 where all are.
	Mask [2]int
}

// A Stage is how right a stream's solution was on all of its tasks: at the start, which
// is the stage of phase 0, or at the end of a phase.
type Stage struct {
	Phase    int       `json:"phase"`
	Step     int       `json:"step"`
	Accuracy []float64 `json:"accuracy"`         // by task
	Masked   []float64 `json:"masked,omitempty"` // among the outputs that are for the task, where not all are
}

// A Problem is everything but the optimizer: the start, the phases of training,
// and the sets on which a solution is judged. One Problem serves one goroutine;
// problems of one task share their data.
type Problem[T Float] struct {
	Layout *Layout
	Start  []T
	Phases []Phase[T]
	// Sets are objectives in evaluation mode: "train", "val", "test", and parts or more of
	// these such as "train/mislabelled". A task without examples has "train" alone, its
	// noiseless objective.
	Sets map[string]Objective[T]
	// Stream are the tasks of a stream, one for each phase; nil elsewhere.
	Stream []Target[T]
	// Match is the objective whose value is the matching loss: the data term on a
	// fixed part of the training set, in evaluation mode.
	Match Objective[T]
	// State is what Sets and Match need beside the parameters, as a rule nil. They are
	// functions of the parameters alone as long as it stays the same.
	State *State[T]
	// Share gives the objectives helpers to share their work with, as long as they are
	// not closed. No number depends on it. nil: they have no use for any.
	Share func(*crew.Crew)
	// Optimum is the loss of "train" that no point can go below, where it is known
	// in closed form, else nil.
	Optimum *float64
}

// Calibrate prepares Sets and Match for being evaluated at x.
func (p *Problem[T]) Calibrate(x []T) {
	if p.State != nil {
		p.State.Calibrate(x)
	}
}

// Cost counts the work of a run.
type Cost struct {
	Losses   int     `json:"losses"`   // evaluations of a batch's loss alone
	Grads    int     `json:"grads"`    // of loss and gradient
	Products int     `json:"products"` // of a curvature matrix with a vector
	Flops    float64 `json:"flops"`    // of objective and update rule together
}

// GradEquivalents is the cost in units of one gradient: a loss is a third of one,
// a product two.
func (c Cost) GradEquivalents() float64 {
	return float64(c.Losses)/3 + float64(c.Grads) + 2*float64(c.Products)
}

// Add returns the sum of two costs.
func (c Cost) Add(d Cost) Cost {
	return Cost{c.Losses + d.Losses, c.Grads + d.Grads, c.Products + d.Products, c.Flops + d.Flops}
}
