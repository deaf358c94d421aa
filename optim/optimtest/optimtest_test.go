package optimtest

import (
	"testing"

	"basin/optim"
)

// combined are recipes beyond the examples of the catalogue.
var combined = []string{
	"sgd",
	"sgd(lr=0.05, momentum=0.9, dampening=0.5, weight_decay=1e-4)",
	"sgd(lr=0.02, momentum=0.9, nesterov=true)",
	"adam(lr=0.01, weight_decay=1e-4)",
	"adam(lr=linear(0.01, warmup=10, floor=1e-4))",
	"adam(lr=0.01, beta1=0, beta2=0, eps=0)",
	"adamw(lr=constant(0.01, warmup=5), weight_decay=cosine(0.1))",
	"signum(lr=1e-3, momentum=0)",
	"muon(lr=0.01, orthogonalize=polar, nesterov=false, scale=none)",
	"muon(lr=0.01, scale=moonlight, average=sum, weight_decay=0.01, rest=sgd(lr=0.1, momentum=0.9))",
	"shampoo(lr=0.1, eps=0.1, beta1=0, beta2=1, ridge=0, interval=20)",
	"shampoo(lr=3e-3, max_dim=4)",
	"shampoo(lr=0.05, exponent=0)",
	"clip_norm(0.1) | adamw(lr=0.01)",
	"adam(lr=one_cycle(0.05))",
	"adam(lr=restarts(0.05, period=10, mult=2))",
	"schedule_free_sgd(lr=constant(1, warmup=20), momentum=0, weight_decay=1e-3, r=1, weight_lr_power=0)",
	"schedule_free_adamw(lr=0.02, beta1=1, eps=0, weight_decay=1e-3)",
	"prodigy(lr=cosine(1, warmup=10), weight_decay=0.01, use_bias_correction=true, safeguard_warmup=true, d_coef=0.5, growth_rate=1.5)",
	"prodigy(decouple=false, weight_decay=1e-3, beta3=0.9, eps=0)",
	"dadapt_adam(decouple=true, weight_decay=0.01, use_bias_correction=true, growth_rate=2, eps=0)",
	"dadapt_sgd(momentum=0.9, weight_decay=1e-3, growth_rate=2)",
	"lookahead(k=1, alpha=0.3, base=adam(lr=0.01))",
	"lookahead(k=7, base=sam(rho=0.01)) | clip_norm(0.1)",
	"ema(decay=0, base=sgd)",
	"ema(base=sam(base=adam(lr=0.01))) | clip_norm(0.05)",
	"swa(start=0.5, every=7, base=lookahead)",
	"swa(start=3, base=sgd(lr=cosine(0.1)))",
	"accumulate(steps=3, base=clip_norm(1) | adam(lr=0.01))",
	"clip_norm(1) | accumulate(steps=2, base=ema(decay=0.9, base=sgd)) | clip_norm(0.1)",
	"sam(base=ema(decay=0.9, base=sgd))",
	"split(weight=ema(decay=0.9), bias=schedule_free_sgd(lr=0.5), rest=swa(start=0, base=sgd(lr=0.1)))",
	"muon(lr=0.01, rest=schedule_free_sgd(lr=0.5))",
	"ema(decay=0.9, base=split(matrix=muon(lr=0.01), rest=accumulate(steps=2)))",
	"clip_norm(1) | sgd(lr=0.1, momentum=0.9) | clip_norm(0.05)",
	"sam(rho=0.01, base=clip_norm(1) | sgd(lr=0.1, momentum=0.9))",
	"sam(rho=cosine(0.05), base=adamw(lr=0.01)) | clip_norm(0.1)",
	"sam(rho=0, base=muon)",
	`split(when("^(conv|norm)", sgd(lr=0.1)), bias=signum(lr=1e-3), first=lion, last=adam, rest=muon)`,
	"split(embedding=sgd(lr=0.1), weight=shampoo(lr=0.01), gain=sgd, rest=clip_norm(0.1) | sgd(lr=0.1))",
}

func recipes() []string {
	var all []string
	for _, name := range optim.Names() {
		doc, _ := optim.Describe(name)
		all = append(all, doc.Example)
	}
	return append(all, combined...)
}

func TestContract(t *testing.T) {
	for _, text := range recipes() {
		t.Run(text, func(t *testing.T) { Run(t, text) })
	}
}

func TestInvariances(t *testing.T) {
	for _, name := range optim.Names() {
		doc, _ := optim.Describe(name)
		if doc.Family == "combination" {
			continue // has those of its parts
		}
		t.Run(name, func(t *testing.T) { Invariances(t, doc.Example, doc.Invariances) })
	}
	for text, declared := range map[string][]optim.Invariance{
		"muon(orthogonalize=polar)":                {optim.LossScale, optim.Rotation},
		"shampoo(lr=0.01, exponent=0)":             {optim.Rotation, optim.SignedPermutation},
		"shampoo(lr=0.01, max_dim=1)":              {optim.LossScale},
		"sam(rho=0.05, base=adam(lr=1e-3, eps=0))": {optim.LossScale, optim.SignedPermutation},
		"clip_norm(1e-3) | sgd(lr=0.1)":            {optim.LossScale, optim.Rotation, optim.SignedPermutation},
	} {
		t.Run(text, func(t *testing.T) { Invariances(t, text, declared) })
	}
}
