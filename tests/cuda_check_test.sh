#!/usr/bin/env bash
# What of scripts/cuda_check.sh runs without a GPU: its arguments, and how it holds numbers against the goals.
# The last line reads `N passed, N failed, N skipped`.
set -uo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
check="$root/scripts/cuda_check.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

expect() { # expect STATUS WORDS ARGS...
    local status=$1 words=$2 got=0
    shift 2
    bash "$check" "$@" > "$folder/out" 2>&1 || got=$?
    if [ "$got" = "$status" ] && grep -qF -- "$words" "$folder/out"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s: status %s instead of %s, or no "%s" in\n' "$*" "$got" "$status" "$words"
        cat "$folder/out"
    fi
}

report() { # report SHARE EAGER ENSEMBLE [DEVICE]: a bench.json; null stands for not measured
    local ratio='"ratio": {"median": '$2'}'
    if [ "$2" = null ]; then ratio='"problem": "out of memory"'; fi
    cat << JSON
{"device": "${4:-cuda:0 (Test GPU)}", "dtype": "float64", "scale": 1, "python": {"torch": "2.5"},
 "descent": [{"name": "1000000x1024", "shareOfCopyBandwidth": {"median": $1}, "pyTorch": [{"form": "eager", $ratio}]}],
 "ensemble": {"overPyTorch": {"median": $3}}}
JSON
}

expect 2 "unknown argument '--what'" --what
expect 2 "--out needs a value" --out
expect 2 "there is no file" --judge "$folder/none.json"
expect 3 "has no torch" --python /bin/false
skipped=0
if /usr/bin/python3 -c 'import sys, torch, numpy; sys.exit(torch.cuda.is_available())' 2> /dev/null; then
    expect 3 "sees no GPU: torch" --python /usr/bin/python3
else
    skipped=1 # the words without a GPU need a torch without one
fi
# A simulated device is none: an interpreter that minds the variables does not see them.
cat > "$folder/python" << 'SH'
#!/bin/sh
case $2 in *is_available*) exit 1 ;; esac
[ -z "$TORCHALIGN_SIMULATED_CUDA$DOTNET_STARTUP_HOOKS" ] && echo "$0"
SH
chmod +x "$folder/python"
export TORCHALIGN_SIMULATED_CUDA=1 DOTNET_STARTUP_HOOKS=SimulatedCuda.dll
expect 3 "sees no GPU" --python "$folder/python"
unset TORCHALIGN_SIMULATED_CUDA DOTNET_STARTUP_HOOKS
report 0.85 80 20000 > "$folder/bench.json"
expect 0 "goal 1000: met" --judge "$folder/bench.json"
report 0.79 80 20000 > "$folder/bench.json"
expect 1 "0.79, goal 0.8: MISSED" --judge "$folder/bench.json"
report 0.85 9.9 20000 > "$folder/bench.json"
expect 1 "9.9, goal 10: MISSED" --judge "$folder/bench.json"
report 0.85 80 999 > "$folder/bench.json"
expect 1 "999, goal 1000: MISSED" --judge "$folder/bench.json"
report 0.85 null 20000 > "$folder/bench.json"
expect 1 "not measured, goal 10: MISSED" --judge "$folder/bench.json"
report 0.85 80 20000 cpu > "$folder/bench.json"
expect 1 "the goals are about scale 1 in float64 on cuda" --judge "$folder/bench.json"

printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
