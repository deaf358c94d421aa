package replay

import (
	"os"
	"path/filepath"
	"testing"
)

const golden = "../../../shared/golden"

// goldenFile gives the path of a reference trajectory, which must be there in CI.
func goldenFile(t *testing.T, name string) string {
	path := filepath.Join(golden, name+".json")
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("no reference trajectories here: %v", err)
	}
	return path
}

func TestGolden(t *testing.T) {
	for name := range translations {
		t.Run(name, func(t *testing.T) {
			f, err := Load(goldenFile(t, name))
			if err != nil {
				t.Fatal(err)
			}
			results, err := Check(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				t.Logf("%s: error %.2g at step %d in %s", r.Precision, r.MaxErr, r.Step, r.Block)
				if !r.Pass {
					t.Errorf("%s: %s is off by %.3g at step %d in %s, allowed %g", r.Precision, r.Rule, r.MaxErr, r.Step, r.Block, r.Tolerance)
				}
			}
		})
	}
}
