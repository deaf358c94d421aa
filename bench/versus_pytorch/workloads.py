"""PyTorch's side of the workloads: one child process for each workload, setting and
number of threads. It is asked in lines of JSON on standard input and answers in
lines of JSON on standard output."""

import json
import math
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F

# Streams of numbers, as in numbers.go.
INPUTS, CLASSES, WEIGHTS, DIRECTION = (k << 20 for k in range(4))


def hashed(stream, n):
    """The first n numbers of a stream: SplitMix64 on a counter."""
    with numpy.errstate(over="ignore"):
        z = (numpy.uint64(stream << 32) + numpy.arange(n, dtype=numpy.uint64)) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return z ^ (z >> numpy.uint64(31))


def uniform(shape, stream, bound):
    u = (hashed(stream, math.prod(shape)) >> numpy.uint64(40)).astype(numpy.float32)
    u = (u / numpy.float32(1 << 23) - numpy.float32(1)) * numpy.float32(bound)
    return torch.from_numpy(u.reshape(shape))


ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}


def mlp(spec):
    widths, layers = spec["shape"] + spec["widths"] + [spec["outputs"]], []
    for k, (i, o) in enumerate(zip(widths, widths[1:])):
        if k:
            layers.append(ACTIVATIONS[spec["act"]]())
        layers.append(nn.Linear(i, o))
    return nn.Sequential(*layers)


def cnn(spec):
    h, w, c = spec["shape"]
    act = ACTIVATIONS[spec["act"]]
    return nn.Sequential(
        nn.Conv2d(c, 32, 3, padding=1), act(), nn.Conv2d(32, 64, 3, padding=1), act(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(h // 2 * (w // 2) * 64, 128), act(), nn.Linear(128, spec["outputs"]))


class Normalised(nn.Sequential):
    """A convolution without bias, and batch normalisation."""

    def __init__(self, i, o, size, stride):
        super().__init__(nn.Conv2d(i, o, size, stride, size // 2, bias=False), nn.BatchNorm2d(o))


class Residual(nn.Module):
    """A block of two convolutions around which there is a shortcut (He et al. 2016)."""

    def __init__(self, i, o, stride):
        super().__init__()
        self.first, self.second = Normalised(i, o, 3, stride), Normalised(o, o, 3, 1)
        self.shortcut = Normalised(i, o, 1, stride) if stride > 1 or i != o else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


def resnet(spec):
    layers, channels = [Normalised(spec["shape"][2], 16, 3, 1), nn.ReLU()], 16
    for stage in range(3):
        for block in range((spec["depth"] - 2) // 6):
            layers.append(Residual(channels, 16 << stage, 2 if stage and not block else 1))
            channels = 16 << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, spec["outputs"]))


class Layer(nn.Module):
    """Attention and two dense layers, each of them after a normalisation."""

    def __init__(self, width, heads, context, act):
        super().__init__()
        self.heads = heads
        self.norm1, self.qkv, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.norm2, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.act = act()
        self.register_buffer("later", torch.ones(context, context, dtype=torch.bool).triu(1))

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(2, 3)) * (d // self.heads) ** -0.5
        a = a.masked_fill(self.later, -math.inf).softmax(3)
        x = x + self.out((a @ v).transpose(1, 2).reshape(n, t, d))
        return x + self.down(self.act(self.up(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self, spec, width=128, heads=4, layers=4):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(spec["outputs"], width), nn.Embedding(spec["shape"][0], width)
        act = ACTIVATIONS[spec["act"]]
        self.layers = nn.Sequential(*(Layer(width, heads, spec["shape"][0], act) for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, spec["outputs"], bias=False)

    def forward(self, tokens):
        z = self.head(self.norm(self.layers(self.tokens(tokens) + self.positions.weight)))
        return z.flatten(0, 1)


NETWORKS = {"mlp": mlp, "cnn": cnn, "resnet": resnet, "gpt": GPT}


def network(spec):
    net = NETWORKS[spec["net"]](spec)
    k = 0
    with torch.no_grad():
        for module in net.modules():
            gain = isinstance(module, (nn.BatchNorm2d, nn.LayerNorm))
            for name, p in module.named_parameters(recurse=False):
                if p.ndim >= 2:
                    p.copy_(uniform(p.shape, WEIGHTS + k, math.sqrt(6 / p[0].numel())))
                else:
                    p.fill_(1 if gain and name == "weight" else 0)
                k += 1
        if spec["net"] == "cnn":
            # Rows of pictures are flattened in the order height, width, channels there.
            h, w, _ = spec["shape"]
            hidden = net[6].weight
            hidden.copy_(hidden.view(-1, h // 2, w // 2, 64).permute(0, 3, 1, 2).flatten(1))
    return net


def examples(spec):
    n, shape, outputs = spec["examples"], spec["shape"], numpy.uint64(spec["outputs"])

    def classes(stream, shape):
        y = (hashed(stream, math.prod(shape)) >> numpy.uint64(40)) % outputs
        return torch.from_numpy(y.astype(numpy.int64).reshape(shape))

    if spec["net"] == "gpt":
        texts = classes(INPUTS, (n, shape[0] + 1))
        return texts[:, :-1].contiguous(), texts[:, 1:].contiguous()
    x = uniform([n] + shape, INPUTS, math.sqrt(3))
    if len(shape) == 3:
        x = x.permute(0, 3, 1, 2).contiguous()
    return x, classes(CLASSES, (n,))


class Muon:
    """Momentum whose singular values are driven to one (Jordan et al. 2024): the
    mean of gradients with Nesterov's look ahead; AdamW for what is no matrix."""

    def __init__(self, params):
        params = list(params)
        self.matrices = [p for p in params if p.ndim >= 2]
        self.mean = [torch.zeros_like(p) for p in self.matrices]
        self.rest = torch.optim.AdamW([p for p in params if p.ndim < 2], 1e-3)

    def zero_grad(self, set_to_none):
        self.rest.zero_grad(set_to_none=set_to_none)
        for p in self.matrices:
            p.grad = None

    @torch.no_grad()
    def step(self):
        for p, m in zip(self.matrices, self.mean):
            m.mul_(0.95).add_(p.grad, alpha=0.05)
            x = m.mul(0.95).add_(p.grad, alpha=0.05)
            x /= x.norm() + 1e-7
            tall = x.shape[0] > x.shape[1]
            if tall:
                x = x.t()
            for _ in range(5):
                a = x @ x.t()
                b = torch.addmm(a, a, a, beta=-4.7750, alpha=2.0315)
                x = torch.addmm(x, b, x, beta=3.4445)
            if tall:
                x = x.t()
            p.add_(x, alpha=-0.02 * max(1, p.shape[0] / p.shape[1]) ** 0.5)
        self.rest.step()


class Shampoo:
    """Gupta, Koren and Singer 2018, with roots renewed at powers of two."""

    def __init__(self, params):
        self.params = list(params)
        self.stats = [[torch.zeros(d, d) for d in p.shape] for p in self.params]
        self.roots = [[None] * p.ndim for p in self.params]
        self.t = 0

    def zero_grad(self, set_to_none):
        for p in self.params:
            p.grad = None

    @torch.no_grad()
    def step(self):
        self.t += 1
        renew = self.t & (self.t - 1) == 0
        for p, stats, roots in zip(self.params, self.stats, self.roots):
            g = p.grad
            if p.ndim == 1:
                stats[0].addr_(g, g)
            else:
                stats[0].addmm_(g, g.t())
                stats[1].addmm_(g.t(), g)
            if renew:
                for k, s in enumerate(stats):
                    e, q = torch.linalg.eigh(s)
                    roots[k] = (q * (e.clamp_min(0) + 1e-4).pow(-0.5 / p.ndim)) @ q.t()
            p.add_(roots[0] @ g if p.ndim == 1 else roots[0] @ g @ roots[1], alpha=-0.01)


# The rules of spec.go, with its settings.
RULES = {
    "sgd": lambda p: torch.optim.SGD(p, 0.05, 0.9),
    "adamw": lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=0.01),
    "muon": Muon,
    "shampoo": Shampoo,
}


class Training:
    def __init__(self, spec, way):
        self.spec = spec
        self.x, self.y = examples(spec)
        self.net = network(spec)
        if way == "channels_last":
            self.x = self.x.to(memory_format=torch.channels_last)
            self.net = self.net.to(memory_format=torch.channels_last)
        self.start = [p.detach().clone() for p in self.net.parameters()]
        self.reset()

    def reset(self):
        with torch.no_grad():
            for p, s in zip(self.net.parameters(), self.start):
                p.copy_(s)
        self.rule = RULES[self.spec["rule"].split("(")[0]](self.net.parameters())
        self.t = 0

    def step(self):
        size = self.spec["batch"]
        lo = self.t * size % len(self.x)
        self.t += 1
        self.rule.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.net(self.x[lo:lo + size]), self.y[lo:lo + size].flatten())
        loss.backward()
        self.rule.step()
        return loss

    def witness(self):
        return [self.step().item() for _ in range(3)]

    def retrain(self):
        self.reset()
        for _ in range(self.spec["steps"]):
            self.step()


class Curvature:
    """Products with the Hessian of the mean loss, and its largest eigenvalue."""

    def __init__(self, spec):
        self.spec = spec
        x, y = examples(spec)
        self.x, self.y = x[:spec["batch"]], y[:spec["batch"]]
        self.net = network(spec)
        self.params = list(self.net.parameters())
        self.v = [uniform(p.shape, DIRECTION + k, math.sqrt(3)) for k, p in enumerate(self.params)]
        if spec["task"] == "product":
            self.kept = self.gradient()

    def gradient(self):
        loss = F.cross_entropy(self.net(self.x), self.y)
        return torch.autograd.grad(loss, self.params, create_graph=True)

    def retained(self):
        return torch.autograd.grad(self.kept, self.params, self.v, retain_graph=True)

    def fresh(self):
        return torch.autograd.grad(self.gradient(), self.params, self.v)

    def eigen(self):
        g, v = self.gradient(), self.v
        for _ in range(self.spec["steps"]):
            norm = torch.sqrt(sum((a * a).sum() for a in v))
            v = [a / norm for a in v]
            hv = torch.autograd.grad(g, self.params, v, retain_graph=True)
            value = sum((a * b).sum() for a, b in zip(hv, v)).item()
            v = hv
        return value

    def witness(self):
        if self.spec["task"] == "eigen":
            return [self.eigen()]
        return [math.sqrt(sum((h.double() ** 2).sum().item() for h in self.fresh()))]


class Norms:
    """The norm of the gradient of each example's loss, in three ways."""

    def __init__(self, spec):
        x, y = examples(spec)
        self.x, self.y = x[:spec["batch"]], y[:spec["batch"]]
        self.net = network(spec)
        self.params = list(self.net.parameters())

    def ghost(self):
        """From the inputs of the layers and the gradients of their outputs."""
        inputs, outputs, h = [], [], self.x
        for layer in self.net:
            if isinstance(layer, nn.Linear):
                inputs.append(h.detach())
                h = layer(h)
                outputs.append(h)
            else:
                h = layer(h)
        grads = torch.autograd.grad(F.cross_entropy(h, self.y, reduction="sum"), outputs)
        # The bias is a weight of an input that is 1.
        return torch.sqrt(sum(((a * a).sum(1) + 1) * (d * d).sum(1) for a, d in zip(inputs, grads)))

    def loop(self):
        """One backward pass for each example."""
        norms = []
        for i in range(len(self.x)):
            loss = F.cross_entropy(self.net(self.x[i:i + 1]), self.y[i:i + 1])
            norms.append(torch.sqrt(sum((g * g).sum() for g in torch.autograd.grad(loss, self.params))))
        return torch.stack(norms)

    def vmap(self):
        """The gradients of all examples at once."""
        import functorch
        if not hasattr(self, "grads"):
            f, self.values = functorch.make_functional(self.net)
            one = functorch.grad(lambda p, x, y: F.cross_entropy(f(p, x[None]), y[None]))
            self.grads = functorch.vmap(one, (None, 0, 0))
        return torch.sqrt(sum((g * g).flatten(1).sum(1) for g in self.grads(self.values, self.x, self.y)))


def prepare(spec, way):
    """Gives what is to be timed, and its witness."""
    task = spec["task"]
    if task in ("train", "retrain"):
        t = Training(spec, way)
        witness = t.witness()
        return (t.step if task == "train" else t.retrain), witness
    if task == "norms":
        n = Norms(spec)
        run = getattr(n, way or "ghost")
        return run, [run().detach().double().norm().item()]
    c = Curvature(spec)
    return {"product": c.retained, "fresh_product": c.fresh, "eigen": c.eigen}[task], c.witness()


def sample(run, seconds):
    """Runs for some time, at least once; short units several at a time."""
    times = 1
    while True:
        begin = time.perf_counter()
        for _ in range(times):
            run()
        took = time.perf_counter() - begin
        if took >= 1e-4:
            break
        times *= 2
    all = []
    end = time.perf_counter() + seconds
    while not all or time.perf_counter() < end:
        begin = time.perf_counter()
        for _ in range(times):
            run()
        all.append((time.perf_counter() - begin) * 1e3 / times)
    all.sort()
    return {"best": all[0], "median": all[len(all) // 2], "count": len(all)}


def multiply_rate():
    """GFLOP/s of a product of matrices: tells which BLAS there is."""
    a = torch.ones(512, 512)
    return 2 * 512 ** 3 / sample(lambda: a @ a, 0.05)["best"] / 1e6


def resident():
    """Most bytes of memory resident at once."""
    try:
        with open("/proc/self/status") as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def main():
    run = None
    for line in sys.stdin:
        asked = json.loads(line)
        answer = {}
        if "spec" in asked:
            torch.set_num_threads(asked["threads"])
            run, answer["witness"] = prepare(asked["spec"], asked["way"])
        elif "seconds" in asked:
            answer["times"] = sample(run, asked["seconds"])
        else:
            answer["version"] = torch.__version__
            answer["rate"] = multiply_rate()
        answer["resident"] = resident()
        print(json.dumps(answer), flush=True)


main()
