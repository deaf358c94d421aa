package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"basin/bench"
)

//go:embed workloads.py
var workloads string

// A side is one of those compared: a process, or several that work independently.
type side struct {
	name      string
	way       string // of PyTorch
	processes []*process
	rounds    []round
}

// A process answers questions on its standard output.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *json.Decoder
	stderr bytes.Buffer
}

func start(env []string, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...)}
	p.cmd.Env, p.cmd.Stderr = env, &p.stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = json.NewDecoder(out)
	return p, p.cmd.Start()
}

// ask puts a question to every process, then gathers the answers.
func (s *side) ask(q question) ([]answer, error) {
	for _, p := range s.processes {
		if err := json.NewEncoder(p.in).Encode(q); err != nil {
			return nil, s.failed(p, err)
		}
	}
	answers := make([]answer, len(s.processes))
	for i, p := range s.processes {
		if err := p.out.Decode(&answers[i]); err != nil {
			return nil, s.failed(p, err)
		}
	}
	return answers, nil
}

// failed says in one line what went wrong in a process.
func (s *side) failed(p *process, err error) error {
	p.in.Close()
	exit := p.cmd.Wait()
	if lines := strings.Split(strings.TrimSpace(p.stderr.String()), "\n"); lines[len(lines)-1] != "" {
		return fmt.Errorf("%s: %s", s.name, lines[len(lines)-1])
	}
	return fmt.Errorf("%s: %w", s.name, errors.Join(err, exit))
}

// close ends the processes.
func (s *side) close() {
	for _, p := range s.processes {
		p.in.Close()
		p.cmd.Wait()
	}
}

// setting is one way in which PyTorch can be run.
type setting struct {
	name      string
	env       []string
	processes int    // 1: threads within it; more: one thread in each
	way       string // for workloads.py, where it is not one of ways
}

// settings gives those worth trying for a workload.
func settings(w *bench.Workload, threads int) []setting {
	all := []setting{{"default", nil, 1, ""}}
	if threads > 1 {
		// OpenMP's threads else spin beside those of OpenBLAS.
		all = append(all, setting{"OMP_WAIT_POLICY=PASSIVE", []string{"OMP_WAIT_POLICY=PASSIVE"}, 1, ""})
	}
	if w.Net == bench.CNN || w.Net == bench.ResNet {
		for _, s := range all {
			all = append(all, setting{s.name + ", channels last", s.env, 1, "channels_last"})
		}
	}
	if w.Runs && threads > 1 {
		all = append(all, setting{fmt.Sprintf("%d processes", threads), nil, threads, ""})
	}
	return all
}

// A way is one of several programs for the same quantity in PyTorch, each of which is
// a row of its own.
type way struct {
	name string
	call string // in workloads.py
	env  []string
}

func ways(w *bench.Workload) []way {
	if w.Task != bench.Norms {
		return []way{{}}
	}
	return []way{
		{"ghost", "ghost", nil},
		{"loop", "loop", nil},
		{"vmap", "vmap", nil},
		// So that the memory of gradients is kept and its pages are not new every time.
		{"vmap, malloc tuned", "vmap", []string{"MALLOC_MMAP_MAX_=0", "MALLOC_TRIM_THRESHOLD_=17179869184"}},
	}
}

// startPyTorch starts PyTorch's side. Variables that hold OpenBLAS back to older
// kernels are taken away.
func startPyTorch(python string, s setting, extra []string, threads int) (*side, error) {
	within := threads / s.processes
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_WAIT_POLICY", "MALLOC_ARENA_MAX"}, name)
	})
	env = append(env, fmt.Sprintf("OMP_NUM_THREADS=%d", within), fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", within))
	env = append(append(env, s.env...), extra...)
	made := &side{name: "PyTorch, " + s.name, way: s.way}
	for range s.processes {
		p, err := start(env, python, "-c", workloads)
		if err != nil {
			made.close()
			return nil, err
		}
		made.processes = append(made.processes, p)
	}
	return made, nil
}

// startBasin starts basin's side.
func startBasin(threads int) (*side, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := start(append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", threads)), self, serving)
	if err != nil {
		return nil, err
	}
	return &side{name: "basin", processes: []*process{p}}, nil
}
