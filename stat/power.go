package stat

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// SeedsForLevel is the smallest number of seeds with which a reading of one among
// several contrasts can be significant at alpha after Holm: contrasts *
// SmallestP(n) <= alpha. It reports false where no number will do, because the
// flips drawn for many seeds are too few.
func SeedsForLevel(alpha float64, contrasts int) (int, bool) {
	checkLevel(alpha)
	if contrasts < 1 {
		panic("stat: SeedsForLevel: no contrast")
	}
	for n := 2; n <= exactSeeds+1; n++ {
		if float64(contrasts)*SmallestP(n) <= alpha {
			return n, true
		}
	}
	return 0, false
}

// SeedsForPower is about the number of seeds with which a difference of effect
// standard deviations (see Standardized) is found at level alpha with the given
// probability:
//
//	n = ((z(1-alpha/2) + z(power)) / effect)^2 + z(1-alpha/2)^2 / 2,
//
// the normal approximation with Guenther's (1981) correction for an estimated
// deviation, and no less than SeedsForLevel(alpha, 1). It is advice: it supposes
// normal differences and that the effect is known, while an effect estimated from
// few seeds, and picked because it was large, is too large. It reports false where
// there is no effect to find.
func SeedsForPower(effect, alpha, power float64) (int, bool) {
	if !(power > 0 && power < 1) {
		panic("stat: SeedsForPower: power is not between 0 and 1")
	}
	least, ok := SeedsForLevel(alpha, 1)
	effect = math.Abs(effect)
	if !ok || !(effect > 0) {
		return 0, false
	}
	z := distuv.UnitNormal.Quantile(1 - alpha/2)
	root := max(0, z+distuv.UnitNormal.Quantile(power)) / effect
	n := math.Ceil(root*root + z*z/2)
	if n > math.MaxInt32 {
		return 0, false
	}
	return max(least, int(n)), true
}
