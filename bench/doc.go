// Package bench holds the workloads by which basin's speed is judged. Each says in
// a Spec what is computed, so that another program can compute the same on the same
// numbers, and is carried out here as a user's program would: a network of nn, its
// objective, an optimizer of optim. README.md holds what was measured last.
package bench
