#!/usr/bin/env bash
# Sets up, checks the format, builds with warnings as errors and runs all tests.
#   ./test.sh [FILTER...]     with filters: only tests whose full name contains one of them, and no format check
# The last line reads `N passed, N failed, N skipped`. Exit status: 0 all is well, 1 something failed, 3 something must be
# installed first (TORCHALIGN_SKIP_SETUP=1 goes on without it).
set -euo pipefail
root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=scripts/setup.sh
. "$root/scripts/setup.sh"

purpose=test status=0 passed=0 failed=0 skipped=0
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
        say "'dotnet format whitespace' would change files."
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
        --blame-hang-timeout 5m --blame-hang-dump-type none || status=1
    local trx="$results/$2.trx"
    [ -f "$trx" ] || return 0 # no test there, or a crash, which the status tells
    counter() { grep -o '<Counters [^>]*' "$trx" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"; }
    passed=$((passed + $(counter passed)))
    failed=$((failed + $(counter executed) - $(counter passed)))
    skipped=$((skipped + $(counter total) - $(counter executed)))
}

run_script() { # run_script NAME: a shell test, which speaks the same last line
    local log="$results/$1.log" p f s
    bash "$root/tests/$1.sh" > "$log" || status=1
    head -n -1 "$log"
    read -r p _ f _ s _ < <(tail -n 1 "$log") || true
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}
wanted() { [ -z "$filter" ] || grep -qi "${1%_test}" <<< "$filter"; } # wanted NAME: of a shell test

if wanted surface_test; then
    say "compiling against TorchSharp 0.106's surface"
    run_script surface_test
fi

# One project after the other: two at once would fight over the cores, and some tests measure time.
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

for script in "$root"/tests/*_test.sh; do
    name=$(basename "$script" .sh)
    if [ "$name" = surface_test ] || ! wanted "$name"; then continue; fi
    say "testing $name"
    run_script "$name"
done

if [ $((passed + failed)) = 0 ]; then
    say "no test ran"
    status=1
fi
if [ "$failed" -gt 0 ]; then status=1; fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
exit $status
