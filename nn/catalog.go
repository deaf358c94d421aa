package nn

// Catalog lists the models.
var Catalog = []Entry{
	linearEntry,
	mlpEntry,
	cnnEntry,
	resnetEntry,
	gptEntry,
	deepLinearEntry,
	diagonalLinearEntry,
	matrixProductEntry,
	homogeneousEntry,
}
