"""Writes pytorch.json: small networks as PyTorch computes them, in double precision.

Parameter i of all, in the order of PyTorch's modules, is sin(0.7 i + 0.3) / 2, number
i of the inputs sin(1.3 i + 0.1), token i is (i*i + 3 i) mod V, label i is 5 i mod C.
For each network: the number of parameters, the outputs, the mean loss, and the
gradient's inner product with cos(0.9 i).
"""
import json
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Rows(nn.Module):
    """Pictures as rows in the order height, width, channels."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class Residual(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(o)
        self.conv2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(o)
        self.shortcut = nn.Identity()
        if stride != 1 or i != o:
            self.shortcut = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))) + self.shortcut(x))


def resnet(depth, width, channels, classes):
    n, layers, i = (depth - 2) // 6, [nn.Conv2d(channels, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()], width
    for stage in range(3):
        for block in range(n):
            layers.append(Residual(i, width << stage, 2 if stage > 0 and block == 0 else 1))
            i = width << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(i, classes))


class Layer(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.qkv, self.out = nn.LayerNorm(d), nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.norm2, self.up, self.down = nn.LayerNorm(d), nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)
        a = a.masked_fill(torch.triu(torch.ones(t, t, dtype=torch.bool), 1), -math.inf).softmax(-1)
        x = x + self.out((a @ v).transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self, layers, d, heads, context, kinds):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(kinds, d), nn.Embedding(context, d)
        self.layers = nn.ModuleList([Layer(d, heads) for _ in range(layers)])
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, kinds, bias=False)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions.weight
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x))


def formula(n, speed, phase):
    return torch.sin(speed * torch.arange(n, dtype=torch.float64) + phase)


def pictures(n, h, w, c):
    return formula(n * h * w * c, 1.3, 0.1).view(n, h, w, c).permute(0, 3, 1, 2)


def tokens(n, context, kinds):
    i = torch.arange(n * context)
    return ((i * i + 3 * i) % kinds).view(n, context)


def measure(net, x, classes):
    net = net.double()
    params = list(net.parameters())
    count = sum(p.numel() for p in params)
    start = formula(count, 0.7, 0.3) / 2
    at = 0
    for p in params:
        p.data = start[at:at + p.numel()].view(p.shape).clone()
        at += p.numel()
    z = net(x).reshape(-1, classes)
    loss = F.cross_entropy(z, 5 * torch.arange(len(z)) % classes)
    grads = torch.cat([g.flatten() for g in torch.autograd.grad(loss, params)])
    along = torch.cos(0.9 * torch.arange(count, dtype=torch.float64))
    return {"parameters": count, "outputs": z.flatten().tolist(), "loss": loss.item(), "along": (grads @ along).item()}


torch.set_default_dtype(torch.float64)
cases = {
    "cnn(2, 3, hidden=4)": measure(nn.Sequential(
        nn.Conv2d(2, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), Rows(),
        nn.Linear(3 * 2 * 3, 4), nn.ReLU(), nn.Linear(4, 3)), pictures(4, 6, 5, 2), 3),
    "resnet(depth=8, width=4)": measure(resnet(8, 4, 3, 5), pictures(4, 8, 6, 3), 5),
    "resnet(depth=14, width=2)": measure(resnet(14, 2, 1, 3), pictures(3, 9, 9, 1), 3),
    "gpt(layers=2, width=8, heads=2)": measure(GPT(2, 8, 2, 6, 7), tokens(3, 6, 7), 7),
}
with open("pytorch.json", "w") as f:
    json.dump(cases, f, indent=1)
    f.write("\n")
