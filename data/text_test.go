package data

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func written(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// back turns tokens into characters again.
func (t *Text) back(tokens []int32) string {
	var s strings.Builder
	for _, k := range tokens {
		s.WriteRune(t.Vocabulary[k])
	}
	return s.String()
}

func TestText(t *testing.T) {
	const line = "Grüße, 世界 – ok\r\n" // 16 characters
	text, err := ReadText(written(t, "a.txt", []byte(strings.Repeat(line, 10))))
	if err != nil {
		t.Fatal(err)
	}
	if want := []rune("\n\r ,Gekorßü–世界"); !slices.Equal(text.Vocabulary, want) {
		t.Errorf("the vocabulary is %q, want %q", string(text.Vocabulary), string(want))
	}
	for i, part := range []struct {
		tokens []int32
		want   string
	}{{text.Train, strings.Repeat(line, 9)}, {text.Val, line[:len("Grüße, 世")]}, {text.Test, line[len("Grüße, 世"):]}} {
		if got := text.back(part.tokens); got != part.want {
			t.Errorf("part %d is %q, want %q", i, got, part.want)
		}
	}
	again, err := ReadText(written(t, "b.txt", []byte(strings.Repeat(line, 10))))
	if err != nil || again.Hash() != text.Hash() {
		t.Errorf("the same text has another hash; error %v", err)
	}
	other, err := ReadText(written(t, "c.txt", []byte(strings.Repeat(line, 9)+"Grüße, 世界 – ko\r\n")))
	if err != nil || other.Hash() == text.Hash() {
		t.Errorf("another text has the same hash; error %v", err)
	}
}

func TestShakespeare(t *testing.T) {
	needShared(t)
	text, err := ReadText(filepath.Join(shared, "tinyshakespeare", "input.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(text.Train) + len(text.Val) + len(text.Test); n != 1_115_394 || len(text.Vocabulary) != 65 {
		t.Errorf("%d characters of %d kinds", n, len(text.Vocabulary))
	}
	if len(text.Train) != 1_003_855 || len(text.Val) != 55_770 || len(text.Test) != 55_769 {
		t.Errorf("parts of %d, %d and %d", len(text.Train), len(text.Val), len(text.Test))
	}
	if got := text.back(text.Train[:14]); got != "First Citizen:" {
		t.Errorf("starts with %q", got)
	}
}

func TestTextErrors(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		err  string
	}{
		"latin1":   {"ab\ncé\xe9", "line 2, column 3 (byte 6) is not UTF-8; convert the file to UTF-8"},
		"cut":      {"ab\xe4\xb8", "line 1, column 3 (byte 2) is not UTF-8"},
		"gzipped":  {"\x1f\x8b\x08", "is compressed with gzip; unpack it"},
		"surrogat": {"\xed\xa0\x80", "line 1, column 1 (byte 0) is not UTF-8"},
	} {
		path := written(t, name, []byte(c.text))
		if _, err := ReadText(path); err == nil || !strings.HasPrefix(err.Error(), path+": "+c.err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file larger than memory is refused before it is read: this one is all hole.
func TestTextTooLarge(t *testing.T) {
	path := written(t, "large", nil)
	if err := os.Truncate(path, 1<<43); err != nil {
		t.Skip("no sparse files here: ", err)
	}
	if available() > 1<<45 {
		t.Skip("32 TiB fit into memory here")
	}
	if _, err := ReadText(path); err == nil || !strings.Contains(err.Error(), "takes 32 TiB of memory, and ") {
		t.Errorf("got %v", err)
	}
}

func TestFind(t *testing.T) {
	path := written(t, "here.txt", nil)
	dir := filepath.Dir(path)
	if got, err := Find("here.txt", dir); err != nil || got != path {
		t.Errorf("found %s, %v", got, err)
	}
	if got, err := Find("text.go", dir); err != nil || got != "text.go" {
		t.Errorf("found %s, %v: the working folder goes first", got, err)
	}
	for _, c := range []struct{ name, dir, err string }{
		{"none.txt", "", "the file none.txt does not exist; name another, or pass its folder with --data"},
		{"none.txt", dir, "neither none.txt nor " + dir + "/none.txt exists; name another file, or pass its folder with --data"},
		{".", dir, ". is a folder where a file should be; name the file"},
	} {
		if _, err := Find(c.name, c.dir); err == nil || err.Error() != c.err {
			t.Errorf("%s in %q: %v", c.name, c.dir, err)
		}
	}
}
