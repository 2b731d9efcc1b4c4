"""The same training steps in PyTorch eager, for `kdmtl peers`.

Usage: peer.py FILE THREADS DEVICE. FILE holds the network, batches and PCGrad's orders (safetensors). Then on standard input,
one answer a line:
    losses STRATEGY TYPE STEPS     the tasks' losses of the first steps from the given weights, as JSON
    time STRATEGY LAYOUT STEPS     median milliseconds of so many more steps
STRATEGY is uniform, pcgrad or mgda; TYPE is float32 or float64; LAYOUT is default or channels-last.
Gradients are taken the way PyTorch users take them: a backward pass a task, each gradient flattened and concatenated,
the combination written back parameter by parameter.
"""
import json
import statistics
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

DTYPES = {"F32": torch.float32, "I64": torch.int64, "U8": torch.uint8}


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<q", file.read(8))[0]))
        values = bytearray(file.read())
    words = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(values[start:end], dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"]).clone()
    return words, tensors


def unit(before, after):
    return nn.Sequential(nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(inplace=True))


class Stage(nn.Module):
    def __init__(self, weights, prefix):
        super().__init__()
        first = weights[prefix + "first.0.weight"]
        after, before = first.shape[:2]
        units = 1
        while f"{prefix}rest.{units - 1}.0.weight" in weights:
            units += 1
        self.first = unit(before, after)
        self.rest = nn.Sequential(*[unit(after, after) for _ in range(units - 1)])

    def forward(self, value):
        return self.rest(self.first(value))


class Trunk(nn.Module):
    def __init__(self, weights):
        super().__init__()
        stages = 0
        while f"trunk.encoder.{stages}.first.0.weight" in weights:
            stages += 1
        self.encoder = nn.ModuleList([Stage(weights, f"trunk.encoder.{i}.") for i in range(stages)])
        self.decoder = nn.ModuleList([Stage(weights, f"trunk.decoder.{i}.") for i in range(stages)])

    def forward(self, value):
        pools = []
        for stage in self.encoder:
            value = stage(value)
            size = value.shape[2:]
            value, indices = F.max_pool2d(value, 2, return_indices=True)
            pools.append((indices, size))
        for stage in self.decoder:
            indices, size = pools.pop()
            value = stage(F.max_unpool2d(value, indices, 2, output_size=size))
        return value


class Head(nn.Module):
    def __init__(self, weights, prefix):
        super().__init__()
        channels = weights[prefix + "layers.0.weight"].shape[0]
        self.layers = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.Conv2d(channels, weights[prefix + "layers.1.weight"].shape[0], 1))

    def forward(self, value):
        return self.layers(value)


class Network(nn.Module):
    def __init__(self, weights, tasks):
        super().__init__()
        self.trunk = Trunk(weights)
        self.heads = nn.ModuleList([Head(weights, f"heads.{i}.") for i in range(tasks)])
        self.load_state_dict(weights, strict=True)

    def forward(self, inputs):
        shared = self.trunk(inputs)
        return [head(shared) for head in self.heads]


def mean(values, valid):
    return (values * valid).sum() / valid.sum().clamp(min=1)


def segmentation(prediction, target):
    return F.cross_entropy(prediction, target, ignore_index=-1, reduction="sum") / target.ne(-1).sum().clamp(min=1)


def depth(prediction, target):
    return mean((prediction - target).abs(), target.ne(0))


def inverse_length(vectors):
    return (vectors * vectors).sum(1).clamp(min=1e-12).rsqrt()


def normals(prediction, target):
    cosine = (prediction * target).sum(1) * inverse_length(prediction) * inverse_length(target)
    return mean(1 - cosine, target.ne(0).any(1))


LOSSES = {"segmentation": segmentation, "depth": depth, "normals": normals}


def flatten(parameters):
    return torch.cat([parameter.grad.flatten() for parameter in parameters])


def write_back(parameters, direction):
    start = 0
    for parameter in parameters:
        end = start + parameter.numel()
        parameter.grad = direction[start:end].view_as(parameter).clone()
        start = end


def pcgrad(gradients, orders):
    direction = torch.zeros_like(gradients[0])
    for own, order in zip(gradients, orders):
        own = own.clone()
        for other in order:
            product = torch.dot(own, gradients[other])
            if product < 0:
                own -= product / gradients[other].norm() ** 2 * gradients[other]
        direction += own
    return direction


def mgda(gradients, orders):
    """Pairwise Frank-Wolfe with an exact line search on the minimum-norm problem over the simplex.

    To fourteen digits: what a solver leaves open grows tenfold a step under Adam, until losses differ for that alone.
    """
    count = len(gradients)
    gramian = [[torch.dot(a, b).item() for b in gradients] for a in gradients]
    weights = [1 / count] * count
    for _ in range(1000):
        products = [sum(row[j] * weights[j] for j in range(count)) for row in gramian]
        best = min(range(count), key=products.__getitem__)
        worst = max((i for i in range(count) if weights[i] > 0), key=products.__getitem__)
        gap = products[worst] - products[best]
        if gap <= 1e-14 * gramian[worst][worst]:
            break
        curvature = gramian[best][best] + gramian[worst][worst] - 2 * gramian[best][worst]
        step = min(weights[worst], gap / curvature) if curvature > 0 else weights[worst]
        weights[best] += step
        weights[worst] -= step
    return sum(weight * gradient for weight, gradient in zip(weights, gradients))


class Subject:
    """One training under way."""

    def __init__(self, words, tensors, strategy, layout, dtype=torch.float32):
        self.tasks = words["tasks"].split(",")
        self.combine = {"uniform": None, "pcgrad": pcgrad, "mgda": mgda}[strategy]
        self.device = tensors["inputs"].device
        self.inputs, self.orders = tensors["inputs"].to(dtype), tensors["orders"].tolist()
        self.targets = [tensors[f"targets.{i}"] for i in range(len(self.tasks))]
        weights = {name: value.clone() for name, value in tensors.items() if name.startswith(("trunk.", "heads."))}
        self.network = Network(weights, len(self.tasks)).train().to(self.device, dtype)
        self.layout = torch.channels_last if layout == "channels-last" else torch.contiguous_format
        self.network.to(memory_format=self.layout)
        self.shared = list(self.network.trunk.parameters())
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=float(words["learning-rate"]))
        self.index = 0

    def step(self):
        place = self.index % len(self.inputs)
        self.index += 1
        self.optimizer.zero_grad(set_to_none=True)
        predictions = self.network(self.inputs[place].to(memory_format=self.layout))
        losses = [LOSSES[task](prediction, target[place]) for task, prediction, target in zip(self.tasks, predictions, self.targets)]
        if self.combine is None:
            sum(losses).backward()
        else:
            gradients = []
            for loss in losses:
                for parameter in self.shared:
                    parameter.grad = None
                loss.backward(retain_graph=True)
                gradients.append(flatten(self.shared))
            write_back(self.shared, self.combine(gradients, self.orders[place]))
        self.optimizer.step()
        return losses

    def time(self):
        start = time.perf_counter()
        self.step()
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return (time.perf_counter() - start) * 1000


def main():
    torch.set_num_threads(int(sys.argv[2]))
    words, tensors = read(sys.argv[1])
    tensors = {name: value.to(sys.argv[3]) for name, value in tensors.items()}
    subjects = {}
    print(f"torch {torch.__version__}", flush=True)
    for line in sys.stdin:
        what, strategy, how, steps = line.split()
        if what == "losses":
            subject = Subject(words, tensors, strategy, "channels-last", getattr(torch, how))
            answer = json.dumps([[loss.item() for loss in subject.step()] for _ in range(int(steps))])
        else:
            key = strategy, how
            subject = subjects[key] = subjects.get(key) or Subject(words, tensors, strategy, how)
            answer = statistics.median(subject.time() for _ in range(int(steps)))
        print(answer, flush=True)


main()
