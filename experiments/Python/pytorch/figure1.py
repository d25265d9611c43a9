#!/usr/bin/env python3
"""The trajectory of figure 1: gradient flow of a deep linear network, integrated in numpy with Dormand & Prince 5(4).

    dW/ds = c(W) F(W),   F = -grad log R,   c = 1 / (|F|^2 + |F| / (|W| + |F|))

is the curve of dW/dt = -grad R at another speed: s advances about as -log R falls, the clock `log-risk` of TorchAlign.

    python3 figure1.py run.json start.npz --out states.npz      the clock values to stop at are `clock` (m) in start.npz

The gradient is written out here, without automatic differentiation: with the product p = W_L ... W_1 and the weights
q_i = -loss'(m_i) / sum_j loss(m_j) of the points, F_k = (W_L ... W_{k+1})^T (sum_i q_i z_i)^T (W_{k-1} ... W_1)^T.
Explicit methods suit the first decades of the risk; TorchAlign's SEULEX goes on where they would need too many steps.
Coefficients: J. R. Dormand and P. J. Prince, A family of embedded Runge-Kutta formulae, 1980, table 2.
"""
import argparse
import math
import sys

import numpy as np

from problem import cut, read_problem

A = [
    [],
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
]
E = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]  # fifth order minus fourth


def log_risk_and_weights(loss, margins):
    """log R and q (n), q_i = -loss'(m_i) / sum_j loss(m_j)."""
    if loss == "exponential":
        logs, slopes = -margins, -margins
    else:
        # log(log1p(exp(-m))) is -m to the last bit above 37.
        logs = np.where(margins > 37, -margins, np.log(np.logaddexp(0, -np.minimum(margins, 37))))
        slopes = -np.logaddexp(0, margins)
    largest = logs.max()
    total = np.exp(logs - largest).sum()
    return largest + math.log(total / len(margins)), np.exp(slopes - largest) / total


def evaluate(flat, problem):
    """log R and F = -grad log R (P) at a flat state (P)."""
    layers = cut(flat, problem.start)
    below = [np.eye(problem.z.shape[1])]  # W_{k-1} ... W_1 (d_{k-1}, d)
    for w in layers:
        below.append(w @ below[-1])
    log_risk, weights = log_risk_and_weights(problem.loss, problem.z @ below[-1][0])
    pull = weights @ problem.z  # (d)
    above = np.ones((1, 1))  # W_L ... W_{k+1} (1, d_k)
    parts = []
    for k in range(len(layers) - 1, -1, -1):
        parts.append(np.outer(above[0], below[k] @ pull).reshape(-1))
        above = above @ layers[k]
    return log_risk, np.concatenate(parts[::-1])


def speed(flat, problem):
    _, direction = evaluate(flat, problem)
    norm = np.linalg.norm(direction)
    return direction / (norm * (norm + 1 / (np.linalg.norm(flat) + norm)))


def integrate(problem, clocks, rtol, max_steps):
    """The states (m, P) at increasing clock values (m), each met exactly by a step."""
    w = np.concatenate([layer.reshape(-1) for layer in problem.start])
    s, h, steps = 0.0, 1e-3, 0
    states = []
    first = speed(w, problem)
    for target in clocks:
        while s < target:
            steps += 1
            if steps > max_steps:
                raise SystemExit(f"more than {max_steps} steps before clock {target}; the flow is stiff there")
            size = min(h, target - s)
            stages = [first]
            for row in A[1:]:
                stages.append(speed(w + size * sum(a * k for a, k in zip(row, stages)), problem))
                if len(stages) == len(A):
                    proposal = w + size * sum(a * k for a, k in zip(row, stages))
            error = np.linalg.norm(size * sum(e * k for e, k in zip(E, stages)))
            share = error / (rtol * max(np.linalg.norm(w), np.linalg.norm(proposal)))
            if not math.isfinite(share):
                h = size / 10
                continue
            if share <= 1:
                s = target if size == target - s else s + size
                w, first = proposal, stages[-1]  # the last stage is the first of the next step
            proposed = size * min(5.0, max(0.2, 0.9 * max(share, 1e-10) ** -0.2))
            # A step cut short to meet a target says nothing against longer ones.
            h = proposed if share > 1 or size == h else max(h, proposed)
        states.append(w.copy())
    return np.array(states)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="run.json: the loss")
    parser.add_argument("start", help=".npz with z, W1, W2, ... and clock")
    parser.add_argument("--rtol", type=float, default=1e-11)
    parser.add_argument("--steps", type=int, default=200_000, help="no more steps than this")
    parser.add_argument("--out", help="write clock (m), w (m, P), log_risk (m), direction (m, P) to this .npz")
    arguments = parser.parse_args()

    problem = read_problem(arguments.run, arguments.start)
    clocks = problem.arrays["clock"]
    states = integrate(problem, clocks, arguments.rtol, arguments.steps)
    values = [evaluate(w, problem) for w in states]
    print(f"clock {clocks[-1]:.6g}: log10 risk {values[-1][0] / math.log(10):.6g}")
    if arguments.out:
        np.savez(arguments.out, clock=clocks, w=states, log_risk=np.array([risk for risk, _ in values]),
                 direction=np.array([direction for _, direction in values]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
