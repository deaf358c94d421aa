package nn

// Catalog lists the models.
var Catalog = []Entry{
	{"linear", "one dense layer from inputs to outputs", func() Architecture { return new(linear) }},
	{"mlp", "dense hidden layers with an activation, and a dense head", func() Architecture { return new(mlp) }},
}
