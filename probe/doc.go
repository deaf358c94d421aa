// Package probe measures what kind of solution a training found: readings of its
// sharpness, rank, sparsity, margins and so on, each with its error and warnings.
//
// A probe is one file and one line of the catalogue. It sees a flat vector of named
// blocks and objectives of it, never a network, and is written once in float64.
// Names are stable: a reading of the whole solution is lower_snake, a reading of
// one part of it has the part after a slash, as in "erank/layer1.weight".
package probe
