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
	"amsgrad(lr=0.01, eps=0)",
	"amsgrad(lr=0.01, weight_decay=1e-3, decoupled=true)",
	"adamax(lr=0.01, beta1=0, eps=0)",
	"nadam(lr=0.01, eps=0, momentum_decay=inf)",
	"nadam(lr=0.01, beta1=0, weight_decay=1e-4, momentum_decay=0)",
	"radam(lr=0.01, beta2=0.6)",
	"adagrad(lr=0.1, lr_decay=1e-3, eps=0, initial_accumulator_value=0.1)",
	"adadelta(lr=1, rho=0.5, eps=1e-4, weight_decay=1e-4)",
	"rmsprop(lr=1e-3, eps=0, momentum=0.9)",
	"rmsprop(lr=1e-3, centered=true)",
	"rmsprop(lr=1e-3, alpha=0.9, eps=1e-4, weight_decay=1e-4, momentum=0.9, centered=true)",
	"adabelief(lr=0.01, weight_decay=1e-3, rectify=true)",
	"adabelief(lr=0.01, eps=0)",
	"adabound(lr=0.01, gamma=0.1, eps=0, weight_decay=1e-4, amsbound=true)",
	"yogi(lr=0.01, eps=0, initial_accumulator=0)",
	"diffgrad(lr=0.01, eps=0, weight_decay=1e-4)",
	"laprop(lr=0.01, eps=0, weight_decay=1e-3)",
	"adopt(lr=0.01, eps=0, weight_decay=1e-3)",
	"qhadam(lr=0.01, nu2=0.5, eps=0, weight_decay=1e-3, decoupled=true)",
	"adan(lr=0.01, eps=0, weight_decay=1e-3, max_grad_norm=0.1, no_prox=true)",
	"ademamix(lr=0.01, alpha=2, beta3=0.99, weight_decay=1e-3, alpha_warmup=50, beta3_warmup=30.5)",
	"madgrad(lr=0.01, momentum=0, eps=0, weight_decay=1e-4)",
	"rprop(lr=constant(1e-3, warmup=10), step_size_min=0, step_size_max=0.1)",
	"signum(lr=1e-3, momentum=0)",
	"muon(lr=0.01, orthogonalize=polar, nesterov=false, scale=none)",
	"muon(lr=0.01, scale=moonlight, average=sum, weight_decay=0.01, rest=sgd(lr=0.1, momentum=0.9))",
	"shampoo(lr=0.1, eps=0.1, beta1=0, beta2=1, ridge=0, interval=20)",
	"shampoo(lr=3e-3, max_dim=4)",
	"shampoo(lr=0.05, exponent=0)",
	"dshampoo(lr=0.05, beta1=0, beta2=1, eps=1e-4, precondition_frequency=1, grafting=sgd, max_preconditioner_dim=3)",
	"dshampoo(lr=0.003, momentum=0.9, nesterov=true, weight_decay=1e-4, precondition_frequency=10, start_preconditioning_step=15, grafting=rmsprop, grafting_beta2=0.9)",
	"dshampoo(lr=0.02, grafting=adagrad, precondition_frequency=5, eps=1e-6)",
	"dshampoo(lr=0.01, grafting=none, precondition_frequency=10, eps=1e-6)",
	"soap(lr=0.01, beta2=0.99, shampoo_beta=0.9, precondition_frequency=1, correct_bias=false)",
	"soap(lr=0.01, max_dim=4)",
	"psgd_kron(lr=0.01, beta1=0, preconditioner_update_probability=0.3, precond_init_scale=4, max_size_triangular=4)",
	"galore_adamw(lr=0.01, update_proj_gap=1, weight_decay=1e-3)",
	"steepest(lr=0.02, norm=l1, rest_norm=l1)",
	"steepest(lr=0.01, norm=nuclear, rest_norm=linf, momentum=0.5)",
	"steepest(lr=0.1, norm=l2, normalize=false, weight_decay=1e-4)",
	"steepest(lr=0.002, norm=linf, rest_norm=linf)",
	"scion(lr=0.005, momentum=0, radius=1, last_radius=1, constrained=false, orthogonalize=polar)",
	"asgd(lr=0.1, lambd=0.01, alpha=1, t0=0, weight_decay=1e-4) | clip_norm(0.1)",
	"aggmo(lr=0.1, betas=[0.9], weight_decay=1e-4)",
	"qhm(lr=0.3, momentum=0.9, weight_decay=1e-4, weight_decay_type=direct)",
	"gravity(lr=0.1, alpha=0)",
	"novograd(lr=0.01, beta2=0, eps=0, weight_decay=1e-4, grad_averaging=true)",
	"lars(lr=1, momentum=0, trust_coefficient=0.02, eps=0)",
	"lars(lr=0.05, nesterov=true, scaled=decayed, weight_decay=0)",
	"lamb(lr=0.01, eps=0, clamp_value=0.5, debias=none)",
	"lamb(lr=0.01, beta1=0, weight_decay=0, debias=step)",
	"adafactor(lr=0.03, eps1=0, eps2=0, clip_threshold=0.5, beta1=0.9, weight_decay=1e-3, relative_step=false)",
	"adafactor(lr=3e-3, scale_parameter=false, decay_rate=-0.5, clip_threshold=inf)",
	"c_adamw(lr=0.01, beta1=0, eps=0, weight_decay=1e-3)",
	"mars(acts_on=all, max_norm=0.1, base=signum(lr=1e-3))",
	"mars(base=muon(lr=0.02, nesterov=false), rest=sgd(lr=0.1))",
	"grokfast_ma(window_size=2, lamb=1) | adam(lr=0.01)",
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
		"muon(orthogonalize=polar)":                                           {optim.LossScale, optim.Rotation},
		"shampoo(lr=0.01, exponent=0)":                                        {optim.Rotation, optim.SignedPermutation},
		"shampoo(lr=0.01, max_dim=1)":                                         {optim.LossScale},
		"sam(rho=0.05, base=adam(lr=1e-3, eps=0))":                            {optim.LossScale, optim.SignedPermutation},
		"dshampoo(lr=0.01, beta1=0, precondition_frequency=10, grafting=sgd)": {optim.Rotation},
		"steepest(norm=l1)":                                                   {optim.LossScale},
		"steepest(norm=l2)":                                                   {optim.LossScale, optim.Rotation},
		"steepest(norm=linf)":                                                 {optim.LossScale, optim.SignedPermutation},
		"steepest(norm=nuclear)":                                              {optim.LossScale, optim.Rotation},
		"steepest(norm=l2, normalize=false)":                                  {optim.Rotation, optim.SignedPermutation},
		"lars(lr=1, momentum=0, scaled=decayed)":                              {optim.Rotation, optim.SignedPermutation},
		"lamb(lr=0.01, clamp_value=1e-3)":                                     {optim.LossScale},
		"mars(max_norm=0.1)":                                                  {optim.LossScale},
		"adafactor(lr=0.01, scale_parameter=false, relative_step=false)":      {optim.LossScale},
		"clip_norm(1e-3) | sgd(lr=0.1)":                                       {optim.LossScale, optim.Rotation, optim.SignedPermutation},
	} {
		t.Run(text, func(t *testing.T) { Invariances(t, text, declared) })
	}
}
