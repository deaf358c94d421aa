package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/spf13/cobra"

	"basin/internal/safetensors"
	"basin/probe"
	"basin/report"
	"basin/run"
	"basin/stat"
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
are the other way round, --map says which tensor is which block.`,
		Example: `  basin probe basin-out/solutions/*.safetensors
  basin probe --task mnist --model 'mlp(128, 64)' --data DIR --json other.safetensors`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("probe needs the file of a solution, see basin probe --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			f.seeded = cmd.Flags().Changed("seed")
			return probeFiles(cmd.Context(), cmd.OutOrStdout(), files, &f)
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
}

func probeFiles(ctx context.Context, out io.Writer, files []string, f *probeFlags) error {
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
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return run.ErrInterrupted
	}
	if f.json {
		return writeJSON(out, all)
	}
	for i, p := range all {
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
	}
	return nil
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
	problem, err := task.New[float32](data, seed)
	if err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	if blocks != nil {
		var names []string
		for _, b := range problem.Layout.Blocks {
			names = append(names, b.Name)
		}
		if s := problem.State; s != nil {
			for _, b := range s.Layout.Blocks {
				names = append(names, b.Name)
			}
		}
		if err := blocks.apply(file, names); err != nil {
			return p, fmt.Errorf("%s: %w", path, err)
		}
	}
	x, err := run.Load(file, problem)
	if err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	length, course := run.Course(file, problem.Layout)
	pass := probe.NewPass(problem, x, length, seed)
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
