package bench

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"basin/kernel"
)

// BenchmarkWorkloads gives the best time of a unit, its rate of arithmetic, and what
// part that is of the rate of fused multiply-adds, measured between the units.
func BenchmarkWorkloads(b *testing.B) {
	for i := range Catalog {
		w := &Catalog[i]
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("workload=%s/threads=%d", w.Name(), threads), func(b *testing.B) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
				p, err := w.Prepare(threads)
				if err != nil {
					b.Fatal(err)
				}
				defer p.Close()
				best, peak := math.Inf(1), 0.0
				for b.Loop() {
					best = min(best, p.Sample(0).Best)
					peak = max(peak, float64(threads)*kernel.Peak[float32]())
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(best*float64(max(1, w.Units)), "ms")
				rate := p.Flops / best / 1e6
				b.ReportMetric(rate, "GFLOP/s")
				if peak > 0 {
					b.ReportMetric(100*rate/peak, "%peak")
				}
			})
		}
	}
}

// The numbers are the same for every program that follows the definition: the first two
// outputs of SplitMix64 from the state 0 are known.
func TestNumbers(t *testing.T) {
	if got := hash(0, 1); got != 0xe220a8397b1dcdaf {
		t.Errorf("hash(0, 1) = %#x", got)
	}
	if got := hash(0, 2); got != 0x6e789e6aa1b965f4 {
		t.Errorf("hash(0, 2) = %#x", got)
	}
	u := make([]float32, 1<<16)
	uniform(u, inputs, unitBound)
	var mean, square float64
	for _, v := range u {
		mean += float64(v) / float64(len(u))
		square += float64(v) * float64(v) / float64(len(u))
	}
	// Their standard errors are 1/256 and sqrt(4/5)/256.
	if math.Abs(mean) > 4./256 || math.Abs(square-1) > 4*math.Sqrt(0.8)/256 {
		t.Errorf("mean %v and variance %v of numbers on [-sqrt 3, sqrt 3)", mean, square)
	}
}

func TestFind(t *testing.T) {
	if got := len(Find()); got != len(Catalog) {
		t.Errorf("all: %d of %d", got, len(Catalog))
	}
	if got := Find("b", "rule=muon"); len(got) != 3 || got[0].Name() != "a/task=train/net=784-256-256-10/batch=128/rule=muon" {
		t.Errorf("found %d, first %s", len(got), got[0].Name())
	}
	if got := Find("none"); len(got) != 0 {
		t.Errorf("found %s", got[0].Name())
	}
	var names []string
	for i := range Catalog {
		names = append(names, Catalog[i].Name())
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(Catalog) {
		t.Error("two workloads have the same name")
	}
}

// Every workload can be made ready and carried out; the witness does not depend on
// the number of threads.
func TestWorkloads(t *testing.T) {
	for i := range Catalog {
		w := Catalog[i]
		w.Steps, w.Batch, w.Examples = min(w.Steps, 3), 4, 12
		one, err := w.Prepare(1)
		if err != nil {
			t.Fatal(err)
		}
		two, err := w.Prepare(2)
		if err != nil {
			t.Fatal(err)
		}
		defer one.Close()
		defer two.Close()
		if !slices.Equal(one.Witness, two.Witness) {
			t.Errorf("%s: on one thread %v, on two %v", w.Name(), one.Witness, two.Witness)
		}
		for _, v := range one.Witness {
			if !(v > 0 && v < 1e3) {
				t.Errorf("%s: witness %v", w.Name(), one.Witness)
			}
		}
		if got := two.Sample(time.Nanosecond); !(got.Best > 0 && got.Best <= got.Median && got.Count > 0 && one.Flops > 0) {
			t.Errorf("%s: measured %+v, %v operations", w.Name(), got, one.Flops)
		}
	}
}
