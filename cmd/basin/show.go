package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"basin/recipe"
)

func newShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show NAME",
		Short:   "Tell all of one optimizer, task, model or probe",
		Example: "  basin show muon\n  basin show sharpness\n  basin show hessian_max",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("show takes one name, found %d; see basin list", len(args))
			}
			pages, err := find(args[0])
			if err != nil {
				return err
			}
			if asJSON && len(pages) == 1 {
				return writeJSON(cmd.OutOrStdout(), pages[0])
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), pages)
			}
			for i, p := range pages {
				if i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				printPage(cmd.OutOrStdout(), p)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printPage(out io.Writer, p page) {
	title := p.Kind
	if p.Group != "" {
		title += ", " + p.Group
	}
	fmt.Fprintf(out, "%s (%s)\n", p.Name, title)
	if len(p.Aliases) > 0 {
		fmt.Fprintf(out, "also called %s\n", strings.Join(p.Aliases, ", "))
	}
	printIndented(out, "", p.Summary)
	for _, f := range p.Facts {
		fmt.Fprintf(out, "\n%s\n", f.Title)
		if f.Title == "equations" {
			for line := range strings.SplitSeq(f.Text, "\n") {
				fmt.Fprintln(out, "  "+line)
			}
			continue
		}
		for part := range strings.SplitSeq(f.Text, "\n") {
			printIndented(out, "  ", part)
		}
	}
	if len(p.Params) > 0 {
		fmt.Fprintln(out, "\narguments")
		width := 0
		for _, a := range p.Params {
			if n := len(signature(a)); n <= widestArgument {
				width = max(width, n)
			}
		}
		for _, a := range p.Params {
			name := signature(a)
			if len(name) > widestArgument {
				fmt.Fprintf(out, "  %s\n", name)
				name = ""
			}
			for _, line := range wrap(about(a), 100-width-4) {
				fmt.Fprintf(out, "  %-*s  %s\n", width, name, line)
				name = ""
			}
		}
	}
	if p.Example != "" {
		fmt.Fprintf(out, "\nexample\n  %s\n", p.command)
	}
}

// widestArgument is how wide an argument with its default may be to stand beside
// its help.
const widestArgument = 30

func signature(a recipe.Param) string {
	switch {
	case a.Variadic:
		return a.Name + "..."
	case a.Required:
		return a.Name
	}
	return a.Name + "=" + a.Default
}

// about tells an argument's meaning and what it may be.
func about(a recipe.Param) string {
	text := a.Help
	switch {
	case a.Choices != nil:
		text += "; one of " + strings.Join(a.Choices, ", ")
	case a.Valid != nil:
		text += fmt.Sprintf("; %s in %v", a.Kind, a.Valid)
	default:
		text += "; " + a.Kind
	}
	if a.Search != nil {
		text += fmt.Sprintf("; searched over %v", a.Search)
	}
	if a.Variadic && a.Default != "" {
		text += "; " + a.Default + " if none is given"
	}
	if a.Required {
		text += "; must be given"
	}
	return text
}

func printIndented(out io.Writer, indent, text string) {
	for _, line := range wrap(text, 100-len(indent)) {
		fmt.Fprintln(out, indent+line)
	}
}
