package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestREADME runs every basin command that the README prints, in order, in one
// folder with the files they name. Comparisons are cut short: one seed, 60 steps.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	trajectory, err := os.ReadFile("testdata/trajectory.json")
	if err != nil {
		t.Fatal(err)
	}
	arrays, err := os.ReadFile("../../data/testdata/numpy.npz")
	if err != nil {
		t.Fatal(err)
	}
	data, err := filepath.Abs("../../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, b := range map[string][]byte{
		"trajectory.json": trajectory, "arrays.npz": arrays, "table.csv": bytes.Repeat([]byte("1,2.5,yes\n2,0.5,no\n"), 40),
		"input.txt": bytes.Repeat([]byte("to be or not to be, that is the question\n"), 50),
	} {
		if err := os.WriteFile(name, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	ran := 0
	for line := range strings.Lines(string(readme)) {
		command, ok := strings.CutPrefix(line, "    ")
		command = strings.Replace(strings.TrimSpace(command), "go run ./cmd/basin", "basin", 1)
		if !ok || !strings.HasPrefix(command, "basin ") {
			continue
		}
		ran++
		t.Run(command, func(t *testing.T) {
			if strings.Contains(command, "DATA") {
				if _, err := os.Stat(data); err != nil {
					if os.Getenv("CI") == "true" {
						t.Fatal(err)
					}
					t.Skip("needs real data: ", err)
				}
			}
			args := words(t, strings.NewReplacer("DATA", data, "0:2000:100", "0:60:20").Replace(command))[1:]
			if args[0] == "compare" {
				args = append(args, "--seeds", "1", "--budget", "steps=60", "--quiet")
			}
			var stdout, stderr bytes.Buffer
			if status := basin(t.Context(), args, &stdout, &stderr); status != exitDone {
				t.Fatalf("exit status %d: %s", status, stderr.String())
			}
			if stdout.Len() == 0 {
				t.Error("it prints nothing")
			}
		})
	}
	if ran < 6 {
		t.Errorf("only %d commands found in the README", ran)
	}
}

// words splits a command as a shell would: at spaces outside single quotes, with
// patterns of files filled in.
func words(t *testing.T, command string) []string {
	t.Helper()
	var out []string
	for i, part := range strings.Split(command, "'") {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		for _, word := range strings.Fields(part) {
			if !strings.Contains(word, "*") {
				out = append(out, word)
				continue
			}
			files, err := filepath.Glob(word)
			if err != nil || files == nil {
				t.Fatalf("no file fits %s (%v)", word, err)
			}
			out = append(out, files...)
		}
	}
	return out
}
