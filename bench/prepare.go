package bench

import (
	"fmt"

	"basin/internal/crew"
	"basin/kernel"
	"basin/nn"
	"basin/optim"
	"basin/problem"
)

// A Prepared workload is ready to be carried out again and again.
type Prepared struct {
	// Witness is what was computed first, by which it can be told whether another
	// program computes the same: the losses before three steps, a norm, an eigenvalue.
	Witness []float64
	// Run does a unit of work, one entry for each run that goes on at the same time.
	Run []func()
	// Flops counts the operations of a unit: of training all that basin makes, of
	// curvature those in products of matrices.
	Flops float64

	crews []*crew.Crew // by run
}

// Close ends the helpers of the runs.
func (p *Prepared) Close() {
	for _, c := range p.crews {
		c.Close()
	}
}

// Prepare makes a workload ready for a number of threads.
func (w *Workload) Prepare(threads int) (*Prepared, error) {
	net, err := w.net()
	if err != nil {
		return nil, fmt.Errorf("workload %s: %w", w.Name(), err)
	}
	all, runs := w.examples(), 1
	if w.Runs {
		runs = threads
	}
	p := &Prepared{}
	for range runs {
		p.crews = append(p.crews, crew.New(threads/runs-1))
		r := newRun(&w.Spec, net, all, p.crews[len(p.crews)-1])
		if err := r.prepare(p); err != nil {
			return nil, fmt.Errorf("workload %s: %w", w.Name(), err)
		}
	}
	return p, nil
}

// run is one run of a workload.
type run struct {
	spec    *Spec
	crew    *crew.Crew
	layout  *problem.Layout
	batches []objective
	x, d    []float32
	v, from []float32 // directions
	each    []float64 // norms

	stepper optim.Stepper[float32]
	link    optim.Step[float32]
	mover   optim.Mover[float32]
	t       int
}

type objective interface {
	problem.Objective[float32]
	problem.Flopper
}

func newRun(s *Spec, net *nn.Net, all *nn.Examples[float32], c *crew.Crew) *run {
	r := &run{spec: s, crew: c, mover: optim.Mover[float32]{Crew: c}, layout: net.Layout(), x: start(net.Layout()), d: kernel.Vector[float32](net.Layout().N), each: make([]float64, s.Batch)}
	engine := nn.NewEngine[float32](net, problem.SoftmaxCrossEntropy, s.Batch)
	engine.Use(c)
	for lo := 0; lo < all.N; lo += s.Batch {
		var f objective = engine.Objective(part(all, lo, lo+s.Batch))
		if s.Task == Train || s.Task == Retrain {
			f = engine.Training(part(all, lo, lo+s.Batch), uint64(lo))
		}
		r.batches = append(r.batches, f)
	}
	return r
}

// prepare computes the witness and adds the run to p.
func (r *run) prepare(p *Prepared) error {
	unit := r.step
	switch r.spec.Task {
	case Train, Retrain:
		if err := r.newStepper(); err != nil {
			return err
		}
		_, p.Flops, _ = r.batches[0].(problem.Flopper).Flops()
		p.Witness = []float64{r.next(), r.next(), r.next()}
		if c, ok := optim.As[optim.Coster](r.stepper); ok {
			p.Flops += c.Flops()
		}
		if r.spec.Task == Retrain {
			p.Flops *= float64(r.spec.Steps)
			unit = r.retrain
		}
	case Product, FreshProduct:
		r.v = along(r.layout)
		r.product()
		p.Witness, p.Flops = []float64{kernel.Norm2(r.d)}, r.spec.multiplied(2, 6)
		unit = r.product
		if r.spec.Task == FreshProduct {
			p.Flops += r.spec.multiplied(1, 2)
			unit = r.freshProduct
		}
	case Eigen:
		r.from = along(r.layout)
		p.Witness, p.Flops = []float64{r.eigen()}, r.spec.multiplied(1, 2)+float64(r.spec.Steps)*r.spec.multiplied(2, 6)
		unit = r.freshEigen
	case Norms:
		p.Witness, p.Flops = []float64{r.norms()}, r.spec.multiplied(1, 2)
		unit = func() { r.norms() }
	default:
		return fmt.Errorf("unknown task %q", r.spec.Task)
	}
	p.Run = append(p.Run, unit)
	return nil
}
