"""The methods in PyTorch eager, for peer.py: each from its paper's formulas, with the defaults of the plugin of the same name.

Those that weigh losses are here, those that look at every task's gradient in gradients.py.
"""
import torch

from gradients import AlignedMtl, ConFig, DbMtl, GradVac, ImtlG, Mgda, MgdaUb, PcGrad


class WeightedLosses:
    """One backward pass of a total loss, with parameters of the method's own where it has some."""

    learning_rate, weight_decay = None, 0.0  # None: the network's

    def __init__(self, subject):
        self.subject = subject
        self.own = torch.zeros(len(subject.tasks), dtype=subject.inputs.dtype, device=subject.device, requires_grad=True)
        self.optimizer = torch.optim.Adam([self.own], lr=self.learning_rate or subject.learning_rate, weight_decay=self.weight_decay)

    def total(self, losses):
        return losses.sum()

    def backward(self, losses):
        self.total(torch.stack(losses)).backward()

    def after_step(self):
        if self.own.grad is not None:
            self.optimizer.step()
            self.own.grad = None


class Static(WeightedLosses):
    def total(self, losses):
        return (losses * losses.new_tensor(self.subject.static_weights)).sum()


class Uncertainty(WeightedLosses):
    def total(self, losses):
        scale = losses.new_tensor([1.0 if task == "segmentation" else 0.5 for task in self.subject.tasks])
        return (scale * torch.exp(-self.own) * losses + 0.5 * self.own).sum()


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
    learning_rate = 0.025

    def __init__(self, subject):
        super().__init__(subject)
        self.own.data.fill_(1)
        self.first = None

    def total(self, losses):
        values = losses.detach()
        self.first = values if self.first is None else self.first
        layer = self.subject.last_layer
        norms = torch.stack([torch.cat([g.flatten() for g in torch.autograd.grad(loss, layer, retain_graph=True)]).norm() for loss in losses])
        weights, ratios = self.own.detach().clone(), values / self.first
        weighted = weights * norms
        self.own.grad = (weighted - weighted.mean() * (ratios / ratios.mean()) ** 1.5).sign() * norms
        return (weights * losses).sum()

    def after_step(self):
        super().after_step()
        with torch.no_grad():
            self.own.clamp_(1e-3)
            self.own.mul_(len(self.own) / self.own.sum())


STRATEGIES = {
    "uniform": WeightedLosses, "static": Static, "uncertainty": Uncertainty, "geometric-loss": GeometricLoss, "imtl-l": ImtlL, "famo": Famo,
    "gradnorm": GradNorm, "pcgrad": PcGrad, "gradvac": GradVac, "mgda": Mgda, "mgda-ub": MgdaUb, "imtl-g": ImtlG, "aligned-mtl": AlignedMtl,
    "config": ConFig, "db-mtl": DbMtl,
}
