package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"basin/problem"
)

// A File is a trajectory that some implementation of an optimizer made: where it
// started, the gradients it was given, and where it was after each step.
type File struct {
	Name      string                     `json:"-"`         // of the file, for messages
	Optimizer string                     `json:"optimizer"` // in the words of the file
	Hyper     map[string]json.RawMessage `json:"hyper"`
	Steps     int                        `json:"steps"`
	Params    []Param                    `json:"params"`
	Grads     [][]vector                 `json:"grads"` // [step][param]
	After     [][]vector                 `json:"after"` // [step][param], the live weights after the step
	Perturbed [][]vector                 `json:"grads_perturbed"`

	// What some optimizers make besides, after each step.
	AfterX    [][]vector `json:"after_x"`    // [step][param], the point that is answered with
	AfterAx   [][]vector `json:"after_ax"`   // the same, in other files
	D         vector     `json:"d"`          // [step], the distance that is estimated
	Loss      vector     `json:"loss"`       // [step], at after
	FuncEvals vector     `json:"func_evals"` // [step], evaluations of the objective until then

	// What some are given besides.
	HessianDiag  [][]vector `json:"hessian_diag"`  // [step][param], nil at steps without
	HessGrads    [][]vector `json:"hess_grads"`    // [step][param], gradients for sampled labels, nil at steps without
	InitVelocity []vector   `json:"init_velocity"` // [param], drawn at the start
	NoiseV       [][]vector `json:"noise_v"`       // [step][param], drawn; nil at steps without
	Projectors   [][]vector `json:"projectors"`    // [refresh][matrix among params], chosen
	BatchX       []table    `json:"batch_x"`       // [step], predictions x inputs of the first layer
	BatchY       []table    `json:"batch_y"`       // [step], predictions x outputs of the last
	LayerInputs  [][]table  `json:"layer_inputs"`  // [step][layer], predictions x inputs
	OutputGrads  [][]table  `json:"output_grads"`  // [step][layer], predictions x outputs, of the mean loss

	Objective *struct {
		A []vector `json:"a"` // [param]
		C []vector `json:"c"`
	} `json:"objective"`
	DType string `json:"dtype"`

	layout *problem.Layout
}

// A Param is an array of the trajectory, row-major.
type Param struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
	Init  vector `json:"init"`
}

// sizeMax bounds a file, so that one that never ends is refused.
const sizeMax = 1 << 28

// Load reads the file at path.
func Load(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, filepath.Base(path))
}

// Read reads a trajectory; name is for messages.
func Read(r io.Reader, name string) (*File, error) {
	body, err := io.ReadAll(io.LimitReader(r, sizeMax+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(body) > sizeMax {
		return nil, fmt.Errorf("%s: larger than %d MiB", name, sizeMax>>20)
	}
	f := &File{Name: name}
	body = quoteInfinities(body)
	if err := json.Unmarshal(body, f); err != nil {
		return nil, fmt.Errorf("%s: not a trajectory: %w", name, plain(err, body))
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// check holds the file to the format and lays its parameters out.
func (f *File) check() error {
	switch {
	case f.Optimizer == "":
		return errors.New("it names no optimizer")
	case f.DType != "" && f.DType != "float64":
		return fmt.Errorf("dtype is %q, must be float64", f.DType)
	case len(f.Params) == 0:
		return errors.New("it has no params")
	case f.Steps < 1 || len(f.After) != f.Steps:
		return fmt.Errorf("steps is %d but after has %d", f.Steps, len(f.After))
	}
	var blocks []problem.Block
	seen := map[string]bool{}
	for i, p := range f.Params {
		n, err := size(p.Shape)
		switch {
		case err != nil:
			return fmt.Errorf("params[%d] %q: %w", i, p.Name, err)
		case p.Name == "" || seen[p.Name]:
			return fmt.Errorf("params[%d]: its name %q is empty or there twice", i, p.Name)
		case len(p.Init) != n:
			return fmt.Errorf("params[%d] %q: init has %d values for shape %v", i, p.Name, len(p.Init), p.Shape)
		}
		if err := p.Init.check(); err != nil {
			return fmt.Errorf("params[%d].init%w", i, err)
		}
		seen[p.Name] = true
		b := problem.Block{Name: p.Name, Role: problem.Bias, Shape: p.Shape}
		if len(p.Shape) >= 2 {
			b.Role = problem.Weight
		}
		blocks = append(blocks, b)
	}
	f.layout = problem.NewLayout(blocks...)
	return f.checkArrays()
}

// checkArrays holds all arrays to the shapes of the params.
func (f *File) checkArrays() error {
	for _, a := range []struct {
		name            string
		rows            [][]vector
		optional, holes bool
	}{
		{name: "after", rows: f.After},
		{name: "grads", rows: f.Grads, optional: true},
		{name: "grads_perturbed", rows: f.Perturbed, optional: true},
		{name: "after_x", rows: f.AfterX, optional: true},
		{name: "after_ax", rows: f.AfterAx, optional: true},
		{name: "hessian_diag", rows: f.HessianDiag, optional: true, holes: true},
		{name: "hess_grads", rows: f.HessGrads, optional: true, holes: true},
		{name: "noise_v", rows: f.NoiseV, optional: true, holes: f.number("preconditioner_update_probability", 1) < 1},
	} {
		if err := f.fit(a.name, a.rows, a.optional, a.holes); err != nil {
			return err
		}
	}
	for name, v := range map[string]vector{"d": f.D, "loss": f.Loss, "func_evals": f.FuncEvals} {
		if len(v) > 0 && len(v) != f.Steps {
			return fmt.Errorf("%s has %d steps of %d", name, len(v), f.Steps)
		}
		if err := v.check(); err != nil {
			return fmt.Errorf("%s%w", name, err)
		}
	}
	rank := int(f.number("rank", 0))
	for i, row := range f.Projectors {
		if n := len(f.matrices()); len(row) != n {
			return fmt.Errorf("projectors[%d] has %d of %d matrices", i, len(row), n)
		}
		for k, v := range row {
			if err := v.check(); err != nil {
				return fmt.Errorf("projectors[%d][%d]%w", i, k, err)
			}
			b := f.matrices()[k]
			short := min(b.Shape[0], b.Shape[1])
			if n := short * min(short, rank); rank > 0 && len(v) != n {
				return fmt.Errorf("projectors[%d][%d] has %d values, that of %s with rank %d has %d", i, k, len(v), b.Name, rank, n)
			}
		}
	}
	if err := f.checkLayers(); err != nil {
		return err
	}
	if len(f.InitVelocity) > 0 {
		if err := f.fitStep("init_velocity", f.InitVelocity); err != nil {
			return err
		}
	}
	if f.Objective != nil {
		if err := f.fitStep("objective.a", f.Objective.A); err != nil {
			return err
		}
		return f.fitStep("objective.c", f.Objective.C)
	}
	return nil
}

// number is what hyper has under the key, or otherwise where there is none; what is no number
// the rule refuses.
func (f *File) number(key string, otherwise float64) float64 {
	_ = json.Unmarshal(f.Hyper[key], &otherwise)
	return otherwise
}

// fit holds an array over steps and params to the shapes of the file. One that may
// be absent is either there for all steps or for none; one with holes may lack any.
func (f *File) fit(name string, rows [][]vector, optional, holes bool) error {
	if optional && len(rows) == 0 {
		return nil
	}
	if len(rows) != f.Steps {
		return fmt.Errorf("%s has %d steps of %d", name, len(rows), f.Steps)
	}
	for t, row := range rows {
		if holes && row == nil {
			continue
		}
		if err := f.fitStep(fmt.Sprintf("%s[%d]", name, t), row); err != nil {
			return err
		}
	}
	return nil
}

// matrices lists the params of two dimensions.
func (f *File) matrices() []problem.Block {
	return slices.DeleteFunc(slices.Clone(f.layout.Blocks), func(b problem.Block) bool { return len(b.Shape) != 2 })
}

// fitStep holds an array over params to the shapes of the file.
func (f *File) fitStep(name string, row []vector) error {
	if len(row) != len(f.Params) {
		return fmt.Errorf("%s has %d of %d params", name, len(row), len(f.Params))
	}
	for i, v := range row {
		if n := f.layout.Blocks[i].Len(); len(v) != n {
			return fmt.Errorf("%s[%d] has %d values, %s has %d", name, i, len(v), f.Params[i].Name, n)
		}
		if err := v.check(); err != nil {
			return fmt.Errorf("%s[%d]%w", name, i, err)
		}
	}
	return nil
}

// size is the number of entries of an array, which must be sane.
func size(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 1 || d > sizeMax || n > sizeMax/d {
			return 0, fmt.Errorf("shape %v is not that of an array in this file", shape)
		}
		n *= d
	}
	return n, nil
}

// A vector is a list of numbers.
type vector []number

// check refuses what a list of numbers cannot hold; the error goes on from the
// vector's name.
func (v vector) check() error {
	for i, x := range v {
		if math.IsNaN(float64(x)) {
			return fmt.Errorf("[%d] is not a finite number", i)
		}
	}
	return nil
}

// A number is NaN, which JSON does not have, where the file has something else or a
// number beyond float64. So check can say where, which an error while reading
// cannot; and null does not pass for 0.
type number float64

func (x *number) UnmarshalJSON(body []byte) error {
	v, err := strconv.ParseFloat(string(body), 64)
	if err != nil {
		v = math.NaN()
	}
	*x = number(v)
	return nil
}

// flatten joins the arrays of one step to a point in the layout.
func flatten[T problem.Float](row []vector) []T {
	var x []T
	for _, v := range row {
		for _, e := range v {
			x = append(x, T(e))
		}
	}
	return x
}
