package report

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"basin/study"
)

const (
	shortLabel = 18 // the widest that a short label may be
	shortName  = 5  // the least of a name that is kept beside a setting
)

// shortLabels gives each optimizer a name that fits a column and is unique within
// the study: its label where that is short, else the names in it without
// their settings, as in sam(sgd), with the settings in which it alone differs where
// names are not enough.
func shortLabels(optimizers []study.Optimizer) []string {
	names := make([]string, len(optimizers))
	for i, o := range optimizers {
		names[i] = o.Label
		if cols(o.Label) > shortLabel {
			names[i] = skeleton(o.Label)
		}
	}
	for _, group := range clashes(names) {
		for _, i := range group {
			if own := ownSettings(optimizers, group, i); own != "" {
				room := max(shortLabel-cols(own)-1, shortName)
				names[i] = shorten(names[i], room) + " " + own
			}
		}
	}
	for i, name := range names {
		names[i] = shorten(name, shortLabel)
	}
	for _, group := range clashes(names) {
		for k, i := range group {
			mark := "#" + strconv.Itoa(k+1)
			names[i] = shorten(names[i], shortLabel-len(mark)-1) + " " + mark
		}
	}
	return names
}

// clashes lists the groups of indices with equal names, in order.
func clashes(names []string) [][]int {
	var groups [][]int
	for i, name := range names {
		if slices.Index(names, name) != i {
			continue
		}
		var group []int
		for j := i; j < len(names); j++ {
			if names[j] == name {
				group = append(group, j)
			}
		}
		if len(group) > 1 {
			groups = append(groups, group)
		}
	}
	return groups
}

// ownSettings lists the settings of optimizer i that not all of group share: the
// one that tells all of them apart where there is such a one.
func ownSettings(optimizers []study.Optimizer, group []int, i int) string {
	lists := make([][]string, len(group))
	for k, j := range group {
		lists[k] = settings(optimizers[j].Label)
	}
	own := settings(optimizers[i].Label)
	for _, list := range slices.Insert(slices.Clone(lists), 0, own) {
		for _, setting := range list {
			name, _, named := strings.Cut(setting, "=")
			if named && distinguishes(name, lists) {
				return pick(name, own)
			}
		}
	}
	own = slices.DeleteFunc(own, func(setting string) bool {
		return !slices.ContainsFunc(lists, func(list []string) bool { return !slices.Contains(list, setting) })
	})
	return strings.Join(own, " ")
}

// distinguishes says whether the setting name differs between all lists.
func distinguishes(name string, lists [][]string) bool {
	seen := map[string]bool{}
	for _, list := range lists {
		seen[pick(name, list)] = true
	}
	return len(seen) == len(lists)
}

// pick is the setting called name, if the list has it.
func pick(name string, list []string) string {
	for _, setting := range list {
		if strings.HasPrefix(setting, name+"=") {
			return setting
		}
	}
	return ""
}

// skeleton is a recipe's text without settings: the names of its calls, nested as
// they are, and the bare words given to them by position.
func skeleton(text string) string {
	var links []string
	for _, link := range outside(text, '|') {
		name, args := call(link)
		var inner []string
		for _, arg := range args {
			if strings.HasSuffix(arg.value, ")") || arg.name == "" && isWord(arg.value) {
				inner = append(inner, skeleton(arg.value))
			}
		}
		if len(inner) > 0 {
			name += "(" + strings.Join(inner, ",") + ")"
		}
		links = append(links, name)
	}
	return strings.Join(links, "|")
}

// settings lists the arguments at any depth of a recipe's text that are no calls.
func settings(text string) []string {
	var list []string
	for _, link := range outside(text, '|') {
		_, args := call(link)
		for _, arg := range args {
			switch {
			case strings.HasSuffix(arg.value, ")"):
				list = append(list, settings(arg.value)...)
			case arg.name == "":
				list = append(list, arg.value)
			default:
				list = append(list, arg.name+"="+arg.value)
			}
		}
	}
	return list
}

type argument struct{ name, value string }

// call takes one link of a recipe's text apart.
func call(link string) (name string, args []argument) {
	name, inside, ok := strings.Cut(link, "(")
	if !ok {
		return link, nil
	}
	for _, part := range outside(strings.TrimSuffix(inside, ")"), ',') {
		before, value, named := strings.Cut(part, "=")
		if named && isWord(strings.TrimSpace(before)) {
			args = append(args, argument{strings.TrimSpace(before), strings.TrimSpace(value)})
		} else if part != "" {
			args = append(args, argument{"", part})
		}
	}
	return strings.TrimSpace(name), args
}

// outside splits text at the marks that are within neither brackets nor quotes.
func outside(text string, mark rune) []string {
	var parts []string
	depth, quoted, escaped, start := 0, false, false, 0
	for i, r := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '(' || r == '[':
			depth++
		case r == ')' || r == ']':
			depth--
		case r == mark && depth == 0:
			parts = append(parts, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(text[start:]))
}

func isWord(s string) bool {
	for i, r := range s {
		if r != '_' && r != '-' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != "" && s != "true" && s != "false"
}
