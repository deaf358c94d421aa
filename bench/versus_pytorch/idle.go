package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// A load is processor time used so far, in seconds: by the whole machine, and by a
// side's processes. It is not known where the system has no /proc.
type load struct {
	all, own float64
	at       time.Time
	known    bool
}

// tick is the unit of time in /proc, in seconds.
const tick = 0.01

func (s *side) load() load {
	l := load{at: time.Now(), known: true}
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return load{}
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	// user nice system idle iowait irq softirq steal; guests are counted in user.
	for i, field := range strings.Fields(line)[1:9] {
		if v, err := strconv.ParseFloat(field, 64); err == nil && i != 3 && i != 4 {
			l.all += v * tick
		}
	}
	for _, p := range s.processes {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
		if err != nil {
			return load{}
		}
		// After the name in parentheses, the 12th and 13th are user and system time.
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		for _, field := range fields[11:13] {
			if v, err := strconv.ParseFloat(field, 64); err == nil {
				l.own += v * tick
			}
		}
	}
	return l
}

// A window begins when the sides have been quiet for a look, or after so many looks.
const (
	look  = 50 * time.Millisecond
	looks = 20
)

// settle waits until no side works: threads of OpenBLAS go on looking for work for a
// tenth of a second after the last, on a core that the side whose turn is next needs.
func settle(sides []*side) {
	before := worked(sides)
	for range looks {
		time.Sleep(look)
		now := worked(sides)
		if now == before {
			return
		}
		before = now
	}
}

// worked is the processor time that the sides have used, 0 if not known.
func worked(sides []*side) (sum float64) {
	for _, s := range sides {
		sum += s.load().own
	}
	return sum
}

// others is the time that others used since before, in processors; -1 if not known.
func (l load) others(before load) float64 {
	if !l.known || !before.known {
		return -1
	}
	used := (l.all - before.all) - (l.own - before.own)
	return max(0, used/l.at.Sub(before.at).Seconds())
}
