# shellcheck shell=bash
# Set-up and build, shared by ./torchalign and ./test.sh (sourced, bash; $root is the repository).
# Everything it says goes to stderr, so that the output of `--json` stays clean.

# shellcheck disable=SC2154  # the caller sets root
artifacts="$root/artifacts"
choice_file="$artifacts/TorchSharpSource.props" # Directory.Build.props imports it
stamp="$artifacts/torchalign.stamp"             # newer than all sources: nothing to build
app="$artifacts/bin/TorchAlign.Experiments/release/TorchAlign.Experiments"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
export DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true

say() { printf 'torchalign: %s\n' "$*" >&2; }

fail() { # fail STATUS LINE...
    local status=$1 line
    shift
    for line; do say "$line"; done
    exit "$status"
}

# ---- Which TorchSharp -----------------------------------------------------------------------------------------------

# By sed: bash before and after 5.2 disagree on & in ${text//pattern/&}.
xml_escape() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' <<< "$1"; }
xml_unescape() { sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' <<< "$1"; }

read_choice() { # sets cached_source, cached_libtorch, cached_device
    cached_source='' cached_libtorch='' cached_device=''
    [ -f "$choice_file" ] || return 0
    local line
    while IFS= read -r line; do
        if [[ $line =~ \<TorchSharpSource\>(.*)\</ ]]; then cached_source=${BASH_REMATCH[1]}; fi
        if [[ $line =~ \<TORCHALIGN_LIBTORCH\>(.*)\</ ]]; then cached_libtorch=${BASH_REMATCH[1]}; fi
        if [[ $line =~ \<TorchDevice\>(.*)\</ ]]; then cached_device=${BASH_REMATCH[1]}; fi
    done < "$choice_file"
    if [[ $cached_libtorch = *\&* ]]; then cached_libtorch=$(xml_unescape "$cached_libtorch"); fi
}

write_choice() { # from TorchSharpSource, TORCHALIGN_LIBTORCH, TorchDevice
    mkdir -p "$artifacts"
    {
        echo '<Project>'
        echo '  <!-- Written by ./torchalign, whose option torchsharp chooses anew; so does a call after this file is deleted. -->'
        echo '  <PropertyGroup>'
        echo "    <TorchSharpSource>$TorchSharpSource</TorchSharpSource>"
        echo "    <TORCHALIGN_LIBTORCH>$(xml_escape "$TORCHALIGN_LIBTORCH")</TORCHALIGN_LIBTORCH>"
        echo "    <TorchDevice>$TorchDevice</TorchDevice>"
        echo '  </PropertyGroup>'
        echo '</Project>'
    } > "$choice_file.$$"
    mv "$choice_file.$$" "$choice_file"
}

# What the caller gave, kept because resolve_choice writes to the same names.
given_source=${TorchSharpSource:-}
given_libtorch=${TORCHALIGN_LIBTORCH-unset}
given_device=${TorchDevice-unset}

# What the caller asked for, else what was chosen before; TorchSharpSource stays empty when nobody has chosen.
# Exported, because MSBuild and the program read the same names.
resolve_choice() { # resolve_choice [package|libtorch]
    local asked=${1:-$given_source}
    read_choice
    TORCHALIGN_LIBTORCH=${given_libtorch#unset} TorchDevice=${given_device#unset}
    if [ -z "$asked" ] && [ -n "$TORCHALIGN_LIBTORCH" ]; then asked=libtorch; fi
    case $asked in
        '' | package | libtorch) ;;
        *) fail 2 "TorchSharpSource is '$asked'; it must be 'package' or 'libtorch'." ;;
    esac
    TorchSharpSource=${asked:-$cached_source}
    if [ "$TorchSharpSource" = "$cached_source" ]; then
        # Set but empty is an answer too: the cached folder is forgotten.
        if [ "$given_libtorch" = unset ]; then TORCHALIGN_LIBTORCH=$cached_libtorch; fi
        if [ "$given_device" = unset ]; then TorchDevice=$cached_device; fi
    fi
    if [ "$TorchSharpSource" = package ]; then TORCHALIGN_LIBTORCH=''; fi
    if [ -n "$TORCHALIGN_LIBTORCH" ]; then
        local libtorch
        libtorch=$(readlink -f -- "$TORCHALIGN_LIBTORCH") || libtorch=$TORCHALIGN_LIBTORCH
        if [ ! -d "$libtorch/include/torch" ]; then
            fail 3 "TORCHALIGN_LIBTORCH is '$TORCHALIGN_LIBTORCH', but there is no include/torch in it." \
                "Give the 'torch' folder of a PyTorch wheel (python3 -c 'import torch; print(torch.__path__[0])')" \
                "or an unpacked LibTorch zip; or set TORCHALIGN_LIBTORCH= (empty) for the system's libtorch."
        fi
        TORCHALIGN_LIBTORCH=$libtorch
    fi
    export TorchSharpSource TORCHALIGN_LIBTORCH TorchDevice
}

# Can the pinned package be had here? Downloads the package itself (small), none of what it depends on.
package_available() {
    local name=TorchSharp-cpu version probe="$artifacts/probe.$$" status=0
    if [ "$TorchDevice" = cuda ]; then name=TorchSharp-cuda-linux; fi
    version=$(sed -n "s/.*Include=\"$name\" Version=\"\([^\"]*\)\".*/\1/p" "$root/Directory.Packages.props")
    mkdir -p "$probe"
    # Empty files of these names keep the repository's own out.
    for file in Directory.Build.props Directory.Build.targets Directory.Packages.props; do
        echo '<Project />' > "$probe/$file"
    done
    cat > "$probe/probe.csproj" << XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="$name" Version="[$version]" /></ItemGroup>
</Project>
XML
    timeout --foreground 60 "$dotnet" restore "$probe/probe.csproj" -m:1 -nodeReuse:false -v quiet \
        < /dev/null > /dev/null 2>&1 9>&- || status=$?
    rm -rf "$probe"
    return $status
}

# ---- What the machine must have -------------------------------------------------------------------------------------

has_command() { command -v "$1" > /dev/null 2>&1; }
has_dotnet_sdk() { "$1" --list-sdks 2> /dev/null | awk -F. '$1 >= 10 { found = 1 } END { exit !found }'; }
has_libtorch() { [ -d /usr/include/torch/csrc/autograd ] || [ -d /usr/local/include/torch/csrc/autograd ]; }
has_libsvm() { compgen -G '/usr/lib/*/libsvm.so.3' > /dev/null || compgen -G '/usr/lib*/libsvm.so.3' > /dev/null; }
has_twin() { # the Python twins: what the user names, then Debian's, because another one may stand before it on the PATH
    local python
    for python in "${TORCHALIGN_PYTHON:-}" /usr/bin/python3 python3; do
        if "$python" -c 'import sys, importlib.util as u
sys.exit(not (u.find_spec("torch") and u.find_spec("numpy")))' > /dev/null 2>&1; then return 0; fi
    done
    return 1
}
has_python() { # has_python MODULE: of the Python that the twins run in
    /usr/bin/python3 -c 'import sys, importlib.util as u
sys.exit(not u.find_spec(sys.argv[1]))' "$1" > /dev/null 2>&1
}
# Debian's libtorch calls whatever libblas.so.3 is; the reference BLAS is 20 to 30 times slower than OpenBLAS.
# Installed is enough: whoever then points libblas.so.3 elsewhere means it, and `doctor` tells.
has_fast_blas() {
    local link
    if compgen -G '/usr/lib/*/openblas*/libblas.so.3' > /dev/null; then return 0; fi
    for link in /usr/lib/*/libblas.so.3; do
        if [ -e "$link" ] && [[ $(readlink -f "$link") != */blas/libblas.so.3* ]]; then return 0; fi
    done
    return 1
}

find_dotnet() { # sets dotnet
    local candidate
    for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-}/dotnet" "${HOME:-}/.dotnet/dotnet"; do
        if [ -x "$candidate" ] && has_dotnet_sdk "$candidate"; then
            dotnet=$candidate
            return 0
        fi
    done
    fail 3 "the .NET SDK 10 or newer is needed to build TorchAlign, and none was found." \
        "Get it from https://dotnet.microsoft.com/download, or for this user alone:" \
        "    curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0"
}

# Fills `required` and `optional` with lines "PACKAGE WHY", PACKAGE as Debian calls it.
list_missing() { # list_missing run|test
    local purpose=$1
    required=() optional=()
    if [ "$TorchSharpSource" = libtorch ]; then
        has_command cmake || required+=("cmake builds the binding to libtorch")
        has_command make || has_command ninja || required+=("make builds the binding to libtorch")
        has_command g++ || has_command clang++ || required+=("g++ builds the binding to libtorch")
        if [ -z "$TORCHALIGN_LIBTORCH" ]; then
            has_libtorch || required+=("libtorch-dev the libtorch that TorchAlign computes with")
            has_fast_blas || required+=("libopenblas0-pthread makes libtorch's products 20 to 30 times faster")
        fi
    fi
    local witness="libsvm3 checks the maximum margin independently" node="draws the charts of the report"
    if [ "$purpose" = test ]; then
        has_libsvm || required+=("$witness")
        has_twin || required+=("python3-torch runs the Python twins that the tests compare with"
            "python3-numpy reads the recorded arrays in the tests")
        has_python sklearn || optional+=("python3-sklearn computes the margins that ours are compared with")
        has_python pandas || optional+=("python3-pandas reads a run in the notebook page, which is tested")
        has_python matplotlib || optional+=("python3-matplotlib draws it there")
        if [ "$(id -u)" = 0 ]; then # setting up a cluster for the tests takes root
            has_command slurmctld || optional+=("slurm-wlm is the cluster on which sweeps are tested")
            has_command munged || optional+=("munge tells its daemons who is who")
        fi
    else
        has_libsvm || optional+=("$witness")
    fi
    has_command node || optional+=("nodejs $node")
    has_command npm || optional+=("npm fetches Vega, for the same")
}

names_of() { printf '%s\n' "$@" | cut -d' ' -f1 | paste -sd' ' -; }

apt_install() { # apt_install PACKAGE...
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" \
        < /dev/null > "$artifacts/apt.log" 2>&1 9>&-
}

install_missing() { # install_missing run|test
    list_missing "$1"
    local line all=(${required[@]+"${required[@]}"} ${optional[@]+"${optional[@]}"})
    [ ${#all[@]} -gt 0 ] || return 0

    if [ "$(id -u)" = 0 ] && has_command apt-get; then
        say "installing with apt-get (a minute or two):"
        dpkg --configure -a > /dev/null 2>&1 || true # what an interrupted set-up may have left undone
        for line in "${all[@]}"; do say "    ${line%% *}: ${line#* }"; done
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update -qq \
            < /dev/null > "$artifacts/apt.log" 2>&1 9>&- || say "apt-get update failed; trying with the lists that are here."
        if [ ${#required[@]} -gt 0 ]; then
            # shellcheck disable=SC2046  # one word for each package
            apt_install $(names_of "${required[@]}") || {
                tail -n 20 "$artifacts/apt.log" >&2
                fail 3 "apt-get could not install: $(names_of "${required[@]}")"
            }
        fi
        if [ ${#optional[@]} -gt 0 ]; then
            # shellcheck disable=SC2046
            apt_install $(names_of "${optional[@]}") ||
                say "apt-get could not install $(names_of "${optional[@]}"); going on without."
        fi
        return 0
    fi

    if [ ${#required[@]} -gt 0 ]; then say "this machine lacks:"; else say "optional, and not here:"; fi
    for line in "${all[@]}"; do say "    ${line%% *}: ${line#* }"; done
    if has_command apt-get; then
        say "To install:"
        say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $(names_of "${all[@]}")"
    else
        say "Install them (the names are Debian's) with this system's package manager."
    fi
    [ ${#required[@]} -gt 0 ] || return 0
    fail 3 "Then call this again (TORCHALIGN_SKIP_SETUP=1 goes on without; no root is needed with --torchsharp package)."
}

# Vega, for the charts of the report; without it everything else works.
install_vega() {
    local report="$root/experiments/report"
    local done_file="$report/node_modules/.torchalign" # npm removes it first, so a broken-off npm leaves none
    has_command npm || return 0
    ! cmp -s "$report/package-lock.json" "$done_file" || return 0
    say "fetching Vega, Vega-Lite and Vega-Embed with npm, for the charts of the report"
    if (cd "$report" && timeout --foreground 300 npm ci --loglevel=error --fetch-retries=2 \
        --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000) < /dev/null > "$artifacts/npm.log" 2>&1 9>&-; then
        cp "$report/package-lock.json" "$done_file"
    else
        tail -n 5 "$artifacts/npm.log" >&2
        say "npm failed; reports will lack charts until this works: (cd '$report' && npm ci)"
    fi
}

# ---- Building -------------------------------------------------------------------------------------------------------

is_current() { # the last build is of these sources and of this choice
    [ -f "$stamp" ] && [ -x "$app" ] && [ -n "$TorchSharpSource" ] || return 1
    [ "$(< "$stamp")" = "$(stamp_text)" ] || return 1
    # Folders too: their time tells of removed files. Running Python writes into pytorch/.
    [ -z "$(find "$root/src" "$root/experiments" "$root/scripts" "$root"/*.props \
        \( -name node_modules -o -name __pycache__ -o -name runs \) -prune -o \
        ! \( -type d -name pytorch \) -newer "$stamp" -print -quit)" ]
}

stamp_text() { printf '%s\n' "$root" "$TorchSharpSource" "$TORCHALIGN_LIBTORCH" "$TorchDevice"; }

run_dotnet() { # run_dotnet ARGS...: quiet; the whole output if it fails
    # No build servers: they would outlive this call and hold on to its pipes.
    "$dotnet" "$@" < /dev/null > "$artifacts/build.log" 2>&1 9>&- || {
        cat "$artifacts/build.log" >&2
        return 1
    }
}

# Restores $1 and builds it; chooses the TorchSharpSource on the way if nobody has.
build() { # build PROJECT
    local project=$1 chosen_by=caller
    [ -n "$TorchSharpSource" ] || choose_source
    [ "${TORCHALIGN_SKIP_SETUP:-}" = 1 ] || install_missing "$purpose"
    [ "${TORCHALIGN_SKIP_SETUP:-}" = 1 ] || install_vega

    say "building, with TorchSharp from ${TORCHALIGN_LIBTORCH:-$TorchSharpSource}"
    if [ "$TorchSharpSource" = package ]; then say "the first time this downloads libtorch, several hundred MB"; fi
    if ! run_dotnet restore "$project" -nodeReuse:false; then
        if [ "$chosen_by/$TorchSharpSource" != torchalign/package ]; then fail 1 "dotnet restore failed."; fi
        say "the TorchSharp package cannot be restored as a whole; taking an installed libtorch instead"
        TorchSharpSource=libtorch
        [ "${TORCHALIGN_SKIP_SETUP:-}" = 1 ] || install_missing "$purpose"
        run_dotnet restore "$project" -nodeReuse:false || fail 1 "dotnet restore failed."
    fi
    write_choice

    # A build that was broken off may leave half a file that looks up to date.
    local started="$artifacts/torchalign.building" again=()
    if [ -e "$started" ]; then again=(--no-incremental); fi
    stamp_text > "$started"
    run_dotnet build "$project" -c Release --no-restore --disable-build-servers ${again[@]+"${again[@]}"} || {
        rm -f "$started"
        fail 1 "the build failed."
    }
    mv "$started" "$stamp" # its time is from before the build: what changed meanwhile is newer
}

choose_source() {
    chosen_by=torchalign
    TorchSharpSource=libtorch
    if package_available; then TorchSharpSource=package; fi
}

# One set-up at a time; the second waits and then finds all done. Released by closing 9, at the latest by exit.
lock() {
    mkdir -p "$artifacts"
    exec 9> "$artifacts/torchalign.lock"
    has_command flock || return 0
    flock -n 9 || {
        say "another torchalign is setting up; waiting for it"
        flock 9
    }
}

unlock() { exec 9>&-; }

# Builds that moved or were copied with their folder hold the old paths.
drop_moved_build() {
    local old
    [ -f "$stamp" ] && read -r old < "$stamp" && [ "$old" != "$root" ] || return 0
    say "this folder was '$old' when it was built; building afresh"
    rm -rf "${artifacts:?}/bin" "$artifacts/obj" "$artifacts/native" "$artifacts/surface" "$stamp"
}
