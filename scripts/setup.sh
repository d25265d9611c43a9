# shellcheck shell=bash
# Set-up and build, shared by ./torchalign and ./test.sh (sourced, bash; $root is the repository).
# Everything it says goes to stderr, so that the output of `--json` stays clean.

# shellcheck disable=SC2154  # the caller sets root
artifacts="$root/artifacts"
choice_file="$artifacts/TorchSharpSource.props" # Directory.Build.props imports it
stamp="$artifacts/torchalign.stamp"             # newer than all sources: nothing to build
begun="$artifacts/torchalign.building"          # there while a build is under way, and after one that was broken off
builds="$artifacts/builds"                      # a copy of each build, which no later build touches
program_file="$artifacts/torchalign.program"    # the name of the newest one

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
export DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true

say() { printf 'torchalign: %s\n' "$*" >&2; }

fail() { # fail STATUS LINE...
    local status=$1 line
    shift
    for line; do say "$line"; done
    exit "$status"
}

# Runs a command that may take long. bash looks at a signal when the command in its foreground has ended; this one is in the background, in
# a process group of its own, and ends with us within a second. Not for apt-get, which is to end by itself.
attended() { # attended COMMAND...
    local status=0 traps
    traps=$(trap -p INT TERM)
    trap 'leave 130' INT
    trap 'leave 143' TERM
    set -m
    "$@" &
    attended_group=$!
    set +m
    wait "$attended_group" || status=$?
    trap - INT TERM
    eval "$traps"
    return $status
}

leave() { # leave STATUS: with the command that is attended
    trap '' INT TERM
    kill -TERM -- "-$attended_group" 2> /dev/null || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        kill -0 -- "-$attended_group" 2> /dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$attended_group" 2> /dev/null || true
    rm -rf "$artifacts/probe.$$"
    exit "$1"
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
    say "looking whether the TorchSharp package can be had (up to 60 s)"
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
    attended timeout --foreground 60 "$dotnet" restore "$probe/probe.csproj" -m:1 -nodeReuse:false -v quiet \
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

can_ask() { [ -t 0 ] && [ -t 2 ]; }

agreed() { # where nobody can be asked, as in CI, that is a yes
    can_ask || return 0
    local answer
    printf 'torchalign: Install these with apt-get? [Y/n] ' >&2
    read -r answer || answer=no
    case $answer in '' | [Yy]*) return 0 ;; esac
    return 1
}

# Root installs what is missing, and asks first where somebody is there. `doctor` only tells.
install_missing() { # install_missing run|test|doctor
    list_missing "$1"
    if [ "$1" = doctor ]; then optional=(); fi # the program itself tells of those
    local line all=(${required[@]+"${required[@]}"} ${optional[@]+"${optional[@]}"})
    [ ${#all[@]} -gt 0 ] || return 0
    local names declined="$artifacts/torchalign.declined"
    names=$(names_of "${all[@]}")
    if [ ${#required[@]} = 0 ] && [ -f "$declined" ] && [ "$(< "$declined")" = "$names" ]; then return 0; fi

    if [ ${#required[@]} -gt 0 ]; then say "this machine lacks:"; else say "optional, and not here:"; fi
    for line in "${all[@]}"; do say "    ${line%% *}: ${line#* }"; done
    if [ "$1" != doctor ] && [ "$(id -u)" = 0 ] && has_command apt-get; then
        if agreed; then
            install_all
            return 0
        fi
        if [ ${#required[@]} = 0 ]; then echo "$names" > "$declined"; fi # asked once
    fi
    if has_command apt-get; then
        say "To install:"
        say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $names"
    else
        say "Install them (the names are Debian's) with this system's package manager."
    fi
    [ ${#required[@]} -gt 0 ] || return 0
    local without="TORCHALIGN_SKIP_SETUP=1 goes on without"
    if [ -z "$package_failed" ]; then without+="; no root is needed with --torchsharp package"; fi
    fail 3 "Then call this again ($without)."
}

install_all() { # what list_missing found, and nothing else
    say "installing with apt-get (a minute or two)"
    dpkg --configure -a > /dev/null 2>&1 || true # what an interrupted set-up may have left undone
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
}

npm_ci() { # npm_ci FOLDER
    cd "$1" && timeout --foreground 300 npm ci --loglevel=error --fetch-retries=2 \
        --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000
}

# Vega, for the charts of the report; without it everything else works.
install_vega() {
    local report="$root/experiments/report"
    local done_file="$report/node_modules/.torchalign" # npm removes it first, so a broken-off npm leaves none
    has_command npm || return 0
    ! cmp -s "$report/package-lock.json" "$done_file" || return 0
    say "fetching Vega, Vega-Lite and Vega-Embed with npm, for the charts of the report"
    if attended npm_ci "$report" < /dev/null > "$artifacts/npm.log" 2>&1 9>&-; then
        cp "$report/package-lock.json" "$done_file"
    else
        tail -n 5 "$artifacts/npm.log" >&2
        say "npm failed; reports will lack charts until this works: (cd '$report' && npm ci)"
    fi
}

# ---- Building -------------------------------------------------------------------------------------------------------

is_current() { # the last build is of these sources and of this choice
    find_program
    [ -f "$stamp" ] && [ -x "$app" ] && [ -n "$TorchSharpSource" ] || return 1
    [ "$(< "$stamp")" = "$(stamp_text)" ] || return 1
    # Folders too: their time tells of removed files. Running Python writes into pytorch/.
    [ -z "$(find "$root/src" "$root/experiments" "$root/scripts" "$root"/*.props \
        \( -name node_modules -o -name __pycache__ -o -name runs \) -prune -o \
        ! \( -type d -name pytorch \) -newer "$stamp" -print -quit)" ]
}

stamp_text() { printf '%s\n' "$root" "$TorchSharpSource" "$TORCHALIGN_LIBTORCH" "$TorchDevice"; }

run_dotnet() { # run_dotnet ARGS...: quiet; its output is in build.log
    # No build servers: they would outlive this call and hold on to its pipes.
    attended "$dotnet" "$@" < /dev/null > "$artifacts/build.log" 2>&1 9>&-
}

package_failed=''

# Restores $1 and builds it; chooses the TorchSharpSource on the way if nobody has.
build() { # build PROJECT
    local project=$1 chosen_by=caller failure
    [ -n "$TorchSharpSource" ] || choose_source
    [ "${TORCHALIGN_SKIP_SETUP:-}" = 1 ] || set_up

    say "building, with TorchSharp from ${TORCHALIGN_LIBTORCH:-$TorchSharpSource}"
    if [ "$TorchSharpSource" = package ]; then say "the first time this downloads libtorch, several hundred MB"; fi
    if ! restore_and_build "$project"; then
        # Whoever chose the package gets the package, or its errors.
        if [ "$chosen_by/$TorchSharpSource" = torchalign/package ]; then build_over_libtorch "$project"; else build_failed; fi
    fi
    keep_build
    write_choice
    mv "$begun" "$stamp" # its time is from before the build: what changed meanwhile is newer
}

build_failed() {
    cat "$artifacts/build.log" >&2
    fail 1 "$failure"
}

build_over_libtorch() { # build_over_libtorch PROJECT: the package, which nobody asked for, has failed
    package_failed="$artifacts/package.log"
    mv "$artifacts/build.log" "$package_failed"
    say "with the TorchSharp package $failure Building over an installed libtorch instead; '$package_failed' has the errors."
    TorchSharpSource=libtorch
    if [ "${TORCHALIGN_SKIP_SETUP:-}" != 1 ]; then
        install_missing "$purpose"
    elif ! has_libtorch; then
        cat "$package_failed" >&2
        fail 1 "with the TorchSharp package $failure That is above, and there is no libtorch to build over:" \
            "install libtorch-dev, or set TORCHALIGN_LIBTORCH to a LibTorch folder."
    fi
    restore_and_build "$1" || build_failed
}

set_up() {
    install_missing "$purpose"
    if [ "$purpose" != doctor ]; then install_vega; fi
}

restore_and_build() { # restore_and_build PROJECT: sets failure to what went wrong
    failure="'dotnet restore' failed."
    run_dotnet restore "$1" -nodeReuse:false || return 1
    # A choice of the launcher's own is one when a build has shown that it works.
    if [ "$chosen_by" = caller ]; then write_choice; fi

    # A build that was broken off may leave half a file that looks up to date.
    local again=()
    if [ -e "$begun" ]; then again=(--no-incremental); fi
    stamp_text > "$begun"
    failure="the build failed."
    run_dotnet build "$1" -c Release --no-restore --disable-build-servers ${again[@]+"${again[@]}"} || {
        rm -f "$begun"
        return 1
    }
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
        attended flock 9
    }
}

unlock() { exec 9>&-; }

# ---- Builds that stay -----------------------------------------------------------------------------------------------
# A program runs from a copy of its build: sources may be edited and built again under a sweep that takes days. Whoever runs a copy
# holds a lock on its file in-use; kept-for lists the sweeps whose jobs in Slurm's queue will start it.

find_program() { # sets program, its folder, and app
    program='' app=''
    [ -f "$program_file" ] || return 0
    program="$builds/$(< "$program_file")"
    app="$program/TorchAlign.Experiments"
}

keep_build() { # copies what was built and makes it the program
    local name new="$builds/.new" large
    name=$(date +%Y%m%d-%H%M%S)-$$
    find_program
    rm -rf "$new"
    mkdir -p "$builds"
    cp -R "$artifacts/bin/TorchAlign.Experiments/release" "$new"
    # The package brings a libtorch of several hundred MB, which all copies share.
    find "$new" -type f -size +16384k | while IFS= read -r large; do
        if cmp -s "$large" "$program${large#"$new"}"; then ln -f "$program${large#"$new"}" "$large"; fi
    done
    : > "$new/in-use"
    mv "$new" "$builds/$name"
    echo "$name" > "$program_file.$$"
    mv "$program_file.$$" "$program_file"
    find_program
    drop_old_builds
}

drop_old_builds() { # those that nobody runs or will run
    local old
    has_command flock || return 0
    for old in "$builds"/*; do
        if [ "$old" = "$program" ] || is_kept "$old"; then continue; fi
        { (flock -n 8 && rm -rf "$old") 8>> "$old/in-use" || true; } 2> /dev/null
    done
}

is_kept() { # is_kept BUILD: for a sweep that is still there
    local sweep
    [ -f "$1/kept-for" ] || return 1
    while IFS= read -r sweep; do
        if [ -d "$sweep" ]; then return 0; fi
    done < "$1/kept-for"
    return 1
}

hold_program() { # as long as this process lives, and what it becomes; fails where the build was dropped meanwhile
    if { exec 8< "$program/in-use"; } 2> /dev/null && has_command flock; then flock -s 8; fi
    [ -x "$app" ]
}

# Builds that moved or were copied with their folder hold the old paths.
drop_moved_build() {
    local old
    [ -f "$stamp" ] && read -r old < "$stamp" && [ "$old" != "$root" ] || return 0
    say "this folder was '$old' when it was built; building afresh"
    rm -rf "${artifacts:?}/bin" "$artifacts/obj" "$artifacts/native" "$artifacts/surface" "$stamp" "$program_file"
}
