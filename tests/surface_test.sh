#!/usr/bin/env bash
# Everything compiles against the whole surface of TorchSharp 0.106: an assembly generated from its list stands in for the package,
# which cannot be restored everywhere. The stand-in has that surface line by line, and wrong uses of it do not compile.
# The last line reads like that of test.sh.
set -uo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=scripts/setup.sh
. "$root/scripts/setup.sh"
# shellcheck source=tests/check.sh
. "$root/tests/check.sh"
find_dotnet
surface="$root/tests/TorchSharpSurface"
list="$surface/torchsharp-0.106-full.txt"
bin="$artifacts/surface/bin"

compile() { # compile PROJECT ARGS...
    "$dotnet" build "$surface/$1" -c Release --nologo --disable-build-servers -p:TorchSharpSource=surface "${@:2}" \
        > "$work/out" 2> "$work/err" < /dev/null
}
generator() { "$dotnet" "$bin/SurfaceGenerator/release/SurfaceGenerator.dll" "$@"; }

check "the whole project compiles against TorchSharp 0.106's surface" compile WholeProject

has_the_surface() {
    generator list "$bin/TorchSharp/release/TorchSharp.dll" > "$work/surface" 2> "$work/err" &&
        diff <(grep -v '^#' "$list") "$work/surface" > "$work/out"
}
check "the stand-in has the list's surface" has_the_surface

refuses() { # refuses LINE WHAT: the generator does not pass over a line that fits nothing, and names it
    ! generator declare <(cat "$list" && echo "$1") > "$work/out" 2> "$work/err" && grep -qF "$2" "$work/err"
}
check "a member of no type is refused" refuses 'M public void TorchSharp.Nowhere.f()' "'TorchSharp.Nowhere'"
check "an unknown type is refused" refuses 'F public Nothing TorchSharp.Scalar.x' "'Nothing'"

# Each probe says in its first line which error it has.
compile Probes -t:CompileProbes --no-restore -p:BuildProjectReferences=false
grep -oE '[A-Za-z]+\.cs\([0-9,]+\): (error|warning) [A-Z]+[0-9]+' "$work/out" | sed -E 's/\([^)]*\): (error|warning)//' |
    sort -u > "$work/found"
for probe in "$surface"/Probes/*.cs; do
    name=$(basename "$probe")
    expected=$(sed -nE '1s/^\/\/ (none|CS[0-9]+): .*/\1/p' "$probe")
    found=$(sed -n "s/^$name //p" "$work/found" | paste -sd, -)
    check "$name: expected ${expected:?}, found ${found:-none}" [ "${found:-none}" = "$expected" ]
done

refused_by_the_launcher() {
    TorchSharpSource=surface "$root/torchalign" doctor > "$work/out" 2> "$work/err" < /dev/null
    [ $? = 2 ] && grep -qF "it must be 'package' or 'libtorch'" "$work/err"
}
check "nothing runs with the stand-in" refused_by_the_launcher

tally
