package optim

// The catalogue: one line for each rule, with its documentation and its one
// constructor in both precisions.
var catalog = []entry{
	rule(sgdDoc, newSGD[float32], newSGD[float64]),
	rule(adamDoc, newAdam[float32], newAdam[float64]),
	rule(adamwDoc, newAdamW[float32], newAdamW[float64]),
	rule(signsgdDoc, newSignSGD[float32], newSignSGD[float64]),
	rule(signumDoc, newSignum[float32], newSignum[float64]),
	rule(lionDoc, newLion[float32], newLion[float64]),
	rule(muonDoc, newMuon[float32], newMuon[float64]),
	rule(shampooDoc, newShampoo[float32], newShampoo[float64]),
	rule(adahessianDoc, newAdaHessian[float32], newAdaHessian[float64]),
	rule(sophiaHDoc, newSophiaH[float32], newSophiaH[float64]),
	rule(sophiaGDoc, newSophiaG[float32], newSophiaG[float64]),
	rule(kfacDoc, newKFAC[float32], newKFAC[float64]),
	rule(naturalDoc, newNatural[float32], newNatural[float64]),
	rule(gaussNewtonDoc, newGaussNewton[float32], newGaussNewton[float64]),
	rule(newtonDoc, newNewtonCG[float32], newNewtonCG[float64]),
	source(lbfgsDoc, newLBFGS[float32], newLBFGS[float64]),
	source(samDoc, newSAM[float32], newSAM[float64]),
	source(asamDoc, newASAM[float32], newASAM[float64]),
	rule(splitDoc, newSplit[float32], newSplit[float64]),
	transform(clipNormDoc, newClipNorm[float32], newClipNorm[float64]),
}
