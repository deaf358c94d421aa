package task

import (
	"slices"
	"testing"
)

// counting are n tokens, each its place.
func counting(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i)
	}
	return list
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		tokens, context, most int
		starts                []int
	}{
		{11, 5, 100, []int{0, 5}},
		{11, 5, 1, []int{0}},
		{10, 5, 100, []int{0}},
		{6, 5, 100, []int{0}},
		{100, 5, 4, []int{0, 31, 62, 94}},
		{100, 1, 3, []int{0, 49, 98}},
	} {
		w := &windows{tokens: counting(c.tokens), context: c.context}
		e := w.spread(c.most)
		var starts []int
		for i := range e.n {
			tokens, labels := e.tokens[i*c.context:(i+1)*c.context], e.labels[i*c.context:(i+1)*c.context]
			starts = append(starts, tokens[0])
			for k := range tokens {
				if tokens[k] != tokens[0]+k || labels[k] != tokens[k]+1 {
					t.Errorf("window %v has labels %v", tokens, labels)
				}
			}
		}
		if !slices.Equal(starts, c.starts) || e.in != c.context {
			t.Errorf("%d tokens, context %d: windows start at %v, want %v", c.tokens, c.context, starts, c.starts)
		}
	}
}

func TestEpochSteps(t *testing.T) {
	w := &windows{tokens: counting(1001), context: 10, batch: 7}
	if got := w.epochSteps(); got != 14 {
		t.Errorf("1,000 tokens to be told in batches of 70 take %d steps", got)
	}
	w.batch = 1000
	if got := w.epochSteps(); got != 1 {
		t.Errorf("a batch of more than all takes %d steps", got)
	}
}

// Every window of a batch is one of the training part, with the tokens that follow,
// and windows begin everywhere.
func TestWindowBatches(t *testing.T) {
	needShared(t)
	k := resolve(t, `text(file="tinyshakespeare/input.txt")`, "gpt(layers=1, width=8, heads=1, context=3)")
	d, err := k.Load(shared)
	if err != nil {
		t.Fatal(err)
	}
	p := pose[float32](t, d, 1)
	if want := (1_003_855 - 1) / (3 * 32); p.Phases[0].EpochSteps != want {
		t.Errorf("an epoch of %d steps, want %d", p.Phases[0].EpochSteps, want)
	}
	w := &windows{tokens: counting(23), context: 3, batch: 40}
	b := &windowBatches[float32]{windows: w, seed: 1}
	starts := map[int]bool{}
	for at := 1; at <= 20; at++ {
		tokens, labels := make([]int, 120), make([]int, 120)
		b.fill(tokens, labels, at)
		for i, token := range tokens {
			if labels[i] != token+1 || i%3 > 0 && token != tokens[i-1]+1 {
				t.Fatalf("step %d has tokens %v with labels %v", at, tokens, labels)
			}
			if i%3 == 0 {
				starts[token] = true
			}
		}
	}
	if len(starts) != 20 || !starts[0] || !starts[19] {
		t.Errorf("windows begin at %d places, want 0 to 19", len(starts))
	}
}
