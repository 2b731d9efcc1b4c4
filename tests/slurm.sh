#!/usr/bin/env bash
# A Slurm cluster of one node on this machine, for the tests of `submit`, as root on Debian or Ubuntu.
#   . tests/slurm.sh        installs Slurm where it is missing, starts the cluster, and sets SLURM_CONF; false where that cannot be done
#   tests/slurm.sh stop     ends it
slurm_folder="${TMPDIR:-/tmp}/kdmtl-slurm"

stop_slurm() {
    local name
    for name in slurmd slurmctld munged; do
        if [ -s "$slurm_folder/$name.pid" ]; then kill "$(cat "$slurm_folder/$name.pid")" 2>/dev/null || true; fi
    done
}

install_slurm() {
    command -v slurmctld slurmd munged >/dev/null && return
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge
}

write_slurm_conf() {
    local host
    host="$(hostname -s)"
    cat >"$slurm_folder/slurm.conf" <<EOF
ClusterName=kdmtl
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm_folder/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2
ReturnToService=2
StateSaveLocation=$slurm_folder/state
SlurmdSpoolDir=$slurm_folder/spool
SlurmctldPidFile=$slurm_folder/slurmctld.pid
SlurmdPidFile=$slurm_folder/slurmd.pid
SlurmctldLogFile=$slurm_folder/slurmctld.log
SlurmdLogFile=$slurm_folder/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
EOF
}

start_slurm() {
    install_slurm >"${TMPDIR:-/tmp}/kdmtl-slurm-install.log" 2>&1 || return 1
    stop_slurm
    mkdir -p "$slurm_folder/state" "$slurm_folder/spool" "$slurm_folder/munge"
    chmod 755 "$slurm_folder"
    chmod 700 "$slurm_folder/munge"
    if [ ! -s "$slurm_folder/munge/key" ]; then head -c 1024 /dev/urandom >"$slurm_folder/munge/key"; fi
    chmod 400 "$slurm_folder/munge/key"
    munged --force --key-file="$slurm_folder/munge/key" --seed-file="$slurm_folder/munge/seed" --socket="$slurm_folder/munge.socket" \
        --pid-file="$slurm_folder/munged.pid" --log-file="$slurm_folder/munged.log" || return 1
    write_slurm_conf
    export SLURM_CONF="$slurm_folder/slurm.conf"
    slurmctld && slurmd || return 1
    for _ in $(seq 30); do
        if sinfo -h -o %T 2>/dev/null | grep -q idle; then return 0; fi
        sleep 1
    done
    return 1
}

if [ "${1:-}" = stop ]; then stop_slurm; else start_slurm; fi
