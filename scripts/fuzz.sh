#!/usr/bin/env bash
# Command lines that nobody thought of, from the grammar of the options and from damaged files, against every command, in one process:
#   scripts/fuzz.sh [COUNT [SEED]]     (5000 and 0; a few minutes)
# None may end in "This should not happen", in a stack trace, or with an exit code other than 0, 1, 2 or 130. The tests run a few hundred.
# The list of what failed goes to $TORCHALIGN_FUZZ_LOG, where that is set.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."
case "${1:-5000}${2:-0}" in *[!0-9]*) echo "scripts/fuzz.sh [COUNT [SEED]], both whole numbers" >&2; exit 2 ;; esac
export TORCHALIGN_FUZZ="${1:-5000},${2:-0}"
exec dotnet test tests/TorchAlign.Tests -c Release --nologo -v q --filter 'FullyQualifiedName~FuzzTests'
