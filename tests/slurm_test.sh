#!/usr/bin/env bash
# Sweeps on Slurm: a cluster of one node on loopback, an array of 40 runs, and what can happen to it. The runs must end with the bits of
# a sweep on this machine. Skipped where slurm-wlm and munge are not installed, or without root. About a minute.
# The last line reads like that of test.sh.
set -uo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
# shellcheck source=tests/slurm/cluster.sh
. "$root/tests/slurm/cluster.sh"

skip() {
    echo "skipped: $1" >&2
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}
for program in slurmctld slurmd munged sbatch squeue scancel scontrol; do
    command -v "$program" > /dev/null || skip "$program is not installed (Debian's slurm-wlm and munge)"
done
[ "$(id -u)" = 0 ] || skip "setting up a Slurm needs root"

work=$(mktemp -d)
chmod 755 "$work" # munged looks at it
clean_up() {
    if [ -n "${SLURM_CONF:-}" ]; then
        scancel --me 2> /dev/null
        wait_for 100 queue_is_empty
        stop_cluster
    fi
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# shellcheck source=tests/check.sh
. "$root/tests/check.sh"

torchalign() { # sets status; output in $work/out and $work/err
    "$root/artifacts/bin/TorchAlign.Experiments/release/TorchAlign.Experiments" "$@" > "$work/out" 2> "$work/err"
    status=$?
}
gave() { [ "$status" = "$1" ]; }
printed() { grep -qE -- "$1" "$work/out"; }
told() { grep -qF -- "$1" "$work/err"; }
not() { ! "$@"; }

queue_is_empty() { [ -z "$(squeue --me --noheader 2> /dev/null)" ]; }
elements() { squeue --me --noheader --array --format='%A %T' --states="$1" 2> /dev/null | cut -d' ' -f1; }
an_element_runs() { [ -n "$(elements RUNNING)" ]; }
runs_done() { compgen -G "$work/cluster/runs/*/summary.json" | wc -l; }
done_at_least() { [ "$(runs_done)" -ge "$1" ]; }
begun() { compgen -G "$work/cluster/runs/*/UNFINISHED" > /dev/null; }
# Slurm holds what it queues again back for two minutes.
hasten() {
    local job
    for job in $(squeue --me --noheader --format='%A %r' | awk '$2 == "BeginTime" { print $1 }'); do
        scontrol update "JobId=$job" StartTime=now 2> /dev/null
    done
    for job in $(squeue --me --noheader --format='%A %r' | awk '/requeued held/ { print $1 }'); do
        torchalign sweep resume "$work/cluster"
    done
}
# What a daemon took with it is found by the next resume.
all_ended() {
    hasten
    queue_is_empty || return 1
    [ "$(runs_done)" = 40 ] || torchalign sweep resume "$work/cluster"
    queue_is_empty
}
states() { torchalign sweep status "$work/cluster"; head -n 1 "$work/out"; }
# Everything a run computes; the rest has times and the reports.
same_bits() {
    local run
    for run in "$work"/local/runs/*; do
        cmp "$run/state.npz" "$work/cluster/runs/${run##*/}/state.npz" >> "$work/err" 2>&1 || return 1
        cmp "$run/trajectory.csv" "$work/cluster/runs/${run##*/}/trajectory.csv" >> "$work/err" 2>&1 || return 1
    done
    [ "$(ls "$work/local/runs")" = "$(ls "$work/cluster/runs")" ]
}

cat > "$work/study.yaml" << 'YAML'
name: test
command: train
fixed: {method: descent, loss: logistic, depth: 2, samples: 10, checkpoint-every: 0.1}
grid:
  steps: [3e5, 1e3, 3e3, 1e4]
seeds: {count: 10}
slurm:
  time: "10"
  environment:
    - export OMP_NUM_THREADS=1
    - test -d /
YAML

(unset SLURM_CONF; PATH=$work/nothing torchalign sweep "$work/study.yaml" --out "$work/none" --on slurm; exit $status)
check "without Slurm" [ $? = 2 ]
check "says so" told "There is no Slurm on this machine"
check "and writes nothing" [ ! -e "$work/none" ]

MAX_ARRAY_SIZE=64 start_cluster "$work/slurm" || {
    tail -n 5 "$work"/slurm/log/* >&2
    echo "FAILED: the test's Slurm does not start" >&2
    failed=$((failed + 1))
    tally
    exit 1
}

torchalign sweep "$work/study.yaml" --out "$work/local"
check "the sweep on this machine" gave 0

# ---- What can be said before anything runs
sed 's/^  time:.*/  partition: nowhere/' "$work/study.yaml" > "$work/wrong.yaml"
torchalign sweep "$work/wrong.yaml" --out "$work/wrong" --on slurm
check "sbatch's refusal is bad input" gave 2
check "shown whole" told "invalid partition specified: nowhere"
check "with a remedy" told "slurm: partition"
cat > "$work/many.yaml" << 'YAML'
name: many
command: train
fixed: {depth: 1, to: 1e-2}
seeds: {count: 150}
YAML
torchalign sweep "$work/many.yaml" --out "$work/many" --on slurm
check "more runs than MaxArraySize" gave 0
check "are several an element" [ "$(awk 'NF == 3' "$work/many/slurm/1/elements.txt" | wc -l)" = 50 ]
torchalign sweep cancel "$work/many"
check "cancelled" gave 0
check "nothing of it stays" wait_for 200 queue_is_empty

# ---- An array of 40 runs, to which everything happens
torchalign sweep "$work/study.yaml" --out "$work/cluster" --on slurm
check "40 runs are submitted" printed '40 runs submitted as job'
check "the script is one for bash" bash -n "$work/cluster/slurm/1/array.sh"
torchalign sweep "$work/study.yaml" --out "$work/cluster" --on slurm
check "what is in the queue is not submitted again" printed 'Nothing to submit'

check "the array begins" wait_for 300 done_at_least 1
check "and goes on" wait_for 300 an_element_runs
requeued() { [ "$(scontrol --oneliner show job "$told_element" 2> /dev/null | grep -o 'Restarts=[0-9]*')" = Restarts=1 ]; }
# As Slurm does before a time limit. An element may just be ending; then another one is told.
signal_one() {
    told_element=$(elements RUNNING | tail -n 1)
    [ -n "$told_element" ] || return 1
    timeout 2 scancel --signal=TERM --batch "$told_element" 2> /dev/null # it waits for what is under way
    wait_for 50 requeued
}
check "a signalled element goes back into the queue" wait_for 20 signal_one

a_step_runs() { begun && step=$(pgrep -n -x slurmstepd); }
check "another one runs" wait_for 300 a_step_runs
victims=$(pgrep -P "$step" | while read -r child; do pgrep -P "$child"; echo "$child"; done)
# shellcheck disable=SC2086  # one word for each process
kill -9 "$step" $victims
before=$(runs_done)
stop_controller
torchalign sweep status "$work/cluster"
check "a controller that is down is told" gave 2
check "with a remedy" told "Nothing is lost"
start_controller
scontrol reconfigure # the node registers anew, and tells what it still runs
check "the array goes on under a new controller" wait_for 600 done_at_least $((before + 4))

torchalign sweep cancel "$work/cluster"
check "a sweep is cancelled" gave 0
check "whole" wait_for 300 queue_is_empty
torchalign sweep status "$work/cluster"
# An interrupted run has a summary too, so the folders are not counted here.
cancelled_at=$(grep -oE '[0-9]+ done' "$work/out" | head -n 1 | cut -d' ' -f1)
check "before its end" [ "${cancelled_at:-0}" -lt 40 ]
check "status tells how to go on" printed 'sweep resume'

torchalign sweep resume "$work/cluster"
check "resumed, for what is not done" printed "$((40 - ${cancelled_at:-0})) runs submitted"
check "it ends" wait_for 900 all_ended
check "all 40 runs are done" [ "$(runs_done)" = 40 ]
torchalign sweep status "$work/cluster"
check "status says so" printed 'test: 40 done'
check "the last job gathered them" [ "$(grep -c ',done,' "$work/cluster/sweep.csv")" = 40 ]
check "into a page" [ -s "$work/cluster/sweep.html" ]
check "with the bits of the sweep on this machine" same_bits
torchalign sweep resume "$work/cluster"
check "then there is nothing to do" printed 'Nothing to submit'

tally
