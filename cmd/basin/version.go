package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"basin/kernel"
	"basin/run"
	"basin/study"
)

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, the kernel path in use and the engine's revision",
		Example: "  basin version\n  BASIN_KERNEL=portable basin version",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := []struct{ Name, Value string }{
				{"version", version()},
				{"go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
				{"kernel", kernel.Path()},
				{"engine", fmt.Sprint(run.Engine)},
				{"results", fmt.Sprint(study.Schema)},
			}
			if asJSON {
				m := map[string]string{"name": "basin"}
				for _, e := range v {
					m[e.Name] = e.Value
				}
				return json.NewEncoder(cmd.OutOrStdout()).Encode(m)
			}
			for _, e := range v {
				fmt.Fprintf(cmd.OutOrStdout(), "%-8s %s\n", e.Name, e.Value)
			}
			if kernel.Path() == "portable" && os.Getenv("BASIN_KERNEL") == "" {
				fmt.Fprintln(cmd.OutOrStdout(), "\nThe portable kernels are in use; a processor with AVX2 and FMA trains several times faster.")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// version is the module's version or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v, dirty := info.Main.Version, ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && (v == "" || v == "(devel)"):
			v = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = " with changes"
		}
	}
	return v + dirty
}
