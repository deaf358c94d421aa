"""Trains a network with PyTorch on MNIST, saves it as safetensors, and prints what kind of
solution it is, for comparison with what basin probe measures of the file.

    python3 pytorch_solution.py FOLDER-OF-MNIST solution.safetensors
"""
import gzip, json, struct, sys
import numpy as np
import torch

folder, out = sys.argv[1:]
torch.manual_seed(0)


def idx(name):
    raw = gzip.open(f"{folder}/{name}.gz").read()
    dims = struct.unpack(f">{raw[3]}I", raw[4:4 + 4 * raw[3]])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(dims)


def pictures(name):
    return torch.tensor(idx(name).reshape(-1, 784) / 255, dtype=torch.float64)


x, y = pictures("train-images-idx3-ubyte"), torch.tensor(idx("train-labels-idx1-ubyte").astype(np.int64))
xt, yt = pictures("t10k-images-idx3-ubyte"), torch.tensor(idx("t10k-labels-idx1-ubyte").astype(np.int64))
net = torch.nn.Sequential(torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)).double()
opt = torch.optim.Adam(net.parameters(), 1e-3)
for step in range(600):
    rows = torch.randint(len(x), (128,))
    opt.zero_grad()
    torch.nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
    opt.step()

# What is saved is float32, and that is what is measured.
tensors = {k: v.detach().float() for k, v in net.state_dict().items()}
net.load_state_dict({k: v.double() for k, v in tensors.items()})
header, values = {}, b""
for name, t in tensors.items():
    data = t.numpy().tobytes()
    header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(values), len(values) + len(data)]}
    values += data
head = json.dumps(header).encode()
with open(out, "wb") as f:
    f.write(struct.pack("<Q", len(head)) + head + values)

# On all test examples, in float64.
params = list(net.parameters())
loss = torch.nn.functional.cross_entropy(net(xt), yt)
grads = torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss, params, create_graph=True)])


def product(v):
    return torch.cat([h.reshape(-1) for h in torch.autograd.grad(grads @ v, params, retain_graph=True)])


v = torch.randn(len(grads), dtype=torch.float64)
for _ in range(200):
    v = product(v / v.norm())
print("lambda_max", v.norm().item())

# The diagonal of the Hessian of a ReLU network is that of its Gauss-Newton matrix, so the trace is
# a sum over layers of the logits' covariance seen through the layer, times its inputs squared.
h1 = torch.relu(net[0](xt)).detach()
h2 = torch.relu(net[2](h1)).detach()
p = torch.softmax(net[4](h2), 1).detach()
cov = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
g3 = torch.eye(10, dtype=torch.float64).expand(len(p), 10, 10)
g2 = net[4].weight.detach() * (h2 > 0)[:, None, :]
g1 = (g2 @ net[2].weight.detach()) * (h1 > 0)[:, None, :]
print("trace", sum((((cov @ g) * g).sum((1, 2)) * (1 + (a ** 2).sum(1))).mean() for a, g in ((xt, g1), (h1, g2), (h2, g3))).item())


def effective_rank(a):
    s = np.linalg.svd(a, compute_uv=False)
    p = s / s.sum()
    p = p[p > 0]
    return np.exp(-(p * np.log(p)).sum())


h1, h2 = h1.numpy(), h2.numpy()
print("erank", np.mean([effective_rank(net[i].weight.detach().numpy()) for i in (0, 2, 4)]))
print("erank_features", effective_rank(h2 - h2.mean(0)))
a, b = h1 - h1.mean(0), h2 - h2.mean(0)
print("cka_biased", np.linalg.norm(a.T @ b) ** 2 / np.linalg.norm(a.T @ a) / np.linalg.norm(b.T @ b))
labels = yt.numpy()
means = np.stack([h2[labels == c].mean(0) for c in range(10)])
within = sum((h2[labels == c] - means[c]).T @ (h2[labels == c] - means[c]) / (labels == c).sum() for c in range(10)) / 10
between = (means - means.mean(0)).T @ (means - means.mean(0)) / 10
print("nc1", np.trace(within @ np.linalg.pinv(between)) / 10)
