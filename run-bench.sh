#!/usr/bin/env bash
# The main job: build what has changed, then run a sweep. With no name, results/quick.
#   ./run-bench.sh [SWEEP] [options]      a folder in results/, a folder, or a sweep.yaml; what it writes goes to output/ beside the sweep.yaml
#   ./run-bench.sh run|status|submit|merge|compare|check|store|perf|peers|simulate|list|leaderboard|report|data|doctor … that command of kdmtl; ./run-bench.sh --help lists them
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

command -v dotnet >/dev/null || { echo "The .NET 10 SDK is missing: install it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again." >&2; exit 2; }
dotnet --list-sdks | grep -q '^1[0-9]\.' || { echo "The .NET SDK is too old: install version 10 from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again." >&2; exit 2; }

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
. "$root/host/build.sh"
build_if_changed

. "$root/host/environment.sh"
case "${1:-quick}" in
    run | status | submit | merge | compare | check | store | perf | peers | simulate | list | leaderboard | report | data | doctor | -h | --help | --version) set -- "$@" ;;
    -*) set -- run "$root/results/quick" "$@" ;;
    *) name="${1:-quick}"; shift || true
       [ -e "$name" ] || name="$root/results/$name"
       set -- run "$name" "$@" ;;
esac
exec dotnet "$root/artifacts/bin/KdMtlBench.Host/release_linux-x64/kdmtl.dll" "$@"
