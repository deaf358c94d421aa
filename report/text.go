package report

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-runewidth"
)

// text collects lines for a terminal.
type text struct {
	strings.Builder
	width int
	color bool
}

const (
	bold  = "1"
	faint = "2"
)

// paint gives s a style where colours are asked for.
func (t *text) paint(style, s string) string {
	if !t.color || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func (t *text) line(format string, args ...any) {
	t.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	t.WriteByte('\n')
}

// para writes words after a first mark, continued under them at the text's width.
func (t *text) para(mark, words string) {
	room := max(t.width-cols(mark), 20)
	for _, part := range wrap(words, room) {
		t.line("%s%s", mark, part)
		mark = strings.Repeat(" ", cols(mark))
	}
}

// wrap breaks words into lines of at most width columns, within a word only if it
// is longer than a line.
func wrap(words string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(words) {
		if line != "" && cols(line)+1+cols(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
		for cols(line) > width {
			head := narrow.Truncate(line, width, "")
			lines, line = append(lines, head), line[len(head):]
		}
	}
	return append(lines, line)
}

// narrow counts columns the same in every locale.
var narrow = &runewidth.Condition{}

// cols is the number of terminal columns that s takes.
func cols(s string) int { return narrow.StringWidth(s) }

// shorten cuts s to width columns.
func shorten(s string, width int) string { return narrow.Truncate(s, width, "…") }

func padRight(s string, width int) string { return s + strings.Repeat(" ", max(width-cols(s), 0)) }
func padLeft(s string, width int) string  { return strings.Repeat(" ", max(width-cols(s), 0)) + s }

// noColor says whether the environment asks for plain text (no-color.org).
func noColor() bool { return os.Getenv("NO_COLOR") != "" }

// flush writes what was collected.
func (t *text) flush(w io.Writer) error {
	_, err := io.WriteString(w, t.String())
	return err
}
