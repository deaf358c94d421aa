package probe

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"basin/kernel"
	"basin/nn"
	"basin/problem"
	"basin/recipe"
	"basin/rng"
	"basin/stat"
)

// values are those of readings.
func values(all map[string]stat.Reading) map[string]float64 {
	v := map[string]float64{}
	for name, r := range all {
		if r.Defined() {
			v[name] = r.Value
		}
	}
	return v
}

// A population is a network with a law from which fresh examples are drawn.
type population struct {
	layout *problem.Layout
	engine *nn.Engine[float64]
	x      []float64
	draw   func(s *rng.Stream, ex *nn.Examples[float64])
}

// populate makes a model for inputs, fitted to some examples by gradient descent.
func populate(model string, in nn.Input, outputs int, kind problem.LossKind, draw func(s *rng.Stream, ex *nn.Examples[float64])) *population {
	r, err := recipe.Parse(model)
	if err != nil {
		panic(err)
	}
	m, err := nn.ParseModel(model, r[0])
	if err != nil {
		panic(err)
	}
	net, err := nn.NewNet(m, in, outputs)
	if err != nil {
		panic(err)
	}
	p := &population{net.Layout(), nn.NewEngine[float64](net, kind, 256), make([]float64, net.Layout().N), draw}
	nn.Init(net, p.x, 1)
	f, g := p.set(1000, "fitted", -1), make([]float64, len(p.x))
	for range 150 {
		f.Grad(g, p.x)
		kernel.Axpy(p.x, -.5, g)
	}
	return p
}

// set is n fresh examples.
func (p *population) set(n int, name string, i int) problem.Objective[float64] {
	s := rng.At(1, name, i)
	ex := &nn.Examples[float64]{N: n}
	for range n {
		p.draw(&s, ex)
	}
	ex.In = (len(ex.X) + len(ex.Tokens)) / n
	return p.engine.Objective(ex)
}

func (p *population) pass(seed int, train, test problem.Objective[float64]) *Pass {
	return &Pass{Layout: p.layout, X: p.x, Start: make([]float64, len(p.x)), Eps: 0x1p-52, Seed: uint64(seed),
		Sets: map[string]problem.Objective[float64]{"train": train, "val": train, "test": test}}
}

// A sampling is which sets are drawn, how many examples of each, and of how many the
// values are taken for the true ones, by which probes.
type sampling struct {
	train, test   bool
	n, many       int
	probes, exact string
}

// fresh is a trial in which examples are drawn, and what a probe draws besides.
func (p *population) fresh(s sampling) experiment {
	fixedTrain, fixedTest := p.set(1000, "train", -1), p.set(1000, "test", -1)
	pass := func(n, i int) *Pass {
		train, test := fixedTrain, fixedTest
		if s.train {
			train = p.set(n, "train", i)
		}
		if s.test {
			test = p.set(n, "test", i)
		}
		return p.pass(i, train, test)
	}
	return experiment{
		func(t *testing.T, i int) map[string]stat.Reading { return ask(t, pass(s.n, i+1), s.probes) },
		func(t *testing.T) map[string]float64 {
			return values(ask(t, pass(s.many, 0), cmp.Or(s.exact, s.probes)))
		},
	}
}

// drawing is a trial of what a probe draws at random, on n examples that stay.
func (p *population) drawing(n int, probes, exact string) experiment {
	f := p.set(n, "fixed", -1)
	return experiment{
		func(t *testing.T, i int) map[string]stat.Reading { return ask(t, p.pass(i+1, f, f), probes) },
		func(t *testing.T) map[string]float64 { return values(ask(t, p.pass(0, f, f), exact)) },
	}
}

// pictures are of 3 x 2 numbers, and of four classes of unequal frequency, as a linear
// function of the numbers makes them likely.
func pictures() *population {
	const classes, d = 4, 6
	teacher := rng.At(1, "teacher", 0)
	w := normals(&teacher, classes*d)
	return populate("mlp(8, 6)", nn.Input{Shape: []int{3, 2, 1}}, classes, problem.SoftmaxCrossEntropy, func(s *rng.Stream, ex *nn.Examples[float64]) {
		x, z := normals(s, d), make([]float64, classes)
		for c := range z {
			z[c] = 1.2*kernel.Dot(w[c*d:(c+1)*d], x) - .4*float64(c)
		}
		softmax(z, z)
		u, y := s.Float64(), 0
		for ; y < classes-1 && u >= z[y]; y++ {
			u -= z[y]
		}
		ex.X, ex.Labels = append(ex.X, x...), append(ex.Labels, y)
	})
}

// sentences are of eight tokens, half of which predict the same class.
func sentences() *population {
	const tokens = 40
	return populate("gpt(layers=1, width=8, heads=2)", nn.Input{Shape: []int{context}, Tokens: tokens}, kinds, problem.SoftmaxCrossEntropy, func(s *rng.Stream, ex *nn.Examples[float64]) {
		own := s.IntN(kinds)
		for k := range context {
			token := s.IntN(tokens)
			ex.Tokens = append(ex.Tokens, token)
			if k%2 == 0 {
				ex.Labels = append(ex.Labels, own*s.IntN(2))
			} else {
				ex.Labels = append(ex.Labels, token%kinds)
			}
		}
	})
}

// curves are squared losses of a noisy function.
func curves() *population {
	return populate("mlp(5)", nn.Input{Shape: []int{3}}, 2, problem.Squared, func(s *rng.Stream, ex *nn.Examples[float64]) {
		x := []float64{4*s.Float64() - 2, 2*s.Float64() - 1, 2*s.Float64() - 1}
		ex.X = append(ex.X, x...)
		ex.Targets = append(ex.Targets, math.Sin(x[0])+.3*s.Norm(), x[1]*x[2]+.3*s.Norm())
	})
}

// torus is points of a flat torus, which has no edges.
func torus() experiment {
	return experiment{func(_ *testing.T, i int) map[string]stat.Reading {
		const n = 600
		s := rng.At(7, "torus", i)
		var h []float64
		for range n {
			a, b := 2*math.Pi*s.Float64(), 2*math.Pi*s.Float64()
			h = append(h, math.Cos(a), math.Sin(a), math.Cos(b), math.Sin(b))
		}
		fine, _, _ := (&dimension{Discard: .1}).estimate(h, 4, deal(10, uint64(i), n, 1))
		return map[string]stat.Reading{"intrinsic_dimension": stat.Estimate("", "", "", fine.value, fine.stderr)}
	}, constants(map[string]float64{"intrinsic_dimension": 2})}
}

func constants(truth map[string]float64) func(*testing.T) map[string]float64 {
	return func(*testing.T) map[string]float64 { return truth }
}

// mixtures are y = x A + noise of Gaussian x. Cov(x, y) = A, Cov(x) = 1, Cov(y) = A'A + 1.
func mixtures(each int) experiment {
	const n, p, q = 200, 5, 4
	mix := cosines(p, q, 0)
	cov := make([]float64, q*q)
	for i := range q {
		cov[i*q+i] = 1
		for j := range q {
			for k := range p {
				cov[i*q+j] += mix[k*q+i] * mix[k*q+j]
			}
		}
	}
	return experiment{func(t *testing.T, i int) map[string]stat.Reading {
		s := rng.At(6, "mixed", i)
		var x, y []float64
		for range n {
			row, noise := normals(&s, p), normals(&s, q)
			for range each {
				x = append(x, row...)
				for j := range q {
					v := noise[j]
					for k := range p {
						v += row[k] * mix[k*q+j]
					}
					y = append(y, v)
				}
			}
		}
		_, d, err := centredAlignment(represent(x, n*each, p), represent(y, n*each, q))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]stat.Reading{"cka": stat.Estimate("", "", "", d.all, d.stderr(each))}
	}, constants(map[string]float64{"cka": kernel.Dot(mix, mix) / (math.Sqrt(p) * kernel.Norm2(cov))})}
}

// pareto is n values of density l^-2.5 above 1, and some values below it.
func pareto(n, below int) experiment {
	least := n
	if below > 0 {
		least = 10
	}
	return experiment{func(t *testing.T, i int) map[string]stat.Reading {
		stream := rng.At(1, "pareto", i)
		var s []float64
		for range n {
			s = append(s, math.Pow(1-stream.Float64(), -1./3))
		}
		for range below {
			s = append(s, math.Sqrt(stream.Float64()))
		}
		slices.Sort(s)
		slices.Reverse(s)
		f, err := fitTail(s, least)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]stat.Reading{"alpha": stat.Estimate("", "", "", f.alpha, (f.alpha-1)/math.Sqrt(float64(f.n)))}
	}, constants(map[string]float64{"alpha": 2.5})}
}

// sixBits is the function of a random network, whose sensitivity is that of all inputs.
func sixBits() experiment {
	p := populate("mlp(8)", nn.Input{Shape: []int{6}}, 2, problem.SoftmaxCrossEntropy, func(s *rng.Stream, ex *nn.Examples[float64]) {
		for range 6 {
			ex.X = append(ex.X, s.Sign())
		}
		ex.Labels = append(ex.Labels, s.IntN(2))
	})
	return p.drawing(100, "bits(most=5, evaluations=420)", "bits")
}

// answers are accuracies of a stream in which each answer is right by chance, those of
// references too.
func answers() experiment {
	const n = 500
	chance := [][]float64{{.2, .25, .3}, {.9, .3, .2}, {.7, .95, .25}, {.5, .8, .98}}
	read := func(t *testing.T, share func(p float64) float64) map[string]stat.Reading {
		p := &Pass{Judged: []int{n, n, n}}
		for k, row := range chance {
			s := problem.Stage{Phase: k}
			for _, v := range row {
				s.Accuracy = append(s.Accuracy, share(v))
			}
			p.Stages = append(p.Stages, s)
		}
		p.Reference = func(int, int) (accuracy, masked float64, err error) { return share(.97), math.NaN(), nil }
		return ask(t, p, "forgetting, intransigence")
	}
	return experiment{func(t *testing.T, i int) map[string]stat.Reading {
		s := rng.At(1, "answers", i)
		return read(t, func(p float64) float64 {
			right := 0.
			for range n {
				if s.Float64() < p {
					right++
				}
			}
			return right / n
		})
	}, func(t *testing.T) map[string]float64 { return values(read(t, func(p float64) float64 { return p })) }}
}
