package data

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// Fits refuses what takes more bytes than there is memory, before anything is
// allocated. Where the system does not tell how much is available it refuses nothing.
func Fits(what string, bytes float64) error { return fits(what, bytes, available()) }

func fits(what string, bytes, available float64) error {
	if bytes <= available {
		return nil
	}
	return fmt.Errorf("%s takes %s of memory, and %s is available; use fewer examples, or a machine with more memory",
		what, inUnits(bytes), inUnits(available))
}

// available is the memory in bytes that can be had without swapping, or less where
// the user has set GOMEMLIMIT to less.
func available() float64 {
	least := float64(debug.SetMemoryLimit(-1))
	if least == math.MaxInt64 {
		least = math.Inf(1)
	}
	f, err := os.Open("/proc/meminfo") // Linux
	if err != nil {
		return least
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "MemAvailable:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			if err == nil {
				return min(least, 1024*kib)
			}
		}
	}
	return least
}

// inUnits writes a number of bytes in the largest unit below it.
func inUnits(bytes float64) string {
	for _, u := range []struct {
		unit  string
		bytes float64
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= u.bytes {
			return fmt.Sprintf("%.4g %s", bytes/u.bytes, u.unit)
		}
	}
	return fmt.Sprintf("%.0f bytes", bytes)
}
