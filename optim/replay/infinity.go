package replay

// quoteInfinities puts the texts "inf" and "-inf" for Infinity and -Infinity, and "N"
// for NaN, which JSON does not have but Python's writer does. The length of the text
// stays as it is, so that places in it stay true.
func quoteInfinities(body []byte) []byte {
	var out []byte // a copy, made when it is needed
	inside := false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			inside = !inside
		case inside && c == '\\':
			i++
		case inside:
		default:
			for _, w := range bareWords {
				if len(body)-i >= len(w.word) && string(body[i:i+len(w.word)]) == w.word {
					if out == nil {
						out = append(out, body...)
					}
					copy(out[i:], w.text)
					i += len(w.word) - 1
					break
				}
			}
		}
	}
	if out == nil {
		return body
	}
	return out
}

// bareWords pairs a word with a JSON text as long as it is.
var bareWords = []struct{ word, text string }{
	{"-Infinity", `"-inf"   `}, {"Infinity", `"inf"   `}, {"NaN", `"N"`},
}
