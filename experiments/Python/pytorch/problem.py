"""What the twins read: run.json as `torchalign train` writes it, and an .npz file with points and start.

The .npz file has z (n, d), the points times their labels and divided by the largest norm, and the layers
W1 (d_1, d), W2 (d_2, d_1), ..., WL (1, d_{L-1}), all float64. `torchalign compare pytorch ... --keep DIR` writes both.
"""
import json
from typing import NamedTuple

import numpy as np


class Problem(NamedTuple):
    z: np.ndarray  # (n, d)
    start: list  # of W_k (d_k, d_{k-1}), W_1 first
    loss: str  # exponential | logistic
    method: dict  # run.json's configuration.method: rule, radius, step, ...
    arrays: dict  # everything in the .npz file


def read_problem(run_json, npz):
    with open(run_json, encoding="utf-8") as file:
        configuration = json.load(file)["configuration"]
    with np.load(npz) as file:
        arrays = dict(file)
    depth = sum(name[0] == "W" and name[1:].isdigit() for name in arrays)
    start = [arrays[f"W{k}"] for k in range(1, depth + 1)]
    for below, above in zip(start, start[1:]):
        if above.shape[1] != below.shape[0]:
            raise ValueError(f"a layer of shape {above.shape} cannot follow one of shape {below.shape}")
    for array in (arrays["z"], *start):
        if array.dtype != np.float64 or not np.isfinite(array).all():
            raise ValueError("points and layers must be finite float64 numbers")
    return Problem(arrays["z"], start, configuration["loss"], configuration["method"], arrays)


def cut(flat, start):
    """The layers W_k (d_k, d_{k-1}) in a flat state (P), W_1 first, each row-major, without gaps."""
    layers, offset = [], 0
    for like in start:
        layers.append(flat[offset:offset + like.size].reshape(like.shape))
        offset += like.size
    return layers
