#!/usr/bin/env bash
# Builds the house's own projects and runs the tests but for the slow ones; arguments go to dotnet test (--filter Category=Slow: only those).
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

command -v dotnet >/dev/null || { echo "The .NET 10 SDK is missing: install it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again." >&2; exit 2; }

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
dotnet build "$root/KdMtlBench.sln" -c Release --nologo -v quiet -p:Guests=false
. "$root/host/environment.sh"
[[ " $* " = *" --filter "* ]] || set -- --filter 'Category!=Slow' "$@"
exec dotnet test "$root/tests" -c Release --no-build --nologo --logger "console;verbosity=normal" "$@"
