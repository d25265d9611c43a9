#!/usr/bin/env python3
"""Gradient descent on the risk of a deep linear network, written as one writes it in PyTorch.

    R(W) = mean_i loss(<W_L ... W_1, z_i>),   z_i = y_i x_i,   W(t+1) = W(t) - lr grad R(W(t))

Two forms of the same function, and so of the same trajectory:
    eager      the points go through the layers, as nn.Sequential does it
    collapsed  the layers are multiplied first, then the points meet one vector

    python3 descent.py --seed 7 --steps 10000 --risk 1e-4          a small problem of its own
    python3 descent.py problem.npz --loss logistic --lr 0.1        z (n, d) and w1 (d_1, d), w2 (d_2, d_1), ... from a file

`torchalign bench` runs this file with --serve and holds its weights and its speed against TorchAlign's own.
"""
import argparse
import json
import math
import signal
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn.functional import softplus

LOSSES = {
    "exponential": lambda margins: torch.exp(-margins).mean(),
    "logistic": lambda margins: softplus(-margins).mean(),
}


def make_problem(seed, n=40, d=2, hidden=(2, 2, 2), margin=0.1):
    """Separable points z (n, d), max |z_i| = 1, and the start of every layer, both from the seed."""
    rng = np.random.default_rng(seed)
    direction = rng.standard_normal(d)
    direction /= np.linalg.norm(direction)
    z = rng.standard_normal((n, d))
    z *= np.where(z @ direction < 0, -1.0, 1.0)[:, None]  # this is what y_i x_i does
    z += margin * direction
    z /= np.linalg.norm(z, axis=1).max()
    widths = [d, *hidden, 1]
    return z, [rng.standard_normal((rows, columns)) / math.sqrt(columns) for columns, rows in zip(widths, widths[1:])]


def read_problem(path):
    with np.load(path) as arrays:
        return arrays["z"], [arrays[f"w{k}"] for k in range(1, len(arrays.files))]


class Descent:
    """One problem, one form, plain SGD with a constant step."""

    def __init__(self, z, start, loss, lr, form):
        self.z = z  # (n, d), whose device and dtype decide
        self.start = [torch.from_numpy(w).to(z) for w in start]
        self.loss = LOSSES[loss]
        self.lr = lr
        self.margins = {"eager": self.eager_margins, "collapsed": self.collapsed_margins}[form]
        self.model = nn.Sequential(
            *(nn.Linear(w.shape[1], w.shape[0], bias=False, dtype=z.dtype, device=z.device) for w in self.start))
        self.layers = list(self.model)
        self.restart()

    def restart(self):
        with torch.no_grad():
            for layer, w in zip(self.model, self.start):
                layer.weight.copy_(w)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=self.lr)

    def eager_margins(self):
        return self.model(self.z).squeeze(-1)

    def collapsed_margins(self):
        return (self.z @ self.product().t()).squeeze(-1)

    def product(self):
        """W_L ... W_1 (1, d), from the output side, which is cheapest."""
        product = self.layers[-1].weight
        for layer in self.layers[-2::-1]:
            product = product @ layer.weight
        return product

    def step(self):
        """One step; returns the risk before it, as a tensor."""
        self.optimizer.zero_grad()
        risk = self.loss(self.margins())
        risk.backward()
        self.optimizer.step()
        return risk

    def steps(self, count):
        """count steps; returns the last risk as a number, which is NaN or infinite if the run left float64."""
        risk = None
        for _ in range(count):
            risk = self.step()
        return risk.item()


class GraphedDescent(Descent):
    """The collapsed form, its step recorded once as a CUDA graph and replayed: nothing is launched from Python."""

    def __init__(self, z, start, loss, lr):
        super().__init__(z, start, loss, lr, "collapsed")
        side = torch.cuda.Stream(z.device)
        side.wait_stream(torch.cuda.current_stream(z.device))
        with torch.cuda.stream(side):  # recording wants everything allocated and chosen before
            for _ in range(3):
                super().step()
        torch.cuda.current_stream(z.device).wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(self.graph):
            self.risk = self.loss(self.margins())
            self.risk.backward()
            self.optimizer.step()
        self.restart()

    def step(self):
        self.graph.replay()
        return self.risk


class CompiledDescent(Descent):
    """The collapsed form through torch.compile, which torch has from 2.0 on."""

    def __init__(self, z, start, loss, lr):
        super().__init__(z, start, loss, lr, "collapsed")
        self.margins = torch.compile(self.collapsed_margins)
        self.loss = torch.compile(self.loss)


def make_descent(form, *problem):
    """z, start, loss and lr as one of the forms."""
    if form == "graph":
        if problem[0].device.type != "cuda":
            raise ValueError("CUDA graphs are there on CUDA alone")
        return GraphedDescent(*problem)
    if form == "compiled":
        if not hasattr(torch, "compile"):
            raise ValueError(f"torch {torch.__version__} has no torch.compile")
        return CompiledDescent(*problem)
    return Descent(*problem, form)


def on_device(z, device, dtype, repeat):
    """The points (n, d), repeated along n, on a device; nothing of them changes but where they are."""
    return torch.from_numpy(z).to(device=device, dtype=dtype).repeat(repeat, 1)


def wait_for(device):
    """Until everything that was queued there is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def train(descent, max_steps, target_risk, look_every=100):
    """Descends until a named end: a target, a cap, or numbers that are none. `while risk > target` alone would hang on a
    target out of reach and call NaN converged."""
    done = 0
    while done < max_steps:
        count = min(look_every, max_steps - done)
        risk = descent.steps(count)
        done += count
        if not math.isfinite(risk):
            return "non-finite", done, risk
        if risk <= target_risk:
            return "risk-below", done, risk
    return "step-limit", done, risk


def blas_files():
    """The BLAS libraries that this process has loaded (Linux)."""
    try:
        with open("/proc/self/maps") as maps:
            files = {line.split()[-1] for line in maps if "/" in line}
    except OSError:
        return []
    return sorted(file for file in files if any(name in file.rsplit("/", 1)[-1] for name in ("blas", "mkl", "blis")))


class Server:
    """Answers each line of standard input with a line of JSON. Times are its own: starting Python does not count."""

    def __init__(self, arguments):
        z, start = read_problem(arguments.problem)
        self.path = arguments.problem
        z = on_device(z, arguments.device, getattr(torch, arguments.dtype), arguments.repeat)
        self.problem = z, start, arguments.loss, arguments.lr
        self.forms = {}

    def form(self, name):
        """Made when first asked for: each has layers of its own, all have the same points."""
        if name not in self.forms:
            self.forms[name] = make_descent(name, *self.problem)
        return self.forms[name]

    def threads(self, count):
        torch.set_num_threads(int(count))
        return {"threads": torch.get_num_threads()}

    def run(self, form, steps):
        """Seconds of so many steps from the start."""
        descent = self.form(form)
        descent.restart()
        wait_for(descent.z.device)
        begin = time.perf_counter()
        risk = descent.steps(int(steps))  # its last word is a number, so the device is done
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "risk": risk}

    def weights(self, form):
        """Writes the weights where the last run left them beside the problem."""
        path = f"{self.path}.{form}.npz"
        layers = self.form(form).model
        np.savez(path, **{f"w{k + 1}": layer.weight.detach().cpu().double().numpy() for k, layer in enumerate(layers)})
        return {"path": path}

    def follow(self, form, steps, look_every):
        """A run from the start with w_prod and the seconds so far at every look."""
        descent = self.form(form)
        descent.restart()
        seconds, products = [], []
        begin = time.perf_counter()
        for _ in range(int(steps) // int(look_every)):
            risk = descent.steps(int(look_every))
            if not math.isfinite(risk):
                raise FloatingPointError(f"the risk is {risk}")
            seconds.append(time.perf_counter() - begin)
            with torch.no_grad():
                products.append(descent.product().squeeze(0).tolist())
        return {"seconds": seconds, "products": products}

    def facts(self):
        return {
            "python": sys.version.split()[0], "torch": torch.__version__, "numpy": np.__version__,
            "threads": torch.get_num_threads(), "blas": blas_files()}

    def serve(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks; the end of input ends this
        for line in sys.stdin:
            command, *words = line.split()
            try:
                answer = getattr(self, command)(*words)
            except Exception as error:  # whatever it is, the one who asks must hear it
                answer = {"error": f"{type(error).__name__}: {error}"}
            # JSON has no NaN: Python would write one all the same.
            answer = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in answer.items()}
            print(json.dumps(answer), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem", nargs="?", help=".npz with z, w1, w2, ...; without one a small problem is made")
    parser.add_argument("--seed", type=int, default=7, help="of the problem that is made")
    parser.add_argument("--form", choices=("eager", "collapsed", "graph", "compiled"), default="eager")
    parser.add_argument("--loss", choices=sorted(LOSSES), default="exponential")
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--steps", type=int, default=10_000, help="no more steps than this")
    parser.add_argument("--risk", type=float, default=0.0, help="stop at this risk")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:i")
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64")
    parser.add_argument("--repeat", type=int, default=1, help="take the points so many times")
    parser.add_argument("--out", help="write the last weights to this .npz")
    parser.add_argument("--serve", action="store_true", help="for torchalign bench: answer requests on standard input")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.serve:
        Server(arguments).serve()
        return 0

    z, start = read_problem(arguments.problem) if arguments.problem else make_problem(arguments.seed)
    z = on_device(z, arguments.device, getattr(torch, arguments.dtype), arguments.repeat)
    descent = make_descent(arguments.form, z, start, arguments.loss, arguments.lr)
    begin = time.perf_counter()
    result, steps, risk = train(descent, arguments.steps, arguments.risk)
    seconds = time.perf_counter() - begin
    print(f"{result}: risk {risk:.6g} after {steps} steps, {seconds:.3g} s")
    if arguments.out:
        np.savez(arguments.out, **{f"w{k + 1}": layer.weight.detach().cpu().numpy() for k, layer in enumerate(descent.model)})
    return 1 if result == "non-finite" else 0


if __name__ == "__main__":
    sys.exit(main())
