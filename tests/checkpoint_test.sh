#!/usr/bin/env bash
# Real processes that are killed, interrupted, starved of disk and handed damaged files: what they leave is whole, and the run that goes
# on ends in the bits of one that was left alone. An argument is the number of kills. The last line reads like that of test.sh.
set -uo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
app="$root/artifacts/bin/TorchAlign.Experiments/release/TorchAlign.Experiments"
work=$(mktemp -d)
trap '[ $BASHPID != $$ ] || { umount "$work/small" 2> /dev/null; rm -rf "$work"; }' EXIT
cd "$work" || exit 1
# Charts are drawn by another program, which is no part of this.
export TORCHALIGN_VEGA=none

kills=${1:-70}
# shellcheck source=tests/check.sh
. "$root/tests/check.sh"
run() { "$app" "$@" > out 2> err < /dev/null; }
exits() { # exits CODE COMMAND...: ends with the code, and without a stack trace
    local code=$1 status=0
    shift
    run "$@" || status=$?
    [ "$status" = "$code" ] && ! grep -q '^ *at ' err
}
says() { grep -qF -- "$1" err; }
same_bits() { # same_bits A B: every number that two runs leave
    local file
    for file in trajectory.csv trajectory.npz state.npz; do cmp -s "$1/$file" "$2/$file" || { echo "$2/$file differs" >> err; return 1; }; done
    diff <(grep -v '"seconds"' "$1/summary.json") <(grep -v '"seconds"' "$2/summary.json") >> err
}
is_clean() { [ -z "$(find "$1" -name 'checkpoint*' -o -name '*.part' -o -name UNFINISHED)" ]; }
rows() { [ -f "$1/trajectory.csv" ] && [ "$(wc -l < "$1/trajectory.csv")" -gt "$2" ]; }
await() { # await COMMAND...: until it is true, for a minute
    local i
    for ((i = 0; i < 1200; i++)); do "$@" && return 0; sleep 0.05; done
    return 1
}

# Each about a second long: every stepper, rule and field has a share in the kills.
ways=(
    "--method descent --loss logistic --depth 1,3 --steps 1e6"
    "--stepper dopri5 --depth 1,4 --to 1e-11"
    "--method descent --rule loss-scaled --step 0.1 --depth 2 --steps 1e6"
    "--stepper euler --depth 3 --to 1e-14 --steps 1e6"
    "--stepper dopri5 --field autograd --depth 2 --steps 400"
    "--method descent --loss logistic --depth 2 --steps 1e30 --fast-forward"
    "--method descent --loss logistic --rule constant --depth 2 --field sequential --steps 4000"
    "--data digits --positive 3 --negative 5 --depth 1,2 --to 1e-9"
)
# In the background only; exec, so that a signal finds the program and not a shell.
train() { exec "$app" train --checkpoint-every 0.02 "$@" < /dev/null; }

for i in "${!ways[@]}"; do
    start=$(date +%s%N)
    # shellcheck disable=SC2086  # words on purpose
    check "uninterrupted: ${ways[i]}" run train --threads 1 --out "whole$i" ${ways[i]}
    took[i]=$((($(date +%s%N) - start) / 1000000))
done

campaign() { # campaign SEED: half of the kills; writes "KILLED RUNS DIFFERENT" to campaignSEED
    RANDOM=$1
    local killed=0 runs=0 different=0 i folder status pid millis
    while [ "$killed" -lt $((kills / 2)) ]; do
        i=$(((runs * 2 + $1) % ${#ways[@]})) folder="killed$1-$runs"
        while :; do
            if [ -f "$folder/run.json" ]; then
                train --resume "$folder" > "out$1" 2> "err$1" &
            else
                # shellcheck disable=SC2086
                train --threads 1 --out "$folder" ${ways[i]} > "out$1" 2> "err$1" &
            fi
            pid=$!
            if [ "$killed" -lt $((kills / 2)) ]; then
                millis=$((took[i] * RANDOM / 32768))
                sleep "$((millis / 1000)).$(printf %03d $((millis % 1000)))"
                kill -9 "$pid" 2> /dev/null
            fi
            status=0
            wait "$pid" 2> /dev/null || status=$?
            if [ "$status" = 0 ]; then break; fi
            if [ "$status" = 137 ]; then
                killed=$((killed + 1))
            else
                echo "$folder: status $status" >> "different$1"
                cat "err$1" >> "different$1"
                break
            fi
        done
        { same_bits "whole$i" "$folder" && is_clean "$folder"; } 2>> "different$1" || {
            different=$((different + 1))
            echo "$folder: ${ways[i]}" >> "different$1"
        }
        rm -rf "$folder"
        runs=$((runs + 1))
    done
    echo "$killed $runs $different" > "campaign$1"
}
campaign 1 & first=$!
campaign 2 & second=$!
wait "$first" "$second"
read -r killed1 runs1 different1 < campaign1
read -r killed2 runs2 different2 < campaign2
cat different1 different2 > err 2> /dev/null
check "$kills processes were killed" [ $((killed1 + killed2)) = "$kills" ]
check "all $((runs1 + runs2)) runs end in the bits of those left alone" [ $((different1 + different2)) = 0 ]

long="--method descent --loss logistic --depth 1,3 --steps 1e15 --checkpoint-every 0.1"
begin() { # begin FOLDER: a long run under way with two checkpoints; sets pid
    # shellcheck disable=SC2086
    "$app" train $long --out "$1" > /dev/null 2> begun < /dev/null &
    pid=$!
    await test -f "$1/checkpoint.previous.npz"
}

for signal in INT:130 TERM:143; do
    # A shell has its background ignore SIGINT.
    # shellcheck disable=SC2086
    env --default-signal=INT "$app" train --threads 1 --out "${signal%:*}" ${ways[0]} > out 2> err < /dev/null &
    pid=$!
    await rows "${signal%:*}" 20
    kill -"${signal%:*}" "$pid"
    status=0
    wait "$pid" || status=$?
    check "SIG${signal%:*} ends with its own code" [ "$status" = "${signal#*:}" ]
    check "and the summary says interrupted" grep -q '"interrupted"' "${signal%:*}/summary.json"
    check "and the files are whole" [ -f "${signal%:*}/state.npz" ] && [ ! -f "${signal%:*}/UNFINISHED" ]
    check "and the run goes on" exits 0 train --resume "${signal%:*}"
    check "to the same bits" same_bits whole0 "${signal%:*}"
done

check "a finished run says so" exits 0 train --resume whole0
cp -r whole0 before
check "prints its summary" exits 0 train --resume whole0 --json
check "the very same" cmp -s out whole0/summary.json
check "and stays as it is" diff -r whole0 before
check "no run is told from a run" exits 2 train --resume "$work"
check "another command is named" exits 2 figure1 --resume whole0
check "by the one to use" says "torchalign train --resume"
check "other options are refused" exits 2 train --resume whole0 --depth 3
check "by name" says "--depth"
check "a finished run can be made again from its description" exits 0 train --resume whole1 --replace
check "to the same bits" same_bits whole1 whole1

begin locked
check "a run under way is not taken up" exits 2 train --resume locked
check "and is told" says "Another run"
# shellcheck disable=SC2086
check "nor written over" exits 2 train $long --out locked --replace
kill -9 "$pid"
wait "$pid" 2> /dev/null
cp -r locked damaged
# More than what lies between two arrays.
head -c 600 /dev/zero | tr '\0' x | dd of=damaged/checkpoint.npz bs=1 seek=2000 conv=notrunc status=none
truncate -s -100 locked/checkpoint.npz
stop_soon() { # stop_soon FOLDER: goes on with a run and ends it in good order; sets status
    "$app" train --resume "$1" --checkpoint-every 0.1 > out 2> err < /dev/null &
    pid=$!
    await grep -q '"resumed"' "$1/run.json"
    kill -TERM "$pid"
    status=0
    wait "$pid" || status=$?
}
stop_soon locked
check "the lock goes with the process; a truncated checkpoint is left for the one before" [ "$status" = 143 ]
check "and is named" says "locked/checkpoint.npz"
stop_soon damaged
check "so is a damaged one" says "damaged/checkpoint.npz"
for file in damaged/checkpoint.npz damaged/checkpoint.previous.npz; do echo no > "$file"; done
cp -r damaged before2
check "two damaged ones are an error" exits 2 train --resume damaged
check "that names both" says "checkpoint.previous.npz"
check "and the remedy" says "--replace"
check "and leaves all as it is" diff -r damaged before2

printf 'a,b,label\n1,2,x\n3,1,x\n-1,-2,y\n-2,-1,y\n' > data.csv
# shellcheck disable=SC2086
"$app" train $long --data data.csv --out data > /dev/null 2> err < /dev/null &
pid=$!
await test -f data/checkpoint.npz
kill -9 "$pid"
wait "$pid" 2> /dev/null
echo 4,4,x >> data.csv
check "changed data are refused" exits 2 train --resume data
check "with the hash of the run" says "$(sed -n 's/.*"sha256": "\(.*\)".*/\1/p' data/run.json)"

# A disk that fills, large enough for a checkpoint before: a small one where we may mount it, else files that may not grow.
mkdir small
if mount -t tmpfs -o size=4m tmpfs small 2> /dev/null; then
    check "a disk that fills ends the run" exits 2 train --steps 1e15 --method descent --loss logistic --rule constant --step 1e-9 \
        --depth 3 --samples 1000000 --checkpoint-every 0.1 --out small/run
    check "with its path" says "small/run"
    mount -o remount,size=200m small
else
    trap '' XFSZ
    check "a disk that fills ends the run" eval '(ulimit -f 4000; exits 2 train --steps 1e15 --method descent --loss logistic --rule constant \
        --step 1e-9 --depth 3 --samples 1000000 --checkpoint-every 0.1 --out small/run)'
    check "with its path" says "small/run"
fi
check "rows are whole" [ "$(tail -c 1 small/run/trajectory.csv | od -An -c | tr -d ' ')" = '\n' ]
cells() { awk -F, '{ print NF }' "$1" | sort -u | wc -l; }
check "every one of them" [ "$(cells small/run/trajectory.csv)" = 1 ]
stop_soon small/run
check "and with room it goes on" [ "$status" = 143 ]
if mount -o remount,ro small 2> /dev/null; then
    check "a folder that cannot be written" exits 2 train --to 1e-3 --out small/other
    check "is named" says "small/other"
    check "nor resumed into" exits 2 train --resume small/run
else
    skipped=$((skipped + 1))
fi

tally
