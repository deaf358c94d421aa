package main

import "github.com/mmcloughlin/avo/reg"

// Functions of the normal distribution, as in kernel/functions_normal.go.

var millsSingle = []float64{
	0.755285138510370549, -0.607896606073809151, 0.387136679794706625, -0.18652300589738765, 0.0604064697483036412,
	-0.00752721291167985461, -0.0035235740563519058, 0.00156931364509224635, 0.000194801851142465442, -0.000122983157005266082,
}

var millsDouble = []float64{
	0.75528513041575148, -0.607896641971891759, 0.387137400742218879, -0.186521857959694163, 0.0603965748906994641,
	-0.00754018896559305902, -0.00347969236224253334, 0.0016308184418903596, 0.000133344254019049116, -0.000231094818319376211,
	-1.90786653166135743e-6, 0.0000351441811577609727, 7.15005595921609866e-7, -5.91889273176323645e-6, -6.25132104047868019e-7,
	1.01980485181351727e-6, 2.63682485764076251e-7, -1.54263205367710739e-7, -7.63808205349045035e-8, 1.45785933470364597e-8,
	1.39240239935017101e-8, 7.26954547902668946e-11, -9.65342542022850467e-10,
}

func (u *unit) magnitude(x reg.Register) reg.Register {
	return u.least(u.abs(x), u.held(choose(u.double, 39, 14.5)))
}

// gauss is e^(-x^2/2).
func (u *unit) gauss(x reg.Register) reg.Register {
	head := u.and(u.bits(choose[uint64](u.double, 1<<64-1<<27, 1<<32-1<<12)), x)
	minusHalf := u.number(-0.5)
	rest := u.times(u.times(minusHalf, u.minus(x, head)), u.plus(head, x))
	return u.expSum(u.times(u.times(minusHalf, head), head), rest)
}

func (u *unit) normPDF(x reg.Register) reg.Register {
	return u.times(u.number(overRootTwoPi), u.gauss(u.magnitude(x)))
}

const overRootTwoPi = 0.39894228040143267794

func (u *unit) normCDF(x reg.Register) reg.Register {
	t := u.magnitude(x)
	return u.mass(x, t, u.gauss(t))
}

// mass is normCDF for t = |x| and g = e^(-t^2/2).
func (u *unit) mass(x, t, g reg.Register) reg.Register {
	four := u.number(4)
	part := u.over(u.held(1), u.plus(four, t))
	q := u.times(g, part)
	mills := choose(u.double, millsDouble, millsSingle)
	q = u.times(q, u.polynomial(u.powers(u.times(u.minus(t, four), part), len(mills)), mills))
	return u.either(q, u.minus(u.held(1), q), x, less, u.number(0))
}

func (u *unit) gelu(x reg.Register) reg.Register { return u.times(u.normCDF(x), x) }

func (u *unit) geluSlope(x reg.Register) reg.Register {
	mass, rest := u.geluTerms(x)
	return u.plus(rest, mass)
}

// geluTerms are the terms of the slope: the mass up to x, and x times the density there.
func (u *unit) geluTerms(x reg.Register) (mass, rest reg.Register) {
	t := u.magnitude(x)
	g := u.gauss(t)
	rest = u.times(u.times(u.number(overRootTwoPi), g), x)
	return u.mass(x, t, g), rest
}

// geluBoth emits the loop of gelu, to dst, and of its slope, to b.
func (s *sweepKernel) geluBoth() {
	dst, slope, a := s.pointer(sweepDst), s.pointer(sweepB), s.pointer(sweepA)
	s.eachWoven("geluBoth", deepest, func() {
		x := s.get(a)
		mass, rest := s.geluTerms(x)
		s.put(s.times(mass, x), dst)
		s.put(s.plus(rest, mass), slope)
	})
}

func (u *unit) geluTanh(x reg.Register) reg.Register {
	cubic := u.plus(u.number(1), u.times(u.number(0.044715), u.times(x, x)))
	v := u.times(u.times(u.number(2*0.79788456080286535588), x), cubic)
	return u.times(u.sigmoid(v), x)
}
