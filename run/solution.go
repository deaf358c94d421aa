package run

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"basin/internal/safetensors"
	"basin/kernel"
	"basin/probe"
	"basin/problem"
	"basin/study"
)

// The metadata of a solution's file, beside its tensors: one per block of the
// parameters and of the state, if there is one, named and shaped as the block.
const (
	MetaTask      = "task"
	MetaModel     = "model"
	MetaOptimizer = "optimizer"
	MetaSeed      = "seed"
	MetaPoint     = "point"
	MetaStep      = "step"
	MetaPath      = "path_length"
	MetaCourse    = "course" // JSON, see course
	MetaKey       = "run"
)

// The metric of the step that led to a solution, and the step itself, are kept in the store
// beside it, but are no part of the solution: their points are that of the solution
// followed by these.
const (
	metricOf = "/metric"
	updateOf = "/update"
)

// encode writes a solution and what is beside it as safetensors files, by point.
func (l *lab) encode(made map[string][]byte, f found[float32]) (err error) {
	point := f.Point.String()
	if made[point], err = encodeSolution(l, f); err != nil {
		return err
	}
	if f.metric != nil {
		if made[point+metricOf], err = encodeMetric(f.metric); err != nil {
			return err
		}
	}
	if f.update != nil {
		var buf bytes.Buffer
		if err = safetensors.Write(&buf, tensors(l.problem.Layout, f.update), nil); err != nil {
			return err
		}
		made[point+updateOf] = buf.Bytes()
	}
	return nil
}

// tensors are the blocks of x.
func tensors(layout *problem.Layout, x []float32) []safetensors.Tensor {
	var list []safetensors.Tensor
	for _, b := range layout.Blocks {
		list = append(list, safetensors.Tensor{Name: b.Name, Shape: b.Shape, F32: problem.View(x, b)})
	}
	return list
}

// encodeSolution writes a solution as a safetensors file.
func encodeSolution(l *lab, f found[float32]) ([]byte, error) {
	all := tensors(l.problem.Layout, f.x)
	if s := l.problem.State; s != nil {
		s.Calibrate(f.x)
		all = append(all, tensors(s.Layout, s.Values)...)
	}
	r := l.job.Run
	course, err := json.Marshal(courseOf(&f.course, l.problem.Layout))
	if err != nil {
		return nil, fmt.Errorf("run %s: writing its course: %w", l.key, err)
	}
	var buf bytes.Buffer
	err = safetensors.Write(&buf, all, map[string]string{
		"format": "pt", MetaKey: l.key, MetaTask: r.Task, MetaModel: r.Model, MetaOptimizer: r.Optimizer,
		MetaSeed: strconv.FormatUint(r.Seed, 10), MetaPoint: f.Point.String(), MetaStep: strconv.Itoa(f.Step),
		MetaPath: strconv.FormatFloat(f.Path, 'g', -1, 64), MetaCourse: string(course),
	})
	return buf.Bytes(), err
}

// course is a problem.Course as it stands in a solution's file, with blocks by name.
type course struct {
	Steps    int                `json:"steps"`
	Cost     problem.Cost       `json:"cost"`
	Path     map[string]float64 `json:"path_lengths"`
	LastStep map[string]float64 `json:"step_lengths,omitempty"`
	Stale    *int               `json:"stale,omitempty"` // none: -1
}

func courseOf(c *problem.Course, layout *problem.Layout) course {
	byName := func(lengths []float64) map[string]float64 {
		named := map[string]float64{}
		for i, v := range lengths {
			named[layout.Blocks[i].Name] = v
		}
		return named
	}
	told := course{c.Steps, c.Cost, byName(c.Path), byName(c.Last), nil}
	if c.Stale >= 0 {
		told.Stale = &c.Stale
	}
	return told
}

// Course gives the length of the path of training to the solution in a file, and what else
// the file says of it: NaN and nil where it does not.
func Course(file *safetensors.File, layout *problem.Layout) (length float64, c *problem.Course) {
	length, err := strconv.ParseFloat(file.Metadata[MetaPath], 64)
	if err != nil || !(length >= 0) {
		length = math.NaN()
	}
	var told course
	if json.Unmarshal([]byte(file.Metadata[MetaCourse]), &told) != nil || told.Steps < 0 {
		return length, nil
	}
	c = &problem.Course{Steps: told.Steps, Cost: told.Cost, Stale: -1}
	if told.Stale != nil && *told.Stale >= 0 {
		c.Stale = *told.Stale
	}
	for _, b := range layout.Blocks {
		v, ok := told.Path[b.Name]
		if !ok || v < 0 {
			return length, nil
		}
		c.Path = append(c.Path, v)
		if v, ok := told.LastStep[b.Name]; ok && v >= 0 {
			c.Last = append(c.Last, v)
		}
	}
	if len(c.Last) != len(c.Path) {
		c.Last = nil
	}
	return length, c
}

// The metadata of a metric's file.
const (
	metaRate = "rate"
	metaEdge = "edge"
)

// encodeMetric writes a metric as a safetensors file, with a tensor unless it is the
// identity.
func encodeMetric(m *problem.Metric) ([]byte, error) {
	var tensors []safetensors.Tensor
	if m.InvSqrt != nil {
		tensors = append(tensors, safetensors.Tensor{Name: "inv_sqrt", Shape: []int{len(m.InvSqrt)}, F64: m.InvSqrt})
	}
	var buf bytes.Buffer
	err := safetensors.Write(&buf, tensors, map[string]string{
		metaRate: strconv.FormatFloat(m.Rate, 'g', -1, 64), metaEdge: strconv.FormatFloat(m.Edge, 'g', -1, 64),
	})
	return buf.Bytes(), err
}

func decodeMetric(body []byte, n int) (*problem.Metric, error) {
	file, err := safetensors.Read(body)
	if err != nil {
		return nil, err
	}
	m := &problem.Metric{}
	if m.Rate, err = strconv.ParseFloat(file.Metadata[metaRate], 64); err != nil {
		return nil, err
	}
	if m.Edge, err = strconv.ParseFloat(file.Metadata[metaEdge], 64); err != nil {
		return nil, err
	}
	if t, ok := file.Tensor("inv_sqrt"); ok {
		if m.InvSqrt = t.F64; len(m.InvSqrt) != n {
			return nil, fmt.Errorf("it is of %d parameters, the network has %d", len(m.InvSqrt), n)
		}
	}
	return m, nil
}

// loadKept gives the parameters of a solution in the store, as Load does.
func loadKept(store interface {
	Solution(key, point string) (body []byte, ok bool, err error)
}, at study.Place, p *problem.Problem[float32]) ([]float32, error) {
	body, ok, err := store.Solution(at.Key, at.Point.String())
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("store: the solution of run %s at %s is missing; remove the store to make it again", at.Key, at.Point)
	}
	file, err := safetensors.Read(body)
	if err != nil {
		return nil, fmt.Errorf("store: the solution of run %s at %s: %w", at.Key, at.Point, err)
	}
	return Load(file, p)
}

// pass opens the solution at a point to be measured, with what is beside it.
func (l *lab) pass(ctx context.Context, p study.Point, made map[string][]byte) (*probe.Pass, error) {
	body, err := l.body(p.String(), made)
	if err != nil {
		return nil, err
	}
	if body == nil {
		return nil, fmt.Errorf("store: the solution of run %s at %s is missing; remove the store to make it again", l.key, p)
	}
	wrong := func(what string, err error) error {
		return fmt.Errorf("store: the %s of run %s at %s: %w", what, l.key, p, err)
	}
	file, err := safetensors.Read(body)
	if err != nil {
		return nil, wrong("solution", err)
	}
	x, err := Load(file, l.problem)
	if err != nil {
		return nil, wrong("solution", err)
	}
	length, course := Course(file, l.problem.Layout)
	pass := probe.NewPass(interruptible(ctx, l.problem), x, length, l.job.Run.Seed)
	pass.Course = course
	if body, err = l.body(p.String()+metricOf, made); err != nil {
		return nil, err
	} else if body != nil {
		if pass.Metric, err = decodeMetric(body, l.problem.Layout.N); err != nil {
			return nil, wrong("metric", err)
		}
	}
	if body, err = l.body(p.String()+updateOf, made); err != nil {
		return nil, err
	} else if body != nil {
		if pass.Update, err = decodeUpdate(body, l.problem.Layout); err != nil {
			return nil, wrong("update", err)
		}
	}
	return pass, nil
}

// body gives what is kept under a point, of what was just made or from the store; nil where
// nothing is.
func (l *lab) body(point string, made map[string][]byte) ([]byte, error) {
	if body, ok := made[point]; ok {
		return body, nil
	}
	body, _, err := l.store.Solution(l.key, point)
	return body, err
}

func decodeUpdate(body []byte, layout *problem.Layout) ([]float64, error) {
	file, err := safetensors.Read(body)
	if err != nil {
		return nil, err
	}
	u := make([]float32, layout.N)
	if err := fill(u, file, layout); err != nil {
		return nil, err
	}
	wide := make([]float64, len(u))
	for i, v := range u {
		wide[i] = float64(v)
	}
	return wide, nil
}

// Load gives the parameters that a file's tensors make up and makes the problem ready
// for being evaluated there: by the state in the file or, where it holds none, by
// calibrating anew. An error names the block that is missing or does not fit, the
// tensor that belongs to no block, or the block that holds a number which is not
// finite.
func Load(file *safetensors.File, p *problem.Problem[float32]) ([]float32, error) {
	x := make([]float32, p.Layout.N)
	if err := fill(x, file, p.Layout); err != nil {
		return nil, err
	}
	known := p.Layout.Blocks
	if p.State != nil {
		known = append(known[:len(known):len(known)], p.State.Layout.Blocks...)
	}
	for _, t := range file.Tensors {
		if !slices.ContainsFunc(known, func(b problem.Block) bool { return b.Name == t.Name }) {
			return nil, fmt.Errorf("the tensor %s is no block of the network", t.Name)
		}
	}
	if p.State != nil && len(file.Tensors) > len(p.Layout.Blocks) {
		return x, fill(p.State.Values, file, p.State.Layout)
	}
	p.Calibrate(x)
	return x, nil
}

// fill sets dst to the tensors of a layout.
func fill(dst []float32, file *safetensors.File, layout *problem.Layout) error {
	for _, b := range layout.Blocks {
		t, ok := file.Tensor(b.Name)
		if !ok {
			return fmt.Errorf("there is no tensor for the block %s of shape %v", b.Name, b.Shape)
		}
		if !slices.Equal(t.Shape, b.Shape) {
			return fmt.Errorf("the tensor %s has shape %v, the network's block has %v", b.Name, t.Shape, b.Shape)
		}
		part := problem.View(dst, b)
		copy(part, t.F32)
		for i, v := range t.F64 {
			part[i] = float32(v)
		}
		if !kernel.Finite(part) {
			return fmt.Errorf("the tensor %s holds numbers that are not finite", b.Name)
		}
	}
	return nil
}

// kept gives the run's record from the store, nil if there is none.
func (l *lab) kept() (*study.Record, error) {
	body, ok, err := l.store.Record(l.key)
	if err != nil || !ok {
		return nil, err
	}
	var rec study.Record
	if err := json.Unmarshal(body, &rec); err != nil {
		return nil, fmt.Errorf("store: the record of run %s cannot be read: %w; remove the store to make it again", l.key, err)
	}
	return &rec, nil
}

// commit keeps the record and the solutions just made.
func (l *lab) commit(rec *study.Record, solutions map[string][]byte) error {
	body, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("run %s: writing its record: %w", l.key, err)
	}
	return l.store.Commit(l.key, body, solutions)
}
