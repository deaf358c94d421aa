package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"basin/recipe"
)

func newList() *cobra.Command {
	var asJSON, asMarkdown bool
	cmd := &cobra.Command{
		Use:     "list [optimizers|tasks|models|probes]",
		Short:   "List what there is to choose from",
		Example: "  basin list\n  basin list optimizers\n  basin list probes --json\n  basin list optimizers --markdown",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("list takes one kind at a time, found %d", len(args))
			}
			out := cmd.OutOrStdout()
			var names []string
			var all []page
			for _, k := range kinds {
				names = append(names, k.plural)
				if len(args) == 0 || args[0] == k.plural {
					all = append(all, k.pages()...)
				}
			}
			if len(all) == 0 {
				return usagef("%s", recipe.Unknown("kind", args[0], names))
			}
			switch {
			case asJSON && asMarkdown:
				return usagef("--json and --markdown exclude each other")
			case asJSON:
				return writeJSON(out, all)
			case asMarkdown:
				printMarkdown(out, all)
				return nil
			}
			printList(out, all)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print a page with all that basin show tells")
	return cmd
}

// printList prints a line for each page, in parts by kind and group.
func printList(out io.Writer, all []page) {
	width := 0
	for _, p := range all {
		width = max(width, len(p.Name))
	}
	part := ""
	for _, p := range all {
		if title := heading(p); title != part {
			if part != "" {
				fmt.Fprintln(out)
			}
			fmt.Fprintln(out, title)
			part = title
		}
		for i, line := range wrap(p.Summary, 100-width-4) {
			name := p.Name
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(out, "  %-*s  %s\n", width, name, line)
		}
	}
	fmt.Fprintln(out, "\nbasin show NAME tells more of any of them.")
}

// heading is that of the part of a list that a page stands in.
func heading(p page) string {
	if p.Group == "" {
		return p.Kind + "s"
	}
	return p.Kind + "s: " + p.Group
}

// wrap breaks text into lines of at most width runes, at spaces and at its own
// line breaks.
func wrap(text string, width int) []string {
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, word := range strings.Fields(part) {
			if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
				lines = append(lines, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	}
	return lines
}

func writeJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
