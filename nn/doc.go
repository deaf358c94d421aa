// Package nn makes objectives of networks and examples: a model adds nodes to a
// graph, an engine compiles what is asked of it for each batch size, and an
// objective runs that over examples.
package nn
