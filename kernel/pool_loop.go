package kernel

// A poolLoop is the number of an assembly loop: its place in kernel/gen's list.
type poolLoop int

const (
	poolLargest poolLoop = iota
	poolGather
	poolScatter
	poolScatterApart // for windows that cover the picture once
	poolMean
	poolShare
	poolShareApart
)
