#!/usr/bin/env python3
"""The maximum margin through the origin as scikit-learn finds it, several ways.

    max_{||u|| = 1} min_i <u, z_i>,   z_i = y_i x_i

    python3 margins_sklearn.py problem.npz answers.npz

problem.npz holds x (n, d), y (n) of -1 and +1, and c, a C above every multiplier of the hard-margin problem.
answers.npz receives one direction (d) a solver, w0, w1, ...; standard output one line of JSON that describes them.

`torchalign compare sklearn DATA` runs this file and judges each direction by the data alone.
Debian: apt-get install python3-sklearn.
"""
import argparse
import json
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.svm import SVC, LinearSVC


def svc(x, y, c, **settings):
    """libsvm's C-SVC. It always has a bias and cannot be told not to, so it gets every point with its mirror image:
    (z_i, +1) and (-z_i, -1). If (w, b) is optimal then so is (w, -b), hence so is (w, 0). Each point counts twice, each
    multiplier is half as large, and c stays above them all."""
    z = x * y[:, None]
    model = SVC(kernel="linear", C=c, cache_size=500, **settings)
    model.fit(np.vstack([z, -z]), np.repeat([1, -1], len(z)))
    return model


def linear_svc(x, y, c, **settings):
    """liblinear, which leaves the bias out when told to. The hinge loss is the one whose optimum is the hard margin
    from some finite C on; with the default squared hinge it is that only as C grows without bound."""
    model = LinearSVC(fit_intercept=False, loss="hinge", dual=True, C=c, random_state=0, **settings)
    return model.fit(x, y)


# As one calls them, then as far as they go. shrinking=False, because it guesses which points matter, and guesses wrong
# at small margins. A cap on the iterations, because SVC has none of its own.
SOLVERS = [
    ("SVC, as is", svc, dict(tol=1e-3, max_iter=1_000_000)),
    ("SVC, tol 1e-10", svc, dict(tol=1e-10, max_iter=1_000_000, shrinking=False)),
    ("LinearSVC, as is", linear_svc, dict(tol=1e-4, max_iter=1_000)),
    ("LinearSVC, tol 1e-10", linear_svc, dict(tol=1e-10, max_iter=100_000)),
]


def ask(solver, settings, x, y, c):
    """The direction (d) and a record of how it was found."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        begin = time.perf_counter()
        model = solver(x, y, c, **settings)
        seconds = time.perf_counter() - begin
    w = model.coef_[0]
    return w, {
        "seconds": seconds,
        "iterations": int(np.max(model.n_iter_)),
        "stoppedEarly": any(issubclass(w.category, sklearn.exceptions.ConvergenceWarning) for w in caught),
        # The bias relative to ||w||, which the mirrored points ought to have made 0.
        "bias": float(np.max(np.abs(model.intercept_)) / np.linalg.norm(w)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem", help=".npz with x (n, d), y (n) and c")
    parser.add_argument("answers", help=".npz to write")
    arguments = parser.parse_args()
    with np.load(arguments.problem) as problem:
        x, y, c = problem["x"], problem["y"], float(problem["c"][0])
    directions, records = {}, []
    for k, (name, solver, settings) in enumerate(SOLVERS):
        directions[f"w{k}"], record = ask(solver, settings, x, y, c)
        records.append({"name": name, **record})
    np.savez(arguments.answers, **directions)
    print(json.dumps({"sklearn": sklearn.__version__, "python": sys.version.split()[0], "solvers": records}))


if __name__ == "__main__":
    main()
