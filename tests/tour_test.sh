#!/usr/bin/env bash
# The tour: both packages are packed, a program that is no part of the solution takes them, and says what it should.
# The last line reads like that of test.sh.
set -uo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=tests/check.sh
. "$root/tests/check.sh"
printed() { grep -qE -- "$1" "$work/out"; }

"$root/experiments/tour/run.sh" > "$work/out" 2> "$work/err" < /dev/null
status=$?
check "the tour runs" [ "$status" = 0 ]
check "the margin is the generator's" printed '^margin: gamma = 0\.2, '
check "the exponential loss turns to the maximum margin" printed '^loss: exponential: risk-below.*1 - cos = .*E-[6-9]$'
check "the own loss does not" printed '^loss: polynomial 2: risk-below.*1 - cos = .*E-3$'
check "the own event ends the own module" printed '^module: all-separated: '
check "and tells the truth" printed '^module: smallest margin [0-9]'
check "the own observable sees the invariant" printed '^module: balance drifts by .*E-[6-9] in '
check "the packages stay under artifacts" [ -d "$root/artifacts/tour/restored/torchalign" ]

tally
