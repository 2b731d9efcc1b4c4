"""The methods in PyTorch eager, for peer.py: each from its paper's formulas, with the defaults of the plugin of the same name.

Those that weigh losses are here, those that look at every task's gradient in gradients.py, those that have teachers in distillation.py.
"""
import math

import torch

from distillation import Bam, KdAdaptor
from gradients import (
    AlignedMtl, AutoLambda, CaGrad, ConFig, DbMtl, DualProj, ExcessMtl, FairGrad, GradDrop, GradVac, Imtl, ImtlG, Mgda, MgdaUb, MoCo, MoDo,
    NashMtl, PcGrad, SdmGrad, UpGrad,
)
from method import Method


class WeightedLosses(Method):
    """One backward pass of a total loss."""

    def total(self, losses):
        return losses.sum()

    def backward(self, losses):
        self.total(torch.stack(losses)).backward()


class OfEpochs(WeightedLosses):
    """Also looks at the losses' means over the epochs that are over."""

    def __init__(self, subject):
        super().__init__(subject)
        self.past = []

    def means(self):
        steps = self.subject.steps_per_epoch
        epochs = len(self.past) // steps
        return torch.stack(self.past[: epochs * steps]).view(epochs, steps, -1).mean(1) if epochs else []

    def backward(self, losses):
        super().backward(losses)
        self.past.append(torch.stack(losses).detach())


class Static(WeightedLosses):
    def total(self, losses):
        return (losses * losses.new_tensor(self.subject.static_weights)).sum()


class Uncertainty(WeightedLosses):
    def total(self, losses):
        scale = losses.new_tensor([1.0 if task == "segmentation" else 0.5 for task in self.subject.tasks])
        return (scale * torch.exp(-self.own) * losses + 0.5 * self.own).sum()


class Dwa(OfEpochs):
    temperature = 2

    def total(self, losses):
        means = self.means()
        weights = len(losses) * torch.softmax(means[-1] / means[-2] / self.temperature, 0) if len(means) > 1 else 1
        return (weights * losses).sum()


class SmoothTchebycheff(OfEpochs):
    mu, nadir_epoch = 1, 5

    def total(self, losses):
        means = self.means()
        if len(means) < self.nadir_epoch:
            return losses.log().sum()
        return len(losses) * self.mu * torch.logsumexp((losses / means[self.nadir_epoch - 1]).log() / self.mu, 0)


class RandomLossWeighting(WeightedLosses):
    def total(self, losses):
        first, second = self.subject.drawn("pairs").unbind(1)  # uniform; Box and Muller's transform makes them normal
        normal = (-2 * (1 - first).log()).sqrt() * (2 * math.pi * second).cos()
        return (torch.softmax(normal, 0) * losses).sum()


class Log(WeightedLosses):
    def total(self, losses):
        return losses.log().sum()


class GeometricLoss(WeightedLosses):
    def total(self, losses):
        return losses.prod() ** (1 / len(losses))


class ImtlL(WeightedLosses):
    def total(self, losses):
        return (torch.exp(self.own) * losses - self.own).sum()


class Famo(WeightedLosses):
    learning_rate, weight_decay = 0.025, 1e-3

    def total(self, losses):
        self.before = losses.detach()
        weights = torch.softmax(self.own.detach(), 0) / self.before
        return (weights / weights.sum() * losses).sum()

    def after_step(self):
        with torch.no_grad():
            after = torch.stack(self.subject.losses())
            softmax = torch.softmax(self.own, 0)
            decrease = self.before.log() - after.log()
            self.own.grad = softmax * (decrease - (softmax * decrease).sum())
        super().after_step()


class GradNorm(WeightedLosses):
    learning_rate, first = 0.025, 1.0

    def total(self, losses):
        values = losses.detach()
        self.first_losses = getattr(self, "first_losses", values)
        layer = self.subject.last_layer
        gradients = [torch.autograd.grad(loss, layer, retain_graph=True) for loss in losses]
        norms = torch.stack([torch.cat([part.flatten() for part in gradient]).norm() for gradient in gradients])
        weights, ratios = self.own.detach().clone(), values / self.first_losses
        weighted = weights * norms
        self.own.grad = (weighted - weighted.mean() * (ratios / ratios.mean()) ** 1.5).sign() * norms
        return (weights * losses).sum()

    def after_step(self):
        super().after_step()
        with torch.no_grad():
            self.own.clamp_(1e-3)
            self.own.mul_(len(self.own) / self.own.sum())


STRATEGIES = {
    "uniform": WeightedLosses, "static": Static, "uncertainty": Uncertainty, "dwa": Dwa, "random-loss-weighting": RandomLossWeighting,
    "log": Log, "geometric-loss": GeometricLoss, "imtl-l": ImtlL, "smooth-tchebycheff": SmoothTchebycheff, "famo": Famo,
    "gradnorm": GradNorm, "auto-lambda": AutoLambda, "excess-mtl": ExcessMtl, "pcgrad": PcGrad, "gradvac": GradVac, "mgda": Mgda,
    "mgda-ub": MgdaUb, "imtl-g": ImtlG, "imtl": Imtl, "aligned-mtl": AlignedMtl, "cagrad": CaGrad, "nash-mtl": NashMtl,
    "fairgrad": FairGrad, "upgrad": UpGrad, "dualproj": DualProj, "config": ConFig, "db-mtl": DbMtl, "moco": MoCo, "modo": MoDo,
    "sdmgrad": SdmGrad, "graddrop": GradDrop, "bam": Bam, "kd-adaptor": KdAdaptor,
}
