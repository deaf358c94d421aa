package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"basin/kernel"
)

// machine is where and between what was measured.
type machine struct {
	Processor string  `json:"processor"`
	Cores     int     `json:"cores"`
	Memory    string  `json:"memory,omitempty"`
	System    string  `json:"system"`
	Go        string  `json:"go"`
	Kernels   string  `json:"kernels"`
	Peak      float64 `json:"peak_gflops"` // of one core
	PyTorch   string  `json:"pytorch"`
	Multiply  float64 `json:"pytorch_multiply_gflops"` // product of 512 x 512 matrices on one core
}

// slowBLAS is a rate, in GFLOP/s, that the reference BLAS does not come near and every
// optimized one exceeds.
const slowBLAS = 20

// describe looks at the machine and at PyTorch, and says what is missing.
func describe(o *options) (*machine, error) {
	m := &machine{
		Processor: after("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Memory: after("/proc/meminfo", "MemTotal"),
		System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Kernels: kernel.Path(),
	}
	for range 100 {
		m.Peak = max(m.Peak, kernel.Peak[float32]())
	}
	if err := exec.Command(o.python, "-c", "import torch, numpy").Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("%s has no PyTorch; install python3-torch, or name another interpreter with --python", o.python)
		}
		return nil, fmt.Errorf("no Python to compare with: %w; name one that has PyTorch with --python", err)
	}
	s, err := startPyTorch(o.python, setting{"default", nil, 1, ""}, nil, 1)
	if err != nil {
		return nil, err
	}
	defer s.close()
	a, err := s.ask(question{})
	if err != nil {
		return nil, err
	}
	m.PyTorch, m.Multiply = a[0].Version, a[0].Rate
	if m.Multiply < slowBLAS {
		return nil, fmt.Errorf("PyTorch multiplies matrices at %.1f GFLOP/s: it uses the reference BLAS; install libopenblas0-pthread", m.Multiply)
	}
	return m, nil
}

// after is what stands after a key and a colon in a file of the system.
func after(path, key string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (m *machine) print(out io.Writer) {
	fmt.Fprintf(out, "%s, %d cores, %s, memory %s; one core does %.0f GFLOP/s\n", m.Processor, m.Cores, m.System, m.Memory, m.Peak)
	fmt.Fprintf(out, "basin: %s, %s kernels; PyTorch %s, which multiplies 512 x 512 matrices at %.0f GFLOP/s on one core\n\n",
		m.Go, m.Kernels, m.PyTorch, m.Multiply)
}
