// Package task holds tasks: data, network and loss, which a seed turns into a
// problem. A task is one file and one line of the catalogue.
//
// What belongs to the task, its data above all, is the same for every seed. What a
// run draws at random, its start, the order of its batches and its noise, follows
// from the run's seed alone, so that all optimizers can be given the same.
package task

import (
	"slices"

	"basin/nn"
	"basin/recipe"
)

// A Task is a recipe whose names and arguments have been checked.
type Task struct {
	name     string
	settings settings
	model    *nn.Model // nil where the task has no network
	net      *nn.Net   // of the model; nil also where it follows from the data
}

// settings are the arguments of one entry of the catalogue, a struct with recipe
// tags. They are a loader, a reader or a streamer.
type settings interface{ network() network }

// A loader knows what its network takes and gives before it has its data.
type loader interface {
	// load reads or generates the data. net is nil where network().model is empty.
	load(dir string, net *nn.Net) (*Data, error)
}

// A reader learns from its data what its network takes and gives.
type reader interface {
	read(dir string, m nn.Model) (*Data, error)
}

// A network says what networks a task is for.
type network struct {
	model   string // the default, as a recipe; empty if the task has none
	linear  bool   // models are to be linear functions without offset
	input   nn.Input
	outputs int // per prediction; 0, and no input, of a reader
}

// Resolve checks the recipe of a task and that of a model, nil for the task's own,
// and reads no data. Errors in a recipe are *recipe.Error.
func Resolve(task, model recipe.Recipe) (*Task, error) {
	call, err := single("task", task)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(catalog, func(e entry) bool { return e.Name == call.Name })
	if i < 0 {
		return nil, errorAt(call, "%s", recipe.Unknown("task", call.Name, names()))
	}
	t := &Task{name: call.Name, settings: catalog[i].settings()}
	if err := recipe.Bind(call.Source, call, t.settings); err != nil {
		return nil, err
	}
	if c, ok := t.settings.(checker); ok {
		if err := c.check(); err != nil {
			return nil, errorAt(call, "%s: %v", t.name, err)
		}
	}
	if err := t.setModel(model); err != nil {
		return nil, err
	}
	return t, nil
}

// A checker has arguments that must suit one another.
type checker interface{ check() error }

// setModel gives the task its network.
func (t *Task) setModel(given recipe.Recipe) error {
	want := t.settings.network()
	if want.model == "" {
		if given != nil {
			return errorAt(given[0], "the task %s has no network and takes no model", t.name)
		}
		return nil
	}
	own, err := recipe.Parse(want.model)
	if err != nil {
		panic("task: the default model of " + t.name + ": " + err.Error())
	}
	if given == nil {
		given = own
	}
	call, err := single("model", given)
	if err != nil {
		return err
	}
	m, err := nn.ParseModel(call.Source, call)
	if err != nil {
		return err
	}
	if want.linear && !m.Linear() {
		return errorAt(call, "the task %s is about linear functions; its models are linear(bias=false), deep_linear and diagonal_linear", t.name)
	}
	t.model = &m
	if _, late := t.origin().(reader); late {
		return nil
	}
	if t.net, err = nn.NewNet(m, want.input, want.outputs); err != nil {
		return err
	}
	if t.net.Positions() != 1 {
		return errorAt(call, "the task %s asks for one prediction per example, and the model gives one for each token; choose predict=last", t.name)
	}
	return nil
}

// single is the one call of a recipe that must not be a chain.
func single(kind string, r recipe.Recipe) (recipe.Call, error) {
	switch len(r) {
	case 0:
		return recipe.Call{}, recipe.Errorf(0, "a %s is missing", kind)
	case 1:
		return r[0], nil
	}
	return recipe.Call{}, errorAt(r[1], "a %s is one call, not a chain", kind)
}

// errorAt is an error in the source of a call.
func errorAt(c recipe.Call, format string, args ...any) error {
	err := recipe.Errorf(c.Col, format, args...)
	err.Source = c.Source
	return err
}

// Recipe is the canonical recipe, every argument written out.
func (t *Task) Recipe() string { return recipe.Format(t.name, t.settings).String() }

// Model is the canonical recipe of the model, empty where the task has none.
func (t *Task) Model() string {
	if t.model == nil {
		return ""
	}
	return t.model.String()
}
