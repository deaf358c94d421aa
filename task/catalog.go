package task

import "basin/recipe"

// The catalogue: one line for each task.
var catalog = []entry{
	{glyphsDoc, func() settings { return new(glyphs) }},
	{mnistDoc, func() settings { return new(mnist) }},
	{fashionMNISTDoc, func() settings { return new(fashionMNIST) }},
	{cifar10Doc, func() settings { return new(cifar10) }},
	{textDoc, func() settings { return new(text) }},
	{csvDoc, func() settings { return new(csv) }},
	{npzDoc, func() settings { return new(npz) }},
	{modularAdditionDoc, func() settings { return new(modularAddition) }},
	{parityDoc, func() settings { return new(parity) }},
	{teacherDoc, func() settings { return new(teacher) }},
	{twoMoonsDoc, func() settings { return new(twoMoons) }},
	{matrixCompletionDoc, func() settings { return new(matrixCompletion) }},
	{quadraticDoc, func() settings { return new(quadratic) }},
	{linearRegressionDoc, func() settings { return new(linearRegression) }},
	{separableDoc, func() settings { return new(separable) }},
	{classIncrementalDoc, func() settings { return new(classIncremental) }},
	{permutedDoc, func() settings { return new(permuted) }},
	{rotatedDoc, func() settings { return new(rotated) }},
	{randomLabelsDoc, func() settings { return new(randomLabels) }},
}

// An entry is a line of the catalogue.
type entry struct {
	Doc
	settings func() settings // a new struct, by pointer
}

// A Doc describes a task.
type Doc struct {
	Name    string
	Group   string
	Summary string   // one sentence
	Files   bool     // whether its data are files, in a folder that the user names
	Example string   // a recipe; empty for the name alone
	Notes   []string // what else to know, a sentence or two each
	Params  []recipe.Param
}

// Groups of tasks.
const (
	classification = "classification of pictures"
	ownFiles       = "from files of your own"
	generated      = "generated"
	closedForm     = "with a closed form"
	streams        = "streams of tasks, one after another"
)

// Docs describes the tasks in the order of the catalogue.
func Docs() []Doc {
	var docs []Doc
	for _, e := range catalog {
		d := e.Doc
		d.Params = recipe.Describe(e.settings())
		docs = append(docs, d)
	}
	return docs
}

func names() []string {
	var list []string
	for _, e := range catalog {
		list = append(list, e.Name)
	}
	return list
}
