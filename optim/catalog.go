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
	source(samDoc, newSAM[float32], newSAM[float64]),
	rule(dadaptSGDDoc, newDadaptSGD[float32], newDadaptSGD[float64]),
	rule(dadaptAdamDoc, newDadaptAdam[float32], newDadaptAdam[float64]),
	rule(prodigyDoc, newProdigy[float32], newProdigy[float64]),
	rule(scheduleFreeSGDDoc, newScheduleFreeSGD[float32], newScheduleFreeSGD[float64]),
	rule(scheduleFreeAdamWDoc, newScheduleFreeAdamW[float32], newScheduleFreeAdamW[float64]),
	rule(lookaheadDoc, newLookahead[float32], newLookahead[float64]),
	rule(emaDoc, newEMA[float32], newEMA[float64]),
	rule(swaDoc, newSWA[float32], newSWA[float64]),
	rule(accumulateDoc, newAccumulate[float32], newAccumulate[float64]),
	rule(splitDoc, newSplit[float32], newSplit[float64]),
	transform(clipNormDoc, newClipNorm[float32], newClipNorm[float64]),
}
