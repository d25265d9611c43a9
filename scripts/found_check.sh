#!/usr/bin/env bash
# Runs that end as `found` stay so: follows each ten times further in log risk, and fails where 1 - cos leaves EPS again.
#   scripts/found_check.sh [SEEDS]     SEEDS planar sets of each kind, 50 if not given; 1000 take about an hour on two cores
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-50}
status=0
check() { local n=$1; shift; ./torchalign found --seeds "$n" --times 10 -- --threads 1 "$@" || status=1; }
for eps in 1e-3 1e-6 1e-9; do
  check "$seeds" --data planar --init equal-norms --scale 0.05 --depth 2,3,4,6 --width 8 --to $eps
  check "$seeds" --data planar --init equal-norms --scale 0.05 --depth 6 --width 16 --to $eps
  check "$seeds" --data planar --depth 1,4 --to $eps
  check "$seeds" --data planar --init gaussian --scale 0.5 --depth 1,2,4 --loss logistic --to $eps
  check 3 --data iris --positive setosa --depth 1,2,4 --to $eps
  check 3 --data iris --positive setosa --center --depth 1,2,4 --to $eps
  check 3 --data iris --positive setosa --negative versicolor --depth 1,2,4 --to $eps
  check 3 --data iris --positive setosa --negative virginica --standardize --depth 1,2,4 --to $eps
  check 10 --data gaussian --points 150 --dimension 13 --margin 0.05 --init equal-norms --scale 0.1 --depth 1,2,4 --to $eps
  check 1 --data digits --positive 3 --negative 5 --depth 1,2,4 --to $eps
done
exit $status
