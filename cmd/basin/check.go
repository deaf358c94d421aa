package main

import (
	"fmt"
	"io"
	"math"
	"path/filepath"

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
known fails.`,
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

// A checked file is one line of basin check.
type checked struct {
	Name      string   `json:"name"`
	Rule      string   `json:"rule"`
	Precision string   `json:"precision,omitempty"`
	MaxErr    *float64 `json:"max_err"`
	Where     string   `json:"where,omitempty"`
	Pass      bool     `json:"pass"`
	Error     string   `json:"error,omitempty"`
}

// check replays every file and fails if any did.
func check(out io.Writer, files []string, o *optim.Optimizer, asJSON bool) error {
	var all []checked
	failed := false
	for _, file := range files {
		for _, c := range checkFile(file, o) {
			failed = failed || !c.Pass
			all = append(all, c)
		}
	}
	if asJSON {
		if err := writeJSON(out, all); err != nil {
			return err
		}
	} else {
		printChecked(out, all)
	}
	if failed {
		return errSilent
	}
	return nil
}

func checkFile(file string, o *optim.Optimizer) []checked {
	name := filepath.Base(file)
	f, err := replay.Load(file)
	if err != nil {
		return []checked{{Name: name, Error: oneLine(err)}}
	}
	var results []replay.Result
	if o != nil {
		results, err = replay.CheckWith(f, o)
	} else {
		results, err = replay.Check(f)
	}
	if err != nil {
		return []checked{{Name: name, Error: oneLine(err)}}
	}
	var all []checked
	for _, r := range results {
		c := checked{Name: name, Rule: r.Rule, Precision: r.Precision, Pass: r.Pass}
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

func printChecked(out io.Writer, all []checked) {
	width := len("file")
	for _, c := range all {
		width = max(width, len(c.Name))
	}
	fmt.Fprintf(out, "%-*s  %-9s  %11s  %-4s  %s\n", width, "file", "precision", "largest err", "", "rule")
	for _, c := range all {
		if c.Error != "" {
			fmt.Fprintf(out, "%-*s  %-9s  %11s  FAIL  %s\n", width, c.Name, "-", "-", c.Error)
			continue
		}
		verdict, rule := "pass", c.Rule
		if !c.Pass {
			verdict, rule = "FAIL", c.Rule+", largest at "+c.Where
		}
		size := "not finite"
		if c.MaxErr != nil {
			size = fmt.Sprintf("%.1e", *c.MaxErr)
		}
		fmt.Fprintf(out, "%-*s  %-9s  %11s  %s  %s\n", width, c.Name, c.Precision, size, verdict, rule)
	}
}
