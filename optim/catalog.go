package optim

// The catalogue: one line for each rule, with its documentation and its one
// constructor in both precisions.
var catalog = []entry{
	rule(sgdDoc, newSGD[float32], newSGD[float64]),
	rule(aggmoDoc, newAggMo[float32], newAggMo[float64]),
	rule(qhmDoc, newQHM[float32], newQHM[float64]),
	rule(gravityDoc, newGravity[float32], newGravity[float64]),
	rule(adamDoc, newAdam[float32], newAdam[float64]),
	rule(adamwDoc, newAdamW[float32], newAdamW[float64]),
	rule(cAdamWDoc, newCAdamW[float32], newCAdamW[float64]),
	rule(marsDoc, newMARS[float32], newMARS[float64]),
	rule(adafactorDoc, newAdafactor[float32], newAdafactor[float64]),
	rule(signsgdDoc, newSignSGD[float32], newSignSGD[float64]),
	rule(signumDoc, newSignum[float32], newSignum[float64]),
	rule(lionDoc, newLion[float32], newLion[float64]),
	rule(cLionDoc, newCLion[float32], newCLion[float64]),
	rule(tigerDoc, newTiger[float32], newTiger[float64]),
	rule(larsDoc, newLARS[float32], newLARS[float64]),
	rule(lambDoc, newLAMB[float32], newLAMB[float64]),
	rule(novogradDoc, newNovoGrad[float32], newNovoGrad[float64]),
	rule(muonDoc, newMuon[float32], newMuon[float64]),
	rule(shampooDoc, newShampoo[float32], newShampoo[float64]),
	source(samDoc, newSAM[float32], newSAM[float64]),
	rule(asgdDoc, newASGD[float32], newASGD[float64]),
	rule(splitDoc, newSplit[float32], newSplit[float64]),
	transform(clipNormDoc, newClipNorm[float32], newClipNorm[float64]),
	transform(grokfastEMADoc, newGrokfastEMA[float32], newGrokfastEMA[float64]),
	transform(grokfastMADoc, newGrokfastMA[float32], newGrokfastMA[float64]),
}
