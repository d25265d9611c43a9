#!/usr/bin/env python3
"""A soak of signals: SIGINT and SIGTERM, one or many, at random moments of every command, on small and large data.

    python3 scripts/soak.py [N] [--seed S] [--first I] [--jobs J] [--only NAME] [--seconds S] [--limit L]
                            [--program WORDS]

Trial I of seed S is always the same but for the machine's speed. After each: the exit code is that of the first signal, the process ended
within two seconds of it, files are whole, the run is marked as unfinished or says that it was interrupted, nothing temporary and no child
is left; a share of the runs is taken up again and compared, bit for bit, with one that nobody interrupted. Exit status 1 where something
was amiss. About 3 s a trial; no unit test, because a loaded machine takes longer than it promises.
"""
import argparse
import concurrent.futures
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

RESUMED = 0.15
YOUNG = 1.5
LEAVING = 1.0
CODE = {signal.SIGINT: 130, signal.SIGTERM: 143}
STUDY = """\
name: soak
command: train
fixed:
  data: planar
  method: descent
  rule: constant
  step: 1e-3
  steps: 20000
  depth: 2
seeds: {count: 6, first: 1}
"""

# Name: words, seconds within which the signal comes, and whether a run is short enough to be finished by --resume.
COMMANDS = {
    "train-flow": ("train --depth 1,4 --to 1e-9", 4, True),
    "train-descent": ("train --method descent --rule constant --step 1e-3 --depth 1,2 --steps 200000 --to 1e-300", 4, True),
    "train-autograd": ("train --method descent --rule constant --field autograd --depth 2 --steps 20000 --to 1e-300", 4, True),
    "train-large": ("train --data gaussian --points 40000 --dimension 60 --depth 3 --width 60 --steps 1e9", 8, False),
    "train-file": ("train --data {large} --depth 2 --steps 1e9", 6, False),
    "train-digits": ("train --data digits --positive 3 --negative 5 --depth 1,3", 6, False),
    "figure1": ("figure1", 5, True),
    "margin": ("margin iris --positive setosa", 1.5, False),
    "margin-large": ("margin gaussian --points 100000 --dimension 50", 8, False),
    "margin-file": ("margin {large}", 6, False),
    "margin-pipe": ("margin {pipe}", 3, False),
    "verify-jt": ("verify --paper jt", 12, False),
    "verify-nrt": ("verify --paper nrt", 12, False),
    "verify-rnbu": ("verify --paper rnbu", 12, False),
    "nrt-starts": ("paper nrt starts --starts 20 --threads 1", 4, True),
    "nrt-slack": ("paper nrt slack --dimension 8 --rank 4 --depth 2,3 --seeds 4 --steps 1000 --threads 1", 4, True),
    "nrt-completion": ("paper nrt completion --size 30 --rank 2 --seen 400 --depth 1,2 --steps 4000 --threads 1", 4, True),
    "nrt-saddles": ("paper nrt saddles --dimension 6 --modes 3,1 --depth 2,3 --lr 5e-4 --threads 1", 4, True),
    "nrt-curves": ("paper nrt curves --dimension 10 --rank 5 --depth 2,3 --steps 20000 --threads 1", 4, False),
    "nrt-steps": ("paper nrt steps --steps 20000 --threads 1", 4, False),
    "nrt-completion-large": ("paper nrt completion", 8, False),
    "rnbu-binary": ("paper rnbu binary --to 1e-300 --lr 1e-3 --steps 6000 --threads 1", 4, True),
    "rnbu-multiclass": ("paper rnbu multiclass --images 40 --hidden 12-11 --to 1e-300 --steps 1000 --threads 1", 4, True),
    "rnbu-conv-factorisation": ("paper rnbu conv-factorisation --to 1e-300 --steps 1000 --threads 1", 4, True),
    "rnbu-conv-autoencoder": ("paper rnbu conv-autoencoder --to 1e-300 --lr 1e-3 --steps 80 --threads 1", 4, True),
    "jt-nonlinear": ("paper jt nonlinear --images 60 --channels 2 --width 32 --batch 16 --loss 1e-12 --steps 300 --threads 1", 4, True),
    "sweep": ("sweep {study} --jobs 2", 8, True),
    "compare-sklearn": ("compare sklearn iris --positive setosa", 4, False),
    "compare-sklearn-large": ("compare sklearn {large}", 10, False),
    "compare-pytorch": ("compare pytorch --case figure1", 8, False),
    "bench": ("bench --case 40x2 memory --rounds 1", 8, False),
    "doctor": ("doctor", 3, False),
}
WRITES = ("train", "figure1", "paper", "sweep")


def interrupted(folder):
    """Whether a run's summary says so; False where there is no run."""
    try:
        with open(os.path.join(folder, "summary.json")) as summary:
            return '"interrupted"' in summary.read()
    except FileNotFoundError:
        return False


def burst(rng):
    """Signals and the pauses before them; whether each goes to the whole group, as from a terminal."""
    kind = rng.choice(["one", "one", "timeout", "two", "three", "burst"])
    one = rng.choice([signal.SIGINT, signal.SIGTERM])
    if kind == "one":
        return [(0, one, rng.random() < 0.5)]
    if kind == "timeout":
        return [(0, signal.SIGTERM, False), (0.0005, signal.SIGTERM, True)]
    if kind == "two":
        return [(0, one, False), (rng.uniform(0, 0.3), one, rng.random() < 0.5)]
    if kind == "three":
        return [(rng.uniform(0, 0.2), signal.SIGINT, rng.random() < 0.5) for _ in range(3)]
    return [(rng.expovariate(100), rng.choice([signal.SIGINT, signal.SIGTERM]), rng.random() < 0.3) for _ in range(rng.randint(4, 20))]


class Soak:
    def __init__(self, program, seed, folder, limit):
        self.program, self.seed, self.folder, self.limit = program, seed, folder, limit
        self.made = {"large": os.path.join(folder, "large.csv"), "pipe": os.path.join(folder, "pipe.csv"),
                     "study": os.path.join(folder, "study.yaml")}
        rng = random.Random(seed)
        with open(self.made["large"], "w") as file:
            for i in range(20000):
                label = 1 if i % 2 else -1
                file.write(",".join(f"{label + rng.gauss(0, 1):.9g}" for _ in range(30)) + f",{label}\n")
        os.mkfifo(self.made["pipe"])
        with open(self.made["study"], "w") as file:
            file.write(STUDY)
        self.whole = {}
        self.wholes = threading.Lock()

    def words(self, name):
        return COMMANDS[name][0].format(**self.made).split()

    def run(self, words, folder):
        """A run to its end: exit code and standard error."""
        done = subprocess.run(
            [*self.program, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stderr

    def reference(self, name):
        with self.wholes:
            if name not in self.whole:
                folder = os.path.join(self.folder, "whole-" + name)
                os.makedirs(folder)
                code, error = self.run([*self.words(name), "--out", "run"], folder)
                assert code == 0, f"{name} alone ends with {code}: {error}"
                self.whole[name] = os.path.join(folder, "run")
            return self.whole[name]

    def trial(self, index, only):
        rng = random.Random(f"{self.seed} {index}")
        names = [name for name in COMMANDS if only is None or only in name]
        name = names[index % len(names)]
        _, span, _ = COMMANDS[name]
        # Early moments more often: many end by themselves before their span is over, the sooner the faster the machine.
        moment = span * rng.random() ** 1.5
        signals = burst(rng)
        resumes = rng.random() < RESUMED
        where = os.path.join(self.folder, f"trial-{index}")
        temporary = os.path.join(where, "tmp")
        os.makedirs(temporary)
        faults = []
        told = self.interrupt(name, moment, signals, where, faults)
        if os.path.exists(os.path.join(where, "run")):
            self.check(os.path.join(where, "run"), name, told["code"], faults)
        left = [file for file in os.listdir(temporary) if file != ".dotnet"]
        # Killed before the program had begun, the runtime leaves its own.
        if left and told["code"] >= 0:
            faults.append(f"left in TMPDIR: {left}")
        if resumes and COMMANDS[name][2] and not faults and os.path.exists(os.path.join(where, "run")):
            self.resume(name, where, faults)
            told["resumed"] = True
        signs = " ".join(f"{pause * 1000:.1f}ms:{sign.name}{'*' if group else ''}" for pause, sign, group in signals)
        line = f"{index:4} {name:24} at {moment:5.2f} s, ended {told['code']:4} after {told['took']:.2f} s; {signs}"
        if faults:
            line += "".join(f"\n     FAULT {fault}" for fault in faults) + f"\n     {where}: {told['error'].strip()[-600:]}"
        else:
            shutil.rmtree(where)
        return name, told, faults, line

    def interrupt(self, name, moment, signals, where, faults):
        out = ["--out", "run"] if name.split("-")[0] in ("train", "figure1", "nrt", "rnbu", "jt", "sweep") else []
        keep = ["--checkpoint-every", "0.2"] if self.words(name)[0] in ("train", "figure1") else []
        environment = {**os.environ, "TMPDIR": os.path.join(where, "tmp")}
        with open(os.path.join(where, "out"), "w") as output, open(os.path.join(where, "err"), "w") as error:
            process = subprocess.Popen(
                [*self.program, *self.words(name), *out, *keep], cwd=where, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=error, start_new_session=True,
                preexec_fn=lambda: [signal.signal(sign, signal.SIG_DFL) for sign in CODE])
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            pass
        ended = process.poll() is not None
        # Before it takes charge of its signals it dies of them, which a shell tells by the same numbers.
        young = moment < YOUNG and not os.path.exists(os.path.join(where, "run"))
        sent = None
        interrupts = 0
        from_third = None
        for pause, sign, group in signals:
            time.sleep(pause)
            if process.poll() is not None:
                break
            (os.killpg if group else os.kill)(process.pid, sign)
            sent = sent or (time.monotonic(), sign)
            interrupts += sign == signal.SIGINT
            if interrupts == 3 and from_third is None:
                from_third = time.monotonic()
        begun = sent[0] if sent else time.monotonic()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            faults.append("alive 30 s after the first signal")
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        took = time.monotonic() - begun
        code = process.returncode
        if took > self.limit:
            faults.append(f"took {took:.2f} s")
        # A third SIGINT may overtake a SIGTERM that came first.
        good = {0} if not sent else {CODE[sent[1]]} | ({130} if interrupts >= 3 else set())
        if sent and young:
            good |= {-sign for _, sign, _ in signals}
        if code not in good and sent and not ended:
            # It may have come to its end, and be on its way out, when the signal comes; what failed has failed.
            if not (code in (0, 1) and took < LEAVING and not interrupted(os.path.join(where, "run"))):
                faults.append(f"ended with {code}, not {sorted(good)}")
        if not sent and code != 0 and not (name.startswith(("bench", "compare", "train-digits")) and code == 1):
            faults.append(f"ended by itself with {code}")
        self.wait_for_group(process.pid, faults)
        with open(os.path.join(where, "err")) as error:
            text = error.read()
        if "Unhandled" in text or "should not happen" in text or "   at TorchAlign" in text:
            faults.append("an exception was told")
        return {"code": code, "took": took if sent else 0.0, "error": text, "young": young, "sent": bool(sent)}

    def wait_for_group(self, group, faults):
        """Workers and twins follow within as long."""
        end = time.monotonic() + self.limit + 1
        while time.monotonic() < end:
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return
            time.sleep(0.02)
        faults.append("a child outlived it")
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def check(self, folder, name, code, faults):
        for where, _, files in os.walk(folder):
            for file in files:
                path = os.path.join(where, file)
                fault = self.fault_of(path)
                if fault:
                    faults.append(f"{os.path.relpath(path, folder)} {fault}")
            if "run.json" in files:
                self.check_run(where, files, name, code, faults)
            elif "UNFINISHED" in files and len(files) > 1:
                faults.append(f"{where} has {files} and no run.json")

    @staticmethod
    def fault_of(path):
        try:
            if path.endswith(".part"):
                return "is temporary"
            if path.endswith(".json"):
                with open(path) as file:
                    json.load(file)
            elif path.endswith(".npz"):
                with zipfile.ZipFile(path) as file:
                    return file.testzip()
            elif path.endswith((".csv", ".html")):
                with open(path, "rb") as file:
                    text = file.read()
                if not text.endswith(b"\n"):
                    return "ends within a line" if text or path.endswith(".html") else None
                if path.endswith(".html") and not text.rstrip().endswith(b"</html>"):
                    return "is cut"
        except (ValueError, OSError, zipfile.BadZipFile) as error:
            return f"cannot be read: {error}"
        return None

    @staticmethod
    def check_run(folder, files, name, code, faults):
        if "UNFINISHED" in files:
            return
        if "summary.json" not in files:
            faults.append(f"{folder} is neither marked nor has it a summary: {files}")
            return
        with open(os.path.join(folder, "summary.json")) as file:
            summary = json.load(file)
        results = [summary["result"]] if "result" in summary else [network["result"] for network in summary["networks"]]
        if "interrupted" not in results:
            return
        if code == 0 and name != "sweep":
            faults.append("says that it was interrupted, and ended with 0")
        with open(os.path.join(folder, "report.html")) as file:
            if "nothing is claimed" not in file.read():
                faults.append("claims something, though it was interrupted")

    def resume(self, name, where, faults):
        whole = self.reference(name)
        words = self.words(name)
        if name == "sweep":
            words = ["sweep", "resume", "run", "--jobs", "2"]
        else:
            words = [*words[:3 if words[0] == "paper" else 1], "--resume", "run"]
        code, error = self.run(words, where)
        if code != 0:
            faults.append(f"{' '.join(words)} ended with {code}: {error[-300:]}")
            return
        for folder, _, files in os.walk(whole):
            for file in files:
                if not file.endswith((".csv", ".npz")) or file == "sweep.csv":
                    continue
                path = os.path.join(folder, file)
                other = os.path.join(where, "run", os.path.relpath(path, whole))
                if not os.path.exists(other):
                    faults.append(f"resumed, it has no {file}")
                    continue
                with open(path, "rb") as one, open(other, "rb") as two:
                    if one.read() != two.read():
                        faults.append(f"resumed, {file} differs")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("trials", nargs="?", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--first", type=int, default=0, help="number of the first trial")
    options.add_argument("--jobs", type=int, default=1, help="trials at a time; more than one makes two seconds short")
    options.add_argument("--only", help="commands whose name has this in it: " + ", ".join(COMMANDS))
    options.add_argument("--seconds", type=float, default=float("inf"), help="begin no trial after so long")
    options.add_argument("--limit", type=float, default=2, help="seconds that it may take; more where the machine is busy with others")
    options.add_argument("--program", type=shlex.split, help="the words that start it [./torchalign]")
    given = options.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folder = tempfile.mkdtemp(prefix="torchalign-soak-")
    soak = Soak(given.program or [os.path.join(root, "torchalign")], given.seed, folder, given.limit)
    began = time.monotonic()
    faulty, tolds = 0, []
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        def trial(index):
            return soak.trial(index, given.only) if time.monotonic() - began < given.seconds else None

        for result in pool.map(trial, range(given.first, given.first + given.trials)):
            if result is None:
                continue
            name, told, faults, line = result
            faulty += bool(faults)
            tolds.append(told)
            print(line, flush=True)
    sent = [told for told in tolds if told["sent"]]
    took = sorted(told["took"] for told in sent)
    print(f"{len(tolds)} trials, {len(sent)} interrupted, {sum('resumed' in told for told in tolds)} taken up again, {faulty} with faults; "
          f"the slowest ended after {took[-1] if took else 0:.2f} s, half within {took[len(took) // 2] if took else 0:.2f} s")
    if faulty:
        print(f"what they left is in {folder}")
    else:
        shutil.rmtree(folder)
    sys.exit(faulty > 0)


if __name__ == "__main__":
    main()
