// Package stat holds the statistics of a fair comparison: readings, summaries of
// a sample over seeds, the paired sign-flip test alone and jointly over many
// readings, the intervals that invert it, corrections, effect sizes, and advice
// on the number of seeds.
//
// Three conventions hold throughout. A value that is not finite is no value: it
// is dropped from a sample, and a pair that lacks one side is no pair. A result
// that cannot be had from the values there are (a deviation from one seed) is
// NaN, and its comment says when. A level alpha is the share of wrong rejections
// that is accepted, .05 for 95 % intervals; a test rejects where p <= alpha.
//
// All results are functions of the arguments alone. What is drawn at random is
// drawn from a seed that is an argument or, for the flips of SignFlip, from
// constants.
package stat

func checkLevel(alpha float64) {
	if !(alpha > 0 && alpha < 1) {
		panic("stat: level alpha is not between 0 and 1")
	}
}
