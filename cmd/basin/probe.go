package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/spf13/cobra"

	"basin/internal/safetensors"
	"basin/probe"
	"basin/problem"
	"basin/report"
	"basin/run"
	"basin/stat"
	"basin/study"
	"basin/task"
)

type probeFlags struct {
	task, model, data, probes, blocks string
	seed                              uint64
	seeded                            bool
	workers                           int
	json                              bool
}

func newProbe() *cobra.Command {
	var f probeFlags
	cmd := &cobra.Command{
		Use:   "probe SOLUTION.safetensors...",
		Short: "Measure solutions, basin's own or those of other programs",
		Long: `probe measures solutions kept as safetensors, one tensor for each block of the
network. A solution that basin made says which task, model and seed it belongs to;
of others, say so with --task and --model. Without a seed the start is not known,
and what is measured from it has no value. Where names differ from basin's, or matrices
are the other way round, --map says which tensor is which block.

Of several solutions of one task and model, what lies between every two is measured too.`,
		Example: `  basin probe basin-out/solutions/*.safetensors
  basin probe a.safetensors b.safetensors --probes 'disagreement, cka_between'
  basin probe --task mnist --model 'mlp(128, 64)' --data DIR --json other.safetensors`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("probe needs the file of a solution, see basin probe --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			f.seeded = cmd.Flags().Changed("seed")
			return probeFiles(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), files, &f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.task, "task", "", "data and loss (default: what the file says)")
	fl.StringVar(&f.model, "model", "", "network (default: what the file says)")
	fl.StringVar(&f.data, "data", "", "folder of the task's data, or a folder of such folders")
	fl.StringVar(&f.blocks, "map", "", "file that says which tensors are which blocks, in lines BLOCK = TENSOR [transposed]; - = TENSOR leaves one out")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of the run that made the solution (default: what the file says)")
	fl.StringVar(&f.probes, "probes", "default", "what is measured: recipes, separated by commas, default, all or none; see basin list probes")
	fl.IntVarP(&f.workers, "workers", "j", runtime.NumCPU(), "solutions measured at once")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// A probed file is one solution with its readings.
type probed struct {
	Name      string         `json:"name"`
	Task      string         `json:"task"`
	Model     string         `json:"model"`
	Optimizer string         `json:"optimizer,omitempty"`
	Seed      *uint64        `json:"seed,omitempty"`
	Point     string         `json:"point,omitempty"`
	Readings  []stat.Reading `json:"readings"`
	// Between is what lies between this solution and those before it of the same task and model.
	Between []paired `json:"between,omitempty"`

	data *task.Data
	load func(*problem.Problem[float32]) ([]float32, error)
}

// A paired file is another solution with the readings between the two.
type paired struct {
	Index    int            `json:"index"` // in the list, from 0
	Name     string         `json:"name"`
	Readings []stat.Reading `json:"readings"`
}

// probeFiles measures solutions and prints what was measured; of each file that is no solution it
// says so on errOut, and returns an error.
func probeFiles(ctx context.Context, out, errOut io.Writer, files []string, f *probeFlags) error {
	if f.workers < 1 {
		return usagef("-j is %d; it must be at least 1", f.workers)
	}
	probes, err := resolveProbes(f.probes, false)
	if err != nil {
		return err
	}
	var blocks *blockMap
	if f.blocks != "" {
		if blocks, err = readBlockMap(f.blocks); err != nil {
			return usage(err)
		}
	}
	l := loader{dir: f.data, loaded: map[string]*task.Data{}}
	all := make([]probed, len(files))
	errs := make([]error, len(files))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(f.workers, len(files)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				all[i], errs[i] = probeFile(files[i], f, blocks, probes, &l)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return run.ErrInterrupted
	}
	var good []probed
	var bad []error
	for i, err := range errs {
		if err != nil {
			bad = append(bad, err)
		} else {
			good = append(good, all[i])
		}
	}
	if len(good) == 0 && !slices.ContainsFunc(bad, func(err error) bool { return !isUsage(err) }) {
		return bad[0]
	}
	if err := probePairs(ctx, good, probes, f.workers); err != nil {
		return err
	}
	if f.json && len(good) > 0 {
		err = writeJSON(out, good)
	} else {
		err = printProbed(out, good, probes)
	}
	if err != nil || len(bad) == 0 {
		return err
	}
	for _, err := range bad[:len(bad)-1] {
		fmt.Fprintln(errOut, "basin:", oneLine(err))
	}
	return failure{bad[len(bad)-1]}
}

// probePairs measures what lies between every two solutions of one task and model.
func probePairs(ctx context.Context, solutions []probed, probes []probe.Bound, workers int) error {
	measures := slices.DeleteFunc(slices.Clone(probes), probe.Bound.Single)
	if len(measures) == 0 {
		return nil
	}
	groups := map[*task.Data][]int{}
	for i, s := range solutions {
		groups[s.data] = append(groups[s.data], i)
	}
	for data, group := range groups {
		var members []run.Member
		var todo []run.Comparison
		for k, i := range group {
			m := run.Member{Place: study.Place{Key: solutions[i].Name}, Load: solutions[i].load}
			if seed := solutions[i].Seed; seed != nil {
				m.Seed, m.Seeded = *seed, true
			}
			members = append(members, m)
			for before := range k {
				todo = append(todo, run.Comparison{A: before, B: k, Measures: measures})
			}
		}
		err := run.Compare(ctx, data, members, todo, workers, func(c run.Comparison, measured []study.Measurement) error {
			first, second := group[c.A], group[c.B]
			p := paired{Index: first, Name: solutions[first].Name}
			for _, m := range measured {
				p.Readings = append(p.Readings, m.Readings...)
			}
			solutions[second].Between = append(solutions[second].Between, p)
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i := range solutions {
		slices.SortFunc(solutions[i].Between, func(p, q paired) int { return p.Index - q.Index })
	}
	return nil
}

// printProbed prints the readings of each solution, and then what lies between them.
func printProbed(out io.Writer, solutions []probed, probes []probe.Bound) error {
	between := false
	if slices.ContainsFunc(probes, probe.Bound.Single) || len(probes) == 0 {
		for i, p := range solutions {
			if i > 0 {
				fmt.Fprintln(out)
			}
			fmt.Fprintf(out, "%s\n", p.Name)
			if p.Optimizer != "" {
				fmt.Fprintf(out, "%s at %s\n", p.Optimizer, p.Point)
			}
			if err := report.Readings(out, p.Readings); err != nil {
				return err
			}
			between = true
		}
	}
	printed := map[*task.Data]bool{}
	for _, s := range solutions {
		if printed[s.data] {
			continue
		}
		printed[s.data] = true
		m := matrix(solutions, s.data)
		if len(m.Between) == 0 {
			continue
		}
		if between {
			fmt.Fprintln(out)
		}
		between = true
		if err := report.Pairs(out, m.Names, m.Between); err != nil {
			return err
		}
	}
	if !between && len(solutions) > 0 {
		fmt.Fprintln(out, "The measures asked for are of two solutions of one task and model, and there are none.")
	}
	return nil
}

// grouped are the solutions of one task and model, and the readings between them.
type grouped struct {
	Names   []string
	Between map[[2]int][]stat.Reading // by their indices among these, the larger first
}

func matrix(solutions []probed, of *task.Data) grouped {
	g := grouped{Between: map[[2]int][]stat.Reading{}}
	at := map[int]int{}
	for i, s := range solutions {
		if s.data != of {
			continue
		}
		at[i] = len(g.Names)
		g.Names = append(g.Names, s.Name)
		for _, p := range s.Between {
			g.Between[[2]int{at[i], at[p.Index]}] = p.Readings
		}
	}
	return g
}

// probeFile measures one solution.
func probeFile(path string, f *probeFlags, blocks *blockMap, probes []probe.Bound, l *loader) (probed, error) {
	var p probed
	body, err := os.ReadFile(path)
	if err != nil {
		return p, err
	}
	file, err := safetensors.Read(body)
	if err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	meta := func(flag, key string) string {
		if flag != "" {
			return flag
		}
		return file.Metadata[key]
	}
	p = probed{Name: filepath.Base(path), Optimizer: printable(file.Metadata[run.MetaOptimizer]), Point: printable(file.Metadata[run.MetaPoint])}
	taskText := meta(f.task, run.MetaTask)
	if taskText == "" {
		return p, usagef("%s does not say which task it belongs to; say so with --task", path)
	}
	data, t, err := l.load(taskText, meta(f.model, run.MetaModel))
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
		if f.task == "" && f.model == "" {
			err = failure{err}
		}
		return p, err
	}
	p.Task, p.Model = t.Recipe(), t.Model()
	seed := f.seed
	known := f.seeded
	if text := file.Metadata[run.MetaSeed]; !known && text != "" {
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			return p, fmt.Errorf("%s: its seed %q is not a whole number", path, text)
		}
		known = true
	}
	pr, err := task.New[float32](data, seed)
	if err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	x, err := loadMapped(file, blocks, pr)
	if err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	p.data = data
	p.load = func(pr *problem.Problem[float32]) ([]float32, error) {
		body, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := safetensors.Read(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return loadMapped(file, blocks, pr)
	}
	length, course := run.Course(file, pr.Layout)
	pass := probe.NewPass(pr, x, length, seed)
	pass.Course = course
	if known {
		p.Seed = &seed
	} else {
		pass.Start = nil
	}
	for _, b := range probes {
		if !b.Single() {
			continue
		}
		readings, err := b.Measure(pass)
		if err != nil {
			return p, fmt.Errorf("%s: %w", path, err)
		}
		p.Readings = append(p.Readings, readings...)
	}
	return p, nil
}

// loadMapped is run.Load of a file whose tensors have other names, if there is a map.
func loadMapped(file *safetensors.File, m *blockMap, p *problem.Problem[float32]) ([]float32, error) {
	if m != nil {
		var names []string
		for _, b := range p.Layout.Blocks {
			names = append(names, b.Name)
		}
		if s := p.State; s != nil {
			for _, b := range s.Layout.Blocks {
				names = append(names, b.Name)
			}
		}
		if err := m.apply(file, names); err != nil {
			return nil, err
		}
	}
	return run.Load(file, p)
}

// printable is text without what a terminal would obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}

// A loader reads the data of each task once.
type loader struct {
	dir    string
	mu     sync.Mutex
	loaded map[string]*task.Data
}

func (l *loader) load(taskText, modelText string) (*task.Data, *task.Task, error) {
	t, err := resolveTask(taskText, modelText)
	if err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	id := t.Recipe() + " " + t.Model()
	if d, ok := l.loaded[id]; ok {
		return d, t, nil
	}
	d, err := t.Load(l.dir)
	if err != nil {
		return nil, nil, err
	}
	l.loaded[id] = d
	return d, t, nil
}
