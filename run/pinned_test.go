package run

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"runtime"
	"testing"

	"basin/internal/safetensors"
	"basin/kernel"
	"basin/probe"
	"basin/study"
)

// pinned are the bits of short trainings, and of all readings of their solutions,
// by processor and kernel path. When a change alters the first on purpose, raise
// Engine, when it alters the second alone, probe.Revision, and write the new ones
// here: what an older basin kept is then not taken for what this one makes.
//
// Those of avx512 are expected to be those of avx2, as they were up to engine 2. Of engine
// 4 the trainings of all rules here but sam were taken on an emulated processor, and agree;
// the readings were not.
var pinned = map[string]struct{ training, readings string }{
	"amd64 avx512":   {"76f9a47c3258f4a3", "86ee794e5de87208"},
	"amd64 avx2":     {"76f9a47c3258f4a3", "86ee794e5de87208"},
	"amd64 portable": {"bdb555ae4daf53b5", "84ce1d6f8f6bd7d8"},
}

func TestPinned(t *testing.T) {
	machine := runtime.GOARCH + " " + kernel.Path()
	want, ok := pinned[machine]
	if !ok {
		t.Skipf("no bits are pinned for %s", machine)
	}
	trained, read := sha256.New(), sha256.New()
	for _, o := range []string{
		"sgd(lr=0.1, momentum=0.9)", "adamw(lr=1e-3)", "lion(lr=1e-4)", "signum(lr=1e-3)", "muon(lr=0.01)", "shampoo(lr=0.01)",
		"sam(rho=0.1, base=clip_norm(1) | sgd(lr=0.1))",
	} {
		s := newMemory()
		j := job(t, "glyphs(train=256, batch=64)", o, "steps=12", "end", "default")
		rec := do(t, s, j)
		file, err := safetensors.Read(s.solutions[j.Run.Key()+" end"])
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range file.Tensors {
			if err := binary.Write(trained, binary.LittleEndian, x.F32); err != nil {
				t.Fatal(err)
			}
		}
		sol, _ := rec.Solution(study.Point{Kind: study.End})
		if err := json.NewEncoder(read).Encode(sol.Measured); err != nil {
			t.Fatal(err)
		}
	}
	if got := hex.EncodeToString(trained.Sum(nil)[:8]); got != want.training {
		t.Errorf("trainings on %s have the bits %s, pinned are %s (engine %d)", machine, got, want.training, Engine)
	}
	if got := hex.EncodeToString(read.Sum(nil)[:8]); got != want.readings {
		t.Errorf("readings on %s have the bits %s, pinned are %s (revision %d)", machine, got, want.readings, probe.Revision)
	}
}
