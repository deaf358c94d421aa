package data

import (
	"bytes"
	"math"
	"testing"
)

func TestMoments(t *testing.T) {
	m := &Images{Channels: 1, Pixels: []byte{0, 255, 0, 255, 51, 51}}
	mean, sd := m.Moments(0)
	// Of 0, 1, 0, 1, 1/5, 1/5.
	if want := 0.4; math.Abs(mean-want) > 1e-15 {
		t.Errorf("mean %v, want %v", mean, want)
	}
	if want := math.Sqrt(2.08/6 - 0.16); math.Abs(sd-want) > 1e-15 {
		t.Errorf("standard deviation %v, want %v", sd, want)
	}
	flat := &Images{Channels: 1, Pixels: bytes.Repeat([]byte{77}, 1000)}
	if _, sd := flat.Moments(0); sd != 0 {
		t.Errorf("standard deviation of a constant is %v", sd)
	}
}

func TestPick(t *testing.T) {
	m := &Images{N: 3, Rows: 1, Cols: 2, Channels: 1, Classes: 4, Pixels: []byte{1, 2, 3, 4, 5, 6}, Labels: []byte{0, 3, 2}}
	p := m.Pick([]int{2, 0})
	if p.N != 2 || !bytes.Equal(p.Pixels, []byte{5, 6, 1, 2}) || !bytes.Equal(p.Labels, []byte{2, 0}) || p.Classes != 4 {
		t.Errorf("picked %+v", p)
	}
	p.Pixels[0] = 99
	if m.Pixels[4] != 5 {
		t.Error("a picked image shares memory with its source")
	}
}

// Every byte and every size counts in the hash.
func TestSplitHash(t *testing.T) {
	fresh := func() *Split {
		part := func(b byte) *Images {
			return &Images{N: 2, Rows: 1, Cols: 2, Channels: 1, Classes: 3, Pixels: []byte{b, b, b, b}, Labels: []byte{0, 1}}
		}
		return &Split{part(1), part(2), part(3)}
	}
	seen := map[string]string{fresh().Hash(): "nothing"}
	for name, change := range map[string]func(s *Split){
		"a pixel":             func(s *Split) { s.Train.Pixels[3]++ },
		"a label":             func(s *Split) { s.Val.Labels[0]++ },
		"the shape":           func(s *Split) { s.Test.Rows, s.Test.Cols = 2, 1 },
		"the classes":         func(s *Split) { s.Test.Classes++ },
		"the order of parts":  func(s *Split) { s.Train, s.Val = s.Val, s.Train },
		"where the parts end": func(s *Split) { s.Train.N, s.Val.N = 3, 1 },
	} {
		s := fresh()
		change(s)
		h := s.Hash()
		if other, ok := seen[h]; ok {
			t.Errorf("a change of %s has the same hash as of %s", name, other)
		}
		seen[h] = name
	}
}
