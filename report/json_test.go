package report

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"basin/stat"
	"basin/study"
)

// TestJSONRoundTrips holds that nothing is lost: what is read back is written to
// the same bytes, by a second Results that shares nothing with the first.
func TestJSONRoundTrips(t *testing.T) {
	each(t, func(t *testing.T, _ string, r *study.Results) {
		var first, second bytes.Buffer
		if err := JSON(&first, r); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix(first.Bytes(), []byte("}\n")) {
			t.Error("no newline at the end")
		}
		var back study.Results
		if err := json.Unmarshal(first.Bytes(), &back); err != nil {
			t.Fatal(err)
		}
		if err := JSON(&second, &back); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Error("results read back are written differently")
		}
		if got, want := back.Records[0].Key, r.Records[0].Run.Key(); got != want {
			t.Errorf("key %q came back as %q", want, got)
		}
	})
}

// TestSchemaIsDocumented holds that docs/results-json.md has every field of
// results.json and every column of readings.csv and pairs.csv.
func TestSchemaIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/results-json.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	fields(reflect.TypeFor[study.Results](), names)
	for key := range readingKeys(t) {
		names[key] = true
	}
	for _, column := range slices.Concat(CSVHeader, PairsHeader) {
		names[column] = true
	}
	for name := range names {
		if !bytes.Contains(doc, []byte("`"+name+"`")) {
			t.Errorf("docs/results-json.md does not mention `%s`", name)
		}
	}
}

// fields collects the JSON names of a type's fields and of the types in them.
func fields(t reflect.Type, names map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		fields(t.Elem(), names)
	case reflect.Struct:
		if t == reflect.TypeFor[stat.Reading]() {
			return // writes itself
		}
		for i := range t.NumField() {
			if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "" {
				names[name] = true // or those of what is embedded
			}
			fields(t.Field(i).Type, names)
		}
	}
}

// readingKeys are the JSON names of a reading that has everything.
func readingKeys(t *testing.T) map[string]any {
	keys := map[string]any{}
	for _, reading := range []stat.Reading{
		{Probe: "p", Name: "n", Value: 1, Err: 1, Unit: "u", Warnings: []string{"w"}},
		stat.Undefined("p", "n", "why"),
	} {
		body, err := json.Marshal(reading)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(body, &keys); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}
