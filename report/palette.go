package report

import "basin/study"

// Colours of Okabe and Ito (2008), which people with any colour vision can tell
// apart; yellow is left out, being too faint on white. The reference has black.
var okabeIto = []string{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"}

const black = "#000000"

// Dashes tell apart optimizers that share a colour.
var dashes = [][]int{{1, 0}, {5, 3}, {2, 2}, {8, 3, 2, 3}}

// An ink is how an optimizer is drawn wherever it appears.
type ink struct {
	color string
	dash  []int
}

// inks gives each optimizer its own.
func inks(s *study.Study) []ink {
	list := make([]ink, len(s.Optimizers))
	for rank, o := range referenceFirst(s) {
		if rank == 0 {
			list[o] = ink{black, dashes[0]}
			continue
		}
		rank--
		list[o] = ink{okabeIto[rank%len(okabeIto)], dashes[rank/len(okabeIto)%len(dashes)]}
	}
	return list
}
