package kernel

import (
	"fmt"
	"os"
)

// A path is one family of kernels.
type path uint8

const (
	portable path = iota
	avx2
	avx512
)

var pathNames = [...]string{portable: "portable", avx2: "avx2", avx512: "avx512"}

func (p path) String() string { return pathNames[p] }

var active, pathErr = choose(os.Getenv("BASIN_KERNEL"), best())

// Path names the kernels in use: "avx512", "avx2" or "portable". They are the best
// that the processor and its operating system support, unless the environment
// variable BASIN_KERNEL names others.
func Path() string { return active.String() }

// PathError tells why the choice in BASIN_KERNEL could not be followed, or nil.
func PathError() error { return pathErr }

// choose gives the path that a setting asks for. Each path supports those before it.
func choose(setting string, best path) (path, error) {
	if setting == "" {
		return best, nil
	}
	for p, name := range pathNames {
		if setting != name {
			continue
		}
		if path(p) > best {
			return best, fmt.Errorf("BASIN_KERNEL=%s: this processor has no such instructions; unset it to use %s", setting, best)
		}
		return path(p), nil
	}
	return best, fmt.Errorf("BASIN_KERNEL=%s: no such kernels; choose portable, avx2 or avx512", setting)
}
