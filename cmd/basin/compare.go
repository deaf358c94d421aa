package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"basin/kernel"
	"basin/optim"
	"basin/probe"
	"basin/recipe"
	"basin/report"
	"basin/run"
	"basin/store"
	"basin/study"
	"basin/task"
)

// defaultOptimizers are one of each family, at rates that suit small networks on
// images; they are not tuned.
const defaultOptimizers = `sgd(lr=0.1), adamw(lr=1e-3), lion(lr=1e-4), muon(lr=3e-3), shampoo(lr=0.01), sam(rho=0.1, base=sgd(lr=0.1))`

type compareFlags struct {
	task, model, data, optimizers, reference, at, budget, probes, out, store string
	seeds, workers                                                           int
	json, quiet                                                              bool
}

func newCompare() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Train one network with several optimizers and say where the solutions differ",
		Long: `compare trains one network with several optimizers, from the same starts on the
same batches, takes each solution at the same points of training, measures it, and
prints where the optimizers differ. Runs that the store holds are not repeated; an
interrupted comparison goes on where it stopped.`,
		Example: `  basin compare
  basin compare --optimizers 'sgd(lr=0.1), clip_norm(1) | adamw(lr=cosine(1e-3))' --seeds 4
  basin compare --task mnist --data DIR --at train_loss=0.1,end --budget epochs=5
  basin compare --task 'separable(loss=logistic)' --optimizers 'sgd(lr=1), adam(lr=0.01)' --budget steps=500`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return compare(cmd, &f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.task, "task", "glyphs", "data and loss; see basin list tasks")
	fl.StringVar(&f.model, "model", "", "network (default: the task's own); see basin list models")
	fl.StringVar(&f.data, "data", "", "folder of the task's data, or a folder of such folders")
	fl.StringVar(&f.optimizers, "optimizers", defaultOptimizers, "recipes, separated by commas; see basin list optimizers")
	fl.StringVar(&f.reference, "reference", "", "the optimizer that the others are compared with: its recipe as given (default: the first)")
	fl.IntVar(&f.seeds, "seeds", 8, "how many seeds each optimizer is run with")
	fl.StringVar(&f.at, "at", "train_loss=0.1,end", "where solutions are taken: train_loss=V, steps=N, epochs=E, grads=G, end")
	fl.StringVar(&f.budget, "budget", "steps=2000", "when a run ends: steps=N, epochs=E or grads=G")
	fl.StringVar(&f.probes, "probes", "default", "what is measured: recipes, separated by commas; see basin list probes")
	fl.StringVar(&f.out, "out", "basin-out", "folder for results.json, readings.csv, report.html and solutions")
	fl.StringVar(&f.store, "store", "", "file that keeps runs (default: basin.db in --out)")
	fl.IntVarP(&f.workers, "workers", "j", runtime.NumCPU(), "runs made at once")
	fl.BoolVar(&f.json, "json", false, "print results.json instead of the table")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress on standard error")
	return cmd
}

// A comparison is a study ready to be run.
type comparison struct {
	study      study.Study
	task       *task.Task
	data       *task.Data
	optimizers []*optim.Optimizer
	probes     []probe.Bound
}

func compare(cmd *cobra.Command, f *compareFlags) error {
	began := time.Now()
	if f.seeds < 1 {
		return usagef("--seeds is %d; it must be at least 1, and 8 are needed to tell most optimizers apart", f.seeds)
	}
	if f.workers < 1 {
		return usagef("-j is %d; it must be at least 1", f.workers)
	}
	c, err := plan(f)
	if err != nil {
		return err
	}
	if err := c.load(f.data); err != nil {
		return err
	}
	if err := os.MkdirAll(f.out, 0o777); err != nil {
		return fmt.Errorf("cannot make the folder %s: %w; choose another with --out", f.out, err)
	}
	if f.store == "" {
		f.store = filepath.Join(f.out, "basin.db")
	}
	s, err := store.Open(f.store)
	if err != nil {
		return err
	}
	defer s.Close()

	jobs := c.jobs()
	prog := newProgress(cmd.ErrOrStderr(), f.quiet, f.workers, len(jobs))
	for i, j := range jobs {
		j.Progress = prog.watch(i, j.Run.Optimizer)
	}
	outcomes, err := run.All(cmd.Context(), s, jobs, f.workers, prog.done)
	prog.close()
	if err != nil {
		return err
	}
	records := make([]*study.Record, len(jobs))
	for i, o := range outcomes {
		records[c.place(i)] = o.Record
	}
	results, err := study.Compare(&c.study, records)
	if err != nil {
		return err
	}
	if err := writeAll(f.out, s, results, newTimings(began, f.workers, jobs, outcomes)); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if f.json {
		return report.JSON(out, results)
	}
	if err := report.Table(out, results, 100); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nThe whole of it: %s\n", filepath.Join(f.out, "report.html"))
	return err
}

// plan makes sense of the flags; nothing is read or written.
func plan(f *compareFlags) (*comparison, error) {
	c := &comparison{}
	var err error
	s := &c.study
	if s.Points, err = study.ParsePoints(f.at); err != nil {
		return nil, usagef("--at: %w", err)
	}
	if s.Budget, err = study.ParseBudget(f.budget); err != nil {
		return nil, usagef("--budget: %w", err)
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
	if c.probes, err = resolveProbes(f.probes); err != nil {
		return nil, err
	}
	for _, p := range c.probes {
		s.Probes = append(s.Probes, p.Recipe())
	}
	s.Headlines = probe.Headlines(c.probes)
	if c.task, err = resolveTask(f.task, f.model); err != nil {
		return nil, err
	}
	s.Task, s.Model, s.Seeds = c.task.Recipe(), c.task.Model(), f.seeds
	s.Kernel, s.Engine = kernel.Path(), run.Engine
	return c, nil
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

func resolveTask(taskText, modelText string) (*task.Task, error) {
	tr, err := recipe.Parse(taskText)
	if err != nil {
		return nil, usagef("--task: %w", err)
	}
	var mr recipe.Recipe
	if modelText != "" {
		if mr, err = recipe.Parse(modelText); err != nil {
			return nil, usagef("--model: %w", err)
		}
	}
	t, err := task.Resolve(tr, mr)
	if err != nil {
		return nil, usage(err)
	}
	return t, nil
}

func resolveProbes(text string) ([]probe.Bound, error) {
	switch text {
	case "default", "all":
		return probe.Default(), nil
	case "none":
		return nil, nil
	}
	recipes, err := recipe.ParseList(text)
	if err != nil {
		return nil, usagef("--probes: %w", err)
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
	for i := range c.study.Seeds {
		for o := range c.optimizers {
			jobs = append(jobs, &run.Job{
				Run: c.study.Run(o, i), Data: c.data, Optimizer: c.optimizers[o],
				Points: c.study.Points, Probes: c.probes,
			})
		}
	}
	return jobs
}

// place is where the record of the i-th job stands in the results.
func (c *comparison) place(i int) int {
	return i%len(c.optimizers)*c.study.Seeds + i/len(c.optimizers)
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument %q; options begin with --, see basin %s --help", cmd.Name(), args[0], cmd.Name())
	}
	return nil
}
