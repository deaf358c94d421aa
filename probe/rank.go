package probe

import "basin/problem"

var rankDoc = Doc{
	Name:    "rank",
	Family:  "weights",
	Summary: "Effective ranks of the weights, of their change in training, and of hidden features.",
	Readings: []Reading{
		{Name: "erank", Formula: "exp(-sum_i p_i ln p_i), p = s / sum s, s the singular values of W; mean over matrices", Null: "near that of the random start, whatever training did", Invariant: Permutation | Rescaling | Rotation, Parts: "blocks"},
		{Name: "erank_delta", Formula: "the same of D = W - W_0", Null: "about that of a Gaussian matrix of the shape, for a change without direction", Invariant: Permutation | Rotation, Parts: "blocks", Headline: true},
		{Name: "erank_residual", Formula: "the same of R = W - a W_0, a = <W, W_0> / |W_0|_F^2", Null: "as those of the change W - W_0, without decay", Invariant: Permutation | Rescaling | Rotation, Parts: "blocks"},
		{Name: "erank_features", Formula: "the same of the last hidden layer's activations, examples x units, centred", Null: untrained, Invariant: Permutation | Rescaling | Rotation, Parts: "layers", Headline: true},
		{Name: "stable_rank", Formula: "|W|_F^2 / |W|_2^2; mean over matrices", Null: untrained, Invariant: Permutation | Rescaling | Rotation, Parts: "blocks"},
		{Name: "stable_rank_delta", Formula: "the same of D", Null: "about that of a Gaussian matrix of the shape, for a change without direction", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "stable_rank_residual", Formula: "the same of R", Null: "as those of the change W - W_0, without decay", Invariant: Permutation | Rescaling | Rotation, Parts: "blocks"},
		{Name: "stable_rank_features", Formula: "the same of centred activations", Null: untrained, Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "participation_ratio", Formula: "(sum_i s_i^2)^2 / sum_i s_i^4 of W; mean over matrices", Null: "m n / (m + n) for a large Gaussian m x n matrix", Invariant: Permutation | Rescaling | Rotation, Parts: "blocks"},
		{Name: "participation_ratio_delta", Formula: "the same of D", Null: "m n / (m + n) for a random change", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "participation_ratio_residual", Formula: "the same of R", Null: "m n / (m + n) for a random change", Invariant: Permutation | Rescaling | Rotation, Parts: "blocks"},
		{Name: "participation_ratio_features", Formula: "the same of centred activations", Null: untrained, Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "rankme_features", Formula: "erank with p_i = s_i / sum s + 1e-7, of centred activations", Null: untrained, Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "srank_features", Formula: "least k with sum_{i<=k} s_i >= 0.99 sum s, of centred activations", Null: untrained, Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "numerical_rank", Formula: "#{i: s_i > max(m, n) eps s_1} of W, eps of the precision of training; mean over matrices", Null: "min(m, n) for a random start", Invariant: Permutation | Rescaling | Rotation, Parts: "blocks"},
		{Name: "numerical_rank_delta", Formula: "the same of D, with the larger of s_1(D) and s_1(W)", Null: "about that of a Gaussian matrix of the shape, for a change without direction", Invariant: Permutation | Rotation, Parts: "blocks"},
		{Name: "numerical_rank_residual", Formula: "the same of R, with the larger of s_1(R) and s_1(W)", Null: "as those of the change W - W_0, without decay", Invariant: Permutation | Rescaling | Rotation, Parts: "blocks"},
		{Name: "numerical_rank_features", Formula: "the same of centred activations, with their own s_1", Null: untrained, Invariant: Permutation | Rescaling | Rotation, Parts: "layers"},
		{Name: "nuclear_norm", Formula: "sum_i s_i of W; mean over matrices", Null: untrained, Invariant: Permutation | Rotation, Parts: "blocks"},
	},
	Source: "effective rank: Roy & Vetterli 2007; RankMe: Garrido et al. 2023, arXiv 2210.02885; srank: Kumar et al. 2021, arXiv 2010.14498",
	Needs:  "weight matrices; the start; for features, a hidden layer",
	Cost:   "singular values of every matrix, three times, and of the activations of `examples` examples",
	Notes: []string{
		"W keeps the spectrum of a random start; what training added is in D = W - W_0. Decay alone makes D a multiple of W_0, which is of full rank; R is without that part. Where W_0 is zero R is W.",
		"A convolution's kernel is the matrix of its output channels by all else. Matrices of a single row or column are left out.",
	},
}

type rank struct {
	Set      string `arg:"set" default:"test" help:"the set whose features are measured"`
	Examples int    `arg:"examples" default:"2048" valid:"[0,inf)" help:"how many of its examples, 0 for all; a sequence counts as its predictions"`
}

// A measure is a reading made from a spectrum.
type measure struct {
	name string
	of   func(spectrum) float64
}

var (
	dimensions = []measure{
		{"erank", spectrum.effectiveRank}, {"stable_rank", spectrum.stableRank}, {"participation_ratio", spectrum.participationRatio},
	}
	ofMatrices = append([]measure{{"numerical_rank", spectrum.numericalRank}}, dimensions...)
	ofFeatures = append([]measure{{"rankme", spectrum.rankMe}, {"srank", spectrum.srank}}, ofMatrices...)
)

func (r *rank) Measure(p *Pass) error {
	for _, s := range ofMatrices {
		r.matrices(p, s, solution, "")
		r.matrices(p, s, moved, "_delta")
		r.matrices(p, s, undecayed, "_residual")
	}
	r.matrices(p, measure{"nuclear_norm", spectrum.nuclearNorm}, solution, "")
	return r.features(p)
}

func (*rank) matrices(p *Pass, s measure, kind matrixKind, suffix string) {
	perBlock(p, s.name+suffix, matrices(p.Layout), func(b problem.Block) (float64, error) {
		a, err := Need(p, weightSpectrum{b.Name, kind})
		if err != nil {
			return 0, err
		}
		return s.of(a), nil
	})
}

// features reads every hidden layer, and the last one also without its name.
func (r *rank) features(p *Pass) error {
	q := Features{r.Set, r.Examples}
	f, err := Need(p, q)
	if err != nil {
		return err
	}
	for _, s := range ofFeatures {
		for i := range f.Layers {
			a, err := Need(p, featureSpectrum{q, i})
			for _, of := range f.names(i) {
				if err != nil {
					p.None(of(s.name+"_features"), err.Error())
				} else {
					p.Exact(of(s.name+"_features"), s.of(a))
				}
			}
		}
	}
	return nil
}
