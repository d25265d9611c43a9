#!/usr/bin/env bash
# The launcher in a copy of the repository whose `dotnet` (and apt-get, npm, id) are stand-ins: nothing is installed or built.
# The last line reads like that of test.sh.
# shellcheck disable=SC2030,SC2031  # exports stay in their subshells on purpose
set -uo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset TorchSharpSource TORCHALIGN_LIBTORCH TorchDevice TORCHALIGN_SKIP_SETUP DOTNET_ROOT

# shellcheck source=tests/check.sh
. "$root/tests/check.sh"

write_program() { # write_program FILE < TEXT
    mkdir -p "$(dirname "$1")"
    cat > "$1"
    chmod +x "$1"
}

fresh_copy() { # a copy never set up, in a folder whose name is awkward; sets copy, bin, log
    copy="$work/$1/torch align's" bin="$work/$1/bin" log="$work/$1/log"
    mkdir -p "$copy/experiments/report" "$copy/src" "$bin"
    cp -r "$root/torchalign" "$root/scripts" "$root"/Directory.*.props "$copy/"
    cp "$root/experiments/report/package-lock.json" "$copy/experiments/report/"
    : > "$log"
    # `build` makes a program that tells where it runs and with what; `restore` fails where $work/NAME/refuse exists.
    write_program "$bin/dotnet" << E2
#!/usr/bin/env bash
echo "dotnet \$1 \$TorchSharpSource" >> '$log'
case \$1 in
    --list-sdks) echo "\${FAKE_SDK:-10.0.100} [/nowhere]" ;;
    restore) if [[ \$2 = */probe.csproj ]]; then [ ! -e '$work/$1/no-package' ]; else [ ! -e '$work/$1/no-restore-'\$TorchSharpSource ]; fi ;;
    build)
        [ ! -e '$work/$1/no-build' ] || { echo "error CS1002: ; expected"; exit 1; }
        [ ! -e '$work/$1/no-build-'\$TorchSharpSource ] || { echo "error CS0108: hides \$TorchSharpSource"; exit 1; }
        sleep \${FAKE_SLOW:-0}
        app="$copy/artifacts/bin/TorchAlign.Experiments/release/TorchAlign.Experiments"
        mkdir -p "\$(dirname "\$app")"
        printf '%s\n' '#!/usr/bin/env bash' 'printf "%s|" "\$PWD" "\$@"; echo; if [ "\${1:-}" = fail ]; then exit 7; fi' \
            'if [ "\${1:-}" = wait ]; then while [ ! -e "\$2" ]; do sleep 0.05; done; cat "\${0%/*}/built"; fi' > "\$app"
        echo "build \$(grep -c "dotnet build" '$log')" > "\$(dirname "\$app")/built"
        chmod +x "\$app"
        ;;
esac
E2
    printf '#!/bin/sh\necho "apt-get $*" >> "%s"\n' "$log" | write_program "$bin/apt-get"
    printf '#!/bin/sh\n' | write_program "$bin/dpkg"
    printf '#!/bin/sh\necho "npm $*" >> "%s"\nmkdir -p node_modules\n' "$log" | write_program "$bin/npm"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\necho "${FAKE_UID:-0}"\n' | write_program "$bin/id"
}

call() { # call ARGS...: sets status; output in $work/out and $work/err
    (PATH="$bin:$PATH" "$copy/torchalign" "$@" > "$work/out" 2> "$work/err")
    status=$?
}

gave() { [ "$status" = "$1" ]; }
printed() { grep -qF -- "$1" "$work/out"; }
told() { grep -qF -- "$1" "$work/err"; }
logged() { grep -qF -- "$1" "$log"; }
times_logged() { [ "$(grep -cF -- "$1" "$log")" = "$2" ]; }
cached() { grep -qF "<TorchSharpSource>$1</TorchSharpSource>" "$copy/artifacts/TorchSharpSource.props"; }
no_leftovers() { ! compgen -G "$copy/artifacts/probe.*" > /dev/null && ! compgen -G "$copy/artifacts/*.props.*" > /dev/null; }
not() { ! "$@"; }

# Answers the has_... questions of set-up: `no` for those named, else `yes`, whatever this machine has.
lacking() {
    local question
    for question in has_command has_libtorch has_fast_blas has_libsvm has_twin; do
        case " $* " in *" $question "*) echo "$question() { return 1; }" ;; *) echo "$question() { return 0; }" ;; esac
    done >> "$copy/scripts/setup.sh"
}

fresh_copy first
lacking nothing
call train --out "a b" '' '*'
check "the first call builds and runs" gave 0
check "arguments and folder arrive as they are" printed "$PWD|train|--out|a b||*|"
check "package where it can be had" cached package
check "npm is asked for Vega" logged "npm ci"
check "nothing is left half-written" no_leftovers
: > "$log"
(cd / && PATH="$bin:$PATH" "$copy/torchalign" doctor > "$work/out" 2> "$work/err")
check "from another folder" printed "/|doctor|"
check "the second call builds nothing" not logged "dotnet"
check "and says nothing" [ ! -s "$work/err" ]
ln -s "$copy/torchalign" "$work/link"
"$work/link" doctor > "$work/out" 2> "$work/err"
check "through a symbolic link" printed "|doctor|"
call fail
check "the program's exit status is the launcher's" gave 7
call --torchsharp
check "--torchsharp without a value" gave 2
call --torchsharp pip doctor
check "--torchsharp with a wrong value" gave 2
check "names the right ones" told "'package' or 'libtorch'"
sleep 0.01
touch "$copy/src/New.cs"
call doctor
check "a new source is built" times_logged "dotnet build" 1
rm "$copy/src/New.cs"
call doctor
check "so is a removed one" times_logged "dotnet build" 2
call --torchsharp=libtorch doctor
check "the option changes the choice" cached libtorch
check "and is not the program's" printed "$PWD|doctor|"
call doctor
check "which lasts" times_logged "dotnet build libtorch" 1
(export TorchSharpSource=package; call doctor)
check "the environment overrides the cached choice" cached package
mkdir -p "$work/wheel & torch/include/torch"
(export TORCHALIGN_LIBTORCH="$work/wheel & torch"; call doctor)
check "a given libtorch is a choice" cached libtorch
check "and its folder is kept, escaped" grep -q 'wheel &amp; torch<' "$copy/artifacts/TorchSharpSource.props"
: > "$log"
call doctor
check "both last" not logged "dotnet"
(export TORCHALIGN_LIBTORCH="$work/nothing"; call doctor; exit $status)
check "a folder without libtorch" [ $? = 3 ]
mv "$copy" "$work/first/moved" && copy="$work/first/moved"
sed -i "s|torch align's|moved|" "$bin/dotnet"
: > "$log"
call doctor
check "a moved folder is built afresh" times_logged "dotnet build" 1

fresh_copy choices
lacking nothing
touch "$work/choices/no-package"
call doctor
check "libtorch where the package cannot be had" cached libtorch
check "saying that it looks" told "looking whether the TorchSharp package can be had"
fresh_copy partly
lacking nothing
touch "$work/partly/no-restore-package"
call doctor
check "libtorch where the package is not there as a whole" cached libtorch
check "and it runs" gave 0

fresh_copy unbuildable
lacking nothing
touch "$work/unbuildable/no-build-package"
call train
check "libtorch where the package does not build" gave 0
check "is said in one line" [ "$(grep -c 'Building over an installed libtorch instead' "$work/err")" = 1 ]
check "without the errors" not told "error CS0108"
check "which are kept" grep -q "error CS0108: hides package" "$copy/artifacts/package.log"
check "and is remembered" cached libtorch
: > "$log"
call train
check "so that nothing is tried again" not logged "dotnet"
call --torchsharp package train
check "the package asked for that does not build" gave 1
check "shows its errors" told "error CS0108: hides package"
check "and builds nothing else" not logged "dotnet build libtorch"
fresh_copy asked
lacking nothing
touch "$work/asked/no-build-package"
(export TorchSharpSource=package; call train; exit $status)
check "so does the package that the environment names" [ $? = 1 ]
check "from the start" not logged "dotnet build libtorch"
fresh_copy neither
lacking has_libtorch
touch "$work/neither/no-build-package"
(export FAKE_UID=1000; call train; exit $status)
check "neither the package nor a libtorch" [ $? = 3 ]
check "says what has failed" told "with the TorchSharp package the build failed."
check "and what to install" told "apt-get install -y --no-install-recommends libtorch-dev"
check "and chooses nothing" [ ! -e "$copy/artifacts/TorchSharpSource.props" ]
(export TORCHALIGN_SKIP_SETUP=1; call train; exit $status)
check "the same without set-up" [ $? = 1 ]
check "shows the package's errors" told "error CS0108: hides package"
check "and names the way out" told "set TORCHALIGN_LIBTORCH to a LibTorch folder"

fresh_copy broken
touch "$work/broken/no-build"
call doctor
check "a failed build" gave 1
check "shows the whole error" told "error CS1002: ; expected"
check "on stderr alone" [ ! -s "$work/out" ]
rm "$work/broken/no-build"
call doctor
check "is built at the next call" gave 0

fresh_copy interrupted
mkdir "$copy/artifacts" && touch "$copy/artifacts/torchalign.building"
sed -i 's/^echo "dotnet/echo "all: $*" >> "'"${log//\//\\/}"'"; &/' "$bin/dotnet"
call doctor
check "an interrupted build starts over" logged "--no-incremental"

fresh_copy user
lacking has_libtorch has_libsvm
(export FAKE_UID=1000; call --torchsharp libtorch train; exit $status)
check "without root, what is required exits 3" [ $? = 3 ]
check "with the command" told "sudo apt-get update && sudo apt-get install -y --no-install-recommends libtorch-dev libsvm3"
check "and installs nothing" not logged "apt-get"
(export FAKE_UID=1000; call --torchsharp package train; exit $status)
check "what is optional does not stop it" [ $? = 0 ]
check "but is said" told "libsvm3: "
fresh_copy skip
lacking has_libtorch
(export FAKE_UID=1000 TORCHALIGN_SKIP_SETUP=1; call --torchsharp libtorch doctor; exit $status)
check "TORCHALIGN_SKIP_SETUP goes on" [ $? = 0 ]
check "without npm" not logged "npm"

fresh_copy root
lacking has_libtorch has_fast_blas
call --torchsharp libtorch train
check "root installs where nobody can be asked" logged "install -y -qq --no-install-recommends libtorch-dev libopenblas0-pthread"
check "saying why" told "libtorch-dev: the libtorch"

answer() { # answer TEXT ARGS...: as call, by somebody at a terminal
    local text=$1
    shift
    echo 'can_ask() { return 0; }' >> "$copy/scripts/setup.sh"
    call "$@" <<< "$text"
}
fresh_copy asks
lacking has_libtorch
answer n --torchsharp libtorch train
check "somebody at a terminal is asked" told "Install these with apt-get? [Y/n]"
check "no is an answer" gave 3
check "after which nothing is installed" not logged "apt-get"
check "but said how" told "apt-get install -y --no-install-recommends libtorch-dev"
answer '' --torchsharp libtorch train
check "return is yes" gave 0
check "and installs what was named" logged "install -y -qq --no-install-recommends libtorch-dev"
fresh_copy asks-once
lacking has_libsvm
answer n --torchsharp libtorch train
check "no to what is optional goes on" gave 0
check "without it" not logged "apt-get"
sleep 0.01
touch "$copy/src/New.cs"
answer n --torchsharp libtorch train
check "and is not asked again" not told "Install these"

fresh_copy tells
lacking has_libtorch has_libsvm
call --torchsharp libtorch doctor --json
check "doctor does not install" not logged "apt-get"
check "what it needs to be built is a reason to stop" gave 3
check "with the exact command" told "sudo apt-get update && sudo apt-get install -y --no-install-recommends libtorch-dev"
check "which is of what it needs alone" not told libsvm3
fresh_copy tells-built
lacking has_libsvm
call --torchsharp libtorch doctor
check "doctor builds where it can" printed "|doctor|"
check "and fetches nothing" not logged "npm"

fresh_copy live
lacking nothing
call train
(PATH="$bin:$PATH" "$copy/torchalign" wait "$work/go" > "$work/running" 2>&1) &
for _ in {1..200}; do if [ -s "$work/running" ]; then break; fi; sleep 0.05; done
for edit in 2 3; do
    sleep 0.01
    echo "$edit" > "$copy/src/New.cs"
    call train
done
check "edits are built beside a program that runs" times_logged "dotnet build" 3
check "the newest and the one that runs are kept" [ "$(find "$copy/artifacts/builds" -mindepth 1 -maxdepth 1 | wc -l)" = 2 ]
touch "$work/go"
wait $!
check "which ran on what it began with" grep -qx "build 1" "$work/running"
program="$copy/artifacts/builds/$(cat "$copy/artifacts/torchalign.program")"
mkdir "$work/sweep"
echo "$work/sweep" > "$program/kept-for"
sleep 0.01
touch "$copy/src/New.cs"
call train
check "a build that nobody runs is dropped, one that a sweep will run is kept" \
    [ "$(find "$copy/artifacts/builds" -mindepth 1 -maxdepth 1 | sort | head -1)" = "$program" ]
check "beside the newest alone" [ "$(find "$copy/artifacts/builds" -mindepth 1 -maxdepth 1 | wc -l)" = 2 ]
rmdir "$work/sweep"
sleep 0.01
touch "$copy/src/New.cs"
call train
check "until the sweep is gone" [ ! -e "$program" ]
rm -r "$copy/artifacts/builds/$(cat "$copy/artifacts/torchalign.program")"
call train
check "a program that is gone is built again" gave 0

fresh_copy old
(export FAKE_SDK=9.0.300 HOME=/nowhere; call doctor; exit $status)
check "an old .NET SDK exits 3" [ $? = 3 ]
check "and says which is needed" told ".NET SDK 10"

fresh_copy twice
(FAKE_SLOW=1 PATH="$bin:$PATH" "$copy/torchalign" one > "$work/one" 2>&1) &
sleep 0.3
call two
wait $!
check "two first calls at once build once" times_logged "dotnet build" 1
check "and both run" grep -q '|one|' "$work/one"

# To the launcher alone, as a supervisor sends it; a terminal tells its children too.
fresh_copy stopped
for signal in TERM:143 INT:130; do
    # A shell has its background ignore SIGINT.
    PATH="$bin:$PATH" FAKE_SLOW=60 env --default-signal=INT "$copy/torchalign" train > "$work/out" 2> "$work/err" &
    launcher=$!
    until logged "dotnet build"; do sleep 0.05; done
    begun=$SECONDS
    kill -"${signal%:*}" "$launcher" && kill -"${signal%:*}" "$launcher"
    wait "$launcher"
    check "SIG${signal%:*} while it builds ends it with ${signal#*:}" [ $? = "${signal#*:}" ]
    check "and does not wait for the build" [ $((SECONDS - begun)) -lt 30 ]
    check "which ends with it" not pgrep -f "$bin/dotnet build"
    : > "$log"
done
call train
check "the next call builds" gave 0

tally
