# Builds the host and the plugins where something has changed since the last build; sourced by run-bench.sh, which sets `root`.
# `dotnet build` takes about ten seconds to find that it has nothing to do; comparing two lists of files takes hundredths of one.

# What the last build was made from and what it left, a line each: for a file its path, size and time of change.
build_state="$root/artifacts/build-state"
build_problems="$root/artifacts/build-problems"
build_log="$root/artifacts/build.log"

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
    if [ -e "$build_state" ]; then
        echo "$(now | LC_ALL=C comm -3 - "$build_state" | sed -nE '1 { s/^\t//; s/ [0-9]+ [0-9.]+$//; p }') has changed"
    elif [ -d "$root/artifacts/bin" ]; then
        echo "the last build has not come to its end"
    else
        echo "the first time takes some minutes, and fetches packages that are not here yet"
    fi
}

# Tells from the build's output how far it has come, and what the compiler warns of in plugins.
show_build() {
    local line start=$SECONDS
    while IFS= read -r line; do
        case "$line" in
            *"KdMtlBench.Contracts -> "*) echo "  $((SECONDS - start)) s: packages and contracts are ready" ;;
            *"KdMtlBench.Host -> "*) echo "  $((SECONDS - start)) s: the host is ready, now the plugins" ;;
            *": warning "*" [$root/plugins/"*) line="${line% \[*}"; echo "  ${line#"$root/"}" ;;
        esac
    done
    echo "  $((SECONDS - start)) s: done"
}

# The errors of the last build: plugin, tab, error; `-` in place of the plugin where it is not one's.
build_errors() {
    local line
    grep -E ': error( [A-Z]+[0-9]+)?: ' "$build_log" | while IFS= read -r line; do
        line="${line//"$root/"/}"
        case "$line" in
            *" [plugins/"*".csproj]") printf '%s\t%s\n' "$(cut -d/ -f2 <<<"${line##* \[}")" "${line% \[*}" ;;
            plugins/*/*) printf '%s\t%s\n' "$(cut -d/ -f2 <<<"$line")" "${line% \[*.csproj\]}" ;;
            *) printf -- '-\t%s\n' "$line" ;;
        esac
    done | awk '!seen[$0]++'
}

# Builds the host and all plugins but these, and gives the errors where it fails. The build ends at a plugin whose project or packages are at
# fault; what is at fault in a plugin's source keeps nothing else from being built.
run_build() {
    dotnet build "$root/host" -c Release --nologo -clp:NoSummary "-p:WithoutPlugins=$1" ${TORCH_BACKEND:+"-p:TorchBackend=$TORCH_BACKEND"} 2>&1 9>&- | tee "$build_log" | show_build >&2
}

# Builds; plugins that do not build are left out, and named with their first error in $build_problems.
build() {
    local errors broken name project left_out="" problems=""
    until run_build "$left_out"; do
        errors="$(build_errors)"
        broken="$(cut -f1 <<<"$errors" | sort -u)"
        if [ -z "$errors" ] || grep -qx -- - <<<"$broken"; then
            cat "$build_log" >&2
            return 1
        fi
        while IFS= read -r name; do
            [[ "$left_out" != *"/$name/"* ]] || { cat "$build_log" >&2; return 1; } # left out, and still in the way
            left_out+="../plugins/$name/*.csproj%3B"
            problems+="plugins/$name does not build and is left out: $(awk -F'\t' -v name="$name" '$1 == name { print $2; exit }' <<<"$errors")"$'\n'
            for project in "$root/plugins/$name"/*.csproj; do
                rm -rf "$root/artifacts/plugins/$(basename "$project" .csproj)" # of its last version that did build
            done
        done <<<"$broken"
        ! grep -q "KdMtlBench.Host -> " "$build_log" || break # all others are built
    done
    printf %s "$problems" >"$build_problems"
}

# Ends the script where the host does not build.
build_if_changed() {
    local inputs
    if ! is_built; then
        mkdir -p "$root/artifacts"
        exec 9>"$root/artifacts/build.lock"
        flock 9 # another process may be at it
        if ! is_built; then
            echo "Building ($(build_reason)) …" >&2
            rm -f "$build_state"
            inputs="$(build_inputs)"
            build || exit 2
            { echo "$inputs"; build_outputs; } | LC_ALL=C sort >"$build_state"
        fi
        exec 9>&-
    fi
    cat "$build_problems" >&2
}
