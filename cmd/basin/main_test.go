package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestInterruptedIsStatus130(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	status := basin(ctx, []string{"compare", "--task", "quadratic", "--optimizers", "sgd", "--out", t.TempDir()}, &stdout, &stderr)
	if status != exitInterrupted || stdout.Len() != 0 {
		t.Errorf("exit status %d, stdout %q", status, stdout.String())
	}
	if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "interrupted") {
		t.Errorf("stderr %q", got)
	}
}

// Help must show examples that bind: each is planned, though not run.
func TestHelpExamplesArePlanned(t *testing.T) {
	root := newRoot()
	for _, c := range root.Commands() {
		if c.Example == "" {
			t.Errorf("basin %s has no example", c.Name())
		}
		for line := range strings.Lines(c.Example) {
			line = strings.TrimSpace(line[strings.Index(line, "basin "):])
			found, rest, err := root.Find(words(t, strings.ReplaceAll(line, "*", "x"))[1:])
			if err != nil || found != c {
				t.Errorf("%s: %v", line, err)
				continue
			}
			if err := found.ParseFlags(rest); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}

// Every example of basin show is a comparison that makes sense.
func TestShownExamplesResolve(t *testing.T) {
	for _, k := range kinds {
		for _, p := range k.pages() {
			root := newRoot()
			cmd, rest, err := root.Find(words(t, p.command)[1:])
			if err != nil {
				t.Errorf("%s: %v", p.Name, err)
				continue
			}
			if err := cmd.ParseFlags(rest); err != nil {
				t.Errorf("%s: %v", p.Name, err)
				continue
			}
			value := func(name string) string { return cmd.Flag(name).Value.String() }
			f := &compareFlags{
				task: value("task"), model: value("model"), optimizers: value("optimizers"), probes: value("probes"),
				at: value("at"), budget: value("budget"), seeds: 1,
			}
			if _, err := plan(f); err != nil {
				t.Errorf("basin show %s: %s: %v", p.Name, p.command, err)
			}
		}
	}
}
