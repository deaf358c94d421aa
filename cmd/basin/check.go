package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"basin/optim"
	"basin/optim/replay"
	"basin/recipe"
)

func newCheck() *cobra.Command {
	var recipeText string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check FILE.json...",
		Short: "Replay reference trajectories and say how far ours differ",
		Long: `check replays reference trajectories of optimizers, in float64 and in float32, and
prints the largest error |ours - theirs| / (1e-3 + |theirs|) over all steps and
blocks; at most 1e-7 passes in float64 and 1e-4 in float32. The rule is found from
the file's optimizer and hyper, or given by --recipe. A file whose rule is not
known fails. Where rounding grows along the way, as in lbfgs, the error in float32 is
stated but not judged: it has - for a verdict, and the reason; in JSON, amplifies.`,
		Example: `  basin check adamw.json
  basin check --recipe 'sgd(lr=0.05)' sgd.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("check needs the file of a trajectory, see basin check --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			var o *optim.Optimizer
			if recipeText != "" {
				r, err := recipe.Parse(recipeText)
				if err != nil {
					return usagef("--recipe: %w", err)
				}
				if o, err = optim.Resolve(r); err != nil {
					return usagef("--recipe: %w", err)
				}
			}
			return check(cmd.OutOrStdout(), files, o, asJSON)
		},
	}
	cmd.Flags().StringVar(&recipeText, "recipe", "", "the optimizer to replay, whatever the files say")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// A checked file is one line of basin check: a file in one precision, or one that
// could not be replayed.
type checked struct {
	Name      string   `json:"name"`
	Rule      string   `json:"rule"`
	Precision string   `json:"precision,omitempty"`
	MaxErr    *float64 `json:"max_err"`
	Where     string   `json:"where,omitempty"`
	Pass      bool     `json:"pass"`
	Amplifies string   `json:"amplifies,omitempty"` // why the error is not judged
	Error     string   `json:"error,omitempty"`
}

// check replays every file and fails if any did.
func check(out io.Writer, files []string, o *optim.Optimizer, asJSON bool) error {
	var all []checked
	failed := 0
	for i, name := range shortNames(files) {
		results := checkFile(files[i], name, o)
		if slices.ContainsFunc(results, func(c checked) bool { return !c.Pass }) {
			failed++
		}
		all = append(all, results...)
	}
	if asJSON {
		if err := writeJSON(out, all); err != nil {
			return err
		}
	} else {
		printChecked(out, all)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files failed", failed, len(files))
	}
	return nil
}

// shortNames are the files without their folders, except where two share a name.
func shortNames(files []string) []string {
	count := map[string]int{}
	for _, file := range files {
		count[filepath.Base(file)]++
	}
	names := slices.Clone(files)
	for i, file := range files {
		if base := filepath.Base(file); count[base] == 1 {
			names[i] = base
		}
	}
	return names
}

func checkFile(file, name string, o *optim.Optimizer) []checked {
	fail := func(err error) []checked {
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			err = p.Err // the row has the path
		}
		return []checked{{Name: name, Error: strings.TrimPrefix(oneLine(err), filepath.Base(file)+": ")}}
	}
	f, err := replay.Load(file)
	if err != nil {
		return fail(err)
	}
	var results []replay.Result
	if o != nil {
		results, err = replay.CheckWith(f, o)
	} else {
		results, err = replay.Check(f)
	}
	if err != nil {
		return fail(err)
	}
	var all []checked
	for _, r := range results {
		c := checked{Name: name, Rule: r.Rule, Precision: r.Precision, Pass: r.Pass, Amplifies: r.Amplifies}
		if r.Step > 0 {
			c.Where = fmt.Sprintf("step %d of %s", r.Step, r.Block)
		}
		if !math.IsNaN(r.MaxErr) && !math.IsInf(r.MaxErr, 0) {
			c.MaxErr = &r.MaxErr
		}
		all = append(all, c)
	}
	return all
}

// Columns of the table that basin check prints: in all, and of the longest name.
const (
	checkedWidth  = 100
	longestName   = 32
	checkedFormat = "%-*s  %-9s  %11s  %-4s  %s\n"
)

func printChecked(out io.Writer, all []checked) {
	width := len("file")
	for _, c := range all {
		width = max(width, len([]rune(c.Name)))
	}
	width = min(width, longestName)
	room := checkedWidth - len(fmt.Sprintf(checkedFormat, width, "", "", "", "", "")) + len("\n")
	fmt.Fprintf(out, checkedFormat, width, "file", "precision", "largest err", "", "rule")
	for _, c := range all {
		name := keepEnd(c.Name, width)
		if c.Error != "" {
			lines := wrap(c.Error, room)
			fmt.Fprintf(out, checkedFormat, width, name, "-", "-", "FAIL", keepStart(lines[0], room))
			for _, line := range lines[1:] {
				fmt.Fprintf(out, checkedFormat, width, "", "", "", "", keepStart(line, room))
			}
			continue
		}
		size := "not finite"
		if c.MaxErr != nil {
			size = fmt.Sprintf("%.1e", *c.MaxErr)
		}
		line := fmt.Sprintf(checkedFormat, width, name, c.Precision, size, verdict(c), keepStart(c.remark(), room))
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
}

func verdict(c checked) string {
	switch {
	case !c.Pass:
		return "FAIL"
	case c.Amplifies != "":
		return "-"
	}
	return "pass"
}

// remark is where a failed replay is off, and in the first row of a file its rule.
func (c checked) remark() string {
	var words []string
	if !c.Pass {
		words = append(words, "largest at "+c.Where)
	}
	if c.Pass && c.Amplifies != "" {
		words = append(words, "not judged: "+c.Amplifies)
	}
	if c.Precision == "float64" {
		words = append(words, c.Rule)
	}
	return strings.Join(words, "; ")
}

// keepStart shortens a text to at most so many runes.
func keepStart(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// keepEnd shortens a path to at most so many runes.
func keepEnd(path string, most int) string {
	if r := []rune(path); len(r) > most {
		return "…" + string(r[len(r)-most+1:])
	}
	return path
}
