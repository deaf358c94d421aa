package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"basin/nn"
)

// viewOf is what basin graph --json prints, read again.
func viewOf(t *testing.T, args ...string) *graphView {
	t.Helper()
	var out, errs bytes.Buffer
	if status := basin(t.Context(), append([]string{"graph", "--json"}, args...), &out, &errs); status != exitDone {
		t.Fatal(errs.String())
	}
	v := new(graphView)
	if err := json.Unmarshal(out.Bytes(), v); err != nil {
		t.Fatal(err)
	}
	return v
}

// What is shown fits together: the steps are the nodes that the last pass has left to
// compute, buffers in use at one step do not overlap, and the layers share all flops.
func TestGraphView(t *testing.T) {
	for _, q := range nn.Quantities {
		v := viewOf(t, "--model", "mlp(20, 12, act=gelu)", "--batch", "6", "--quantity", q)
		last := v.Stages[len(v.Stages)-1]
		if steps := computed(last.Nodes); len(steps) != len(v.Steps) || len(steps) == 0 {
			t.Errorf("%s: %d steps, %d nodes are computed", q, len(v.Steps), len(steps))
		}
		for i, a := range v.Memory.Buffers {
			if a.From < 1 || a.To < a.From || a.To > len(v.Steps) || a.Offset+a.Bytes > v.Memory.Bytes || len(a.Holds) == 0 {
				t.Errorf("%s: buffer %+v", q, a)
			}
			for _, b := range v.Memory.Buffers[:i] {
				if a.From < b.To && b.From < a.To && a.Offset < b.Offset+b.Bytes && b.Offset < a.Offset+a.Bytes {
					t.Errorf("%s: %+v and %+v are in each other's way", q, a, b)
				}
			}
		}
		var flops float64
		for _, l := range v.layers() {
			flops += l.Flops
		}
		if flops != v.Flops || flops == 0 {
			t.Errorf("%s: %g flops in the layers of %g", q, flops, v.Flops)
		}
		if v.Memory.Bytes > v.Unshared {
			t.Errorf("%s: %d bytes, unshared %d", q, v.Memory.Bytes, v.Unshared)
		}
	}
}

// The flops of a dense layer are those one counts by hand: two for each weight and
// example, three times over but for the first layer's, whose inputs have no gradient.
func TestGraphFlops(t *testing.T) {
	v := viewOf(t, "--task", "two_moons", "--model", "mlp(16, bias=false)", "--batch", "5")
	var products float64
	for _, s := range v.Steps {
		if strings.HasPrefix(s.Op, "matmul") {
			products += s.Flops
		}
	}
	if want := 2.0 * 5 * (2*2*16 + 3*16*2); products != want {
		t.Errorf("%g flops in products, want %g", products, want)
	}
}

func TestChanges(t *testing.T) {
	nodes := func(ops ...string) (list []graphNode) {
		for _, op := range ops {
			list = append(list, graphNode{Op: op})
		}
		return list
	}
	got := changes(nodes("add", "matmul b'", "sum[0] 0.5", "sum[0,1]"), nodes("matmul_add b'", "sum[0] 0.5", "relu", "relu"))
	if want := []string{"-1 add", "-1 matmul", "+1 matmul_add", "+2 relu", "-1 sum"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestMetric(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{{0, "0 B"}, {999, "999 B"}, {999.6, "1 kB"}, {1234, "1.23 kB"}, {2.5e9, "2.5 GB"}} {
		if got := metric(c.v, "B"); got != c.want {
			t.Errorf("%g: %s, want %s", c.v, got, c.want)
		}
	}
}
