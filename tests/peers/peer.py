"""The same training steps in PyTorch eager, for `kdmtl peers`.

Usage: peer.py FILE THREADS DEVICE TF32. FILE (safetensors) holds the network, batches and whatever is drawn at random; TF32 is True where a
GPU may use it for float32. Then on standard input, one answer a line:
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

from losses import LOSSES
from strategies import STRATEGIES

DTYPES = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64, "U8": torch.uint8}


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
        self.encoded = value
        for stage in self.decoder:
            indices, size = pools.pop()
            value = stage(F.max_unpool2d(value, indices, 2, output_size=size))
        return value


class Head(nn.Module):
    def __init__(self, weights, prefix):
        super().__init__()
        channels = weights[prefix + "layers.0.weight"].shape[0]
        outputs = weights[prefix + "layers.1.weight"].shape[0]
        self.layers = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.Conv2d(channels, outputs, 1))

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
        self.encoded = self.trunk.encoded
        return [head(self.representation) for head in self.heads]


class Subject:
    """One training under way."""

    def __init__(self, words, tensors, strategy, layout, dtype=torch.float32, autocast=False):
        self.tensors = tensors
        self.tasks = words["tasks"].split(",")
        self.static_weights = [float(weight) for weight in words["static-weights"].split(",")]
        self.learning_rate, self.adaptor_learning_rate = float(words["learning-rate"]), float(words["adaptor-learning-rate"])
        self.steps, self.steps_per_epoch = int(words["steps"]), int(words["steps-per-epoch"])
        self.autocast = autocast
        self.dtype, self.device = dtype, tensors["batches.inputs"].device
        self.orders = tensors["orders"].tolist()
        self.layout = torch.channels_last if layout == "channels-last" else torch.contiguous_format
        self.network = self.made("network.", len(self.tasks)).train()
        self.shared = list(self.network.trunk.parameters())
        self.last_layer = list(self.network.trunk.decoder[-1].last_unit()[0].parameters())
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=self.learning_rate)
        self.strategy = STRATEGIES[strategy](self)
        self.index = 0

    def made(self, prefix, tasks):
        """A network of the file."""
        weights = {name[len(prefix):]: value.clone() for name, value in self.tensors.items() if name.startswith(prefix)}
        return Network(weights, tasks).to(self.device, self.dtype).to(memory_format=self.layout)

    def drawn(self, name):
        """What the step under way draws."""
        values = self.tensors[name]
        return values[self.index % len(values)]

    def images(self, batches="batches"):
        return self.drawn(f"{batches}.inputs").to(self.dtype).to(memory_format=self.layout)

    def targets(self, batches="batches"):
        return [self.drawn(f"{batches}.targets.{i}") for i in range(len(self.tasks))]

    def losses(self, batches="batches"):
        """Of the step's batch, or of another that belongs to it."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            predictions = self.network(self.images(batches))
        self.representation = self.network.representation
        self.predictions = [prediction.to(self.dtype) for prediction in predictions]
        return [LOSSES[task](*pair) for task, *pair in zip(self.tasks, self.predictions, self.targets(batches))]

    def step(self):
        self.order = self.orders[self.index % len(self.orders)]
        self.optimizer.zero_grad(set_to_none=True)
        losses = self.losses()
        self.strategy.backward(losses)
        self.optimizer.step()
        self.strategy.after_step()
        self.index += 1
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
