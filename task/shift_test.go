package task

import (
	"slices"
	"testing"
)

// tenths are pictures of 4 x 4 pixels of two channels; the second is the negative of
// the first, which counts pixels from 1.
func tenths(n int) (*shift, []float32) {
	h := &shift{side: 4, channels: 2, pad: 2, black: []float32{-8, 8}}
	var x []float32
	for range n {
		for k := range 16 {
			x = append(x, float32(k+1), -float32(k+1))
		}
	}
	return h, x
}

func TestShiftOne(t *testing.T) {
	h, from := tenths(1)
	for _, c := range []struct {
		down, right int
		mirror      bool
		want        []float32 // of the first channel
	}{
		{0, 0, false, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
		{0, 0, true, []float32{4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9, 16, 15, 14, 13}},
		{1, 0, false, []float32{5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, -8, -8, -8, -8}},
		{-2, 1, false, []float32{-8, -8, -8, -8, -8, -8, -8, -8, 2, 3, 4, -8, 6, 7, 8, -8}},
		{0, -1, true, []float32{3, 2, 1, -8, 7, 6, 5, -8, 11, 10, 9, -8, 15, 14, 13, -8}},
	} {
		to := make([]float32, 32)
		shiftOne(h, to, from, c.down, c.right, c.mirror)
		for k, v := range c.want {
			if to[2*k] != v || to[2*k+1] != -v {
				t.Errorf("down %d, right %d, mirrored %v: pixel %d is %v, want %v", c.down, c.right, c.mirror, k, to[2*k:2*k+2], v)
			}
		}
	}
}

// Each picture of a step goes its own way, all ways occur, and the seed and the step
// decide.
func TestShiftAll(t *testing.T) {
	const n = 2000
	h, original := tenths(n)
	shifted := func(seed uint64, step int) []float32 {
		x := slices.Clone(original)
		shiftAll(h, x, make([]float32, h.size()), seed, step)
		return x
	}
	x := shifted(1, 7)
	if !slices.Equal(x, shifted(1, 7)) || slices.Equal(x, shifted(1, 8)) || slices.Equal(x, shifted(2, 7)) {
		t.Error("not a function of seed and step alone")
	}
	ways := map[string]int{}
	for picture := range slices.Chunk(x, h.size()) {
		b := make([]byte, 0, 16)
		for k := 0; k < len(picture); k += 2 {
			b = append(b, byte(int8(picture[k])))
		}
		ways[string(b)]++
	}
	// 5 x 5 moves, mirrored or not: each 40 times on average.
	if len(ways) != 50 {
		t.Errorf("%d ways, want 50", len(ways))
	}
	for way, count := range ways {
		if count < 10 || count > 80 {
			t.Errorf("one way, %v, is taken %d times of %d", []byte(way), count, n)
		}
	}
}

// The full batch is shifted too, evaluation is not.
func TestAugment(t *testing.T) {
	needShared(t)
	for _, batch := range []string{"0", "100"} {
		plain := pose[float32](t, load(t, "cifar10(subset=true, train=200, batch="+batch+")", "linear"), 1)
		p := pose[float32](t, load(t, "cifar10(subset=true, train=200, augment=true, batch="+batch+")", "linear"), 1)
		x := elsewhere(p)
		if p.Sets["train"].Loss(x) != plain.Sets["train"].Loss(x) || p.Match.Loss(x) != plain.Match.Loss(x) {
			t.Errorf("batch=%s: what is judged is shifted", batch)
		}
		if one, two := p.Phases[0].Batch(1).Loss(x), p.Phases[0].Batch(2).Loss(x); one == two || one == plain.Phases[0].Batch(1).Loss(x) {
			t.Errorf("batch=%s: steps are not shifted, or all alike", batch)
		}
	}
}
