package kernel

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Vector registers from the sixteenth on, masks and registers of 512 bits are AVX-512's: a
// generator that runs out of registers takes them without a word, and a processor with AVX2
// alone stops at them.
func TestAVX2UsesItsOwnRegisters(t *testing.T) {
	files, err := filepath.Glob("*avx2_amd64.s")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no files: %v", err)
	}
	other := regexp.MustCompile(`\b([XY](1[6-9]|2\d|3[01])|Z\d+|K[0-7])\b`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if found := other.Find(text); found != nil {
			t.Errorf("%s uses %s", f, found)
		}
	}
}
