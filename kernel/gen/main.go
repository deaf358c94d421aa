// Gen writes the assembly of package kernel:
//
//	cd kernel/gen && go run . -out ..
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	log.SetFlags(0)
	flags := flag.NewFlagSet("gen", flag.ExitOnError) // the default one is avo's
	out := flags.String("out", "..", "directory of package kernel")
	flags.Parse(os.Args[1:])
	for _, wide := range []bool{false, true} {
		for _, double := range []bool{false, true} {
			u := &unit{Context: build.NewContext(), wide: wide, double: double, tables: map[string]operand.Mem{}}
			u.mul()
			u.pack()
			u.packTransposed()
			u.peak()
			name := "matmul_" + strings.ToLower(u.suffix()) + "_amd64.s"
			if err := write(u.Context, filepath.Join(*out, name)); err != nil {
				log.Fatal(err)
			}
		}
	}
}

// write writes the assembly of what c has built.
func write(c *build.Context, name string) error {
	file, err := c.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	text, err := printer.NewGoAsm(printer.Config{Name: "kernel/gen", Pkg: "kernel"}).Print(file)
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o666)
}
