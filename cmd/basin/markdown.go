package main

import (
	"fmt"
	"io"
	"strings"
)

// printMarkdown prints a list of the pages by kind and group, and each page in full.
func printMarkdown(out io.Writer, all []page) {
	fmt.Fprintf(out, "<!-- Made by: basin list %ss --markdown -->\n", all[0].Kind)
	part := ""
	for _, p := range all {
		if title := heading(p); title != part {
			fmt.Fprintf(out, "\n# %s\n\n", capital(title))
			part = title
		}
		fmt.Fprintf(out, "- [%s](#%s): %s\n", p.Name, p.Name, strings.ReplaceAll(p.Summary, "\n", " "))
	}
	for _, p := range all {
		fmt.Fprintf(out, "\n## %s\n\n%s: %s\n", p.Name, capital(heading(p)), p.Summary)
		if len(p.Aliases) > 0 {
			fmt.Fprintf(out, "\nAlso called %s.\n", strings.Join(p.Aliases, ", "))
		}
		for _, f := range p.Facts {
			lines := strings.Split(f.Text, "\n")
			switch {
			case f.Title == "equations":
				fmt.Fprintf(out, "\n    %s\n", strings.Join(lines, "\n    "))
			case len(lines) > 1:
				fmt.Fprintf(out, "\n%s:\n\n- %s\n", capital(f.Title), strings.Join(lines, "\n- "))
			default:
				fmt.Fprintf(out, "\n%s: %s\n", capital(f.Title), f.Text)
			}
		}
		if len(p.Params) > 0 {
			fmt.Fprint(out, "\n| argument | meaning |\n|---|---|\n")
			for _, a := range p.Params {
				fmt.Fprintf(out, "| `%s` | %s |\n", signature(a), strings.ReplaceAll(about(a), "|", "\\|"))
			}
		}
		if p.Example != "" {
			fmt.Fprintf(out, "\nExample:\n\n    %s\n", p.command)
		}
	}
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
