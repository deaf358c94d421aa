package bench

import "strings"

// Catalog lists the workloads, in groups:
//
//	a  a small classifier of pictures, trained by four rules
//	b  a wide one
//	f  tiny nets, where all that is not arithmetic counts
//	g  products with the Hessian, and its largest eigenvalue
//	h  norms of the gradients of single examples
//	i  a sweep over eight seeds
var Catalog = []Workload{
	mlp("a", SGDM, 784, 256, 256, 10),
	mlp("a", AdamW, 784, 256, 256, 10),
	mlp("a", Muon, 784, 256, 256, 10),
	mlp("a", Shampoo, 784, 256, 256, 10),
	mlp("b", SGDM, 784, 1024, 1024, 10),
	mlp("b", AdamW, 784, 1024, 1024, 10),
	tiny("relu", SGDM, 32, 64, 32, 10),
	tiny("relu", AdamW, 32, 64, 32, 10),
	tiny("tanh", SGDM, 16, 2, 32, 32, 2),
	curvature("g", Product, 1024, 0),
	curvature("g", FreshProduct, 1024, 0),
	curvature("g", Eigen, 2048, 30),
	curvature("h", Norms, 128, 0),
	{Group: "i", Runs: true, Units: 8, Spec: Spec{
		Task: Retrain, Net: MLP, Act: "relu", Widths: []int{784, 256, 256, 10}, Rule: SGDM, Batch: 128, Examples: 4096, Steps: 400,
	}},
}

func mlp(group string, r Rule, widths ...int) Workload {
	return Workload{Group: group, Spec: Spec{Task: Train, Net: MLP, Act: "relu", Widths: widths, Rule: r, Batch: 128, Examples: 4096}}
}

func tiny(act string, r Rule, batch int, widths ...int) Workload {
	return Workload{Group: "f", Runs: true, Spec: Spec{Task: Train, Net: MLP, Act: act, Widths: widths, Rule: r, Batch: batch, Examples: 1024}}
}

func curvature(group string, t Task, batch, steps int) Workload {
	return Workload{Group: group, Spec: Spec{
		Task: t, Net: MLP, Act: "relu", Widths: []int{784, 256, 256, 10}, Batch: batch, Examples: batch, Steps: steps,
	}}
}

// Find gives the workloads whose group is one of the words or whose name contains
// one of them; all of them where there are no words.
func Find(words ...string) []*Workload {
	var found []*Workload
	for i := range Catalog {
		w := &Catalog[i]
		keep := len(words) == 0
		for _, word := range words {
			keep = keep || word == w.Group || len(word) > 1 && strings.Contains(w.Name(), word)
		}
		if keep {
			found = append(found, w)
		}
	}
	return found
}
