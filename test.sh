#!/usr/bin/env bash
# Sets up, checks the format, builds with warnings as errors and runs all tests.
#   ./test.sh [FILTER...]     with filters: only tests whose full name contains one of them, and no format check
# The last line reads `N passed, N failed, N skipped`. Exit status: 0 all is well, 1 something failed, 3 something must be
# installed first (TORCHALIGN_SKIP_SETUP=1 goes on without it).
set -euo pipefail
root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=scripts/setup.sh
. "$root/scripts/setup.sh"

# Most of what tests start ends before code that was watched while it ran would pay for the watching.
export DOTNET_TieredPGO=0

purpose=test status=0 unformatted='' passed=0 failed=0 skipped=0
trap 'exit 130' INT
trap 'exit 143' TERM

lock
resolve_choice ''
find_dotnet
drop_moved_build
build "$root/TorchAlign.sln"
unlock
exec < /dev/null # set-up may ask; tests do not

if [ $# = 0 ]; then
    # The build itself holds the rules of style; a second look at them here would take a minute.
    say "checking the format"
    "$dotnet" format whitespace "$root/TorchAlign.sln" --verify-no-changes --no-restore || {
        unformatted="'dotnet format whitespace' would change files."
        say "$unformatted"
        status=1
    }
fi

filter=''
for word; do filter+="${filter:+|}FullyQualifiedName~$word"; done

results="$artifacts/tests"
rm -rf "$results"
mkdir -p "$results"

run_tests() { # run_tests PROJECT RESULTS [FILTER]
    "$dotnet" test "$root/tests/$1" -c Release --no-build --nologo ${3:+--filter "$3"} \
        --logger "trx;LogFileName=$2.trx" --results-directory "$results" \
        --blame-hang-timeout 5m --blame-hang-dump-type none | tee "$results/$2.log" || status=1
    local trx="$results/$2.trx"
    [ -f "$trx" ] || return 0 # no test there, or a crash, which the status tells
    counter() { grep -o '<Counters [^>]*' "$trx" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"; }
    passed=$((passed + $(counter passed)))
    failed=$((failed + $(counter executed) - $(counter passed)))
    skipped=$((skipped + $(counter total) - $(counter executed)))
}

wanted() { [ -z "$filter" ] || grep -qi "${1%_test}" <<< "$filter"; } # wanted NAME: of a shell test

# Shell tests speak the same last line. They wait more than they compute, so they run beside the others.
scripts=()
for script in "$root"/tests/*_test.sh; do
    name=$(basename "$script" .sh)
    if wanted "$name"; then scripts+=("$name"); fi
done
run_scripts() {
    local name
    for name in "${scripts[@]}"; do
        bash "$root/tests/$name.sh" > "$results/$name.log" 2>&1 || echo "$name" >> "$results/failed-scripts"
    done
}
run_scripts &
beside=$!
trap 'kill "$beside" 2> /dev/null || true' EXIT

# One project after the other: their tests already share the cores.
for project in "$root"/tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    say "testing $name"
    run_tests "$name" "$name" "$filter"
done

# Tests for cuda that no GPU took say so in their reason. As tests on a GPU they stay skipped.
if grep -qs 'TORCHALIGN_SIMULATED_CUDA=1' "$results/TorchAlign.Tests.trx"; then
    say "testing TorchAlign.Tests on a simulated CUDA device: the CPU's arithmetic behind CUDA's device rules"
    TORCHALIGN_SIMULATED_CUDA=1 run_tests TorchAlign.Tests TorchAlign.Tests.simulated-cuda \
        "${filter:+($filter)&}(DisplayName~cuda:0|FullyQualifiedName~SimulatedCuda)"
fi

wait "$beside"
trap - EXIT
for name in "${scripts[@]}"; do
    say "$name"
    head -n -1 "$results/$name.log"
    if [[ $(tail -n 1 "$results/$name.log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
    fi
done
if [ -e "$results/failed-scripts" ]; then
    status=1
    say "failed: $(paste -sd ' ' "$results/failed-scripts")"
fi

if [ $((passed + failed)) = 0 ]; then
    say "no test ran"
    status=1
fi
if [ "$failed" -gt 0 ]; then
    status=1
    say "what failed, again:"
    for log in "$results"/*.log; do
        # A block of dotnet test begins with "  Failed NAME" and ends before the next test; a line of a shell test is its own.
        awk '/^  Failed / { shown = 25 } /^  (Passed|Skipped) |^\[xUnit/ { shown = 0 } /^FAILED/ { print; next }
             shown > 0 { print; shown-- }' "$log"
    done
fi
if [ -n "$unformatted" ]; then say "$unformatted"; fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
exit $status
