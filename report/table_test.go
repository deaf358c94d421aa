package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"basin/study"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; if the change is meant, run go test ./report -update\ngot:\n%s", file, got)
	}
}

func TestTableGolden(t *testing.T) {
	each(t, func(t *testing.T, name string, r *study.Results) {
		var out bytes.Buffer
		if err := Table(&out, r, 0); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", out.Bytes())
	})
}

func TestTableKeepsToItsWidth(t *testing.T) {
	each(t, func(t *testing.T, _ string, r *study.Results) {
		for _, width := range []int{72, 80, 100, 0, 500} {
			var out bytes.Buffer
			if err := Table(&out, r, width); err != nil {
				t.Fatal(err)
			}
			limit := MaxWidth
			if width > 0 {
				limit = min(width, MaxWidth)
			}
			for line := range strings.Lines(out.String()) {
				if n := cols(strings.TrimSuffix(line, "\n")); n > limit {
					t.Errorf("width %d: a line of %d columns: %q", width, n, line)
				}
			}
		}
	})
}

func TestColorTableIsTheTablePainted(t *testing.T) {
	r := usual().results()
	var plain, painted, refused bytes.Buffer
	t.Setenv("NO_COLOR", "")
	if err := Table(&plain, r, 0); err != nil {
		t.Fatal(err)
	}
	if err := ColorTable(&painted, r, 0); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NO_COLOR", "1")
	if err := ColorTable(&refused, r, 0); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(painted.String(), "\x1b[1m") {
		t.Error("styles where none were asked for, or none where they were")
	}
	if refused.String() != plain.String() {
		t.Error("NO_COLOR is not heeded")
	}
	bare := strings.NewReplacer("\x1b[1m", "", "\x1b[2m", "", "\x1b[0m", "").Replace(painted.String())
	if bare != plain.String() {
		t.Error("the painted table says something else")
	}
}
