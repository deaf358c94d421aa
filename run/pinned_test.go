package run

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"basin/kernel"
)

// pinned are the bits of a short training by each kernel path. When a change
// alters them on purpose, raise Engine and write the new ones here: records of the
// old engine are then no longer taken for those of the new.
var pinned = map[string]string{
	"avx512":   "5941fa988a833d6f",
	"avx2":     "5941fa988a833d6f",
	"portable": "03233adabc963f69",
}

func TestPinnedTrajectory(t *testing.T) {
	h := sha256.New()
	for _, o := range []string{
		"sgd(lr=0.1, momentum=0.9)", "adamw(lr=1e-3)", "lion(lr=1e-4)", "signum(lr=1e-3)", "muon(lr=0.01)", "shampoo(lr=0.01)",
		"sam(rho=0.1, base=clip_norm(1) | sgd(lr=0.1))",
	} {
		s := newMemory()
		j := job(t, "glyphs(train=256, batch=64)", o, "steps=12", "end")
		do(t, s, j)
		h.Write(s.solutions[j.Run.Key()+" end"])
	}
	got := hex.EncodeToString(h.Sum(nil)[:8])
	if want := pinned[kernel.Path()]; got != want {
		t.Errorf("a training's bits on the path %s are %s, pinned are %s (engine %d)", kernel.Path(), got, want, Engine)
	}
}
