"""Methods that learn from frozen single-task networks, in PyTorch eager, for strategies.py."""
import torch
from torch.nn import functional as F

from losses import cosine, inverse_length, mean
from method import Method


class Distillation(Method):
    def __init__(self, subject):
        super().__init__(subject)
        self.teachers = [subject.made(f"teachers.{i}.", 1).eval() for i in range(self.count)]

    def backward(self, losses):
        with torch.no_grad():
            taught = [teacher(self.subject.images())[0] for teacher in self.teachers]
        sum(self.objectives(losses, taught)).backward()


class Bam(Distillation):
    """Each prediction against λ · truth + (1 − λ) · teacher, λ rising from 0 to 1 over the run."""

    def objectives(self, losses, taught):
        truth = self.subject.index / self.subject.steps
        for task, prediction, target, teacher in zip(self.subject.tasks, self.subject.predictions, self.subject.targets(), taught):
            if task == "segmentation":
                valid = target.ne(-1)
                labels = F.one_hot(target.clamp(min=0), prediction.shape[1]).movedim(-1, 1)
                mixed = truth * labels + (1 - truth) * teacher.softmax(1)
                yield mean(-(mixed * prediction.log_softmax(1)).sum(1), valid)
            elif task == "depth":
                mixed = truth * target.to(teacher) + (1 - truth) * teacher
                yield mean((prediction - mixed).abs(), target.ne(0))
            else:
                mixed = truth * target.to(teacher) + (1 - truth) * teacher * inverse_length(teacher).unsqueeze(1)
                yield mean(1 - cosine(prediction, mixed), target.ne(0).any(1))


class KdAdaptor(Distillation):
    """The losses and, at the last maps of encoder and decoder, the distances of 1×1 convolutions of the network's to the teacher's."""

    def __init__(self, subject):
        super().__init__(subject)
        weights = [subject.tensors[f"kd-adaptor.own.{i}"].to(subject.dtype, copy=True) for i in range(2 * self.count)]
        self.weights = [weight.requires_grad_() for weight in weights]
        self.optimizer = torch.optim.Adam(self.weights, lr=subject.adaptor_learning_rate, weight_decay=5e-4)

    def objectives(self, losses, taught):
        encoder, decoder = self.weights[:self.count], self.weights[self.count:]
        network = self.subject.network
        for loss, teacher, *adaptors in zip(losses, self.teachers, encoder, decoder):
            pairs = [(network.encoded, teacher.encoded), (network.representation, teacher.representation)]
            yield loss + sum(self.distance(F.conv2d(own, adaptor), other) for adaptor, (own, other) in zip(adaptors, pairs))

    def distance(self, a, b):
        return (self.normalised(a) - self.normalised(b)).square().sum(1).mean()

    def normalised(self, features):
        return features / (features.square().sum(1, keepdim=True) + 1e-6).sqrt()

    def after_step(self):
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
