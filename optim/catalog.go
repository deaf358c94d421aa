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
	rule(dshampooDoc, newDShampoo[float32], newDShampoo[float64]),
	rule(soapDoc, newSOAP[float32], newSOAP[float64]),
	rule(psgdKronDoc, newPSGDKron[float32], newPSGDKron[float64]),
	rule(galoreDoc, newGaLore[float32], newGaLore[float64]),
	rule(steepestDoc, newSteepest[float32], newSteepest[float64]),
	rule(scionDoc, newScion[float32], newScion[float64]),
	source(samDoc, newSAM[float32], newSAM[float64]),
	rule(splitDoc, newSplit[float32], newSplit[float64]),
	transform(clipNormDoc, newClipNorm[float32], newClipNorm[float64]),
	transform(clipValueDoc, newClipValue[float32], newClipValue[float64]),
	before(agcDoc, newAGC[float32], newAGC[float64]),
	before(centralizeDoc, newCentralize[float32], newCentralize[float64]),
	before(l2InitDoc, newL2Init[float32], newL2Init[float64]),
}
