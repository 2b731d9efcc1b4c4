# Builds the host and the plugins where something has changed since the last build; sourced by run-bench.sh, which sets `root`.
# `dotnet build` takes about ten seconds to find that it has nothing to do; comparing two lists of files takes hundredths of one.

# What the last build was made from and what it left, a line each: for a file its path, size and time of change.
build_state="$root/artifacts/build-state"

# The SDKs that are there, the libtorch that was asked for, and every file that a build may read.
build_inputs() {
    dotnet --list-sdks
    echo "TORCH_BACKEND=${TORCH_BACKEND:-}"
    cd "$root"
    find . -maxdepth 1 -type f \( -name '*.props' -o -name '*.targets' -o -name '*.sln' -o -name .editorconfig -o -name global.json -o -iname nuget.config \) -printf '%P %s %T@\n'
    find contracts host plugins \( -name bin -o -name obj \) -prune -o -type f -not -name '.*' -not -name '*~' -printf '%p %s %T@\n'
}

build_outputs() {
    cd "$root"
    find -L artifacts/bin/KdMtlBench.Host/release_linux-x64 artifacts/plugins -type f -printf '%p %s %T@\n' 2>/dev/null || true
}

now() { { build_inputs; build_outputs; } | LC_ALL=C sort; }

is_built() { [ -e "$build_state" ] && [ "$(now)" = "$(cat "$build_state")" ]; }

# The first thing that is not as the last build left it.
build_reason() {
    if [ ! -e "$build_state" ]; then
        echo "the first time takes some minutes, and fetches packages that are not here yet"
        return
    fi
    echo "$(now | LC_ALL=C comm -3 - "$build_state" | sed -nE '1 { s/^\t//; s/ [0-9]+ [0-9.]+$//; p }') has changed"
}

# Tells from the build's output how far it has come.
show_build() {
    local line start=$SECONDS
    while IFS= read -r line; do
        case "$line" in
            *"KdMtlBench.Contracts -> "*) echo "  $((SECONDS - start)) s: packages and contracts are ready, now the plugins" ;;
            *"KdMtlBench.Host -> "*) echo "  $((SECONDS - start)) s: host and plugins are ready" ;;
        esac
    done
}

# Ends the script where the build fails.
build_if_changed() {
    local inputs log
    ! is_built || return 0
    mkdir -p "$root/artifacts"
    log="$root/artifacts/build.log"
    exec 9>"$root/artifacts/build.lock"
    flock 9 # another process may be at it
    if ! is_built; then
        echo "Building ($(build_reason)) …" >&2
        inputs="$(build_inputs)"
        if ! dotnet build "$root/host" -c Release --nologo ${TORCH_BACKEND:+-p:TorchBackend=$TORCH_BACKEND} 2>&1 9>&- | tee "$log" | show_build >&2; then
            rm -f "$build_state"
            cat "$log" >&2
            exit 2
        fi
        { echo "$inputs"; build_outputs; } | LC_ALL=C sort >"$build_state"
    fi
    exec 9>&-
}
