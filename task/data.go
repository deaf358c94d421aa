package task

import (
	"fmt"

	"basin/data"
	"basin/nn"
	"basin/problem"
)

// Data is what problems of one task share. It is read only; any number of
// goroutines may make problems from it.
type Data struct {
	hash   string
	tables *data.Tables
	quad   *data.Quadratic
	net    *nn.Net // nil where there is none
	loss   problem.LossKind
	batch  int // examples per step
	// supervised are the examples, of which a stream can be made; nil where there are none.
	supervised *supervised
	// Constructors of problems in both precisions.
	single func(seed uint64) (*problem.Problem[float32], error)
	double func(seed uint64) (*problem.Problem[float64], error)
}

// Load reads or generates the data of the task. dir is the folder of the data set,
// or a folder of such folders; tasks whose data are generated do not look at it.
func (t *Task) Load(dir string) (*Data, error) {
	d, err := t.load(dir)
	if err != nil {
		return nil, fmt.Errorf("task %s: %w", t.name, err)
	}
	return d, nil
}

func (t *Task) load(dir string) (*Data, error) {
	switch s := t.settings.(type) {
	case loader:
		return s.load(dir, t.net)
	case reader:
		return s.read(dir, *t.model)
	case streamer:
		return t.loadStream(s, dir)
	}
	panic("task: " + t.name + " has no way to its data")
}

// Hash is the SHA-256 of all that was read or generated, in hexadecimal. The rest
// follows from it and the recipes.
func (d *Data) Hash() string { return d.hash }

// Tables gives the examples of linear_regression and separable, whose closed forms
// follow from them; it is nil for other tasks.
func (d *Data) Tables() *data.Tables { return d.tables }

// Quadratic gives the function of the task quadratic; it is nil for other tasks.
func (d *Data) Quadratic() *data.Quadratic { return d.quad }

// Network gives the network, its loss and the number of examples in a step; net is nil
// for tasks without one.
func (d *Data) Network() (net *nn.Net, loss problem.LossKind, batch int) {
	return d.net, d.loss, d.batch
}

// New makes the problem of a seed, for one goroutine.
func New[T problem.Float](d *Data, seed uint64) (*problem.Problem[T], error) {
	var construct any = d.single
	if _, double := any(T(0)).(float64); double {
		construct = d.double
	}
	return construct.(func(uint64) (*problem.Problem[T], error))(seed)
}
