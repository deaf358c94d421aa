package data

import (
	"math"
	"runtime/debug"
	"strings"
	"testing"
)

func TestFits(t *testing.T) {
	if err := fits("it", 1<<30, 1<<30); err != nil {
		t.Error(err)
	}
	err := fits("the table", 3<<30, 1<<20)
	if want := "the table takes 3 GiB of memory, and 1 MiB is available; use fewer examples, or a machine with more memory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := fits("all there can be", 1e30, math.Inf(1)); err != nil {
		t.Error(err)
	}
}

// The limit that the user sets for the program counts.
func TestAvailable(t *testing.T) {
	before := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetMemoryLimit(before)
	free := available()
	if free < 1<<20 {
		t.Errorf("%v bytes are available to a test that runs", free)
	}
	debug.SetMemoryLimit(1 << 50)
	if got := available(); got > 1<<50 {
		t.Errorf("%v bytes are available within a limit of 2^50", got)
	}
	if free < 1<<50 && Fits("it", 1<<51) == nil {
		t.Error("2 PiB fit")
	}
}

func TestInUnits(t *testing.T) {
	for bytes, want := range map[float64]string{0: "0 bytes", 1023: "1023 bytes", 1536: "1.5 KiB", 1 << 30: "1 GiB", 1e15: "909.5 TiB"} {
		if got := inUnits(bytes); got != want {
			t.Errorf("%v bytes are %s, want %s", bytes, got, want)
		}
	}
}

// Readers ask before they allocate: with hardly any memory all refuse, with what they
// need and what there is.
func TestReadersRefuse(t *testing.T) {
	table := written(t, "t.csv", []byte(strings.Repeat("1,2,3,yes\n4,5,6,no\n", 100)))
	text := written(t, "t.txt", []byte(strings.Repeat("to be or not to be\n", 100)))
	pictures := t.TempDir()
	writeSmall(t, pictures, "")
	before := debug.SetMemoryLimit(1000)
	defer debug.SetMemoryLimit(before)
	for what, read := range map[string]func() error{
		"a table of 201 lines and 4 columns takes 11.78 KiB": func() error {
			_, err := autoCSV.Read(table, "", usual)
			return err
		},
		"the text " + text + " takes 7.422 KiB": func() error {
			_, err := ReadText(text)
			return err
		},
		"the array x of testdata/numpy.npz takes 2.344 KiB": func() error {
			_, err := readNumPy(t, "x", "y", "auto")
			return err
		},
		"the set of 20 pictures takes 360.1 KiB": func() error {
			_, err := small.read(pictures)
			return err
		},
	} {
		if err := read(); err == nil || !strings.Contains(err.Error(), what+" of memory, and 1000 bytes is available; use fewer") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
