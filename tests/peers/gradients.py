"""Methods that look at every task's gradient, in PyTorch eager, for strategies.py.

Gradients are taken the way PyTorch users take them: a backward pass a task, each gradient flattened and concatenated,
the combination written back parameter by parameter. Solvers of K numbers run in Python, in float64.
"""
import torch


def flatten(parameters):
    return torch.cat([parameter.grad.flatten() for parameter in parameters])


def write_back(parameters, direction):
    start = 0
    for parameter in parameters:
        end = start + parameter.numel()
        parameter.grad = direction[start:end].view_as(parameter).clone()
        start = end


class TaskGradients:
    """A backward pass a task; `combine` makes one direction of [tasks] flat gradients."""

    def __init__(self, subject):
        self.subject = subject

    def objectives(self, losses):
        return losses

    def backward(self, losses):
        gradients = []
        for objective in self.objectives(losses):
            for parameter in self.subject.shared:
                parameter.grad = None
            objective.backward(retain_graph=True)
            gradients.append(flatten(self.subject.shared))
        write_back(self.subject.shared, self.combine(gradients))

    def after_step(self):
        pass


class PcGrad(TaskGradients):
    def combine(self, gradients):
        direction = torch.zeros_like(gradients[0])
        for own, order in zip(gradients, self.subject.order):
            own = own.clone()
            for other in order:
                product = torch.dot(own, gradients[other])
                if product < 0:
                    own -= product / gradients[other].norm() ** 2 * gradients[other]
            direction += own
        return direction


class GradVac(TaskGradients):
    beta = 0.01

    def combine(self, gradients):
        count = len(gradients)
        if not hasattr(self, "targets"):
            self.targets = [[0.0] * count for _ in range(count)]
        direction = torch.zeros_like(gradients[0])
        for i, order in enumerate(self.subject.order):
            own = gradients[i].clone()
            for j in order:
                length, other = own.norm().item(), gradients[j].norm().item()
                cosine = torch.dot(own, gradients[j]).item() / (length * other)
                target = self.targets[i][j]
                self.targets[i][j] = (1 - self.beta) * target + self.beta * cosine
                if cosine < target:
                    rest, wanted = (1 - cosine**2) ** 0.5, (1 - target**2) ** 0.5
                    own += length * (target * rest - cosine * wanted) / (other * wanted) * gradients[j]
            direction += own
        return direction


class OfGramian(TaskGradients):
    """Weights of the tasks' gradients from their inner products alone."""

    def combine(self, gradients):
        gramian = torch.tensor([[torch.dot(a, b).item() for b in gradients] for a in gradients], dtype=torch.float64)
        return sum(weight * gradient for weight, gradient in zip(self.weights(gramian).tolist(), gradients))


class Mgda(OfGramian):
    def weights(self, gramian):
        return minimum_norm(gramian)


class ImtlG(OfGramian):
    def weights(self, gramian):
        lengths, unit = equal_projections(gramian)
        weights = unit / lengths
        return weights / weights.sum()


class ConFig(OfGramian):
    def weights(self, gramian):
        lengths, unit = equal_projections(gramian)
        projections = gramian / torch.outer(lengths, lengths) @ unit
        return torch.dot(lengths, projections) / torch.dot(unit, projections) * unit / lengths


class AlignedMtl(OfGramian):
    def weights(self, gramian):
        values, vectors = torch.linalg.eigh(gramian)
        kept = values > len(values) * 1.2e-7 * values.max()
        values, vectors = values[kept], vectors[:, kept]
        return values.min().sqrt() * (vectors @ torch.diag(values.rsqrt()) @ vectors.T).sum(1)


class DbMtl(TaskGradients):
    def objectives(self, losses):
        return [loss.log() for loss in losses]

    def combine(self, gradients):
        gradients = torch.stack(gradients)
        self.step = getattr(self, "step", 0) + 1
        past = 0.9 / self.step**0.5
        self.averages = past * getattr(self, "averages", torch.zeros_like(gradients)) + (1 - past) * gradients
        lengths = self.averages.norm(dim=1)
        return (lengths.max() / lengths) @ self.averages


class MgdaUb:
    """The gradients at the representation; one pass through the trunk carries their combination."""

    def __init__(self, subject):
        self.subject = subject

    def backward(self, losses):
        shared = self.subject.representation
        heads = list(self.subject.network.heads.parameters())
        rows = []
        for loss in losses:
            row, *own = torch.autograd.grad(loss, [shared, *heads], retain_graph=True, allow_unused=True)
            rows.append(row)
            for parameter, gradient in zip(heads, own):
                if gradient is not None:
                    parameter.grad = gradient
        flat = [row.flatten() for row in rows]
        gramian = torch.tensor([[torch.dot(a, b).item() for b in flat] for a in flat], dtype=torch.float64)
        shared.backward(sum(weight * row for weight, row in zip(minimum_norm(gramian).tolist(), rows)), inputs=self.subject.shared)

    def after_step(self):
        pass


def minimum_norm(gramian):
    """Pairwise Frank-Wolfe with an exact line search on the minimum-norm problem over the simplex.

    To fourteen digits: what a solver leaves open grows tenfold a step under Adam, until losses differ for that alone.
    """
    gramian = gramian.tolist()
    count = len(gramian)
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
    return torch.tensor(weights, dtype=torch.float64)


def equal_projections(gramian):
    """The gradients' lengths, and the weights of the gradients at length 1 whose sum has the projection 1 on each of them."""
    lengths = gramian.diagonal().sqrt()
    cosines = gramian / torch.outer(lengths, lengths)
    return lengths, torch.linalg.pinv(cosines, rcond=1e-6, hermitian=True).sum(1)
