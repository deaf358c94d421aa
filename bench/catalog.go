package bench

import "strings"

// Catalog lists the workloads, in groups:
//
//	a  a small classifier of pictures, trained by four rules
//	b  a wide one
//	c  a convolutional network
//	d  residual networks of 8 and 20 layers
//	e  a transformer
//	f  tiny nets, where all that is not arithmetic counts
//	g  products with the Hessian, and its largest eigenvalue
//	h  norms of the gradients of single examples
//	i  a sweep over eight seeds
var Catalog = []Workload{
	mlp("a", SGDM, 256),
	mlp("a", AdamW, 256),
	mlp("a", Muon, 256),
	mlp("a", Shampoo, 256),
	mlp("b", SGDM, 1024),
	mlp("b", AdamW, 1024),
	{Group: "c", Spec: Spec{
		Task: Train, Net: CNN, Act: "relu", Shape: []int{28, 28, 1}, Outputs: 10, Rule: SGDM, Batch: 128, Examples: 512,
	}},
	residual(8),
	residual(20),
	{Group: "e", Spec: Spec{
		Task: Train, Net: GPT, Act: "gelu", Shape: []int{128}, Outputs: 65, Rule: AdamW, Batch: 16, Examples: 128,
	}},
	tiny("relu", SGDM, 32, 64, 10, 32),
	tiny("relu", AdamW, 32, 64, 10, 32),
	tiny("tanh", SGDM, 16, 2, 2, 32, 32),
	curvature("g", Product, 1024, 0),
	curvature("g", FreshProduct, 1024, 0),
	curvature("g", Eigen, 2048, 30),
	curvature("h", Norms, 128, 0),
	sweep(),
}

func mlp(group string, r Rule, width int) Workload {
	return Workload{Group: group, Spec: Spec{
		Task: Train, Net: MLP, Act: "relu", Shape: []int{784}, Widths: []int{width, width}, Outputs: 10, Rule: r, Batch: 128, Examples: 4096,
	}}
}

func tiny(act string, r Rule, batch, inputs, outputs int, widths ...int) Workload {
	return Workload{Group: "f", Runs: true, Spec: Spec{
		Task: Train, Net: MLP, Act: act, Shape: []int{inputs}, Widths: widths, Outputs: outputs, Rule: r, Batch: batch, Examples: 1024,
	}}
}

func residual(depth int) Workload {
	return Workload{Group: "d", Spec: Spec{
		Task: Train, Net: ResNet, Act: "relu", Shape: []int{32, 32, 3}, Depth: depth, Outputs: 10, Rule: SGDM, Batch: 128, Examples: 256,
	}}
}

func curvature(group string, t Task, batch, steps int) Workload {
	w := mlp(group, "", 256)
	w.Task, w.Batch, w.Examples, w.Steps = t, batch, batch, steps
	return w
}

// sweep trains eight networks of group a.
func sweep() Workload {
	w := mlp("i", SGDM, 256)
	w.Task, w.Runs, w.Units, w.Steps = Retrain, true, 8, 400
	return w
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
