package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"basin/internal/atomicfile"
	"basin/nn"
)

type graphFlags struct {
	task, model, data, quantity, html string
	batch                             int
	json                              bool
}

func newGraph() *cobra.Command {
	var f graphFlags
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "Show what the engine computes for a network, step by step",
		Long: `graph shows how the loss of a task's network, its gradient, or the product of a
curvature matrix with a vector is computed: the operations with the layer they
belong to, shapes, bytes and floating-point operations, and the memory they need.
--html writes a page that also tells what each pass over the graph has changed, and
draws how memory is used. Loss and curvature are those of evaluation, the gradient
is that of a training step.`,
		Example: `  basin graph
  basin graph --task glyphs --model 'mlp(256, 256, act=gelu)' --quantity hessian --batch 32
  basin graph --model 'mlp(512)' --html graph.html`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return showGraph(cmd.OutOrStdout(), &f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.task, "task", "glyphs", "data and loss; see basin list tasks")
	fl.StringVar(&f.model, "model", "", "network (default: the task's own); see basin list models")
	fl.StringVar(&f.data, "data", "", "folder of the task's data, or a folder of such folders")
	fl.StringVar(&f.quantity, "quantity", "gradient", "what is computed: "+strings.Join(nn.Quantities, ", "))
	fl.IntVar(&f.batch, "batch", 0, "examples computed at once (default: those of a training step)")
	fl.StringVar(&f.html, "html", "", "write a page to this file")
	fl.BoolVar(&f.json, "json", false, "print JSON, with the graph after every pass")
	return cmd
}

// mostExamples bounds --batch to what memory holds.
const mostExamples = 1 << 20

func showGraph(out io.Writer, f *graphFlags) error {
	if !slices.Contains(nn.Quantities, f.quantity) {
		return usagef("--quantity is %q; it is one of %s", f.quantity, strings.Join(nn.Quantities, ", "))
	}
	if f.batch < 0 || f.batch > mostExamples {
		return usagef("--batch is %d; it must be from 1 to %d, or 0 for the task's own", f.batch, mostExamples)
	}
	t, err := resolveTask(f.task, f.model)
	if err != nil {
		return usage(err)
	}
	data, err := t.Load(f.data)
	if err != nil {
		return err
	}
	net, loss, batch := data.Network()
	if net == nil {
		return usagef("the task %s has no network, so there is no graph; see basin list tasks", t.Recipe())
	}
	if f.batch > 0 {
		batch = f.batch
	}
	view := newGraphView(net.Stages(f.quantity, loss, batch))
	view.Task, view.Model, view.Quantity, view.Batch = t.Recipe(), t.Model(), f.quantity, batch
	if f.html != "" {
		var page bytes.Buffer
		if err := view.page(&page); err != nil {
			return err
		}
		if err := atomicfile.WriteFile(f.html, page.Bytes(), 0o666); err != nil {
			return fmt.Errorf("%w; choose another file with --html", err)
		}
	}
	if f.json {
		return writeJSON(out, view)
	}
	view.print(out)
	if f.html != "" {
		_, err = fmt.Fprintf(out, "\nThe whole of it: %s\n", f.html)
	}
	return err
}

// print writes the steps as a table, and what they sum up to.
func (v *graphView) print(out io.Writer) {
	fmt.Fprintf(out, "%s of %s, %s at once\n\n", quantityNames[v.Quantity], v.Model, plural(v.Batch, "example"))
	fmt.Fprintf(out, "%4s  %-38s  %-16s  %-18s  %9s  %9s\n", "step", "operation", "layer", "shape", "bytes", "flops")
	for _, s := range v.Steps {
		fmt.Fprintf(out, "%4d  %-38s  %-16s  %-18s  %9s  %9s\n", s.Step, clipped(s.Op, 38), clipped(s.Scope, 16), clipped(s.Shape, 18), metric(float64(s.Bytes), "B"), metric(s.Flops, ""))
	}
	fmt.Fprintf(out, "\n%s, %s floating-point operations; inputs, parameters and results %s, memory beside them %s,\n"+
		"where values with a place of their own would take %s.\n",
		plural(len(v.Steps), "step"), metric(v.Flops, ""), metric(float64(v.Outside), "B"), metric(float64(v.Memory.Bytes), "B"), metric(float64(v.Unshared), "B"))
}

func clipped(s string, width int) string {
	if r := []rune(s); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s
}

// metric writes a number with three digits and a prefix of thousands.
func metric(v float64, unit string) string {
	prefixes := []string{"", "k", "M", "G", "T", "P"}
	i := 0
	for ; v >= 999.5 && i < len(prefixes)-1; i++ {
		v /= 1000
	}
	return strings.TrimSpace(fmt.Sprintf("%.3g %s%s", v, prefixes[i], unit))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
