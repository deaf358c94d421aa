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
	"clip_norm(1) | sgd(lr=0.1, momentum=0.9) | clip_norm(0.05)",
	"sam(rho=0.01, base=clip_norm(1) | sgd(lr=0.1, momentum=0.9))",
	"sam(rho=cosine(0.05), base=adamw(lr=0.01)) | clip_norm(0.1)",
	"sam(rho=0, base=muon)",
	`split(when("^(conv|norm)", sgd(lr=0.1)), bias=signum(lr=1e-3), first=lion, last=adam, rest=muon)`,
	"split(embedding=sgd(lr=0.1), weight=shampoo(lr=0.01), gain=sgd, rest=clip_norm(0.1) | sgd(lr=0.1))",
	`asam(rho=0.1, eta=0, scaled="", base=adamw(lr=0.01))`,
	"adahessian(lr=0.01, hessian_power=0.5, weight_decay=1e-3, eps=0)",
	"sophia_h(lr=1e-3, p=0.5, update_period=5)",
	"sophia_g(lr=1e-3, bs=4, k=5, weight_decay=0.01)",
	"lbfgs(lr=0.5, max_iter=1, history_size=3, tolerance_grad=0, tolerance_change=0)",
	"natural(lr=0.2, steps=5, warm=0.9, matrix=empirical, damping=0.1, adapt=true)",
	"newton_cg(lr=0.1, steps=4, tol=0, warm=0.5, weight_decay=0.01)",
	"kfac(lr=0.1, labels=given, gradients=mean, batch=2, inv_update_steps=20, factor_update_steps=2)",
	"split(weight=gauss_newton(lr=0.1, steps=4), rest=adahessian(lr=0.01, eps=0.01))",
	"split(gain=sgd(lr=0.1), rest=kfac(lr=0.1, kl_clip=inf, momentum=0, rest=sgd(lr=0.1)))",
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
