package stat

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// same compares readings bit by bit, all NaNs alike.
func same(a, b Reading) bool {
	num := func(x, y float64) bool {
		return math.IsNaN(x) && math.IsNaN(y) || math.Float64bits(x) == math.Float64bits(y)
	}
	ok := num(a.Value, b.Value) && num(a.Err, b.Err)
	a.Value, a.Err, b.Value, b.Err = 0, 0, 0, 0
	return ok && reflect.DeepEqual(a, b)
}

func TestReadingJSON(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name string
		r    Reading
		want string
	}{
		{"exact", Exact("rank", "effective", "", 1.5), `{"probe":"rank","name":"effective","value":1.5,"err":null}`},
		{"estimate", Estimate("sharpness", "top", "1/step", 2, .25), `{"probe":"sharpness","name":"top","value":2,"err":0.25,"unit":"1/step"}`},
		{"undefined", Undefined("margin", "min", "no classes"), `{"probe":"margin","name":"min","value":null,"err":null,"none":"no classes"}`},
		{"infinite value", Estimate("p", "n", "", inf, 1), `{"probe":"p","name":"n","value":null,"err":null,"none":"the value is not finite (+Inf)"}`},
		{"infinite value in a literal", Reading{Probe: "p", Name: "n", Value: -inf, Err: 1}, `{"probe":"p","name":"n","value":null,"err":null,"none":"the value is not finite (-Inf)"}`},
		{"NaN value", Exact("p", "n", "", nan), `{"probe":"p","name":"n","value":null,"err":null,"none":"the value is not finite (NaN)"}`},
		{"infinite error", Estimate("p", "n", "", 3, inf), `{"probe":"p","name":"n","value":3,"err":null}`},
		{"warnings", Reading{Probe: "p", Name: "n", Value: 0, Err: nan, Warnings: []string{"a", "b"}}, `{"probe":"p","name":"n","value":0,"err":null,"warnings":["a","b"]}`},
		{"a reason outweighs a value", Reading{Probe: "p", Name: "n", Value: 1, None: "void"}, `{"probe":"p","name":"n","value":null,"err":null,"none":"void"}`},
	} {
		got, err := json.Marshal(c.r)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %s, %v\nwant %s", c.name, got, err, c.want)
			continue
		}
		var back Reading
		if err := json.Unmarshal(got, &back); err != nil || !same(back, c.r.normal()) {
			t.Errorf("%s: came back as %+v, %v", c.name, back, err)
		}
	}
}

func TestReadingRoundTripsEveryBit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	values := []float64{0, math.Copysign(0, -1), math.SmallestNonzeroFloat64, math.MaxFloat64, .1, 1e21, 1e-7}
	for len(values) < 5000 {
		values = append(values, math.Float64frombits(rng.Uint64()))
	}
	for i, v := range values {
		r := Estimate("p", "n", "", v, values[len(values)-1-i])
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Reading
		if err := json.Unmarshal(data, &back); err != nil || !same(r, back) {
			t.Fatalf("%v came back as %v, %v", r, back, err)
		}
		if r.Defined() != isFinite(v) {
			t.Fatalf("value %v: Defined is %v", v, r.Defined())
		}
	}
}

func TestReadingUnmarshalErrors(t *testing.T) {
	for _, s := range []string{`{"value":"1"}`, `{"value":1e999}`, `[]`} {
		var r Reading
		if err := json.Unmarshal([]byte(s), &r); err == nil {
			t.Errorf("%s: read as %+v", s, r)
		}
	}
	var r Reading
	if err := json.Unmarshal([]byte(`{"probe":"p","name":"n"}`), &r); err != nil || r.Defined() || r.None == "" {
		t.Errorf("absent value: %+v, %v", r, err)
	}
}
