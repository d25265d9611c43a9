# shellcheck shell=bash
# What the shell tests share (sourced): checks that are counted. What a check ran has left its output in $work/out and $work/err.

passed=0 failed=0 skipped=0

check() { # check NAME COMMAND...
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name" >&2
        # shellcheck disable=SC2154  # the caller sets work
        sed 's/^/    /' "$work/out" "$work/err" >&2 2> /dev/null
    fi
}

tally() { # the last line, as that of test.sh
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" = 0 ]
}
