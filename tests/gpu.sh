#!/usr/bin/env bash
# Runs the benchmark on a GPU with the libtorch of the PyTorch that is installed there. In one command on a machine with the SDK;
# in two where the GPU machine has none: `tests/gpu.sh build` on one with the SDK, artifacts/gpu carried over, `tests/gpu.sh` there.
#   DEVICE=cpu tests/gpu.sh      the same on a processor, to try the script
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
out="${OUT:-$root/artifacts/gpu-results}"
device="${DEVICE:-cuda}"

if [ "${1:-}" = build ] || [ ! -x "$root/artifacts/gpu/kdmtl" ]; then
    rm -rf "$root/artifacts/gpu"
    dotnet publish "$root/host" -c Release --nologo -v quiet --self-contained -p:TorchBackend=installed -o "$root/artifacts/gpu"
    mkdir -p "$root/artifacts/gpu/plugins"
    cp -rL "$root"/artifacts/plugins/* "$root/artifacts/gpu/plugins/"
    [ "${1:-}" != build ] || exit 0
fi

. "$root/host/environment.sh"
export KDMTL_LIBTORCH="${KDMTL_LIBTORCH:-$(python3 -c "import torch, os; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))")}"
export KDMTL_PLUGINS="$root/artifacts/gpu/plugins"
kdmtl="$root/artifacts/gpu/kdmtl"
mkdir -p "$out"
[ "$device" != cuda ] || nvidia-smi --query-gpu=name,driver_version --format=csv | tee "$out/device.txt"

# Beside PyTorch, then the main sweep, then 16 runs one at a time and all at once: the curves must be the same.
for sweep in quick parallel-24; do
    mkdir -p "$out/$sweep"
    cp "$root/results/$sweep/sweep.yaml" "$out/$sweep/"
done
"$kdmtl" peers --device "$device" --output "$out/peers" || echo "peers: exit $?" >&2
"$kdmtl" run "$out/quick" --device "$device" --fresh --quiet
for parallel in 1 16; do
    start=$(date +%s%N)
    "$kdmtl" run "$out/parallel-24" --device "$device" --parallel "$parallel" --fresh --quiet >/dev/null
    echo "parallel $parallel: $((($(date +%s%N) - start) / 1000000)) ms, curves $(cat "$out"/parallel-24/runs/*/curve.csv | sha256sum | cut -c1-16)" | tee -a "$out/parallel.txt"
done
