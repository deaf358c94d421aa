package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"basin/report"
	"basin/run"
	"basin/store"
	"basin/study"
)

// defaultOptimizers are one of each family, at rates that suit small networks on
// images; they are not tuned.
const defaultOptimizers = `sgd(lr=0.1), adamw(lr=1e-3), lion(lr=1e-4), muon(lr=3e-3), shampoo(lr=0.01), sam(rho=0.1, base=sgd(lr=0.1))`

// mostSeeds bounds a comparison to what can be kept in memory.
const mostSeeds = 10_000

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
interrupted comparison goes on where it stopped.

A series of points, such as steps=0:2000:100, shows readings along training: they are
recorded and drawn at all of its points, and compared and tested at the last.

A task may be a stream of tasks that are learnt one after another. The matching loss,
and with it train_loss points, is then that of the last task; see basin show permuted.`,
		Example: `  basin compare
  basin compare --optimizers 'sgd(lr=0.1), clip_norm(1) | adamw(lr=cosine(1e-3))' --seeds 4
  basin compare --task mnist --data DIR --at train_loss=0.1,end --budget epochs=5
  basin compare --optimizers 'sgd(lr=0.1), muon' --at steps=0:500:25 --probes default,update,stability
  basin compare --task 'permuted(glyphs, tasks=5)' --optimizers 'sgd(lr=0.05), ewc(strength=1) | sgd(lr=0.05)'
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
	fl.StringVar(&f.at, "at", "", "where solutions are taken: train_loss=V, steps=N, epochs=E, grads=G, end, of a stream phase=K, the end of a phase, and series KIND=FROM:TO:EVERY of steps, epochs or grads (default: train_loss=0.1,end; of a stream: end)")
	fl.StringVar(&f.budget, "budget", "", "when a run ends: steps=N, epochs=E, grads=G, or of a stream phase=K (default: at the last point, if --at has steps, epochs, grads or phases alone; else steps=2000, or the end of the stream)")
	fl.StringVar(&f.probes, "probes", "default", "what is measured: recipes, separated by commas, default, all or none; see basin list probes")
	fl.StringVar(&f.out, "out", "basin-out", "folder for results.json, readings.csv, pairs.csv, report.html and solutions")
	fl.StringVar(&f.store, "store", "", "file that keeps runs (default: basin.db in --out)")
	fl.IntVarP(&f.workers, "workers", "j", runtime.NumCPU(), "cores to use: as many runs are made at once; the rest share their work")
	fl.BoolVar(&f.json, "json", false, "print results.json instead of the table")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress on standard error")
	return cmd
}

func compare(cmd *cobra.Command, f *compareFlags) error {
	began := time.Now()
	if f.seeds < 1 {
		return usagef("--seeds is %d; it must be at least 1, and 8 are needed to tell most optimizers apart", f.seeds)
	}
	if f.seeds > mostSeeds {
		return usagef("--seeds is %d; more than %d are not planned for", f.seeds, mostSeeds)
	}
	if f.out == "" {
		return usagef("--out is empty; name a folder, or leave it out for basin-out")
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
	jobs := c.jobs()
	for _, j := range jobs[:len(c.optimizers)] {
		if err := run.Check(j); err != nil {
			return usage(err)
		}
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
	pairs, err := c.relate(cmd.Context(), s, results, f.workers, newPairProgress(cmd.ErrOrStderr(), f.quiet))
	if err != nil {
		return err
	}
	looks, err := s.AddLook(c.study.Question(), c.study.Seeds)
	if err != nil {
		return err
	}
	if err := writeAll(f.out, s, results, pairs, newTimings(began, f.workers, looks, jobs, outcomes)); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if f.json {
		return report.JSON(out, results)
	}
	if err := report.Table(out, results, 100); err != nil {
		return err
	}
	if looks > 1 {
		fmt.Fprintf(out, "\nThis is look %d at the same question with another number of seeds. Each look is one more chance\nof a false positive, which the p-values do not count: fix the number of seeds beforehand.\n", looks)
	}
	_, err = fmt.Fprintf(out, "\nThe whole of it: %s\n", filepath.Join(f.out, "report.html"))
	return err
}

// relate measures what lies between the solutions and adds it to the results.
func (c *comparison) relate(ctx context.Context, s *store.Store, r *study.Results, workers int, prog *pairProgress) ([]study.Pair, error) {
	survey := &run.Survey{Data: c.data, Points: c.study.Points, Courses: c.study.Courses(), Probes: c.probes, Progress: prog.done}
	for i, rec := range r.Records {
		if i%c.study.Seeds < c.study.PairedSeeds() {
			survey.Records = append(survey.Records, rec)
		}
	}
	pairs, err := run.Between(ctx, s, survey, workers)
	prog.close()
	if err != nil {
		return nil, err
	}
	r.Relate(pairs)
	return pairs, nil
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument %q; options begin with --, see basin %s --help", cmd.Name(), args[0], cmd.Name())
	}
	return nil
}
