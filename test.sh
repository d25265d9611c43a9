#!/usr/bin/env bash
# Sets up, checks the format, builds with warnings as errors and runs all tests.
#   ./test.sh [FILTER...]     with filters: only tests whose full name contains one of them, and no format check
# The last line reads `N passed, N failed, N skipped`. Exit status: 0 all is well, 1 something failed, 3 something must be
# installed first (TORCHALIGN_SKIP_SETUP=1 goes on without it).
set -euo pipefail
root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=scripts/setup.sh
. "$root/scripts/setup.sh"
exec < /dev/null

purpose=test status=0 passed=0 failed=0 skipped=0
trap 'exit 130' INT
trap 'exit 143' TERM

lock
resolve_choice ''
find_dotnet
drop_moved_build
build "$root/TorchAlign.sln"
unlock

if [ $# = 0 ]; then
    say "checking the format"
    "$dotnet" format "$root/TorchAlign.sln" --verify-no-changes --no-restore || {
        say "'dotnet format' would change files."
        status=1
    }
fi

filter=''
for word; do filter+="${filter:+|}FullyQualifiedName~$word"; done

results="$artifacts/tests"
rm -rf "$results"
mkdir -p "$results"

# One project after the other: two at once would fight over the cores, and some tests measure time.
for project in "$root"/tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    say "testing $name"
    "$dotnet" test "$project" -c Release --no-build --nologo ${filter:+--filter "$filter"} \
        --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
        --blame-hang-timeout 5m --blame-hang-dump-type none || status=1
    trx="$results/$name.trx"
    [ -f "$trx" ] || continue # no test there, or a crash, which the status tells
    counter() { grep -o '<Counters [^>]*' "$trx" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"; }
    passed=$((passed + $(counter passed)))
    failed=$((failed + $(counter executed) - $(counter passed)))
    skipped=$((skipped + $(counter total) - $(counter executed)))
done

# The shell tests speak the same last line.
for script in "$root"/tests/*_test.sh; do
    name=$(basename "$script" .sh)
    if [ $# -gt 0 ] && ! printf '%s\n' "$@" | grep -qi "${name%_test}"; then continue; fi
    say "testing $name"
    bash "$script" > "$results/$name.log" || status=1
    head -n -1 "$results/$name.log"
    read -r p _ f _ s _ < <(tail -n 1 "$results/$name.log") || true
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

if [ $((passed + failed)) = 0 ]; then
    say "no test ran"
    status=1
fi
if [ "$failed" -gt 0 ]; then status=1; fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
exit $status
