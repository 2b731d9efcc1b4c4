"""Methods that look at every task's gradient, in PyTorch eager, for strategies.py.

Gradients are taken the way PyTorch users take them: a backward pass a task, each gradient flattened and concatenated,
the combination written back parameter by parameter. Weights of K numbers are solved for in solvers.py, in float64.
"""
import torch

from method import Method
from solvers import bargaining, cone_projection, conflict_averse, equal_projections, minimum_norm, on_simplex


def flatten(parameters):
    return torch.cat([parameter.grad.flatten() for parameter in parameters])


def write_back(parameters, direction):
    start = 0
    for parameter in parameters:
        end = start + parameter.numel()
        parameter.grad = direction[start:end].view_as(parameter).clone()
        start = end


def products(first, second):
    """Inner products of two lists of gradients, in float64 on the host."""
    return torch.tensor([[torch.dot(a, b).item() for b in second] for a in first], dtype=torch.float64)


class TaskGradients(Method):
    """A backward pass a task; `combine` makes one direction of [tasks] flat gradients."""

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

    def of_sample(self, number):
        """[tasks] flat gradients on another batch, with the parameters as they are now; nothing is left in any parameter."""
        return [
            torch.cat([gradient.flatten() for gradient in torch.autograd.grad(loss, self.subject.shared, retain_graph=True)])
            for loss in self.subject.losses(f"samples.{number}")
        ]


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
        return sum(weight * gradient for weight, gradient in zip(self.weights(products(gradients, gradients)).tolist(), gradients))


class Mgda(OfGramian):
    def weights(self, gramian):
        return minimum_norm(gramian)


class ImtlG(OfGramian):
    def weights(self, gramian):
        lengths, unit = equal_projections(gramian)
        weights = unit / lengths
        return weights / weights.sum()


class Imtl(ImtlG):
    """IMTL-G on the losses that IMTL-L has scaled."""

    def objectives(self, losses):
        return [scale.exp() * loss - scale for scale, loss in zip(self.own, losses)]


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


class CaGrad(OfGramian):
    c = 0.4

    def weights(self, gramian):
        weights = conflict_averse(gramian, self.c)
        return 1 / self.count + self.c * (gramian.mean() / (weights @ gramian @ weights)).sqrt() * weights


class FairGrad(OfGramian):
    """With α = 1."""

    def weights(self, gramian):
        return bargaining(gramian)


class NashMtl(OfGramian):
    longest = 1.0

    def weights(self, gramian):
        weights = bargaining(gramian)
        return weights * (self.longest / (weights @ gramian @ weights).sqrt()).clamp(max=1)


class UpGrad(OfGramian):
    def weights(self, gramian):
        return sum(cone_projection(gramian, own) for own in torch.eye(self.count, dtype=gramian.dtype)) / self.count


class DualProj(OfGramian):
    def weights(self, gramian):
        return cone_projection(gramian, torch.full_like(gramian[0], 1 / self.count))


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


class MoCo(TaskGradients):
    beta, gamma = 0.5, 0.1

    def __init__(self, subject):
        super().__init__(subject)
        self.weights = torch.full_like(self.own.detach(), 1 / self.count)
        self.tracked, self.step = 0, 0

    def combine(self, gradients):
        self.step += 1
        self.tracked = self.tracked - self.beta / self.step**0.5 * (self.tracked - torch.stack(gradients))
        slope = self.tracked @ (self.weights @ self.tracked)
        self.weights = on_simplex(self.weights - self.gamma / self.step**0.5 * slope)
        return self.weights @ self.tracked


class ExcessMtl(TaskGradients):
    eta = 0.01

    def combine(self, gradients):
        gradients = torch.stack(gradients)
        self.squares = getattr(self, "squares", 0) + gradients**2
        risks = (gradients**2 / (self.squares + 1e-7).sqrt()).sum(1)
        if not hasattr(self, "first_risks"):
            self.first_risks, self.weights = risks, torch.full_like(risks, 1 / self.count)
        else:
            self.weights = self.weights * (self.eta * risks / self.first_risks).exp()
            self.weights = self.weights / self.weights.sum()
        return self.count * self.weights @ gradients


class AutoLambda(TaskGradients):
    learning_rate, first = 1e-4, 0.1

    def combine(self, gradients):
        self.gradients = torch.stack(gradients)
        return self.own.detach() @ self.gradients

    def after_step(self):
        self.own.grad = -self.subject.learning_rate * self.gradients @ sum(self.of_sample(0))
        super().after_step()


class DoubleSampling(TaskGradients):
    """Weights that move along the inner products of two other batches' gradients, from the second step on."""

    def __init__(self, subject):
        super().__init__(subject)
        self.weights = torch.full((self.count,), 1 / self.count, dtype=torch.float64)

    def combine(self, gradients):
        return sum(weight * gradient for weight, gradient in zip(self.applied().tolist(), gradients))

    def after_step(self):
        self.move(products(self.of_sample(0), self.of_sample(1)))


class MoDo(DoubleSampling):
    gamma, rho = 1e-3, 0.1

    def applied(self):
        return self.weights

    def move(self, product):
        self.weights = on_simplex(self.weights - self.gamma * (product @ self.weights + self.rho * self.weights))


class SdmGrad(DoubleSampling):
    beta, lambda_, moves = 5, 0.3, 20

    def applied(self):
        return (self.weights + self.lambda_ / self.count) / (1 + self.lambda_)

    def move(self, product):
        scale = product.diagonal().clamp(min=0).sqrt().mean()
        for _ in range(self.moves):
            slope = product @ (self.weights + self.lambda_ / self.count)
            self.weights = on_simplex(self.weights - self.beta * slope / scale**2)


class AtRepresentation(Method):
    """The gradients at the representation; one pass through the trunk carries what `combine` makes of [tasks, features]."""

    def backward(self, losses):
        shared = self.subject.representation
        heads = list(self.subject.network.heads.parameters())
        rows = []
        for loss in losses:
            row, *own = torch.autograd.grad(loss, [shared, *heads], retain_graph=True, allow_unused=True)
            rows.append(row.flatten())
            for parameter, gradient in zip(heads, own):
                if gradient is not None:
                    parameter.grad = gradient
        shared.backward(self.combine(rows).view(shared.shape), inputs=self.subject.shared)


class MgdaUb(AtRepresentation):
    def combine(self, rows):
        return sum(weight * row for weight, row in zip(minimum_norm(products(rows, rows)).tolist(), rows))


class GradDrop(AtRepresentation):
    def combine(self, rows):
        rows, uniform = torch.stack(rows), self.subject.drawn("uniform")
        purity = 0.5 * (1 + rows.sum(0) / rows.abs().sum(0))
        stays = (purity > uniform) & (rows > 0) | (purity < uniform) & (rows < 0)
        return (rows * stays).sum(0)
