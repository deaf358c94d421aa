package probe

import (
	"math"

	"basin/kernel"
)

// A spectrum is the singular values s of a matrix that is not zero, descending.
type spectrum struct {
	s []float64
	// noise is max(m, n) eps s_1: values below it may be rounding alone.
	noise float64
}

// effectiveRank is exp(-sum p_i ln p_i) with p = s / sum s (Roy & Vetterli 2007).
func (a spectrum) effectiveRank() float64 { return a.rankByEntropy(0) }

// rankMe is the effective rank with 1e-7 added to every share (Garrido et al. 2023).
func (a spectrum) rankMe() float64 { return a.rankByEntropy(1e-7) }

func (a spectrum) rankByEntropy(add float64) float64 {
	total, h := kernel.Sum(a.s), 0.
	for _, v := range a.s {
		if p := v/total + add; p > 0 {
			h -= p * math.Log(p)
		}
	}
	return math.Exp(h)
}

// stableRank is |A|_F^2 / |A|_2^2.
func (a spectrum) stableRank() float64 { return kernel.Dot(a.s, a.s) / (a.s[0] * a.s[0]) }

// participationRatio is (sum l)^2 / sum l^2 of the eigenvalues l = s^2 of A'A.
func (a spectrum) participationRatio() float64 {
	fourth := 0.
	for _, v := range a.s {
		fourth += v * v * v * v
	}
	square := kernel.Dot(a.s, a.s)
	return square * square / fourth
}

func (a spectrum) nuclearNorm() float64 { return kernel.Sum(a.s) }

// srank is the least number of singular values that hold 99% of their sum (Kumar et
// al. 2021, delta = 0.01).
func (a spectrum) srank() float64 {
	want, sum := .99*kernel.Sum(a.s), 0.
	for i, v := range a.s {
		if sum += v; sum >= want {
			return float64(i + 1)
		}
	}
	return float64(len(a.s))
}

// numericalRank counts the singular values above the noise.
func (a spectrum) numericalRank() float64 {
	r := 0
	for r < len(a.s) && a.s[r] > a.noise {
		r++
	}
	return float64(r)
}
