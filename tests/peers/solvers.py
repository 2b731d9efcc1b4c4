"""Weights of K vectors from their inner products alone: [K, K] in float64, exact up to rounding.

What a solver leaves open grows tenfold a step under Adam, until losses differ for that alone. K is small: where constraints may bind or
not, all ways are tried, each in closed form, and the one that violates the conditions of an optimum least is taken.
"""
import itertools

import torch


def faces(count):
    """All choices of some of the vectors."""
    return [list(face) for size in range(1, count + 1) for face in itertools.combinations(range(count), size)]


def minimum_norm(gramian):
    """argmin wᵀGw over the simplex: pairwise Frank-Wolfe with an exact line search."""
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


def conflict_averse(gramian, radius):
    """argmin wᵀb + r √(wᵀGw) over the simplex, with b = G1/K and r = radius ‖g₀‖.

    On a face bᵢ + r (Gw)ᵢ/n = μ with n = √(wᵀGw), so that w = n/r G⁻¹(μ1 − b); Σw = 1 and wᵀGw = n² give μ and n.
    """
    slopes = gramian.mean(1)
    r = radius * slopes.mean().sqrt()
    candidates = []
    for face in faces(len(gramian)):
        inverse, b = torch.linalg.inv(gramian[face][:, face]), slopes[face]
        sums, mixed, squares = inverse.sum(), (inverse @ b).sum(), b @ inverse @ b
        root = mixed**2 - sums * (squares - r**2)
        if root < 0:
            continue  # no least value on this face's plane
        mu = (mixed + root.sqrt()) / sums
        n = r / (mu * sums - mixed)
        weights = torch.zeros_like(slopes)
        weights[face] = n / r * (inverse @ (mu - b))
        steeper = (mu - (slopes + r * gramian @ weights / n)) / mu.abs()
        candidates.append((max(-weights.min(), steeper.max()), weights))
    return min(candidates, key=lambda candidate: candidate[0])[1]


def cone_projection(gramian, combination):
    """argmin wᵀGw over w ≥ u: some weights stay at u, and for all others (Gw)ᵢ = 0."""
    candidates = [(max(0, -(gramian @ combination).min()), combination)]
    for free in faces(len(gramian)):
        weights = combination.clone()
        weights[free] -= torch.linalg.solve(gramian[free][:, free], (gramian @ combination)[free])
        bound = [i for i in range(len(gramian)) if i not in free]
        conflict = -(gramian @ weights)[bound].min() if bound else 0
        candidates.append((max(0, conflict, (combination - weights).max()), weights))
    return min(candidates, key=lambda candidate: candidate[0])[1]


def bargaining(gramian):
    """α > 0 with Gα = 1/α, where ½αᵀGα − Σ log α is least: Newton's method, damped while it is far (the function is self-concordant)."""
    lengths = gramian.diagonal().sqrt()
    cosines = gramian / torch.outer(lengths, lengths)
    alpha = torch.ones_like(lengths)  # of the vectors at length 1
    for _ in range(100):
        slope = cosines @ alpha - 1 / alpha
        move = torch.linalg.solve(cosines + torch.diag(alpha**-2), slope)
        decrement = (slope @ move).clamp(min=0).sqrt()
        alpha = alpha - (move if decrement < 0.25 else move / (1 + decrement))
    return alpha / lengths


def on_simplex(point):
    """The nearest point of the simplex: max(0, xᵢ − s), where s is the largest of (sum of the m largest entries − 1)/m."""
    sums = point.sort(descending=True).values.cumsum(0)
    shift = ((sums - 1) / torch.arange(1, len(point) + 1, dtype=point.dtype, device=point.device)).max()
    return (point - shift).clamp(min=0)
