// Versus_pytorch measures basin and PyTorch on the same workloads in one run, in
// alternation: the same networks, losses, rules and numbers, with PyTorch at the best
// of its settings. It checks that both compute the same.
//
//	go run ./bench/versus_pytorch [flags] [WORKLOAD...]
//
// A workload is the letter of a group or part of a name; without any, all are
// measured. It exits with status 1 where there is no PyTorch to compare with.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"basin/bench"
)

func main() {
	switch err := command(os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "versus_pytorch: "+err.Error())
		os.Exit(1)
	}
}

// options are how to measure.
type options struct {
	threads []int
	rounds  int
	window  time.Duration
	python  string
	json    bool
}

func command(args []string) error {
	if len(args) == 1 && args[0] == serving {
		return serve(os.Stdin, os.Stdout)
	}
	o := options{}
	flags := flag.NewFlagSet("versus_pytorch", flag.ContinueOnError)
	threads := flags.String("threads", "1,2", "numbers of threads, comma-separated")
	secs := flags.Float64("secs", 0.5, "length of a window, in which one side runs, in seconds")
	flags.IntVar(&o.rounds, "rounds", 5, "windows of each side")
	flags.StringVar(&o.python, "python", "/usr/bin/python3", "interpreter that has PyTorch")
	flags.BoolVar(&o.json, "json", false, "print JSON instead of a table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.window = time.Duration(*secs * float64(time.Second))
	for field := range strings.SplitSeq(*threads, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return fmt.Errorf("--threads %s: %q is no number of threads", *threads, field)
		}
		if n > runtime.NumCPU() {
			return fmt.Errorf("--threads %s: this machine has %d", *threads, runtime.NumCPU())
		}
		o.threads = append(o.threads, n)
	}
	if o.rounds < 1 {
		return fmt.Errorf("--rounds %d: at least one is needed", o.rounds)
	}
	found := bench.Find(flags.Args()...)
	if len(found) == 0 {
		return fmt.Errorf("no workload has %s in its name", strings.Join(flags.Args(), " or "))
	}
	return versus(&o, found)
}

// versus measures the workloads and prints what it found.
func versus(o *options, found []*bench.Workload) error {
	m, err := describe(o)
	if err != nil {
		return err
	}
	if !o.json {
		m.print(os.Stdout)
		header(os.Stdout)
	}
	r := report{Machine: m}
	for _, w := range found {
		for _, threads := range o.threads {
			for _, way := range ways(w) {
				row, err := compare(o, w, threads, way)
				if err != nil {
					return fmt.Errorf("workload %s, threads=%d: %w", w.Name(), threads, err)
				}
				r.Rows = append(r.Rows, row)
				if !o.json {
					row.print(os.Stdout)
				}
			}
		}
	}
	if !o.json {
		r.footnotes(os.Stdout)
		return nil
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
