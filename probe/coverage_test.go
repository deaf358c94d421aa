package probe

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"basin/kernel"
	"basin/stat"
)

var anew = flag.Bool("update", false, "write the tables of docs/intervals.md anew")

// An experiment of known outcome: the readings of the i-th time it is made, and the true
// values, by name.
type experiment struct {
	readings func(t *testing.T, i int) map[string]stat.Reading
	truth    func(t *testing.T) map[string]float64
}

// A trial is an experiment made many times. The interval of a reading is its value +- times
// its standard error.
type trial struct {
	drawn   string
	times   float64
	repeats int
	experiment
	// apart are the readings of which another share of intervals holds than of others.
	apart map[string]apart
}

// apart is where the share lies, and why.
type apart struct {
	lo, hi float64
	why    string
}

// An outcome is what became of the intervals of a reading, all its parts taken together.
type outcome struct {
	name      string
	held, n   int
	bias, err float64 // means over parts, in standard deviations of the values
}

func (o *outcome) share() float64 { return float64(o.held) / float64(o.n) }

// run gives the outcomes of the readings that are uncertain.
func (c *trial) run(t *testing.T) []*outcome {
	type sums struct {
		held             int
		n                float64
		off, square, err float64
	}
	truth, parts := c.truth(t), map[string]*sums{}
	for i := range c.repeats {
		for name, r := range c.readings(t, i) {
			want, known := truth[name]
			if !known || !r.Defined() || math.IsNaN(r.Err) {
				continue
			}
			if parts[name] == nil {
				parts[name] = &sums{}
			}
			s, off := parts[name], r.Value-want
			s.n++
			s.off += off
			s.square += off * off
			s.err += r.Err
			if math.Abs(off) <= c.times*r.Err {
				s.held++
			}
		}
	}
	var all []*outcome
	count := 0.
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		s := parts[name]
		off, claimed := s.off/s.n, s.err/s.n
		sd := math.Sqrt(s.square/s.n - off*off)
		if !(sd > 1e-6*max(math.Abs(truth[name]), claimed)) { // certain
			continue
		}
		if len(all) == 0 || all[len(all)-1].name != stem(name) {
			all = append(all, &outcome{name: stem(name)})
			count = 0
		}
		o := all[len(all)-1]
		count++
		o.held += s.held
		o.n += int(s.n)
		o.bias += (off/sd - o.bias) / count
		o.err += (claimed/sd - o.err) / count
	}
	return all
}

// Intervals hold what they should, and docs/intervals.md and the probes say how often: to a
// percent, since kernel paths round differently, and now and then that moves an interval across the truth.
func TestCoverage(t *testing.T) {
	if kernel.Path() == "portable" || os.Getenv("BASIN_KERNEL") != "" {
		t.Skip("the path of the kernels does not matter here; the processor's own is enough")
	}
	const page, begin, end = "../docs/intervals.md", "<!-- measured -->\n", "<!-- end of what is measured -->\n"
	var table strings.Builder
	type span struct{ lo, hi float64 }
	held := map[string]span{} // by probe
	for _, c := range trials() {
		fmt.Fprintf(&table, "\n%s; intervals of %g errors.\n\n| reading | held | bias | error |\n|---|---|---|---|\n", c.drawn, c.times)
		var notes []string
		for _, o := range c.run(t) {
			// Where 95 % of intervals hold, the share lies further off in 2 of 1000 trials.
			off := 3.1 * math.Sqrt(.95*.05/float64(c.repeats))
			lo, hi, mark := .95-off, .95+off, ""
			if a, ok := c.apart[o.name]; ok {
				lo, hi = a.lo, a.hi
				if !slices.Contains(notes, a.why) {
					notes = append(notes, a.why)
				}
				mark = fmt.Sprintf(" [%d]", 1+slices.Index(notes, a.why))
			}
			if share := o.share(); share < lo || share > hi {
				t.Errorf("%s: %s is held by %.1f %% of intervals (bias %.2f, error %.2f)", c.drawn, o.name, 100*share, o.bias, o.err)
			}
			if mark == "" {
				probe := probeOf(o.name)
				s, ok := held[probe]
				if !ok {
					s = span{1, 0}
				}
				held[probe] = span{min(s.lo, o.share()), max(s.hi, o.share())}
			}
			fmt.Fprintf(&table, "| %s%s | %.1f %% | %.2f | %.2f |\n", o.name, mark, 100*o.share(), o.bias, o.err)
		}
		for i, why := range notes {
			fmt.Fprintf(&table, "\n[%d] %s\n", i+1, why)
		}
	}
	for _, d := range Docs() {
		if s, ok := held[d.Name]; ok && !claims(strings.Join(d.Notes, " "), math.Round(100*s.lo), math.Round(100*s.hi)) {
			t.Errorf("the notes of %s do not say that 95 %% intervals held the true value in %.0f to %.0f %% of samples (docs/intervals.md)", d.Name, 100*s.lo, 100*s.hi)
		}
	}
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(old), begin)
	kept, after, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s has no place for the tables", page)
	}
	if *anew {
		if err := os.WriteFile(page, []byte(before+begin+table.String()+"\n"+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !alike(kept, table.String()+"\n") {
		t.Errorf("%s is old; make it anew: go test ./probe -run TestCoverage -update", page)
	}
}

// claims tells whether notes say that so many percent of intervals held, give or take one.
func claims(notes string, lo, hi float64) bool {
	for _, lo := range []float64{lo - 1, lo, lo + 1} {
		for _, hi := range []float64{hi - 1, hi, hi + 1} {
			says := fmt.Sprintf("in %g to %g %% of samples (docs/intervals.md)", lo, hi)
			if lo == hi {
				says = fmt.Sprintf("in %g %% of samples (docs/intervals.md)", lo)
			}
			if strings.Contains(notes, says) {
				return true
			}
		}
	}
	return false
}

var figure = regexp.MustCompile(`-?[0-9]+\.[0-9]+( %)?`)

// alike tells whether two tables differ in their last digits alone: percents by 1, others by 0.1.
func alike(a, b string) bool {
	if figure.ReplaceAllString(a, "") != figure.ReplaceAllString(b, "") {
		return false
	}
	figures := figure.FindAllString(b, -1)
	for i, v := range figure.FindAllString(a, -1) {
		v, percent := strings.CutSuffix(v, " %")
		x, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return false
		}
		y, err := strconv.ParseFloat(strings.TrimSuffix(figures[i], " %"), 64)
		if apart := math.Abs(x - y); err != nil || apart > 1 || apart > .1 && !percent {
			return false
		}
	}
	return true
}

// probeOf is the probe that declares a reading.
func probeOf(reading string) string {
	for _, d := range Docs() {
		if d.reading(reading) != nil {
			return d.Name
		}
	}
	panic("no probe reads " + reading)
}

// trials are all experiments, with how far an interval reaches: 1.96 errors, or what Student's t
// has in its place for few values.
func trials() []trial {
	const repeats = 400
	const t3, t7, t9, t15, t19, t29, t31 = 3.182, 2.365, 2.262, 2.131, 2.093, 2.045, 2.040 // Student, 95 %
	shown, said, fitted := pictures(), sentences(), curves()
	const least = "The least of several uncertain shares lies below the least true one."
	const over = "The error of classes is no less than binomial over predictions, which counts too much where those of a sequence differ."
	const skew = "Rises of the loss are skew, and draws are few."
	const nodes = "The error counts all that the steps of Lanczos do not resolve, as if it were on one side."
	const gap = "Half of the predictions are easy and half are hard, and the median lies in the gap between."
	const lost = "There is no value where the gradient may be lost in noise; those that there are are the smaller ones."
	const heavy = "Squares of gradients are skew, and sequences few."
	const whole = "The error counts that the examples of a batch were drawn, though all come in some batch."
	const fit = "The least value is the one that fits best, as if it were known."
	return []trial{
		{"400 fresh test examples of a network for four classes", 1.966, repeats, shown.fresh(sampling{test: true, n: 400, many: 100_000,
			probes: "calibration, classes, activity(examples=0), cka(examples=0), pruning(examples=0, keep=[0.5, 0.2]), " +
				"quantization(examples=0, bits=[3]), corruption(examples=0, noise=[0.5], contrast=[0.5, 0.1], occlusion=[0.5], shift=[1]), " +
				"adversarial(examples=0, linf=[0.1, 0.2], l2=[2], steps=3), input_gradient(examples=0), simplicity(examples=0), linear_probe(examples=0, ridge=[10])"}), nil},
		{"400 fresh training and test examples of the same network", 1.966, repeats, shown.fresh(sampling{train: true, test: true, n: 400, many: 100_000,
			probes: "loss, accuracy, gap, margin"}), nil},
		{"400 fresh training examples of the same network, in 20 groups", t19, repeats, shown.fresh(sampling{train: true, n: 400, many: 100_000,
			probes: "collapse(examples=0)"}), nil},
		{"400 fresh test examples of the same network, in 20 groups", t19, repeats, shown.fresh(sampling{test: true, n: 400, many: 100_000,
			probes: "outliers(examples=0)"}), nil},
		{"2,048 examples of a training set of 4,096, in 128 batches", 1.979, repeats, shown.drawing(4096, "gradient_noise(examples=2048)", "gradient_noise(batches=4096)"), map[string]apart{"noise_scale": {.88, .97, lost}}},
		{"400 examples of a training set of 20,000, and labels drawn for them", 1.966, repeats, shown.drawing(20_000, "fisher(examples=400)", "fisher(examples=0)"), nil},
		{"512 of 1,024 Gaussian gradients in 50 dimensions, in 128 batches", 1.979, repeats, gaussianGradients(), nil},
		{"a training set of 1,000 as a whole, in 125 batches of 8", 1.979, repeats, shown.drawing(1_000, "gradient_noise(batches=125)", "gradient_noise(batches=1000)"),
			map[string]apart{"gradient_noise": {.95, 1, whole}, "noise_scale": {.95, 1, whole}}},
		{"100 fresh test sequences of eight predictions of a language model", 1.984, 200, said.fresh(sampling{test: true, n: 100, many: 10_000,
			probes: "calibration, classes, activity(examples=0), cka(examples=0), pruning(examples=0, keep=[0.5]), quantization(examples=0, bits=[3])"}),
			map[string]apart{"worst_class_accuracy": {.88, 1, least}, "balanced_accuracy": {.92, 1, over}, "class_accuracy": {.92, 1, over}}},
		{"100 fresh training and test sequences of the same model", 1.984, 200, said.fresh(sampling{train: true, test: true, n: 100, many: 10_000,
			probes: "loss, accuracy, gap, margin"}), map[string]apart{"margin_median": {.95, 1, gap}}},
		{"100 fresh training sequences of the same model, in 32 groups for fisher_empirical", t31, 100, said.fresh(sampling{train: true, n: 100, many: 4_000,
			probes: "fisher(examples=0)", exact: "fisher(examples=0, draws=40)"}),
			map[string]apart{"fisher_empirical": {.89, .96, heavy}}},
		{"400 fresh training and test examples of a regression, in 32 groups", t31, repeats, fitted.fresh(sampling{train: true, test: true, n: 400, many: 100_000,
			probes: "loss, gap"}), nil},
		{"400 fresh test examples of the same regression", 1.966, repeats, fitted.fresh(sampling{test: true, n: 400, many: 100_000,
			probes: "input_gradient(examples=0), simplicity(examples=0)"}), nil},
		{"30 random vectors for the Hessian of that network, 10 of them for the remainder of Hutch++", t29, repeats, shown.drawing(100, "trace", "trace(probes=20000)"), nil},
		{"10 random vectors for the remainder of Hutch++", t9, repeats, shown.drawing(100, "relative_flatness", "relative_flatness(probes=1000)"), nil},
		{"16 random vectors", t15, repeats, shown.drawing(100, "sharpness", "sharpness(probes=10000)"), nil},
		{"10 pairs of changes", t9, repeats, shown.drawing(100, "flatness", "flatness(draws=20000)"), nil},
		{"8 draws of noise", t7, repeats, shown.drawing(100, "weight_noise", "weight_noise(draws=4000)"),
			map[string]apart{"weight_noise_loss": {.89, .96, skew}}},
		{"4 runs of 20 steps", t3, 100, shown.drawing(100, "density(steps=20)", "density(steps=80, probes=500)"),
			map[string]apart{"density_below": {.93, 1, nodes}, "density_negative": {.93, 1, nodes}, "density_quantile": {.92, 1, nodes}, "density_zero": {.93, 1, nodes}}},
		{"600 points of a torus of two dimensions, in 10 subsamples", t9, repeats, torus(), nil},
		{"200 Gaussian examples and noisy linear functions of them", 1.972, repeats, mixtures(1), nil},
		{"the same, with four predictions of each example", 1.972, repeats, mixtures(4), nil},
		{"50 values of a power law above a least one that is known", 1.96, 1000, pareto(50, 0), nil},
		{"50 values of a power law, and as many below the least", 1.96, 1000, pareto(50, 50), map[string]apart{"alpha": {.87, .91, fit}}},
		{"60 inputs of six bits and all that differ from them in one", 2.001, repeats, sixBits(), nil},
		{"streams of three tasks of 500 examples, each answer right by chance", 1.96, repeats, answers(), nil},
	}
}
