// Basin trains one network with many optimizers under matched conditions, measures
// what kind of solution each found, and says where they differ.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"basin/kernel"
	"basin/recipe"
	"basin/run"
)

// collectAt is the share of live memory that may be garbage, in per cent. What fills
// memory here are long arrays without pointers, so collecting often costs nothing.
const collectAt = 50

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	code := basin(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit statuses of the command.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// basin runs the command line and gives its exit status. Results go to stdout,
// progress and the one line of an error to stderr.
func basin(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	out := &sticky{w: stdout}
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil {
		err = fmt.Errorf("writing the output: %w", out.err)
	}
	if err == nil {
		return exitDone
	}
	if errors.Is(err, run.ErrInterrupted) || ctx.Err() != nil {
		fmt.Fprintln(stderr, "basin: interrupted; what was done is kept, and the same command goes on from there")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "basin:", oneLine(err))
	if isUsage(err) {
		return exitUsage
	}
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "basin",
		Short: "Which solution did your optimizer find, and which optimizer finds the solution you want?",
		Long: `basin trains one network with many optimizers under matched conditions,
measures what kind of solution each found, and says where they differ.`,
		Example: `  basin compare
  basin compare --task mnist --data DIR --optimizers 'sgd(lr=0.1), adamw(lr=1e-3)'
  basin list optimizers
  basin show adamw`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(cmd, args[0])
		},
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if err := kernel.PathError(); err != nil {
				return usage(err)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Version = version()
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(newHelp(root))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%s; see %s --help", goParsing.ReplaceAllString(err.Error(), ""), cmd.CommandPath())
	})
	root.AddCommand(newCompare(), newProbe(), newCheck(), newList(), newShow(), newGraph(), newVersion())
	return root
}

func unknownCommand(root *cobra.Command, name string) error {
	var verbs []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			verbs = append(verbs, c.Name())
		}
	}
	return usagef("%s; see basin help", recipe.Unknown("command", name, verbs))
}

func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Tell what a command does and how it is used",
		Example: "  basin help\n  basin help compare",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(root, args[0])
			}
			return cmd.Help()
		},
	}
}

// goParsing is what Go's own parsers of numbers put into errors.
var goParsing = regexp.MustCompile(`strconv\.\w+: parsing "[^"]*": `)

// sticky keeps the first error of writing, so that printing need not look for it.
type sticky struct {
	w   io.Writer
	err error
}

func (s *sticky) Write(p []byte) (int, error) {
	if s.err != nil {
		return len(p), nil
	}
	if _, err := s.w.Write(p); err != nil {
		s.err = err
	}
	return len(p), nil
}

// usageError is an error in what was asked for, rather than in the doing of it.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(err error) error { return usageError{err} }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// failure is an error in what a file says, although its cause is a recipe.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

func isUsage(err error) bool {
	var f failure
	var u usageError
	var r *recipe.Error
	return !errors.As(err, &f) && (errors.As(err, &u) || errors.As(err, &r))
}

// oneLine joins the lines of an error that some library broke.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
