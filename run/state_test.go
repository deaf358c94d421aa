package run

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"basin/internal/safetensors"
	"basin/study"
	"basin/task"
)

// The state of a solution is that of its parameters, whoever trained them and
// however often training was stopped.
func TestStateOfSolutions(t *testing.T) {
	for _, o := range []string{"sgd(lr=0.1, momentum=0.9)", "sam(rho=0.05, base=adamw(lr=0.01))"} {
		t.Run(o, func(t *testing.T) {
			j := jobOf(t, "glyphs(train=600, batch=50)", "mlp(8, norm=batch, dropout=0.2)", o, "steps=60", "train_loss=1.5, steps=33, end", "loss", "accuracy")
			whole, broken := newMemory(), newMemory()
			want := do(t, whole, j)
			for {
				ctx, cancel := context.WithCancel(context.Background())
				made := 0
				j.Progress = func(int, int) {
					if made++; made == 17 {
						cancel()
					}
				}
				got, _, err := Do(ctx, broken, j)
				cancel()
				if err == nil {
					same(t, got, want)
					break
				}
				if !errors.Is(err, ErrInterrupted) {
					t.Fatal(err)
				}
			}
			if !maps.EqualFunc(whole.solutions, broken.solutions, slices.Equal) {
				t.Error("solutions differ")
			}
			p, err := task.New[float32](j.Data, 1)
			if err != nil {
				t.Fatal(err)
			}
			for name, body := range whole.solutions {
				if strings.HasSuffix(name, metricOf) || strings.HasSuffix(name, updateOf) {
					continue
				}
				point, err := study.ParsePoint(name[strings.IndexByte(name, ' ')+1:])
				if err != nil {
					t.Fatal(err)
				}
				sol, _ := want.Solution(point)
				file, err := safetensors.Read(body)
				if err != nil {
					t.Fatal(err)
				}
				x, err := Load(file, p)
				if err != nil {
					t.Fatal(err)
				}
				state := slices.Clone(p.State.Values)
				if got := p.Match.Loss(x); got != sol.Loss {
					t.Errorf("%s: matching loss %v from the file, %v when it was found", point, got, sol.Loss)
				}
				p.Calibrate(p.Start)
				file.Tensors = slices.DeleteFunc(file.Tensors, func(x safetensors.Tensor) bool { return strings.Contains(x.Name, "running") })
				if _, err := Load(file, p); err != nil || !slices.Equal(p.State.Values, state) {
					t.Errorf("%s: a file without state gives another one than is kept, error %v", point, err)
				}
				file.Tensors = append(file.Tensors, safetensors.Tensor{Name: "layer1.norm.running_mean", Shape: []int{8}, F32: make([]float32, 8)})
				const missing = "there is no tensor for the block layer1.norm.running_var of shape [8]"
				if _, err := Load(file, p); err == nil || err.Error() != missing {
					t.Errorf("half a state: %v, want %s", err, missing)
				}
			}
		})
	}
}
