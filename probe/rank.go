package probe

import "basin/problem"

var rankDoc = Doc{
	Name:    "rank",
	Summary: "Effective ranks of the weights, of their change in training, and of hidden features.",
	Readings: []Reading{
		{Name: "erank", Formula: "exp(-sum_i p_i ln p_i), p = s / sum s, s the singular values of W; mean over matrices", Null: "near that of the random start, whatever training did", Invariant: Permutation | Rescaling, Parts: "blocks"},
		{Name: "erank_delta", Formula: "the same of W - W_0", Invariant: Permutation, Parts: "blocks", Headline: true},
		{Name: "erank_features", Formula: "the same of the last hidden layer's activations, examples x units, centred", Invariant: Permutation | Rescaling, Parts: "layers", Headline: true},
		{Name: "stable_rank", Formula: "|W|_F^2 / |W|_2^2; mean over matrices", Invariant: Permutation | Rescaling, Parts: "blocks"},
		{Name: "stable_rank_delta", Formula: "the same of W - W_0", Invariant: Permutation, Parts: "blocks"},
		{Name: "stable_rank_features", Formula: "the same of centred activations", Invariant: Permutation | Rescaling, Parts: "layers"},
		{Name: "participation_ratio_features", Formula: "(sum_i s_i^2)^2 / sum_i s_i^4 of centred activations", Invariant: Permutation | Rescaling, Parts: "layers"},
		{Name: "rankme_features", Formula: "erank with p_i = s_i / sum s + 1e-7, of centred activations", Invariant: Permutation | Rescaling, Parts: "layers"},
		{Name: "srank_features", Formula: "least k with sum_{i<=k} s_i >= 0.99 sum s, of centred activations", Invariant: Permutation | Rescaling, Parts: "layers"},
		{Name: "numerical_rank_features", Formula: "#{i: s_i > max(m, n) eps s_1} of centred activations, eps of the precision of training", Invariant: Permutation | Rescaling, Parts: "layers"},
		{Name: "nuclear_norm", Formula: "sum_i s_i of W; mean over matrices", Invariant: Permutation, Parts: "blocks"},
	},
	Source: "effective rank: Roy & Vetterli 2007; RankMe: Garrido et al. 2023, arXiv 2210.02885; srank: Kumar et al. 2021, arXiv 2010.14498",
	Needs:  "weight matrices; for features, a hidden layer",
	Cost:   "singular values of every matrix, twice, and of the activations of `examples` examples",
	Notes: []string{
		"W keeps the spectrum of a random start; what training added is in W - W_0.",
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
	ofWeights = []measure{
		{"erank", spectrum.effectiveRank}, {"stable_rank", spectrum.stableRank}, {"nuclear_norm", spectrum.nuclearNorm},
	}
	ofChange = []measure{
		{"erank_delta", spectrum.effectiveRank}, {"stable_rank_delta", spectrum.stableRank},
	}
	ofFeatures = []measure{
		{"erank_features", spectrum.effectiveRank}, {"stable_rank_features", spectrum.stableRank},
		{"participation_ratio_features", spectrum.participationRatio}, {"rankme_features", spectrum.rankMe},
		{"srank_features", spectrum.srank}, {"numerical_rank_features", spectrum.numericalRank},
	}
)

func (r *rank) Measure(p *Pass) error {
	for i, measures := range [][]measure{ofWeights, ofChange} {
		for _, s := range measures {
			perBlock(p, s.name, matrices(p.Layout), func(b problem.Block) (float64, error) {
				a, err := Need(p, weightSpectrum{b.Name, i == 1})
				if err != nil {
					return 0, err
				}
				return s.of(a), nil
			})
		}
	}
	return r.features(p)
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
					p.None(of(s.name), err.Error())
				} else {
					p.Exact(of(s.name), s.of(a))
				}
			}
		}
	}
	return nil
}
