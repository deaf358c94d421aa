package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"basin/internal/safetensors"
	"basin/kernel"
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
	MetaKey       = "run"
)

// encodeSolution writes a solution as a safetensors file.
func encodeSolution(l *lab, f found[float32]) ([]byte, error) {
	var tensors []safetensors.Tensor
	add := func(layout *problem.Layout, x []float32) {
		for _, b := range layout.Blocks {
			tensors = append(tensors, safetensors.Tensor{Name: b.Name, Shape: b.Shape, F32: problem.View(x, b)})
		}
	}
	add(l.problem.Layout, f.x)
	if s := l.problem.State; s != nil {
		s.Calibrate(f.x)
		add(s.Layout, s.Values)
	}
	r := l.job.Run
	var buf bytes.Buffer
	err := safetensors.Write(&buf, tensors, map[string]string{
		"format": "pt", MetaKey: l.key, MetaTask: r.Task, MetaModel: r.Model, MetaOptimizer: r.Optimizer,
		MetaSeed: strconv.FormatUint(r.Seed, 10), MetaPoint: f.Point.String(), MetaStep: strconv.Itoa(f.Step),
		MetaPath: strconv.FormatFloat(f.Path, 'g', -1, 64),
	})
	return buf.Bytes(), err
}

// The metric of the step that led to a solution is kept in the store beside it, but is
// no part of the solution: its point is that of the solution followed by metricOf.
const (
	metricOf = "/metric"
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

// metric gives the metric at a point, from those just made or from the store, nil where
// the optimizer showed none.
func (l *lab) metric(p study.Point, made map[string][]byte) (*problem.Metric, error) {
	name := p.String() + metricOf
	body, ok := made[name]
	if !ok {
		var err error
		if body, ok, err = l.store.Solution(l.key, name); err != nil || !ok {
			return nil, err
		}
	}
	m, err := decodeMetric(body, l.problem.Layout.N)
	if err != nil {
		return nil, fmt.Errorf("store: the metric of run %s at %s: %w", l.key, p, err)
	}
	return m, nil
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

// solution gives the parameters at a point, from those just made or from the store.
func (l *lab) solution(p study.Point, made map[string][]byte) ([]float32, error) {
	at := study.Place{Key: l.key, Point: p}
	if body, ok := made[p.String()]; ok {
		return loadBody(body, at, l.problem)
	}
	return loadKept(l.store, at, l.problem)
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
	return loadBody(body, at, p)
}

func loadBody(body []byte, at study.Place, p *problem.Problem[float32]) ([]float32, error) {
	file, err := safetensors.Read(body)
	if err != nil {
		return nil, fmt.Errorf("store: the solution of run %s at %s: %w", at.Key, at.Point, err)
	}
	return Load(file, p)
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
