package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"basin/optim"
	"basin/recipe"
)

// A translation says which recipe a file's optimizer is. In the recipe, $key
// stands for the value that the file's hyper has under that key: a number, a truth
// value, a word or a list. $key=value says what stands for one that is null, which
// means not used, or absent; without it the file must have the key. key:value among the
// demands is what the file must say, if it says anything, for the translation to hold.
type translation struct {
	recipe  string
	demands string
	// choose, where not nil, gives recipe and demands from the values, "" for one that is
	// null or absent.
	choose func(values map[string]string) (recipe, demands string)
	// before, where not empty, is what stands before the optimizer that the file names as
	// its base, whose settings are among those of the file.
	before string
	// amplifies, where not empty, says why rounding grows along the way, so that the error in
	// float32 is stated and not judged.
	amplifies string
}

const (
	sgdRecipe       = "sgd(lr=$lr, momentum=$momentum=0, dampening=$dampening=0, nesterov=$nesterov=false, weight_decay=$weight_decay=0)"
	adamArgs        = "lr=$lr, beta1=$beta1, beta2=$beta2, eps=$eps, weight_decay=$weight_decay=0"
	muonArgs        = "lr=$lr, momentum=$momentum=0, nesterov=$nesterov=false, weight_decay=$weight_decay=0, ns_steps=$ns_steps"
	shampooFix      = "lr=$lr, eps=$eps, weight_decay=$weight_decay=0, beta1=0, beta2=1, ridge=0, interval=1, clip=inf, max_dim=2048"
	rmspropRecipe   = "rmsprop(lr=$lr, alpha=$alpha, eps=$eps, weight_decay=$weight_decay=0, momentum=$momentum=0, centered=$centered=false)"
	adabeliefRecipe = "adabelief(" + adamArgs + ", rectify=$rectify=false)"
	lambArgs        = "lr=$lr, beta1=$beta1, beta2=$beta2, eps=$eps, weight_decay=$weight_decay=0"
	averageArgs     = "weight_decay=$weight_decay=0, r=$r=0, weight_lr_power=$weight_lr_power=2)"
	distanceArgs    = "weight_decay=$weight_decay=0, use_bias_correction=$use_bias_correction=false, d0=$d0=1e-6, growth_rate=$growth_rate=inf)"
	galoreRecipe    = "galore_adamw(lr=$lr, beta1=$beta1, beta2=$beta2, eps=$eps, weight_decay=$weight_decay=0, rank=$rank, update_proj_gap=$update_proj_gap, scale=$scale)"
	kfacRecipe      = "kfac(lr=$lr, momentum=$momentum=0, stat_decay=$stat_decay, damping=$damping, kl_clip=$kl_clip=inf, " +
		"factor_update_steps=$factor_update_steps=1, inv_update_steps=$inv_update_steps=1, labels=given, rest=sgd(lr=$lr, momentum=$momentum=0)"
	dshampooRecipe = "dshampoo(lr=$lr, beta1=$beta1=0, beta2=$beta2=1, eps=$epsilon, momentum=$momentum=0, nesterov=$use_nesterov=false, weight_decay=$weight_decay=0, " +
		"precondition_frequency=$precondition_frequency=1, start_preconditioning_step=$start_preconditioning_step=-1, grafting=$grafting=none, " +
		"grafting_eps=$grafting_epsilon=0, grafting_beta2=$grafting_beta2=1, max_preconditioner_dim=$max_preconditioner_dim=1024)"
	dshampooDemands = "use_bias_correction:true use_decoupled_weight_decay:true use_merge_dims:false"
)

// translations are from the names in files.
var translations = map[string]translation{
	"sgd":                 {recipe: sgdRecipe},
	"sgd_momentum":        {recipe: sgdRecipe},
	"sgd_nesterov":        {recipe: sgdRecipe},
	"sgd_dampening":       {recipe: sgdRecipe},
	"sgd_weight_decay":    {recipe: sgdRecipe},
	"adam":                {choose: adamKind(false, false)},
	"adam_l2":             {choose: adamKind(false, false)},
	"adamw":               {choose: adamKind(true, false)},
	"signsgd":             {recipe: "signsgd(lr=$lr, weight_decay=$weight_decay=0)"},
	"signum":              {recipe: "signum(lr=$lr, momentum=$momentum=0, weight_decay=$weight_decay=0)"},
	"lion":                {recipe: "lion(lr=$lr, beta1=$beta1, beta2=$beta2, weight_decay=$weight_decay=0)"},
	"muon":                {recipe: "muon(" + muonArgs + ", scale=kernel)"},
	"muon_no_nesterov":    {recipe: "muon(" + muonArgs + ", scale=kernel)"},
	"muon_moonlight":      {recipe: "muon(" + muonArgs + ", scale=moonlight, average=sum)"},
	"shampoo":             {recipe: "shampoo(" + shampooFix + ")"},
	"shampoo_tensor":      {recipe: "shampoo(" + shampooFix + ")"},
	"shampoo_half":        {recipe: "shampoo(" + shampooFix + ", exponent=1)"},
	"powerprop_exact":     {recipe: "powerprop(alpha=$alpha, base=sgd(lr=$lr), blocks=all)"},
	"powerprop_precond":   {recipe: "powerprop_precond(lr=$lr, alpha=$alpha)"},
	"grokfast_ema":        {before: "grokfast_ema(alpha=$alpha, lamb=$lamb) | "},
	"grokfast_ma":         {before: "grokfast_ma(window_size=$window_size, lamb=$lamb) | "},
	"sam_sgd":             {recipe: "sam(rho=$rho, norm_eps=$norm_eps=1e-12, base=" + sgdRecipe + ")"},
	"amsgrad":             {choose: adamKind(false, true)},
	"amsgrad_w":           {choose: adamKind(true, true)},
	"adamax":              {recipe: "adamax(" + adamArgs + ")"},
	"nadam":               {recipe: "nadam(" + adamArgs + ", momentum_decay=$momentum_decay=inf)"},
	"nadam_noschedule":    {recipe: "nadam(" + adamArgs + ", momentum_decay=$momentum_decay=inf)"},
	"nadam_torch113":      {recipe: "nadam_torch113(" + adamArgs + ", momentum_decay=$momentum_decay=inf)"},
	"radam":               {recipe: "radam(" + adamArgs + ")", demands: "decoupled:false"},
	"adagrad":             {recipe: "adagrad(lr=$lr, lr_decay=$lr_decay=0, eps=$eps, weight_decay=$weight_decay=0, initial_accumulator_value=$initial_accumulator_value=0)"},
	"adadelta":            {recipe: "adadelta(lr=$lr, rho=$rho, eps=$eps, weight_decay=$weight_decay=0)"},
	"rmsprop":             {recipe: rmspropRecipe},
	"rmsprop_centered":    {recipe: rmspropRecipe},
	"rmsprop_momentum":    {recipe: rmspropRecipe},
	"rprop":               {recipe: "rprop(lr=$lr, etaminus=$etaminus, etaplus=$etaplus, step_size_min=$step_size_min=0, step_size_max=$step_size_max=inf)"},
	"adabelief":           {recipe: adabeliefRecipe},
	"adabelief_rectify":   {recipe: adabeliefRecipe},
	"adabound":            {recipe: "adabound(" + adamArgs + ", final_lr=$final_lr, gamma=$gamma, amsbound=$amsbound=false)"},
	"yogi":                {recipe: "yogi(" + adamArgs + ", initial_accumulator=$initial_accumulator=0, initial_mean=$initial_accumulator=0)"},
	"diffgrad":            {recipe: "diffgrad(" + adamArgs + ")"},
	"laprop":              {recipe: "laprop(" + adamArgs + ", eps_root=1e-15)"},
	"adopt":               {recipe: "adopt(" + adamArgs + ")"},
	"qhadam":              {recipe: "qhadam(" + adamArgs + ", nu1=$nu1, nu2=$nu2, decoupled=$decoupled=false)"},
	"adan":                {recipe: "adan(" + adamArgs + ", beta3=$beta3, max_grad_norm=$max_grad_norm=0, no_prox=$no_prox=false)"},
	"ademamix":            {recipe: "ademamix(" + adamArgs + ", beta3=$beta3, alpha=$alpha, alpha_warmup=$alpha_warmup=0, beta3_warmup=$beta3_warmup=0)"},
	"madgrad":             {recipe: "madgrad(lr=$lr, momentum=$momentum=0, eps=$eps, weight_decay=$weight_decay=0)"},
	"aggmo":               {recipe: "aggmo(lr=$lr, betas=$betas, weight_decay=$weight_decay=0)"},
	"qhm":                 {choose: chooseQHM},
	"gravity":             {recipe: "gravity(lr=$lr, alpha=$alpha, beta=$beta)"},
	"asgd":                {recipe: "asgd(lr=$lr, lambd=$lambd=0, alpha=$alpha, t0=$t0=0, weight_decay=$weight_decay=0)"},
	"tiger":               {recipe: "tiger(lr=$lr, beta=$beta, weight_decay=$weight_decay=0)"},
	"novograd":            {recipe: "novograd(lr=$lr, beta1=$beta1, beta2=$beta2, eps=$eps, weight_decay=$weight_decay=0, grad_averaging=$grad_averaging=false)", demands: "amsgrad:false"},
	"lars":                {recipe: "lars(lr=$lr, momentum=$momentum=0, nesterov=$nesterov=false, weight_decay=$weight_decay=0, trust_coefficient=$trust_coefficient, eps=$eps=0, scaled=decayed)", demands: "dampening:0"},
	"lamb":                {choose: chooseLAMB},
	"lamb_debiased":       {recipe: "lamb(" + lambArgs + ")"},
	"adafactor":           {choose: chooseAdafactor},
	"adafactor_relative":  {choose: chooseAdafactor},
	"c_adamw":             {recipe: "c_adamw(" + adamArgs + ")"},
	"c_lion":              {recipe: "c_lion(lr=$lr, beta1=$beta1, beta2=$beta2, weight_decay=$weight_decay=0)"},
	"mars_adamw":          {choose: chooseMARS("mars_adamw")},
	"mars_lion":           {choose: chooseMARS("mars_lion")},
	"schedule_free_sgd":   {recipe: "schedule_free_sgd(lr=constant($lr, warmup=$warmup_steps=0), momentum=$momentum, " + averageArgs, demands: "decay_at_z:false"},
	"schedule_free_adamw": {recipe: "schedule_free_adamw(lr=constant($lr, warmup=$warmup_steps=0), beta1=$beta1, beta2=$beta2, eps=$eps, " + averageArgs, demands: "decay_at_z:false"},
	"prodigy":             {recipe: "prodigy(lr=$lr=1, beta1=$beta1, beta2=$beta2, beta3=$beta3=auto, eps=$eps, safeguard_warmup=$safeguard_warmup=false, d_coef=$d_coef=1, decouple=$decouple=true, " + distanceArgs},
	"dadapt_adam":         {recipe: "dadapt_adam(lr=$lr=1, beta1=$beta1, beta2=$beta2, eps=$eps, decouple=$decouple=false, " + distanceArgs},
	"dadapt_sgd":          {recipe: "dadapt_sgd(lr=$lr=1, momentum=$momentum=0, weight_decay=$weight_decay=0, d0=$d0=1e-6, growth_rate=$growth_rate=inf)"},
	"lookahead_sgd":       {recipe: "lookahead(k=$k=5, alpha=$alpha=0.5, base=" + sgdRecipe + ")", demands: "pullback:none pullback_momentum:none"},
	"asam_sgd":            {recipe: "asam(rho=$rho, eta=$eta, norm_eps=$norm_eps=1e-16, base=" + sgdRecipe + ")"},
	"asam_davda54":        {recipe: `asam(rho=$rho, eta=0, scaled="", norm_eps=$norm_eps=1e-12, base=` + sgdRecipe + ")", demands: "adaptive:true"},

	"adahessian": {recipe: "adahessian(lr=$lr, beta1=$beta1, beta2=$beta2, eps=$eps, weight_decay=$weight_decay=0, hessian_power=$hessian_power=1)"},
	"sophia_h":   {choose: chooseSophia("update_period", "sophia_h(lr=$lr, beta1=$beta1, beta2=$beta2, gamma=$gamma=1, p=$p, eps=$eps, update_period=1, weight_decay=$weight_decay=0)")},
	"sophia_g":   {choose: chooseSophia("k", "sophia_g(lr=$lr, beta1=$beta1, beta2=$beta2, rho=$rho, bs=$bs, k=1, eps=$eps=1e-15, weight_decay=$weight_decay=0)")},
	"lbfgs": {recipe: "lbfgs(lr=$lr, max_iter=$max_iter, max_eval=$max_eval=0, history_size=$history_size, tolerance_grad=$tolerance_grad, " +
		"tolerance_change=$tolerance_change, line_search=$line_search=none)",
		amplifies: "differences of gradients cancel"},
	"kfac":             {choose: chooseKFAC},
	"kfac_batchgrad":   {recipe: kfacRecipe + ", weight_decay=$weight_decay=0, gradients=mean, batch=$batch)"},
	"dshampoo_adagrad": {recipe: dshampooRecipe, demands: dshampooDemands},
	"dshampoo_rmsprop": {recipe: dshampooRecipe, demands: dshampooDemands},
	"dshampoo_adam":    {recipe: dshampooRecipe, demands: dshampooDemands},
	"dshampoo_sgd":     {recipe: dshampooRecipe, demands: dshampooDemands},
	"dshampoo_blocked": {recipe: dshampooRecipe, demands: dshampooDemands},
	"soap": {
		recipe: "soap(lr=$lr, beta1=$beta1, beta2=$beta2, shampoo_beta=$shampoo_beta=-1, eps=$eps, weight_decay=$weight_decay=0, " +
			"precondition_frequency=$precondition_frequency, correct_bias=$correct_bias=false, max_dim=$max_precond_dim=10000)",
		demands: "merge_dims:false precondition_1d:false normalize_grads:false data_format:channels_first",
	},
	"psgd_kron": {
		recipe: "psgd_kron(lr=$lr, beta1=$beta1=0, weight_decay=$weight_decay=0, precond_lr=$precond_lr, " +
			"preconditioner_update_probability=$preconditioner_update_probability, precond_init_scale=$precond_init_scale=1, max_size_triangular=$max_size_triangular=8192)",
		demands: "memory_save_mode:none merge_dims:true momentum_into_precond_update:true min_ndim_triangular:2",
	},
	"galore_adamw":         {recipe: galoreRecipe, demands: "proj_type:std correct_bias:true"},
	"galore_adamw_refresh": {recipe: galoreRecipe, demands: "proj_type:std correct_bias:true"},
}

// Rule finds the recipe of the file's optimizer.
func (f *File) Rule() (*optim.Optimizer, error) {
	t, ok := translations[f.Optimizer]
	if !ok {
		known := slices.Sorted(maps.Keys(translations))
		return nil, fmt.Errorf("%s: %s", f.Name, recipe.Unknown("optimizer in the file", f.Optimizer, known))
	}
	text, err := t.fill(f.Hyper)
	if err != nil {
		return nil, fmt.Errorf("%s: hyper of %s: %w", f.Name, f.Optimizer, err)
	}
	r, err := recipe.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	o, err := optim.Resolve(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return o, nil
}

// fill puts the values of hyper into the recipe. Every key must find its place.
func (t translation) fill(hyper map[string]json.RawMessage) (string, error) {
	values := map[string]string{}
	for key, raw := range hyper {
		v, err := value(raw)
		if err != nil {
			return "", fmt.Errorf("%s: %w", key, err)
		}
		values[key] = v
	}
	before, demands := t.before, ""
	if before != "" {
		base, ok := translations[values["base"]]
		if !ok || base.before != "" {
			return "", fmt.Errorf("base: %s", recipe.Unknown("optimizer in the file", values["base"], slices.Sorted(maps.Keys(translations))))
		}
		t, demands = base, "base:"+values["base"]+" "
	}
	if t.choose != nil {
		t.recipe, t.demands = t.choose(values)
	}
	t.recipe, t.demands = before+t.recipe, demands+t.demands
	used := map[string]bool{}
	for _, d := range strings.Fields(t.demands) {
		key, want, _ := strings.Cut(d, ":")
		used[key] = true
		if v := values[key]; v != "" && v != want {
			return "", fmt.Errorf("%s is %s, where %s is what this optimizer means here", key, v, want)
		}
	}
	var out strings.Builder
	pieces := strings.Split(t.recipe, "$")
	out.WriteString(pieces[0])
	for _, piece := range pieces[1:] {
		end := strings.IndexAny(piece, ",)]|")
		key, neutral, optional := strings.Cut(piece[:end], "=")
		used[key] = true
		v := values[key]
		if v == "" {
			if v = neutral; !optional {
				return "", fmt.Errorf("it has no %s", key)
			}
		}
		out.WriteString(v + piece[end:])
	}
	for _, key := range slices.Sorted(maps.Keys(hyper)) {
		if !used[key] {
			return "", fmt.Errorf("%s is not a setting that is known for this optimizer", key)
		}
	}
	return out.String(), nil
}

// value gives a number, truth value, word or list of these as a recipe has it, "" for
// null.
func value(raw json.RawMessage) (string, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", err
	}
	switch v {
	case nil:
		return "", nil
	case "N":
		return "", errors.New("NaN is no value of a setting")
	}
	if text, ok := written(v); ok {
		return text, nil
	}
	return "", fmt.Errorf("must be a number, true, false, a word, a list of these, or null, found %s", raw)
}

// written is v in the notation of recipes.
func written(v any) (text string, ok bool) {
	switch v := v.(type) {
	case float64:
		return recipe.Number(v).String(), true
	case bool:
		return recipe.Bool(v).String(), true
	case string:
		if word.MatchString(v) {
			return strings.ReplaceAll(v, "-", "_"), true
		}
		if v == "-inf" {
			return v, true
		}
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			if items[i], ok = written(item); !ok {
				return "", false
			}
		}
		return "[" + strings.Join(items, ", ") + "]", true
	}
	return "", false
}

// word is what can stand in a recipe without quotes.
var word = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// adamKind chooses among the kinds of Adam, of which the name of a file's optimizer says
// what holds where its hyper does not.
func adamKind(decoupled, amsgrad bool) func(values map[string]string) (recipe, demands string) {
	return func(values map[string]string) (string, string) {
		apart, largest := decoupled, amsgrad
		if v := values["decoupled"]; v != "" {
			apart = v == "true"
		}
		if v := values["amsgrad"]; v != "" {
			largest = v == "true"
		}
		demands := fmt.Sprintf("decoupled:%t amsgrad:%t", apart, largest)
		switch {
		case largest:
			return fmt.Sprintf("amsgrad("+adamArgs+", decoupled=%t)", apart), demands
		case apart:
			return "adamw(" + adamArgs + ")", demands
		}
		return "adam(" + adamArgs + ")", demands
	}
}
