#!/usr/bin/env python3
"""Gradient descent on a deep linear network with each step rule of `torchalign train`, as one writes it in PyTorch.

    R(W) = mean_i loss(m_i),   m_i = <W_L ... W_1, z_i>,   W(t+1) = W(t) - eta_t grad R(W(t))

    python3 train.py run.json start.npz --steps 1000 --form eager --out states.npz

The risk is kept as log R, and grad R as R grad log R: log R is finite where R has long underflowed. Step rules:
    constant      eta_t = step
    assumption5   eta_t = min(1, 1 / beta(r)), r = max_k |W_k|_F + 1 or the r before if that is larger,
                  beta(r) = 2 L^2 r^(2L-2) (1/4 + 1)   [JT, Assumption 5]
    loss-scaled   eta_t = a_t / R; a_t grows by 2^(1/5) while the risk falls; a step after which it has risen is taken
                  back and tried with a_t / 2^(1/10)

It makes the same torch calls in the same order as TorchAlign's autograd fields (src/TorchAlign/Losses, Dynamics), with
which it therefore agrees to the last bit on one libtorch with one number of threads.
"""
import argparse
import math
import sys

import numpy as np
import torch
from torch.nn.functional import linear, softplus

from problem import read_problem

SMOOTHNESS, LIPSCHITZ = 0.25, 1.0  # of the logistic loss, beta and G of [JT, Assumption 4]
GROWTH, SHRINKAGE = 2 ** 0.2, 2 ** 0.1


def log_mean_exp(logs):
    # The largest is taken off first: torch differentiates logsumexp through its own value, which is rounded.
    largest = logs.detach().max()
    return (logs - largest).logsumexp(0) + largest - math.log(logs.shape[0])


def log_risk_exponential(margins):
    return log_mean_exp(-margins)


def log_risk_logistic(margins):
    # log(log(1 + exp(-m))); above 37 it is -m to the last bit. The clamp keeps inf * 0 out of the gradient of where().
    near = softplus(-margins.clamp(max=37), beta=1, threshold=37).log()
    return log_mean_exp(torch.where(margins.gt(37), -margins, near))


def eager_margins(layers, z):
    """Layer after layer, as nn.Sequential of nn.Linear(..., bias=False) does it."""
    x = z
    for w in layers:
        x = linear(x, w)
    return x.squeeze(-1)


def collapsed_margins(layers, z):
    """The layers first, from the output side, which is cheapest; then the points meet one vector."""
    product = layers[-1]
    for w in layers[-2::-1]:
        product = product.matmul(w)
    return z.matmul(product.t()).squeeze(-1)


class Network:
    """The layers as views into one flat vector, so that one add_ moves them all."""

    def __init__(self, problem, form):
        self.z = torch.from_numpy(problem.z)
        self.margins = {"eager": eager_margins, "collapsed": collapsed_margins}[form]
        self.log_risk = {"exponential": log_risk_exponential, "logistic": log_risk_logistic}[problem.loss]
        self.flat = torch.cat([torch.from_numpy(w).reshape(-1) for w in problem.start])
        self.layers = []
        offset = 0
        for w in problem.start:
            view = self.flat[offset:offset + w.size].view(w.shape)
            self.layers.append(view.detach().requires_grad_())
            offset += w.size

    def evaluate(self):
        """log R and -grad log R (P) at the present layers."""
        log_risk = self.log_risk(self.margins(self.layers, self.z))
        gradients = torch.autograd.grad(log_risk, self.layers)
        return log_risk.item(), -torch.cat([gradient.reshape(-1) for gradient in gradients])

    def largest_norm(self):
        with torch.no_grad():
            return max(w.reshape(-1).norm().item() for w in self.layers)


def assumption_five(depth, radius):
    power = 1.0
    for _ in range(depth - 1):
        power *= radius * radius
    return min(1 / (2.0 * depth * depth * power * (SMOOTHNESS + LIPSCHITZ)), 1)


def descend(network, rule, step, max_steps, record):
    """Descends max_steps steps; record(t, log_risk, direction) is told of every state. Returns a named end."""
    log_risk, direction = network.evaluate()
    scale, radius = step, 1.0
    for t in range(max_steps):
        record(t, log_risk, direction)
        before = network.flat.clone()
        while True:
            if rule == "constant":
                factor, log_unit = step, 0.0
            elif rule == "assumption5":
                radius = max(radius, network.largest_norm() + 1)
                factor, log_unit = assumption_five(len(network.layers), radius), 0.0
            else:
                factor, log_unit = scale, -log_risk
            with torch.no_grad():
                # grad R = R grad log R; for loss-scaled the two R cancel in the exponent.
                network.flat.copy_(before).add_(direction, alpha=factor * math.exp(log_unit + log_risk))
            next_log_risk, next_direction = network.evaluate()
            if rule != "loss-scaled":
                break
            # NaN compares false: it is a rise, and is taken back like one.
            falls = next_log_risk <= log_risk
            scale = scale * GROWTH if falls else scale / SHRINKAGE
            if falls:
                break
            if scale == 0:
                return "step-too-small"
        if not math.isfinite(next_log_risk):
            return "non-finite"
        log_risk, direction = next_log_risk, next_direction
    record(max_steps, log_risk, direction)
    return "step-limit"


def loaded_libtorch():
    """The library file that computes here (Linux), by which one knows whether another program runs on the same."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            return next((line.split()[-1] for line in maps if "libtorch_cpu" in line), "")
    except OSError:
        return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="run.json: loss, step rule and step")
    parser.add_argument("start", help=".npz with z, W1, W2, ...")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--every", type=int, default=1, help="record every so many steps, and the last")
    parser.add_argument("--form", choices=("eager", "collapsed"), default="eager")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", help="write step (m), w (m, P), log_risk (m), direction (m, P) = -grad log R to an .npz")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    problem = read_problem(arguments.run, arguments.start)
    method = problem.method
    if method["rule"] == "assumption5" and (problem.loss, method["radius"]) != ("logistic", "smallest"):
        raise SystemExit("assumption5 needs the logistic loss; this twin has the smallest radius alone")
    network = Network(problem, arguments.form)
    steps, states, log_risks, directions = [], [], [], []

    def record(t, log_risk, direction):
        if t % arguments.every and t != arguments.steps:
            return
        steps.append(t)
        states.append(network.flat.numpy().copy())
        log_risks.append(log_risk)
        directions.append(direction.numpy().copy())

    end = descend(network, method["rule"], method["step"], arguments.steps, record)
    print(f"{end}: log10 risk {log_risks[-1] / math.log(10):.6g} after {steps[-1]} steps")
    if arguments.out:
        np.savez(arguments.out, step=np.array(steps), w=np.array(states), log_risk=np.array(log_risks),
                 direction=np.array(directions), end=np.array(end),
                 torch=np.array(str(torch.__version__)), libtorch=np.array(loaded_libtorch()))
    return 0 if end == "step-limit" else 1


if __name__ == "__main__":
    sys.exit(main())
