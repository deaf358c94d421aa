// Gen writes the assembly of package kernel:
//
//	cd kernel/gen && go run . -out ..
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"

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
			u := newUnit(wide, double)
			u.mul()
			u.narrow()
			u.pack()
			u.packTransposed()
			u.peak()
			u.write(*out, "matmul")
			u = newUnit(wide, double)
			u.sweep()
			u.write(*out, "sweep")
			u = newUnit(wide, double)
			u.causal()
			u.write(*out, "causal")
			u = newUnit(wide, double)
			u.columns()
			u.write(*out, "columns")
			if !double {
				u = newUnit(wide, double)
				u.noise()
				u.write(*out, "noise")
			}
			u = newUnit(wide, double)
			u.winograd()
			u.write(*out, "winograd")
			u = newUnit(wide, double)
			u.unzip()
			u.taps()
			u.write(*out, "conv")
			u = newUnit(wide, double)
			u.pool()
			u.write(*out, "pool")
		}
	}
}

// beyondAVX2 finds registers of AVX-512, which the allocation of registers takes where the
// others are not enough.
var beyondAVX2 = regexp.MustCompile(`\b([XY](1[6-9]|2[0-9]|3[01])|Z[0-9]+|K[0-7])\b`)

// write writes the assembly of what the unit has built.
func (u *unit) write(dir, name string) {
	file, err := u.Result()
	if err == nil {
		for _, f := range file.Functions() {
			f.Nodes = woven(f.Nodes)
		}
		err = pass.Compile.Execute(file)
	}
	if err != nil {
		log.Fatalf("%s%s: %v", name, u.suffix(), err)
	}
	text, err := printer.NewGoAsm(printer.Config{Name: "kernel/gen", Pkg: "kernel"}).Print(file)
	if err != nil {
		log.Fatal(err)
	}
	if r := beyondAVX2.Find(text); r != nil && !u.wide {
		log.Fatalf("%s%s: uses %s, which there is not without AVX-512: too much is held at a time", name, u.suffix(), r)
	}
	name = strings.ToLower(name+"_"+u.suffix()) + "_amd64.s"
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
		log.Fatal(err)
	}
}
