#!/usr/bin/env bash
# Packs TorchAlign into artifacts/tour/packages, then builds and runs this program with those packages.
# Standard output is the program's. Exit status: that of the program; 1 packing or building failed; 3 no .NET SDK.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
root=$(readlink -f -- "$here/../..")
# shellcheck source=../../scripts/setup.sh
. "$root/scripts/setup.sh"
resolve_choice ''
find_dotnet
tour="$artifacts/tour"
# What an earlier call packed under the same version must not be taken for this one's.
rm -rf "$tour/packages" "$tour/restored"
mkdir -p "$tour/packages"

say "packing"
projects=("$root/src/TorchAlign/TorchAlign.csproj")
if [ "$TorchSharpSource" != package ]; then projects+=("$root/src/LibTorchBinding/LibTorchBinding.csproj"); fi
for project in "${projects[@]}"; do
    run_dotnet pack "$project" -c Release -o "$tour/packages" -warnaserror --disable-build-servers ||
        fail 1 "dotnet pack failed."
done

say "building the tour with them"
cached=$("$dotnet" nuget locals global-packages --list | sed 's/^[^:]*: //')
run_dotnet build "$here/Tour.csproj" -c Release "-p:RestoreFallbackFolders=$cached" --disable-build-servers ||
    fail 1 "the build of the tour failed."
"$dotnet" "$tour/bin/Tour/release/Tour.dll"
