package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"basin/kernel"
	"basin/optim"
	"basin/probe"
	"basin/recipe"
	"basin/run"
	"basin/study"
	"basin/task"
)

// A comparison is a study ready to be run.
type comparison struct {
	study      study.Study
	task       *task.Task
	data       *task.Data
	optimizers []*optim.Optimizer
	probes     []probe.Bound
}

// plan makes sense of the flags; nothing is read or written.
func plan(f *compareFlags) (*comparison, error) {
	c := &comparison{}
	var err error
	s := &c.study
	if c.task, err = resolveTask(f.task, f.model); err != nil {
		return nil, usage(err)
	}
	if err := c.moments(f.at, f.budget); err != nil {
		return nil, err
	}
	recipes, err := recipe.ParseList(f.optimizers)
	if err != nil {
		return nil, usagef("--optimizers: %w", err)
	}
	if len(recipes) == 0 {
		return nil, usagef("--optimizers names none; see basin list optimizers")
	}
	labels := map[string]bool{}
	for _, r := range recipes {
		o, err := optim.Resolve(r)
		if err != nil {
			return nil, usagef("--optimizers: %w", err)
		}
		if labels[o.Recipe()] {
			return nil, usagef("--optimizers: %s is given twice", r)
		}
		labels[o.Recipe()] = true
		c.optimizers = append(c.optimizers, o)
		s.Optimizers = append(s.Optimizers, study.Optimizer{Label: r.String(), Recipe: o.Recipe()})
	}
	if s.Reference, err = reference(f.reference, s.Optimizers); err != nil {
		return nil, err
	}
	if c.probes, err = resolveProbes(f.probes, c.task.Phases() > 0); err != nil {
		return nil, err
	}
	for _, p := range c.probes {
		s.Probes = append(s.Probes, p.Recipe())
	}
	s.Headlines = probe.Headlines(c.probes)
	for _, r := range probe.Likenesses(c.probes) {
		s.Atlases = append(s.Atlases, study.Likeness{Name: r.Name, Same: r.Same})
	}
	s.Task, s.Model, s.Seeds = c.task.Recipe(), c.task.Model(), f.seeds
	s.Kernel, s.Engine = kernel.Path(), run.Engine
	return c, nil
}

// moments makes sense of --at and --budget.
func (c *comparison) moments(at, budgetText string) error {
	s, phases := &c.study, c.task.Phases()
	if at == "" {
		if at = "train_loss=0.1,end"; phases > 0 {
			at = "end"
		}
	}
	var err error
	if s.Points, s.Series, err = study.ParsePoints(at); err != nil {
		return usagef("--at: %w", err)
	}
	if s.Budget, err = budget(budgetText, s.Points, phases); err != nil {
		return usagef("--budget: %w", err)
	}
	for _, p := range s.Points { // none of a series lies beyond its last
		if err := hasPhase(p, phases); err != nil {
			return usagef("--at: %w", err)
		}
		if p.Kind == s.Budget.Kind && p.Value > s.Budget.Value {
			return usagef("--at: no run comes to %s, since the budget is %s", p, s.Budget)
		}
	}
	if err := hasPhase(study.Point(s.Budget), phases); err != nil {
		return usagef("--budget: %w", err)
	}
	return nil
}

// hasPhase says what is wrong with a point at the end of a phase for a task of so many.
func hasPhase(p study.Point, phases int) error {
	switch {
	case p.Kind != study.PhaseEnd || p.Value <= float64(phases):
		return nil
	case phases == 0:
		return fmt.Errorf("%s is for a stream of tasks, and the task is a single one", p)
	}
	return fmt.Errorf("there is no %s, since the task has %s", p, count(float64(phases), "phase"))
}

// load reads the task's data, from which the study's runs get the last part of
// their keys.
func (c *comparison) load(dir string) error {
	var err error
	if c.data, err = c.task.Load(dir); err != nil {
		return err
	}
	c.study.Data = c.data.Hash()
	return nil
}

// resolveTask makes sense of a task and a model, the task's own if modelText is
// empty. An error says in which of the two it lies.
func resolveTask(taskText, modelText string) (*task.Task, error) {
	tr, err := recipe.Parse(taskText)
	if err != nil {
		return nil, fmt.Errorf("task: %w", err)
	}
	t, err := task.Resolve(tr, nil)
	if err != nil {
		return nil, fmt.Errorf("task: %w", err)
	}
	if modelText == "" {
		return t, nil
	}
	mr, err := recipe.Parse(modelText)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	t, err = task.Resolve(tr, mr)
	if _, ok := errors.AsType[*recipe.Error](err); ok {
		return nil, fmt.Errorf("model: %w", err)
	}
	if err != nil { // a model that does not fit the task
		return nil, usage(err)
	}
	return t, nil
}

// resolveProbes makes sense of --probes; of a stream forgetting is among the default.
func resolveProbes(text string, stream bool) ([]probe.Bound, error) {
	if text == "none" {
		return nil, nil
	}
	recipes, err := recipe.ParseList(text)
	if err != nil {
		return nil, usagef("--probes: %w", err)
	}
	named := func(name string) bool {
		return slices.ContainsFunc(recipes, func(r recipe.Recipe) bool { return r[0].Name == name })
	}
	if stream && named("default") && !named("forgetting") {
		recipes = append(recipes, recipe.Word("forgetting"))
	}
	bound, err := probe.Resolve(recipes)
	if err != nil {
		return nil, usagef("--probes: %w", err)
	}
	return bound, nil
}

// reference finds the reference among the optimizers by its recipe, in whatever
// form, or by its label.
func reference(text string, among []study.Optimizer) (int, error) {
	if text == "" {
		return 0, nil
	}
	r, err := recipe.Parse(text)
	if err != nil {
		return 0, usagef("--reference: %w", err)
	}
	canonical := ""
	if o, err := optim.Resolve(r); err == nil {
		canonical = o.Recipe()
	}
	var labels, named []string
	at := 0
	for i, o := range among {
		labels = append(labels, o.Label)
		if o.Label == r.String() || o.Recipe == canonical {
			return i, nil
		}
		if name, _, _ := strings.Cut(o.Label, "("); name == r.String() {
			named = append(named, o.Label)
			at = i
		}
	}
	if len(named) == 1 {
		return at, nil
	}
	return 0, usagef("--reference: %s is not one of the optimizers: %s", r, strings.Join(labels, ", "))
}

// jobs are the runs, all optimizers of one seed before the next, so that what is
// done at any time is paired.
func (c *comparison) jobs() []*run.Job {
	var jobs []*run.Job
	points := slices.Concat(c.study.Points, c.study.Along())
	for i := range c.study.Seeds {
		for o := range c.optimizers {
			jobs = append(jobs, &run.Job{
				Run: c.study.Run(o, i), Data: c.data, Optimizer: c.optimizers[o],
				Points: points, Probes: c.probes,
			})
		}
	}
	return jobs
}

// place is where the record of the i-th job stands in the results.
func (c *comparison) place(i int) int {
	return i%len(c.optimizers)*c.study.Seeds + i/len(c.optimizers)
}

// budget makes sense of --budget. Where it is left out runs end at the last point, if
// all are counted alike, since nothing is looked for after it, and else with the last of the
// phases of a stream.
func budget(given string, points []study.Point, phases int) (study.Budget, error) {
	if given != "" {
		return study.ParseBudget(given)
	}
	last := study.Budget(points[0])
	for _, p := range points {
		if p.Kind != last.Kind || p.Kind == study.TrainLoss || p.Kind == study.End {
			if phases > 0 {
				return study.Budget{Kind: study.PhaseEnd, Value: float64(phases)}, nil
			}
			return study.Budget{Kind: study.Steps, Value: 2000}, nil
		}
		last.Value = max(last.Value, p.Value)
	}
	if last.Value == 0 {
		return last, errors.New("--at names the start alone; say how long to train, or where else to look")
	}
	return last, nil
}
