#!/usr/bin/env bash
# Asks a machine with a GPU and an installed PyTorch what a machine without cannot tell. .NET is needed for `build` only:
#   tests/gpu.sh build              makes artifacts/kdmtl-gpu.tar.xz: the program without libtorch, and all that the questions need
#   tests/gpu.sh [QUESTION…]        there, in the checkout or where the archive was unpacked: asks all, or these (names below)
#   DEVICE=cpu tests/gpu.sh         the same on a processor, to try the script
# OUT names the folder of the answers, SECONDS_IN_ALL the time for all of them (570; on a processor 7200), KDMTL_LIBTORCH the folder of libtorch
# (by default that of python3's torch). Each question has a time limit, PATIENCE times as long (1; on a processor 10); whatever fails, the rest is
# still asked. The table at the end says what to look at.
set -uo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
archive="$here/../artifacts/kdmtl-gpu.tar.xz"

build() {
    set -e
    local root folder
    root="$(cd "$here/.." && pwd)"
    folder="$root/artifacts/gpu/kdmtl-gpu"
    rm -rf "$root/artifacts/gpu" "$archive"
    mkdir -p "$folder/sweeps/quick" "$folder/sweeps/parallel-24"
    dotnet publish "$root/host" -c Release --nologo -v quiet --self-contained -p:TorchBackend=installed -o "$folder/kdmtl"
    rm -f "$folder"/kdmtl/*.pdb "$folder"/kdmtl/*.xml
    mkdir -p "$folder/kdmtl/plugins"
    cp -rL "$root"/artifacts/plugins/* "$folder/kdmtl/plugins/"
    cp "$root/host/environment.sh" "$root/tests/gpu.sh" "$folder/"
    for sweep in quick parallel-24; do cp "$root/results/$sweep/sweep.yaml" "$folder/sweeps/$sweep/"; done
    tar -C "$root/artifacts/gpu" -cf - kdmtl-gpu | xz -T0 >"$archive"
    rm -rf "$root/artifacts/gpu"
    echo "$archive: $(du -b "$archive" | cut -f1) bytes"
}

if [ "${1:-}" = build ]; then build; exit; fi

# In a checkout the archive is unpacked first.
if [ ! -x "$here/kdmtl/kdmtl" ]; then
    [ -f "$archive" ] || { echo "There is no program here: make artifacts/kdmtl-gpu.tar.xz by \`tests/gpu.sh build\` on a machine with the .NET SDK." >&2; exit 2; }
    unpacked="${TMPDIR:-/tmp}/kdmtl-gpu-$(sha256sum "$archive" | cut -c1-12)"
    [ -x "$unpacked/kdmtl-gpu/gpu.sh" ] || { mkdir -p "$unpacked" && tar -C "$unpacked" -xJf "$archive"; } ||
        { rm -rf "$unpacked"; mkdir -p "$unpacked"; python3 -m tarfile -e "$archive" "$unpacked"; } || exit 2
    export OUT="${OUT:-$here/../artifacts/gpu-results}"
    exec "$unpacked/kdmtl-gpu/gpu.sh" "$@"
fi

device="${DEVICE:-cuda}"
out="${OUT:-$here/results}"
if [ "$device" = cuda ]; then patience="${PATIENCE:-1}" in_all="${SECONDS_IN_ALL:-570}"; else patience="${PATIENCE:-10}" in_all="${SECONDS_IN_ALL:-7200}"; fi
. "$here/environment.sh"
if [ -z "${KDMTL_LIBTORCH:-}" ]; then
    KDMTL_LIBTORCH="$(python3 -c "import torch, os; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))" 2>/dev/null)"
    export KDMTL_LIBTORCH
fi
kdmtl="$here/kdmtl/kdmtl"
mkdir -p "$out/logs"
summary="$out/summary.txt"
failed=0
: >"$summary"

# say NAME RESULT FIGURE: one line of the table, written at once, since time may end at any question.
say() {
    printf '%-14s %-22s %s\n' "$1" "$2" "$3" | tee -a "$summary"
}

# ask NAME SECONDS FIGURE COMMAND…: runs a command with a time limit and a log; FIGURE is a function that reads the answer from the log, $1.
ask() {
    local name="$1" limit="$(($2 * patience))" figure="$3" log="$out/logs/$1.log" left code start
    shift 3
    [ "${#only[@]}" = 0 ] || [[ " ${only[*]} " = *" $name "* ]] || return 0
    left=$((in_all - SECONDS))
    if [ "$left" -lt 10 ]; then say "$name" "skipped" "no time left of $in_all s: tests/gpu.sh $name"; return 0; fi
    [ "$left" -ge "$limit" ] || limit=$left
    start=$SECONDS
    { timeout -k 20 "$limit" "$@" >"$log" 2>&1; } 2>/dev/null # else bash would tell of a killed one in the middle of the table
    code=$?
    case $code in
        0) say "$name" "ok, $((SECONDS - start)) s" "$($figure "$log")" ;;
        124 | 137) failed=1; say "$name" "FAILED, over $limit s" "$($figure "$log"); see logs/$name.log" ;;
        *) failed=1; say "$name" "FAILED, exit $code" "$($figure "$log"); see logs/$name.log: $(grep -v '^[[:space:]]*$' "$log" | tail -n 1 | cut -c1-160)" ;;
    esac
}

# skip NAME REASON
skip() {
    [ "${#only[@]}" = 0 ] || [[ " ${only[*]} " = *" $1 "* ]] || return 0
    say "$1" "skipped" "$2"
}

# column FILE HEADING: the strategies of one of kdmtl's CSV files with their values in that column.
column() {
    [ -f "$1" ] || return 0
    awk -F, -v heading="$2" 'NR == 1 { for (i = 1; i <= NF; i++) { if ($i == heading) c = i; if ($i == "strategy") s = i } next }
        c { printf "%s%s %.3g", (n++ ? ", " : ""), $s, $c }' "$1"
}

of_doctor() { grep -E '^(ok|note|MISSING) +(libtorch|entry points|cuda)' "$1" | sed -E 's/^(ok|note|MISSING) +//; s/  +/: /' | paste -sd';' | cut -c1-300; }
of_quick() { echo "$(grep -l '"status": "done"' "$out"/quick/output/runs/*/run.json 2>/dev/null | wc -l) of $(ls "$out/quick/output/runs" 2>/dev/null | wc -l) runs finished: quick/output/leaderboard.md"; }
of_losses() { [ ! -f "$out/losses/losses.csv" ] || sort -t, -g -k3,3 "$out/losses/losses.csv" | tail -n 1 | awk -F, -v lines="$(wc -l <"$out/losses/losses.csv")" \
    '{ printf "losses of %d strategies differ by at most %.1e (%s)", lines - 1, $3, $2 }'; }
of_peers() { local folder="$out/${1##*/}"; folder="${folder%.log}"; echo "to PyTorch: $(column "$folder/peers.csv" ratio); bf16 to bf16: $(column "$folder/peers.csv" bf16_to_bf16)"; }
of_parallel() { grep '^parallel [0-9]' "$1" | paste -sd';'; }
of_reading() { echo "read to not read: $(column "$out/reading/reading.csv" 'read to not read'); queued to finished: $(column "$out/reading/reading.csv" 'queued to finished')"; }
of_memory() { echo "last to first MiB: $(column "$out/memory/memory.csv" 'last to first MiB'); on the GPU: $(column "$out/memory/memory.csv" "GPU MiB after 100") → $(column "$out/memory/memory.csv" "GPU MiB after $memory_steps")"; }
of_tasks() { echo "ms a step: $(column "$out/tasks-40/perf.csv" step_ms); to the floor: $(column "$out/tasks-40/perf.csv" to_floor)"; }

# prepare NAME: an empty folder with that sweep.
prepare() { rm -rf "${out:?}/$1"; mkdir -p "$out/$1"; cp "$here/sweeps/$1/sweep.yaml" "$out/$1/"; }

# 24 runs one at a time and 16 at once: the curves must be the same to the byte.
parallel() {
    local runs start curves first=""
    prepare parallel-24
    for runs in 1 16; do
        start=$(date +%s%N)
        "$kdmtl" run "$out/parallel-24" --device "$device" --parallel "$runs" --fresh --quiet || return
        curves=$(cat "$out"/parallel-24/output/runs/*/curve.csv | sha256sum | cut -c1-16)
        echo "parallel $runs: $((($(date +%s%N) - start) / 1000000)) ms, curves $curves"
        if [ -n "$first" ] && [ "$first" != "$curves" ]; then echo "the curves differ"; return 1; fi
        first=$curves
    done
}
export -f parallel prepare
export kdmtl out device here

# A network wide enough to keep a GPU busy; on a processor a narrow one, or a step would take seconds.
if [ "$device" = cuda ]; then width=1 peer_width=1 losses_width=0.125 losses_seconds=120 batch=64; else width=0.125 peer_width=0.25 losses_width=0.0625 losses_seconds=240 batch=16; fi
memory_steps="${MEMORY_STEPS:-2000}"
mkdir -p "$out/steps" "$out/small"
cat >"$out/steps/sweep.yaml" <<END
benchmark: {scenes: {height: 64, width: 96, train: 256, validation: 16, test: 16}}
model: {segnet: {width: $width}}
training: {epochs: 1, batch-size: $batch, learning-rate: 0.001}
seeds: [1]
strategies: [uniform, uncertainty, pcgrad, mgda, gradnorm]
END
cat >"$out/small/sweep.yaml" <<END
benchmark: {scenes: {height: 32, width: 48, train: 64, validation: 16, test: 16}}
model: {segnet: {width: 0.125, stages: 3}}
training: {epochs: 1, batch-size: 16, learning-rate: 0.001}
seeds: [1]
strategies: [uniform, mgda]
END

only=("$@")
{
    date -u +%Y-%m-%dT%H:%MZ
    if [ "$device" = cuda ]; then nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader; else echo "on a processor"; fi
    echo "libtorch: ${KDMTL_LIBTORCH:-none named, and python3 has no torch}"
} 2>&1 | tee -a "$summary"

ask doctor 60 of_doctor "$kdmtl" doctor --device "$device"
prepare quick
ask quick 180 of_quick "$kdmtl" run "$out/quick" --device "$device" --fresh --quiet
torch="import torch"
if python3 -c "$torch" 2>/dev/null || /usr/bin/python3 -c "$torch" 2>/dev/null; then
    ask losses "$losses_seconds" of_losses "$kdmtl" peers --losses --threads 1 --width $losses_width --device "$device" --output "$out/losses"
    ask peers 90 of_peers "$kdmtl" peers --threads 1 --width $peer_width --rounds 5 --device "$device" --output "$out/peers"
    if [ "$device" = cuda ]; then
        ask peers-tf32 90 of_peers "$kdmtl" peers --tf32 --threads 1 --width $peer_width --rounds 5 --device "$device" --output "$out/peers-tf32"
    else
        skip peers-tf32 "a processor has no TF32"
    fi
else
    for question in losses peers peers-tf32; do skip $question "no Python here has torch"; done
fi
ask parallel 150 of_parallel bash -c parallel
ask reading 60 of_reading "$kdmtl" perf "$out/steps" --reading --rounds 5 --steps 20 --device "$device" --output "$out/reading"
ask memory 120 of_memory "$kdmtl" perf "$out/small" --memory "$memory_steps" --device "$device" --output "$out/memory"
ask tasks-40 60 of_tasks "$kdmtl" perf --tasks 40 --rounds 3 --steps 5 --device "$device" --output "$out/tasks-40"

echo
echo "What to look at, in $out:"
cat "$summary"
exit $failed
