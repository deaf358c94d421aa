package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// endsTooSoon is the decoder's message, the only sign of it that it gives.
const endsTooSoon = "unexpected end of JSON input"

// plain says in terms of the file what the JSON decoder found wrong with it.
func plain(err error, body []byte) error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		if e.Error() == endsTooSoon {
			return fmt.Errorf("%s: the file ends too soon", place(body, e.Offset))
		}
		return fmt.Errorf("%s: not JSON: %w", place(body, e.Offset), err)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := e.Field
		if field == "" {
			field = "the file"
		}
		return fmt.Errorf("%s: %s must be %s, found %s", place(body, e.Offset), field, wanted(e.Type), found(e.Value))
	}
	return err
}

// place is the line and the column of the last byte of body that was read.
func place(body []byte, read int64) string {
	before := body[:max(0, min(int(read), len(body))-1)]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d", line, column)
}

// wanted is what the file must have for a field of a type.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a text in quotes"
	case reflect.Int:
		return "a whole number written in digits"
	}
	return "an object {...}"
}

// found is what the decoder says it found, in the words of wanted.
func found(value string) string {
	switch value {
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "string":
		return "a text"
	case "number":
		return "a number"
	case "bool":
		return "true or false"
	}
	return "the " + value // such as "number 1.5"
}
