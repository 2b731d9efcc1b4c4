"""The same training steps in PyTorch eager, for `kdmtl peers`.

Usage: peer.py FILE THREADS DEVICE TF32. FILE holds the network, batches and PCGrad's orders (safetensors); TF32 is True where a GPU may
use it for float32. Then on standard input, one answer a line:
    strategies                     those of strategies.py, as JSON
    losses STRATEGY TYPE STEPS     the tasks' losses of the first steps from the given weights, as JSON
    time STRATEGY LAYOUT STEPS     median milliseconds of so many more steps
STRATEGY is one of strategies.py; TYPE is float32 or float64; LAYOUT is default, channels-last or bf16 (channels last, with autocast).
"""
import json
import statistics
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from strategies import STRATEGIES

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

    def last_unit(self):
        return self.rest[-1] if len(self.rest) else self.first


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
        self.representation = self.trunk(inputs)
        return [head(self.representation) for head in self.heads]


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


class Subject:
    """One training under way."""

    def __init__(self, words, tensors, strategy, layout, dtype=torch.float32, autocast=False):
        self.tasks = words["tasks"].split(",")
        self.static_weights = [float(weight) for weight in words["static-weights"].split(",")]
        self.learning_rate = float(words["learning-rate"])
        self.device = tensors["inputs"].device
        self.autocast = autocast
        self.inputs, self.orders = tensors["inputs"].to(dtype), tensors["orders"].tolist()
        self.targets = [tensors[f"targets.{i}"] for i in range(len(self.tasks))]
        weights = {name: value.clone() for name, value in tensors.items() if name.startswith(("trunk.", "heads."))}
        self.network = Network(weights, len(self.tasks)).train().to(self.device, dtype)
        self.layout = torch.channels_last if layout == "channels-last" else torch.contiguous_format
        self.network.to(memory_format=self.layout)
        self.shared = list(self.network.trunk.parameters())
        self.last_layer = list(self.network.trunk.decoder[-1].last_unit()[0].parameters())
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=self.learning_rate)
        self.strategy = STRATEGIES[strategy](self)
        self.index = 0

    def losses(self):
        """Of the batch under way."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            predictions = self.network(self.inputs[self.place].to(memory_format=self.layout))
        self.representation = self.network.representation
        targets = [target[self.place] for target in self.targets]
        return [LOSSES[task](prediction.to(self.inputs.dtype), target) for task, prediction, target in zip(self.tasks, predictions, targets)]

    def step(self):
        self.place = self.index % len(self.inputs)
        self.order = self.orders[self.place]
        self.index += 1
        self.optimizer.zero_grad(set_to_none=True)
        losses = self.losses()
        self.strategy.backward(losses)
        self.optimizer.step()
        self.strategy.after_step()
        return losses

    def time(self):
        start = time.perf_counter()
        self.step()
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return (time.perf_counter() - start) * 1000


def main():
    torch.set_num_threads(int(sys.argv[2]))
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = sys.argv[4] == "True"
    words, tensors = read(sys.argv[1])
    tensors = {name: value.to(sys.argv[3]) for name, value in tensors.items()}
    subjects = {}
    print(f"torch {torch.__version__}", flush=True)
    for line in sys.stdin:
        what, *rest = line.split()
        if what == "strategies":
            answer = json.dumps(list(STRATEGIES))
        elif what == "losses":
            strategy, dtype, steps = rest
            subject = Subject(words, tensors, strategy, "channels-last", getattr(torch, dtype))
            answer = json.dumps([[loss.item() for loss in subject.step()] for _ in range(int(steps))])
        else:
            strategy, how, steps = rest
            if (strategy, how) not in subjects:
                half = how == "bf16"
                subjects[strategy, how] = Subject(words, tensors, strategy, "channels-last" if half else how, autocast=half)
            answer = statistics.median(subjects[strategy, how].time() for _ in range(int(steps)))
        print(answer, flush=True)


main()
