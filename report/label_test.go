package report

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"basin/study"
)

func TestShortLabels(t *testing.T) {
	for _, c := range []struct{ labels, want []string }{
		{[]string{"sgd", "adamw"}, []string{"sgd", "adamw"}},
		{[]string{"sgd(lr=0.1)", "sam(rho=0.05, base=sgd(lr=0.1))"}, []string{"sgd(lr=0.1)", "sam(sgd)"}},
		{[]string{"shampoo(lr=0.01)", "sgd(lr=0.1, m=0.9)"}, []string{"shampoo(lr=0.01)", "sgd(lr=0.1, m=0.9)"}},
		{[]string{"split(muon(lr=0.01), adamw(lr=0.1))", "split(muon(lr=0.02), adamw(lr=0.1))"}, []string{"split(muo… lr=0.01", "split(muo… lr=0.02"}},
		{[]string{"split(muon(lr=0.01), adamw(lr=0.1))", "split(muon(lr=0.01), adamw(lr=0.3))"}, []string{"split(muon… lr=0.1", "split(muon… lr=0.3"}},
		{[]string{"clip_norm(1) | sgd(lr=0.1, momentum=0.9)"}, []string{"clip_norm|sgd"}},
		{[]string{"adamw(lr=1e-3, eps=1e-8)", "adamw(lr=1e-2, eps=1e-8)"}, []string{"adamw lr=1e-3", "adamw lr=1e-2"}},
		{[]string{"adamw(lr=1e-3, eps=1e-8)", "adamw(lr=1e-3, eps=1e-6)"}, []string{"adamw eps=1e-8", "adamw eps=1e-6"}},
		{[]string{`split(when("first|last", sgd(lr=0.1)), rest=adamw)`}, []string{"split(when(sgd))"}},
		{[]string{"lookahead(sgd, k=5, alpha=0.5)"}, []string{"lookahead(sgd)"}},
		{[]string{"adamw(lr=cosine(1e-3, warmup=100))"}, []string{"adamw(cosine)"}},
		{[]string{"sgd(lr=0.1, nesterov=true)", "sgd(lr=0.1, nesterov=false)"}, []string{"sgd nesterov=true", "sgd nesterov=false"}},
		{[]string{"a_rule_with_a_name_that_is_very_long(lr=1)", "a_rule_with_a_name_that_is_longer_still(lr=1)"}, []string{"a_rule_with_a_… #1", "a_rule_with_a_… #2"}},
		{[]string{"", "(", "a(b"}, []string{"", "(", "a(b"}},
	} {
		var optimizers []study.Optimizer
		for _, label := range c.labels {
			optimizers = append(optimizers, study.Optimizer{Label: label})
		}
		if got := shortLabels(optimizers); !slices.Equal(got, c.want) {
			t.Errorf("%q are shortened to %q, not to %q", c.labels, got, c.want)
		}
	}
}

// TestShortLabelsAreUniqueAndShort holds it of labels put together at random from
// few parts, so that many clash, and from parts that are no recipe.
func TestShortLabelsAreUniqueAndShort(t *testing.T) {
	parts := []string{"sgd", "adamw", "(", ")", ",", " | ", "lr=", "0.1", `"`, "long_name_of_a_rule", "[", "=", "é"}
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		var optimizers []study.Optimizer
		for range 1 + random.IntN(12) {
			var label strings.Builder
			for range random.IntN(9) {
				label.WriteString(parts[random.IntN(len(parts))])
			}
			known := func(o study.Optimizer) bool { return o.Label == label.String() }
			if !slices.ContainsFunc(optimizers, known) {
				optimizers = append(optimizers, study.Optimizer{Label: label.String()})
			}
		}
		labels := shortLabels(optimizers)
		for i, label := range labels {
			if cols(label) > shortLabel {
				t.Fatalf("%q is shortened to %q", optimizers[i].Label, label)
			}
			if slices.Index(labels, label) != i {
				t.Fatalf("two of %v are %q", optimizers, label)
			}
		}
	}
}
