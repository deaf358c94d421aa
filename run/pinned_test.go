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
// 4 the trainings of all rules here but sam, of the network without convolutions, were taken
// on an emulated processor, and agree; the readings were not.
var pinned = map[string]struct{ training, readings string }{
	"amd64 avx512":   {"2581f1fe3e308860", "aea443625a7994c8"},
	"amd64 avx2":     {"2581f1fe3e308860", "aea443625a7994c8"},
	"amd64 portable": {"d9c4cd203232affc", "89d590072f59f399"},
}

func TestPinned(t *testing.T) {
	machine := runtime.GOARCH + " " + kernel.Path()
	want, ok := pinned[machine]
	if !ok {
		t.Skipf("no bits are pinned for %s", machine)
	}
	trained, read := sha256.New(), sha256.New()
	mlp, cnn := "", "cnn(8, 16, pool_every=1, norm=batch, hidden=16)"
	for _, c := range []struct{ model, optimizer, budget, probes string }{
		{mlp, "sgd(lr=0.1, momentum=0.9)", "steps=12", "default"},
		{mlp, "adamw(lr=1e-3)", "steps=12", "default"},
		{mlp, "lion(lr=1e-4)", "steps=12", "default"},
		{mlp, "signum(lr=1e-3)", "steps=12", "default"},
		{mlp, "muon(lr=0.01)", "steps=12", "default"},
		{mlp, "shampoo(lr=0.01)", "steps=12", "default"},
		{mlp, "sam(rho=0.1, base=clip_norm(1) | sgd(lr=0.1))", "steps=12", "default"},
		{cnn, "sgd(lr=0.1, momentum=0.9)", "steps=3", "activity"},
	} {
		s := newMemory()
		j := jobOf(t, "glyphs(train=256, batch=64)", c.model, c.optimizer, c.budget, "end", c.probes)
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
