package probe

import (
	"fmt"
	"slices"
	"strings"
)

// perSet takes one reading of each of the sets train, val and test, named
// SET_quantity, and of each further one: that of "test/2" is "test_quantity/2". An
// error of read is why there is no value.
func perSet(p *Pass, quantity string, read func(name, set string) error) {
	sets := []string{"train", "val", "test"}
	var more []string
	for set := range p.Sets {
		if base, _, ok := strings.Cut(set, "/"); ok && slices.Contains(sets, base) {
			more = append(more, set)
		}
	}
	slices.Sort(more)
	for _, set := range append(sets, more...) {
		base, of, isPart := strings.Cut(set, "/")
		name := base + "_" + quantity
		if isPart {
			name = part(name, of)
		}
		if _, ok := p.Sets[set]; !ok {
			p.None(name, fmt.Sprintf("the problem has no set %q", set))
			continue
		}
		if err := read(name, set); err != nil {
			p.None(name, err.Error())
		}
	}
}
