"""What the methods of strategies.py, gradients.py and distillation.py have in common."""
import torch


class Method:
    """A method with a parameter a task of its own, which an Adam of its own steps where there is a gradient."""

    learning_rate, weight_decay = None, 0.0  # None: the network's
    first = 0.0

    def __init__(self, subject):
        self.subject = subject
        self.count = len(subject.tasks)
        self.own = torch.full((self.count,), self.first, dtype=subject.dtype, device=subject.device, requires_grad=True)
        self.optimizer = torch.optim.Adam([self.own], lr=self.learning_rate or subject.learning_rate, weight_decay=self.weight_decay)

    def backward(self, losses):
        """Leaves a gradient in every parameter."""
        raise NotImplementedError

    def after_step(self):
        if self.own.grad is not None:
            self.optimizer.step()
            self.own.grad = None
