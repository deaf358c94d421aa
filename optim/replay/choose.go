package replay

import (
	"cmp"
	"fmt"
	"strconv"
)

// chooseQHM is qhm with the decay of the file, which jettify's code writes in capitals.
func chooseQHM(values map[string]string) (recipe, demands string) {
	const args = "lr=$lr, momentum=$momentum=0, nu=$nu, weight_decay=$weight_decay=0"
	switch values["weight_decay_type"] {
	case "direct", "DIRECT":
		return "qhm(" + args + ", weight_decay_type=direct)", "weight_decay_type:" + values["weight_decay_type"]
	}
	return "qhm(" + args + ")", "weight_decay_type:grad"
}

// chooseLAMB is lamb with what the file corrects for the start of the moments.
func chooseLAMB(values map[string]string) (recipe, demands string) {
	const args = lambArgs + ", clamp_value=$clamp_value=inf"
	if values["debias"] == "true" {
		return "lamb(" + args + ", debias=step)", "debias:true"
	}
	return "lamb(" + args + ", debias=none)", "debias:false"
}

// chooseAdafactor is adafactor with the step size of the file: with relative_step
// there is no lr, but an upper bound.
func chooseAdafactor(values map[string]string) (recipe, demands string) {
	const args = "eps1=$eps1, eps2=$eps2, clip_threshold=$clip_threshold=inf, decay_rate=$decay_rate, beta1=$beta1=0, " +
		"weight_decay=$weight_decay=0, scale_parameter=$scale_parameter=false, warmup_init=$warmup_init=false"
	if values["relative_step"] == "true" {
		return "adafactor(lr=0.01, relative_step=true, " + args + ")", "relative_step:true lr:null"
	}
	return "adafactor(lr=$lr, relative_step=false, " + args + ")", "relative_step:false"
}

// chooseMARS is mars around the rule that the file names, or the usual one, with AdamW
// for the blocks that are not matrices. Values that the file's optimizer does not read
// may be anything.
func chooseMARS(usual string) func(values map[string]string) (recipe, demands string) {
	return func(values map[string]string) (recipe, demands string) {
		kind := cmp.Or(values["mars_type"], usual)
		base, demands := "adamw("+adamArgs+")", "mars_type:mars_adamw"
		switch kind {
		case "mars_lion":
			base, demands = "signum(lr=$lr, momentum=$beta1, weight_decay=$weight_decay=0)", "mars_type:mars_lion"+anything(values, "beta2", "eps")
		case "mars_shampoo": // of which arrays of more dimensions would have a part too, but not muon's
			base = "muon(lr=$lr, momentum=$beta1, nesterov=false, average=sum, ns_steps=5, eps=$eps, weight_decay=$weight_decay=0)"
			demands = "mars_type:mars_shampoo optimize_1d:false" + anything(values, "beta2")
		}
		demands += " amsgrad:false"
		recipe = "mars(gamma=$gamma, beta1=$beta1, base=" + base
		if values["optimize_1d"] == "true" {
			return recipe + ", acts_on=all)", demands + anything(values, "optimize_1d", "lr_1d", "beta1_1d", "beta2_1d", "weight_decay_1d")
		}
		return recipe + ", rest=adamw(lr=$lr_1d, beta1=$beta1_1d, beta2=$beta2_1d, eps=$eps, weight_decay=$weight_decay_1d=0))", demands + " optimize_1d:false"
	}
}

// anything demands of keys that they have the values that they have.
func anything(values map[string]string, keys ...string) string {
	demands := ""
	for _, key := range keys {
		demands += " " + key + ":" + values[key]
	}
	return demands
}

// chooseKFAC is kfac with the decay of alecwangcq's code, which leaves it out of the first 20
// factor_update_steps steps.
func chooseKFAC(values map[string]string) (recipe, demands string) {
	every, _ := strconv.Atoi(cmp.Or(values["factor_update_steps"], "1"))
	return fmt.Sprintf(kfacRecipe+", weight_decay=piecewise([0, $weight_decay=0], milestones=[%d]), batch=$batch=0)", 20*max(1, every)), ""
}

// chooseSophia is a sophia that looks for an estimate at every step: it is the rows of the
// file that say when there is one, whatever period it names.
func chooseSophia(period, recipe string) func(values map[string]string) (string, string) {
	return func(values map[string]string) (string, string) { return recipe, anything(values, period) }
}
