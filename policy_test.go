package basin_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "basin"

// A rule says what the packages of one part of the module may import directly:
// other parts, and modules from outside. Every part may import itself, internal,
// the standard library and the modules in everywhere.
type rule struct {
	part    string
	parts   string
	modules string
}

// policy is a partial order: a part imports only parts that stand above it. What
// is not listed is not allowed. Test files are exempt.
var policy = []rule{
	// Helpers, which know nothing of the rest.
	{"internal", "", ""},
	// The nouns that all share.
	{"problem", "", ""},
	// The text form, ignorant of what it names.
	{"recipe", "", ""},
	{"rng", "", ""},
	{"stat", "", ""},
	{"kernel", "", ""},
	{"linop", "kernel rng", ""},
	// The engine.
	{"graph", "problem kernel", ""},
	{"nn", "graph problem rng recipe", ""},
	{"data", "rng problem", "golang.org/x/image"},
	{"task", "data nn graph problem rng recipe", ""},
	// Rules and probes know an objective, never the network behind it.
	{"optim", "problem kernel linop recipe rng", ""},
	{"probe", "linop stat problem kernel recipe rng", ""},
	// Studies and records are data.
	{"study", "stat problem recipe", ""},
	// Where records lie and how they are shown, whatever made them.
	{"store", "study problem", "modernc.org/sqlite"},
	{"report", "study stat problem", "github.com/mattn/go-runewidth"},
	// The one place where all meet; it names the kernel's path in every run.
	{"run", "study task optim probe problem rng recipe kernel", ""},
	// Measurements of the engine, through the same doors as everyone.
	{"bench", "recipe kernel problem graph nn optim", ""},
	{"claim", "run study stat optim probe task problem recipe linop rng", ""},
	{"design", "run study stat optim probe task problem recipe linop rng", ""},
	// The terminal belongs to the command alone.
	{"cmd", "problem recipe rng stat kernel linop graph nn data task optim probe study store report run claim design",
		"github.com/spf13/cobra github.com/vbauerster/mpb/v8 github.com/mattn/go-isatty"},
}

// everywhere are the modules that count as part of the language here.
var everywhere = []string{"gonum.org/v1/gonum", "golang.org/x/sys"}

// unseen are parts that others must not reach, even through what they import.
var unseen = []struct{ from, parts, why string }{
	{"report store", "graph nn kernel task optim probe", "records can be kept and shown without the engine"},
	{"optim probe linop", "graph nn task", "the engine can be replaced, and rules and probes tested on closed forms"},
}

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Imports    []string // by its files, without tests
	Deps       []string // and by those of what it imports, and so on
}

func TestPolicy(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} { // kernels differ
		t.Run(arch, func(t *testing.T) {
			pkgs := list(t, arch)
			if len(pkgs) == 0 {
				t.Fatal("go list found no package")
			}
			for _, p := range pkgs {
				for _, v := range violations(p) {
					t.Error(v)
				}
			}
		})
	}
}

func TestPolicyIsAPartialOrder(t *testing.T) {
	above := map[string]bool{}
	for _, r := range policy {
		for part := range strings.FieldsSeq(r.parts) {
			if !above[part] {
				t.Errorf("%s may import %s, which does not stand above it", r.part, part)
			}
		}
		if above[r.part] {
			t.Errorf("%s has two rules", r.part)
		}
		above[r.part] = true
	}
}

func TestPolicyCatches(t *testing.T) {
	for _, c := range []struct {
		name string
		p    pkg
		want string
	}{
		{"allowed", pkg{"basin/nn", []string{"basin/graph", "basin/internal/near", "fmt", "gonum.org/v1/gonum/mat"}, nil}, ""},
		{"own subpackage", pkg{"basin/optim/replay", []string{"basin/optim", "basin/recipe"}, nil}, ""},
		{"command", pkg{"basin/cmd/basin", []string{"basin/report", "github.com/vbauerster/mpb/v8/decor"}, nil}, ""},
		{"part", pkg{"basin/graph", []string{"basin/nn"}, nil}, "basin/graph imports basin/nn, which policy does not allow"},
		{"subpackage", pkg{"basin/optim/replay", []string{"basin/task/digits"}, nil}, "basin/optim/replay imports basin/task/digits, which policy does not allow"},
		{"helper", pkg{"basin/internal/near", []string{"basin/problem"}, nil}, "basin/internal/near imports basin/problem, which policy does not allow"},
		{"module", pkg{"basin/report", []string{"github.com/spf13/cobra"}, nil}, "basin/report imports github.com/spf13/cobra, which policy does not allow"},
		{"like-named module", pkg{"basin/store", []string{"modernc.org/sqlite2"}, nil}, "basin/store imports modernc.org/sqlite2, which policy does not allow"},
		{"second hand", pkg{"basin/store", nil, []string{"basin/study", "basin/optim"}},
			"basin/store depends on basin/optim: records can be kept and shown without the engine"},
		{"unknown", pkg{"basin/misc", nil, nil}, "basin/misc has no rule in policy"},
	} {
		if got := strings.Join(violations(c.p), "; "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// list is every package of the module that has files other than tests.
func list(t *testing.T, arch string) []pkg {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps,GoFiles", "./...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+arch)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var pkgs []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			pkg
			GoFiles []string
		}
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return pkgs
		case err != nil:
			t.Fatalf("go list: %v", err)
		}
		if len(p.GoFiles) > 0 {
			pkgs = append(pkgs, p.pkg)
		}
	}
}

// violations says what is wrong with p, a line for each import.
func violations(p pkg) []string {
	part := partOf(p.ImportPath)
	i := slices.IndexFunc(policy, func(r rule) bool { return r.part == part })
	if i < 0 {
		return []string{p.ImportPath + " has no rule in policy"}
	}
	var out []string
	for _, path := range p.Imports {
		if !policy[i].allows(path) {
			out = append(out, fmt.Sprintf("%s imports %s, which policy does not allow", p.ImportPath, path))
		}
	}
	for _, u := range unseen {
		if !slices.Contains(strings.Fields(u.from), part) {
			continue
		}
		for _, path := range p.Deps {
			if slices.Contains(strings.Fields(u.parts), partOf(path)) {
				out = append(out, fmt.Sprintf("%s depends on %s: %s", p.ImportPath, path, u.why))
			}
		}
	}
	return out
}

func (r rule) allows(path string) bool {
	if part := partOf(path); part != "" {
		return part == r.part || part == "internal" || slices.Contains(strings.Fields(r.parts), part)
	}
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(append(strings.Fields(r.modules), everywhere...), func(module string) bool {
		return path == module || strings.HasPrefix(path, module+"/")
	})
}

// partOf is the first element of a path within the module, "" outside it.
func partOf(path string) string {
	rest, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return ""
	}
	part, _, _ := strings.Cut(rest, "/")
	return part
}
