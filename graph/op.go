package graph

import "basin/kernel"

type opcode uint8

const (
	opInvalid opcode = iota

	opInput
	opLabels
	opConst

	opAdd
	opSub
	opMul
	opDiv
	opGate

	opReLU
	opAbs
	opSign
	opSquare
	opSqrt
	opPow
	opExp
	opLog
	opTanh
	opSigmoid
	opSoftplus
	opNormCDF
	opNormPDF
	opGELU
	opGELUTanh
	opSin
	opCos

	opSum
	opBroadcast
	opReshape
	opTranspose
	opMatMul

	opConv
	opConvInput
	opConvWeight
	opMaxPool
	opMaxPoolGather
	opMaxPoolScatter
	opAvgPool
	opAvgPoolInput

	opPick
	opScatter
	opSigns
	opSoftmax
	opSoftmaxGrad
	opCrossEntropy
	opCrossEntropyGrad

	opStandardize
	opStandardizeGrad
	opRMSNormalize
	opRMSNormalizeGrad
	opNormalizeScale
	opEmbed
	opEmbedGrad
	opBatchMatMul
	opCausalSoftmax
	opCausalSoftmaxGrad
	opHeads
	opMergeHeads
	opCausalAttention
	opCausalAttentionGrad
	opNoise

	opColumnMoments
	opJoinMoments
	opCopy
	opAddReLU
	opGELUSlope
	opMatMulAdd
	opCrossEntropyBoth
	opGradLeft
	opConvWeightParts
	opSumParts
	opFused
	opPart

	numOps
)

// A row says all there is to know of an op.
type row struct {
	name   string
	arity  int // -1: any
	labels int // which argument holds labels, counted from 1; 0: none
	shape  func(n *Node) (Shape, error)
	value  loops
	walk   func(n *Node) *walk // how value goes through its operands; nil: needs none
	room   func(n *Node) int   // elements that value needs to work in; nil: none
	// split is the number of pieces of the result that can be computed apart, each by
	// another worker: value computes those from c.lo to c.hi, has own(n) elements in
	// c.own for itself, and shares c.room with the others; it must not use c.walk. nil:
	// it computes all at once.
	split, own func(n *Node) int
	// along, where not zero, tells that the pieces are along the first axis of the value
	// and of the arguments whose bits are set. A call has its piece of these, of the
	// labels and of the room as if there were no more; value takes its number from them.
	along uint8
	// The derivative rules, per argument: jvp gives the tangent of n that comes from
	// the tangent d of argument i, vjp the part of the adjoint of argument i that
	// comes from the adjoint d of n. The derivative in argument i is zero, and no
	// rule is asked for it, where flat has bit i.
	jvp, vjp rule
	flat     uint8
	flags    flag
	flops    func(n *Node) float64 // each +, -, *, /, max, exp, tanh, ... counts one
}

type rule func(g *Graph, n *Node, i int, d *Node) *Node

type flag uint8

const (
	elementwise flag = 1 << iota // element i of the value needs element i of each argument alone
	commutative                  // the arguments may change places
	view                         // the value is the argument's memory under another shape
	aside                        // the value is what the first argument's has left in its room
	accumulates                  // the value is the last argument and something added to it
	fused                        // made by passes alone, when all derivatives are taken
)

const constant = 0xff // flat in all arguments

// table is the list of ops. Derivatives, passes, plans, dumps and tests read all
// they know of an op in its row.
var table = [numOps]row{
	opInput:  {name: "input", shape: given, flat: constant},
	opLabels: {name: "labels", shape: given, flat: constant},
	opConst:  {name: "const", shape: given, flat: constant},

	opAdd: {name: "add", arity: 2, shape: pairShape, walk: pairWalk,
		value: pairs(kernel.Add[float32], kernel.Add[float64]),
		jvp:   addJVP, vjp: addVJP, flags: elementwise | commutative, flops: perElement(1)},
	opSub: {name: "sub", arity: 2, shape: pairShape, walk: pairWalk,
		value: pairs(kernel.Sub[float32], kernel.Sub[float64]),
		jvp:   subJVP, vjp: subVJP, flags: elementwise, flops: perElement(1)},
	opMul: {name: "mul", arity: 2, shape: pairShape, walk: pairWalk,
		value: pairs(kernel.Mul[float32], kernel.Mul[float64]),
		jvp:   replaced, vjp: mulVJP, flags: elementwise | commutative, flops: perElement(1)},
	opDiv: {name: "div", arity: 2, shape: pairShape, walk: pairWalk,
		value: pairs(kernel.Div[float32], kernel.Div[float64]),
		jvp:   divJVP, vjp: divVJP, flags: elementwise, flops: perElement(1)},
	opGate: {name: "gate", arity: 2, shape: pairShape, walk: pairWalk,
		value: pairs(kernel.Gate[float32], kernel.Gate[float64]),
		jvp:   replaced, vjp: gateVJP, flat: 1 << 1, flags: elementwise, flops: perElement(1)},

	opReLU:     unary("relu", singles(kernel.ReLU[float32], kernel.ReLU[float64]), reluRule),
	opAbs:      unary("abs", singles(kernel.Abs[float32], kernel.Abs[float64]), absRule),
	opSquare:   unary("square", singles(kernel.Square[float32], kernel.Square[float64]), squareRule),
	opSqrt:     unary("sqrt", singles(kernel.Sqrt[float32], kernel.Sqrt[float64]), sqrtRule),
	opPow:      unary("pow", loops{power[float32], power[float64]}, powRule),
	opExp:      unary("exp", singles(kernel.Exp[float32], kernel.Exp[float64]), expRule),
	opLog:      unary("log", singles(kernel.Log[float32], kernel.Log[float64]), logRule),
	opTanh:     unary("tanh", singles(kernel.Tanh[float32], kernel.Tanh[float64]), tanhRule),
	opSigmoid:  unary("sigmoid", singles(kernel.Sigmoid[float32], kernel.Sigmoid[float64]), sigmoidRule),
	opSoftplus: unary("softplus", singles(kernel.Softplus[float32], kernel.Softplus[float64]), softplusRule),
	opNormCDF:  unary("normcdf", singles(kernel.NormCDF[float32], kernel.NormCDF[float64]), normCDFRule),
	opNormPDF:  unary("normpdf", singles(kernel.NormPDF[float32], kernel.NormPDF[float64]), normPDFRule),
	opGELU:     unary("gelu", singles(kernel.GELU[float32], kernel.GELU[float64]), geluRule),
	opGELUTanh: unary("gelu_tanh", singles(kernel.GELUTanh[float32], kernel.GELUTanh[float64]), geluTanhRule),
	opSin:      unary("sin", loops{sine[float32], sine[float64]}, sinRule),
	opCos:      unary("cos", loops{cosine[float32], cosine[float64]}, cosRule),

	opSign: {name: "sign", arity: 1, shape: same, value: singles(kernel.Sign[float32], kernel.Sign[float64]),
		flat: constant, flags: elementwise, flops: perElement(1)},

	opSum: {name: "sum", arity: 1, shape: sumShape, walk: sumWalk, value: loops{sum[float32], sum[float64]},
		jvp: replaced, vjp: sumVJP, flops: perArgument(1)},
	opBroadcast: {name: "broadcast", arity: 1, shape: broadcastShape, walk: spreadWalk,
		value: loops{strided[float32], strided[float64]},
		jvp:   replaced, vjp: broadcastVJP},
	opReshape: {name: "reshape", arity: 1, shape: reshapeShape,
		jvp: replaced, vjp: reshapeVJP, flags: view},
	opTranspose: {name: "transpose", arity: 1, shape: transposeShape, walk: transposeWalk,
		value: loops{strided[float32], strided[float64]},
		jvp:   replaced, vjp: transposeVJP},
	opMatMul: {name: "matmul", arity: 2, shape: matMulShape, value: loops{matMul[float32], matMul[float64]},
		jvp: replaced, vjp: matMulVJP, flops: matMulFlops},

	opConv: {name: "conv", split: first, along: 1 << 0, arity: 2, shape: convShape, value: loops{conv[float32], conv[float64]},
		jvp: replaced, vjp: convVJP, flops: convFlops},
	opConvInput: {name: "conv_input", split: first, along: 1 << 0, arity: 2, shape: convInputShape, value: loops{convInput[float32], convInput[float64]},
		jvp: replaced, vjp: convInputVJP, flops: convFlops},
	opConvWeight: {name: "conv_weight", arity: 2, shape: convWeightShape, value: loops{convWeight[float32], convWeight[float64]},
		room: convWeightRoom, jvp: replaced, vjp: convWeightVJP, flops: convFlops},
	opMaxPool: {name: "max_pool", split: first, along: 1 << 0, arity: 1, shape: poolShape, value: loops{maxPool[float32], maxPool[float64]},
		jvp: maxPoolJVP, vjp: maxPoolVJP, flops: perArgument(1)},
	opMaxPoolGather: {name: "max_pool_gather", split: first, along: 1<<0 | 1<<1, arity: 2, shape: maxPoolGatherShape,
		value: loops{maxPoolGather[float32], maxPoolGather[float64]},
		jvp:   replaced, vjp: maxPoolVJP, flat: 1 << 0, flops: perArgument(1)},
	opMaxPoolScatter: {name: "max_pool_scatter", split: first, along: 1<<0 | 1<<1, arity: 2, shape: maxPoolScatterShape,
		value: loops{maxPoolScatter[float32], maxPoolScatter[float64]},
		jvp:   replaced, vjp: maxPoolJVP, flat: 1 << 0, flops: perArgument(1)},
	opAvgPool: {name: "avg_pool", split: first, along: 1 << 0, arity: 1, shape: poolShape, value: loops{avgPool[float32], avgPool[float64]},
		jvp: replaced, vjp: avgPoolVJP, flops: perArgument(1)},
	opAvgPoolInput: {name: "avg_pool_input", split: first, along: 1 << 0, arity: 1, shape: avgPoolInputShape,
		value: loops{avgPoolInput[float32], avgPoolInput[float64]},
		jvp:   replaced, vjp: avgPoolInputVJP, flops: perElement(1)},

	opPick: {name: "pick", arity: 2, labels: 2, shape: pickShape, value: loops{pick[float32], pick[float64]},
		jvp: replaced, vjp: pickVJP},
	opScatter: {name: "scatter", arity: 2, labels: 2, shape: scatterShape,
		value: loops{scatter[float32], scatter[float64]},
		jvp:   replaced, vjp: scatterVJP},
	opSigns: {name: "signs", arity: 1, labels: 1, shape: same,
		value: loops{signs[float32], signs[float64]}, flat: constant},
	opSoftmax: {name: "softmax", split: first, along: 1 << 0, arity: 1, shape: rowsShape, value: loops{softmax[float32], softmax[float64]},
		jvp: softmaxRule, vjp: softmaxRule, flops: perElement(4)},
	opSoftmaxGrad: {name: "softmax_grad", split: first, along: 1<<0 | 1<<1, arity: 2, shape: rowPairShape,
		value: loops{softmaxGrad[float32], softmaxGrad[float64]},
		jvp:   softmaxGradRule, vjp: softmaxGradRule, flops: perElement(7)},
	opCrossEntropy: {name: "cross_entropy", split: first, along: 1 << 0, arity: 2, labels: 2, shape: pickShape,
		value: loops{crossEntropy[float32], crossEntropy[float64]},
		jvp:   crossEntropyJVP, vjp: crossEntropyVJP, flops: perArgument(4)},
	opCrossEntropyGrad: {name: "cross_entropy_grad", split: first, along: 1 << 0, arity: 2, labels: 2, shape: rowLabelShape,
		value: loops{crossEntropyGrad[float32], crossEntropyGrad[float64]},
		jvp:   softmaxRule, vjp: softmaxRule, flops: perElement(4)},

	opStandardize: {name: "standardize", split: byGroups, along: 1 << 0, arity: 1, shape: rowsShape, room: groupsOf,
		value: loops{standardize[float32], standardize[float64]},
		jvp:   normalizeRule, vjp: normalizeRule, flops: perElement(6)},
	opStandardizeGrad: {name: "standardize_grad", split: byGroups, along: 1<<0 | 1<<1 | 1<<2, arity: 3, shape: normalizeGradShape,
		value: loops{standardizeGrad[float32], standardizeGrad[float64]},
		jvp:   normalizeGradJVP, vjp: normalizeGradVJP, flops: perElement(7)},
	opRMSNormalize: {name: "rms_normalize", split: byGroups, along: 1 << 0, arity: 1, shape: rowsShape, room: groupsOf,
		value: loops{rmsNormalize[float32], rmsNormalize[float64]},
		jvp:   normalizeRule, vjp: normalizeRule, flops: perElement(3)},
	opRMSNormalizeGrad: {name: "rms_normalize_grad", split: byGroups, along: 1<<0 | 1<<1 | 1<<2, arity: 3, shape: normalizeGradShape,
		value: loops{rmsNormalizeGrad[float32], rmsNormalizeGrad[float64]},
		jvp:   normalizeGradJVP, vjp: normalizeGradVJP, flops: perElement(5)},
	opNormalizeScale: {name: "normalize_scale", arity: 2, shape: scaleShape,
		jvp: scaleJVP, vjp: scaleVJP, flat: 1 << 0, flags: aside},
	opEmbed: {name: "embed", arity: 2, labels: 2, shape: embedShape, value: loops{embed[float32], embed[float64]},
		jvp: replaced, vjp: embedVJP},
	opEmbedGrad: {name: "embed_grad", arity: 2, labels: 2, shape: embedGradShape,
		value: loops{embedGrad[float32], embedGrad[float64]},
		jvp:   replaced, vjp: embedGradVJP, flops: perArgument(1)},
	opBatchMatMul: {name: "batch_matmul", split: first, along: 1<<0 | 1<<1, arity: 2, shape: batchMatMulShape,
		value: loops{batchMatMul[float32], batchMatMul[float64]},
		jvp:   replaced, vjp: batchMatMulVJP, flops: batchMatMulFlops},
	opCausalSoftmax: {name: "causal_softmax", arity: 1, shape: causalShape,
		value: loops{causalSoftmax[float32], causalSoftmax[float64]},
		jvp:   causalSoftmaxRule, vjp: causalSoftmaxRule, flops: perElement(2)},
	opCausalSoftmaxGrad: {name: "causal_softmax_grad", arity: 2, shape: causalPairShape,
		value: loops{causalSoftmaxGrad[float32], causalSoftmaxGrad[float64]},
		jvp:   causalSoftmaxGradJVP, vjp: causalSoftmaxGradVJP, flops: perElement(2)},
	opHeads: {name: "heads", arity: 1, shape: headsShape, value: loops{headsOf[float32], headsOf[float64]},
		jvp: replaced, vjp: headsVJP},
	opMergeHeads: {name: "merge_heads", arity: 1, shape: mergeHeadsShape, value: loops{mergeHeads[float32], mergeHeads[float64]},
		jvp: replaced, vjp: mergeHeadsVJP},
	opCausalAttention: {name: "causal_attention", split: first, along: 1 << 0, arity: 1, shape: attentionShape, own: attentionRoom,
		value: loops{attention[float32], attention[float64]},
		jvp:   attentionJVP, vjp: attentionVJP, flops: products(2)},
	opCausalAttentionGrad: {name: "causal_attention_grad", split: first, along: 1<<0 | 1<<1, arity: 2, shape: attentionGradShape, own: attentionRoom,
		value: loops{attentionGrad[float32], attentionGrad[float64]},
		jvp:   attentionGradJVP, vjp: attentionGradVJP, flops: products(5)},
	opNoise: {name: "noise", shape: noiseShape, value: loops{noise[float32], noise[float64]}, flat: constant},

	opColumnMoments: {name: "column_moments", arity: 1, shape: columnMomentsShape, split: first,
		value: loops{columnMoments[float32], columnMoments[float64]}, flags: fused, flops: perArgument(4)},
	opJoinMoments: {name: "join_moments", arity: 1, shape: joinedShape,
		value: loops{joinMoments[float32], joinMoments[float64]}, flags: fused},
	opCopy: {name: "copy", arity: 1, shape: same, value: singles(copied[float32], copied[float64]), flags: fused},
	opAddReLU: {name: "add_relu", arity: 2, shape: pairShape, walk: pairWalk,
		value: pairs(kernel.AddReLU[float32], kernel.AddReLU[float64]),
		flags: elementwise | commutative | fused, flops: perElement(2)},
	opGELUSlope: {name: "gelu_slope", arity: 1, shape: same, value: singles(kernel.GELUSlope[float32], kernel.GELUSlope[float64]),
		flags: elementwise | fused, flops: perElement(4)},
	opMatMulAdd: {name: "matmul_add", arity: 3, shape: matMulAddShape, value: loops{matMul[float32], matMul[float64]},
		flags: accumulates | fused, flops: matMulFlops},
	opCrossEntropyBoth: {name: "cross_entropy_both", split: first, along: 1 << 0, arity: 2, labels: 2, shape: pickShape,
		value: loops{crossEntropyBoth[float32], crossEntropyBoth[float64]}, room: likeArgument, flags: fused, flops: perArgument(8)},
	opGradLeft: {name: "grad_left", arity: 1, shape: gradLeftShape, flags: aside | fused},
	opConvWeightParts: {name: "conv_weight_parts", arity: 2, shape: convWeightPartsShape, split: first,
		value: loops{convWeightParts[float32], convWeightParts[float64]}, flags: fused, flops: convFlops},
	opSumParts: {name: "sum_parts", arity: 1, shape: sumPartsShape, split: sumPartsSplit, own: sumPartsOwn,
		value: loops{sumParts[float32], sumParts[float64]}, flags: fused, flops: perArgument(1)},
	opFused: {name: "fused", arity: -1, shape: fusedShape, split: fusedParts, own: fusedRegisters,
		value: loops{fusedLoop[float32], fusedLoop[float64]}, flags: fused, flops: fusedFlops},
	opPart: {name: "part", arity: 1, shape: partShape, flags: fused},
}

// unary is the row of an elementwise function of one argument. Its derivative is a
// diagonal matrix, so one rule serves both directions.
func unary(name string, value loops, r rule) row {
	return row{name: name, arity: 1, shape: same, value: value, jvp: r, vjp: r, flags: elementwise, flops: perElement(1)}
}

// first is the length of the first axis.
func first(n *Node) int { return n.shape[0] }

func likeArgument(n *Node) int { return n.args[0].shape.Len() }

func perElement(k float64) func(*Node) float64 {
	return func(n *Node) float64 { return k * float64(n.shape.Len()) }
}

func perArgument(k float64) func(*Node) float64 {
	return func(n *Node) float64 { return k * float64(n.args[0].shape.Len()) }
}
