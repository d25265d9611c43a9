#!/usr/bin/env python3
"""Gradient descent on the squared loss of deep linear networks, written as one writes it in PyTorch: the samples go through
the layers, autograd goes back, torch.optim.SGD steps.

    L(W) = 1/2 ||Y - W_N ... W_1 X||_F^2,   W(k+1) = W(k) - lr grad L(W(k))

    python3 squared.py problem.npz --steps 1000 --threads 1 --out result.npz

problem.npz has x (n, d_0) and y (n, d_N), a sample a row, and for each network NAME its step NAME_lr (1) and its start
NAME_w1 (d_1, d_0), NAME_w2 (d_2, d_1), ...; result.npz gets NAME_seconds of the steps, by this process's own clock, and the last
layers. `torchalign paper nrt curves --compare-pytorch` writes the one and reads the other.
"""
import argparse
import math
import sys
import time

import numpy as np
import torch
from torch import nn

WARM_UP = 50


def read(path):
    with np.load(path) as file:
        arrays = dict(file)
    names = [name[:-3] for name in arrays if name.endswith("_lr")]
    networks = {}
    for name in names:
        layers, k = [], 1
        while f"{name}_w{k}" in arrays:
            layers.append(torch.from_numpy(arrays[f"{name}_w{k}"]))
            k += 1
        networks[name] = (float(arrays[f"{name}_lr"][0]), layers)
    return torch.from_numpy(arrays["x"]), torch.from_numpy(arrays["y"]), networks


def descend(x, y, start, lr, steps):
    """The layers after so many steps, and the seconds they took."""
    model = nn.Sequential(*(nn.Linear(w.shape[1], w.shape[0], bias=False, dtype=torch.float64) for w in start))
    with torch.no_grad():
        for layer, w in zip(model, start):
            layer.weight.copy_(w)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    begin = time.perf_counter()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = 0.5 * (model(x) - y).square().sum()
        loss.backward()
        optimizer.step()
    seconds = time.perf_counter() - begin
    if not math.isfinite(loss.item()):
        raise FloatingPointError(f"the loss is {loss.item()}")
    return [layer.weight.detach().numpy() for layer in model], seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem", help=".npz with samples, steps and starts")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", required=True, help="write times and last layers to this .npz")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    x, y, networks = read(arguments.problem)
    results = {}
    for name, (lr, start) in networks.items():
        descend(x, y, start, lr, WARM_UP)
        layers, seconds = descend(x, y, start, lr, arguments.steps)
        results[f"{name}_seconds"] = np.array([seconds])
        results.update({f"{name}_w{k + 1}": layer for k, layer in enumerate(layers)})
    np.savez(arguments.out, **results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
