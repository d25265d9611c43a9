#!/usr/bin/env bash
# Everything about CUDA that needs a GPU: builds TorchAlign against a CUDA build of libtorch, runs all tests with those on cuda,
# measures `bench --device cuda` and holds the numbers against their goals.
#   scripts/cuda_check.sh [--python PYTHON] [--device cuda:0] [--out DIR] [--skip-tests]
#   scripts/cuda_check.sh --dry-run      the same steps on the CPU, small; the goals are shown, not judged
#   scripts/cuda_check.sh --judge FILE   only hold an earlier bench.json against the goals
# PYTHON is an interpreter with a CUDA PyTorch (2.x wheel); TORCHALIGN_LIBTORCH, if set, names another libtorch to build against.
# Exit status: 0 all goals met; 1 one is missed, or a test failed; 2 wrong usage; 3 no GPU, no PyTorch with CUDA, or no build.
set -euo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")

say() { printf 'cuda_check: %s\n' "$*" >&2; }
fail() { local status=$1; shift; say "$*"; exit "$status"; }

python=${TORCHALIGN_PYTHON:-python3} device=cuda:0 out=$root/runs/cuda-check dry='' tests=1 judge='' networks=1000
while [ $# -gt 0 ]; do
    case $1 in
        --python | --device | --out | --judge)
            [ $# -ge 2 ] || fail 2 "$1 needs a value."
            case $1 in --python) python=$2 ;; --device) device=$2 ;; --out) out=$2 ;; --judge) judge=$2 ;; esac
            shift
            ;;
        --dry-run) dry=1 ;;
        --skip-tests) tests='' ;;
        *) fail 2 "unknown argument '$1'; the head of this file says what there is." ;;
    esac
    shift
done

# Only a GPU counts here: nothing started from this shell gets a simulated one.
unset TORCHALIGN_SIMULATED_CUDA DOTNET_STARTUP_HOOKS

# The goals, of the sizes at scale 1 in float64. Prints one line each; status 1 where one is missed.
hold_against_goals() { # hold_against_goals bench.json [judge]
    "$python" - "$@" << 'PYTHON'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
judged = len(sys.argv) > 2
missed = 0


def hold(what, value, goal):
    global missed
    met = value is not None and value >= goal
    missed += not met
    shown = "not measured" if value is None else f"{value:.4g}"
    print(f"{what}: {shown}, goal {goal:g}: {('met' if met else 'MISSED') if judged else 'not judged'}")


if judged and (report["scale"] != 1 or report["dtype"] != "float64" or not report["device"].startswith("cuda")):
    sys.exit(f"the goals are about scale 1 in float64 on cuda, not {report['scale']} in {report['dtype']} on {report['device']}")
print(f"{report['device']}, {report['dtype']}, scale {report['scale']:g}, "
      f"PyTorch {report['python']['torch'] if report.get('python') else 'not found'}")
cases = {case["name"]: case for case in report["descent"]}
first = cases.get("1000000x1024")
hold("1,000,000 x 1024, share of the copy's bandwidth", first and first["shareOfCopyBandwidth"]["median"], 0.8)
forms = {form["form"]: form for form in first["pyTorch"]} if first else {}
eager = forms.get("eager", {}).get("ratio")
hold("1,000,000 x 1024, eager Sequential over ours", eager and eager["median"], 10)
ensemble = report.get("ensemble") or {}
over = ensemble.get("overPyTorch")
hold("10,000 figure-1 networks, throughput over one-by-one PyTorch", over and over["median"], 1000)
for name, case in cases.items():
    for form in case["pyTorch"]:
        text = form.get("problem") or f"{form['ratio']['median']:.4g} of our steps"
        print(f"    {name}, PyTorch {form['form']}: {text}")
sys.exit(1 if judged and missed else 0)
PYTHON
}

if [ -n "$judge" ]; then
    [ -f "$judge" ] || fail 2 "there is no file '$judge'."
    hold_against_goals "$judge" judge
    exit
fi

"$python" -c 'import torch, numpy' 2> /dev/null ||
    fail 3 "'$python' has no torch with numpy; name an interpreter that has both with --python."
TORCHALIGN_PYTHON=$("$python" -c 'import sys; print(sys.executable)')
export TORCHALIGN_PYTHON
if [ -n "$dry" ]; then
    device=cpu
    networks=20
    measure=(--device cpu --scale "${TORCHALIGN_DRY_SCALE:-0.002}" --rounds 2)
else
    "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' ||
        fail 3 "torch of '$python' sees no GPU: $("$python" -c 'import torch; print("torch", torch.__version__, "CUDA", torch.version.cuda)')"
    export TorchSharpSource=libtorch
    export TORCHALIGN_LIBTORCH=${TORCHALIGN_LIBTORCH:-$("$python" -c 'import torch; print(torch.__path__[0])')}
    say "libtorch: $TORCHALIGN_LIBTORCH"
    measure=(--device "$device")
fi
mkdir -p "$out"

"$root/torchalign" doctor > "$out/doctor.txt" || fail 3 "torchalign does not start; $out/doctor.txt says more."
cat "$out/doctor.txt"
if [ -z "$dry" ] && ! grep -q '^CUDA *yes' "$out/doctor.txt"; then fail 3 "TorchAlign finds no GPU; doctor says why."; fi

status=0
if [ -n "$tests" ] && [ -z "$dry" ]; then
    "$root/test.sh" | tee "$out/tests.txt" || status=1
    if grep -q 'cuda:0.*\[SKIP\]' "$out/tests.txt"; then
        say "tests on cuda were skipped"
        status=1
    fi
fi

"$root/torchalign" train --method descent --loss logistic --depth 1,4 --steps 1e4 --device "$device" --field torch \
    --out "$out/train" --replace --json > "$out/train.json" || status=1
# One experiment of each kind.
for experiment in figure1 'paper jt nonlinear --steps 200' 'paper rnbu multiclass --steps 200' 'paper rnbu conv-autoencoder --steps 200' \
    'paper nrt curves --steps 200'; do
    name=${experiment%% --*}
    # shellcheck disable=SC2086  # words on purpose
    "$root/torchalign" $experiment --device "$device" --out "$out/${name// /-}" --replace --json > "$out/${name// /-}.json" || status=1
done

# Networks of one shape, computed together.
for study in descent flow; do
    sed "s/count: 1000/count: $networks/" "$root/experiments/studies/$study.yaml" > "$out/$study.yaml"
    "$root/torchalign" sweep "$out/$study.yaml" --device "$device" --jobs 1 --out "$out/$study" --json > "$out/$study.json" || status=1
done

"$root/torchalign" bench "${measure[@]}" --json > "$out/bench.json" || fail 1 "the bench failed."
if [ -n "$dry" ]; then hold_against_goals "$out/bench.json"; else hold_against_goals "$out/bench.json" judge || status=1; fi
if [ -z "$dry" ]; then # float32, for the record
    "$root/torchalign" bench "${measure[@]}" --dtype float32 --json > "$out/bench-float32.json" && hold_against_goals "$out/bench-float32.json" || status=1
fi
say "everything is in $out"
exit $status
