package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// The pages of all optimizers and of all probes are what the program says of them.
func TestPages(t *testing.T) {
	for _, kind := range []string{"optimizers", "probes"} {
		page, err := os.ReadFile("../../docs/" + kind + ".md")
		if err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		if status := basin(t.Context(), []string{"list", kind, "--markdown"}, &stdout, &stderr); status != exitDone {
			t.Fatalf("exit status %d: %s", status, stderr.String())
		}
		if !bytes.Equal(page, stdout.Bytes()) {
			t.Errorf("docs/%s.md is old; make it anew: basin list %[1]s --markdown > docs/%[1]s.md", kind)
		}
	}
}

// The example of every optimizer and schedule trains a network.
func TestOptimizerExamples(t *testing.T) {
	var examples []string
	for _, p := range optimizerPages() {
		if !strings.Contains(p.command, "'"+p.Example+"'") {
			t.Errorf("%s: the command %s does not have its example", p.Name, p.command)
		}
		examples = append(examples, p.Example)
	}
	t.Chdir(t.TempDir())
	var stdout, stderr bytes.Buffer
	status := basin(t.Context(), []string{
		"compare", "--optimizers", strings.Join(examples, ", "), "--task", "two_moons", "--model", "mlp(8, 6)",
		"--seeds", "1", "--budget", "steps=12", "--at", "end", "--probes", "loss", "--quiet",
	}, &stdout, &stderr)
	if status != exitDone {
		t.Fatalf("exit status %d: %s", status, stderr.String())
	}
	for _, says := range []string{"diverged", "NaN"} {
		if strings.Contains(stdout.String(), says) {
			t.Errorf("an example has %s:\n%s", says, stdout.String())
		}
	}
}
