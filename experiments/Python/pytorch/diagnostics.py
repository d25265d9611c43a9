#!/usr/bin/env python3
"""The diagnostics of a run in numpy: the columns of trajectory.csv from the states alone.

    python3 diagnostics.py run.json states.npz --out diagnostics.npz

states.npz has z (n, d), the start W1, W2, ..., the states w (m, P), and the maximum-margin direction u_bar (d).
u_k, v_k are the first left and right singular vectors of W_k. They have no sign, so only |<., .>| is compared.
"""
import argparse
import sys

import numpy as np

from figure1 import evaluate
from problem import cut, read_problem


def angle(vector, direction):
    """1 - cos and sin of the angle, from the perpendicular residual: 1 - <., .> would lose all below 1e-16."""
    unit = vector / np.linalg.norm(vector)
    cosine = unit @ direction / np.linalg.norm(direction)
    rest = unit
    for _ in range(2):  # the second pass removes what rounding left of the direction
        rest = rest - (rest @ direction) / (direction @ direction) * direction
    sine = np.linalg.norm(rest)
    return (sine * sine / (1 + cosine) if cosine > 0 else 1 - cosine), sine


def balancedness(layers):
    """W_{k+1}^T W_{k+1} - W_k W_k^T (d_k, d_k), k = 1..L-1: constant along the flow."""
    return [above.T @ above - below @ below.T for below, above in zip(layers, layers[1:])]


def observe(flat, problem, direction):
    """One row of the table: a dictionary of numbers and arrays."""
    layers = cut(flat, problem.start)
    product = layers[0]
    for w in layers[1:]:
        product = w @ product
    product = product[0]  # w_prod (d)
    decompositions = [np.linalg.svd(w, full_matrices=False) for w in layers]
    norms = np.array([np.linalg.norm(w) for w in layers])
    ratios = np.array([s[0] for _, s, _ in decompositions]) / norms
    tails = np.array([np.linalg.norm(s[1:]) for _, s, _ in decompositions]) / norms
    gaps = tails ** 2 / (1 + ratios)  # 1 - ratio without cancellation
    log_risk, minus_gradient = evaluate(flat, problem)
    margin = (problem.z @ product).min()
    product_norm = np.linalg.norm(product)
    one_minus_cosine, sine = angle(product, direction)
    changes = [np.linalg.norm(now - then) for now, then in zip(balancedness(layers), balancedness(problem.start))]
    squared = (norms ** 2).sum()
    return {
        "log_risk": log_risk,
        "log_gradient_norm": log_risk + np.log(np.linalg.norm(minus_gradient)),
        "product_norm": product_norm,
        "norm": norms,
        "spectral_ratio": ratios,
        "rank_one_residual": np.hypot(gaps, tails),
        "adjacent_alignment": np.array([
            abs(above[2][0] @ below[0][:, 0]) for below, above in zip(decompositions, decompositions[1:])]),
        "product_alignment": abs(product @ decompositions[0][2][0]) / norms.prod(),
        "first_right_alignment": abs(direction @ decompositions[0][2][0]),
        "one_minus_cosine": one_minus_cosine,
        "angle_times_norm": sine * product_norm,
        "direction_margin": margin / product_norm,
        "normalized_margin": margin / norms.prod(),
        "smoothed_margin": -(np.log(len(problem.z)) + log_risk) / squared ** (len(layers) / 2),
        "balancedness_drift": max(changes, default=0.0) / squared,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", help="run.json: the loss")
    parser.add_argument("states", help=".npz with z, W1, W2, ..., w and u_bar")
    parser.add_argument("--out", help="write one array (m) or (m, L) a quantity to this .npz")
    arguments = parser.parse_args()
    problem = read_problem(arguments.run, arguments.states)
    rows = [observe(w, problem, problem.arrays["u_bar"]) for w in problem.arrays["w"]]
    for name, value in rows[-1].items():
        print(f"{name:24} {value}")
    if arguments.out:
        np.savez(arguments.out, **{name: np.array([row[name] for row in rows]) for name in rows[0]})
    return 0


if __name__ == "__main__":
    sys.exit(main())
