"""The tasks' losses, for peer.py and distillation.py."""
from torch.nn import functional as F


def mean(values, valid):
    return (values * valid).sum() / valid.sum().clamp(min=1)


def segmentation(prediction, target):
    return F.cross_entropy(prediction, target, ignore_index=-1, reduction="sum") / target.ne(-1).sum().clamp(min=1)


def depth(prediction, target):
    return mean((prediction - target).abs(), target.ne(0))


def inverse_length(vectors):
    return (vectors * vectors).sum(1).clamp(min=1e-12).rsqrt()


def cosine(a, b):
    return (a * b).sum(1) * inverse_length(a) * inverse_length(b)


def normals(prediction, target):
    return mean(1 - cosine(prediction, target), target.ne(0).any(1))


LOSSES = {"segmentation": segmentation, "depth": depth, "normals": normals}
