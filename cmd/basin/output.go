package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"basin/internal/atomicfile"
	"basin/kernel"
	"basin/report"
	"basin/run"
	"basin/store"
	"basin/study"
)

// writeAll writes a comparison's files into dir, each whole or not at all.
func writeAll(dir string, s *store.Store, r *study.Results, pairs []study.Pair, t *timings) error {
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"results.json", func(w io.Writer) error { return report.JSON(w, r) }},
		{"readings.csv", func(w io.Writer) error { return report.CSV(w, r) }},
		{"pairs.csv", func(w io.Writer) error { return report.PairsCSV(w, r, pairs) }},
		{"report.html", func(w io.Writer) error { return report.HTML(w, r) }},
		{"timings.json", t.write},
	} {
		var buf bytes.Buffer
		if err := f.write(&buf); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if err := replace(filepath.Join(dir, f.name), buf.Bytes()); err != nil {
			return err
		}
	}
	return exportSolutions(filepath.Join(dir, "solutions"), s, r)
}

// exportSolutions writes every solution that was reached as KEY-POINT.safetensors, without
// those along series, which stay in the store.
func exportSolutions(dir string, s *store.Store, r *study.Results) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("cannot make the folder %s: %w; remove what is in its place, or choose another folder with --out", dir, err)
	}
	if err := atomicfile.Sweep(dir); err != nil {
		return err
	}
	for _, rec := range r.Records {
		for _, sol := range rec.Solutions {
			if sol.None != "" || !slices.Contains(r.Study.Points, sol.Point) {
				continue
			}
			body, ok, err := s.Solution(rec.Key, sol.Point.String())
			if err != nil {
				return err
			}
			if !ok {
				return fmt.Errorf("store: the solution of run %s at %s is missing; remove the store to make it again", rec.Key, sol.Point)
			}
			if err := replace(filepath.Join(dir, rec.Key+"-"+sol.Point.String()+".safetensors"), body); err != nil {
				return err
			}
		}
	}
	return nil
}

// replace writes a file unless it holds the same already.
func replace(path string, body []byte) error {
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, body) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; remove it, or choose another folder with --out", err)
	}
	err = atomicfile.WriteFile(path, body, 0o666)
	if errors.Is(err, syscall.ENOSPC) {
		err = fmt.Errorf("%w; free some space and run the same command again, what was kept stays", err)
	}
	return err
}

// timings is what a clock and a host say of a comparison: timings.json. Nothing
// else does, so that results of the same runs are the same bytes.
type timings struct {
	Host    string `json:"host"`
	CPU     string `json:"cpu"`
	Kernel  string `json:"kernel"`
	Go      string `json:"go"`
	Workers int    `json:"workers"`
	// Looks is how many numbers of seeds the same question was looked at with in this
	// store. Each is one more chance of a false positive.
	Looks   int       `json:"looks"`
	Ended   time.Time `json:"ended"`
	Seconds float64   `json:"seconds"`
	Runs    []timing  `json:"runs"`
}

type timing struct {
	Key       string  `json:"key"`
	Optimizer string  `json:"optimizer"`
	Seed      uint64  `json:"seed"`
	FromStore bool    `json:"from_store"`
	Seconds   float64 `json:"seconds"` // of this invocation
	Steps     int     `json:"steps"`
	// Resumed tells that earlier invocations trained the run in part, whose time is in that
	// of the points too.
	Resumed bool `json:"resumed"`
	// Points are those that the run came to in training, none of those found in the store.
	Points []pointTiming `json:"points"`
}

// pointTiming is the time of the steps that lead to a point, without checks of the matching
// loss, detours, probes and checkpoints. Runs that shared the machine slowed each other down.
type pointTiming struct {
	Point   string  `json:"point"`
	Seconds float64 `json:"seconds"`
}

func newTimings(began time.Time, workers, looks int, jobs []*run.Job, outcomes []run.Outcome) *timings {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	t := &timings{
		Host: host, CPU: fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
		Kernel: kernel.Path(), Go: runtime.Version(), Workers: workers, Looks: looks,
		Ended: time.Now().UTC().Round(time.Second), Seconds: time.Since(began).Seconds(),
	}
	for i, o := range outcomes {
		points := []pointTiming{}
		for _, r := range o.Reached {
			points = append(points, pointTiming{r.Point.String(), r.Took.Seconds()})
		}
		t.Runs = append(t.Runs, timing{
			Key: jobs[i].Run.Key(), Optimizer: jobs[i].Run.Optimizer, Seed: jobs[i].Run.Seed,
			FromStore: !o.Fresh, Seconds: o.Took.Seconds(), Steps: o.Record.Ending.Step, Resumed: o.Resumed, Points: points,
		})
	}
	return t
}

func (t *timings) write(w io.Writer) error { return writeJSON(w, t) }
