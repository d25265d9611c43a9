# shellcheck shell=bash
# A Slurm cluster of one node, this machine, on loopback: munged, slurmctld and slurmd with their own configuration, ports, key and
# state in one folder. Another Slurm of this machine is neither read nor touched. Sourced; needs root, slurm-wlm and munge.

# start_cluster FOLDER: starts it and exports SLURM_CONF, by which sbatch, squeue and scontrol find it.
start_cluster() {
    cluster=$1
    local name ports
    name=$(hostname -s)
    mapfile -t ports < <(free_ports 2)
    mkdir -p "$cluster"/{munge,state,spool,log}
    chmod 700 "$cluster/munge"
    head -c 1024 /dev/urandom > "$cluster/munge/key"
    chmod 400 "$cluster/munge/key"
    cat > "$cluster/slurm.conf" << CONF
ClusterName=torchalign-test
SlurmctldHost=$name(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.pid
SlurmctldLogFile=$cluster/log/slurmctld
SlurmdLogFile=$cluster/log/slurmd
PlugStackConfig=$cluster/plugstack.conf
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=2,bf_interval=2
ReturnToService=2
KillWait=15
MinJobAge=2
BatchStartTimeout=2
MaxArraySize=${MAX_ARRAY_SIZE:-1001}
NodeName=$name NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=short Nodes=$name Default=YES MaxTime=INFINITE State=UP
CONF
    touch "$cluster/plugstack.conf"
    export SLURM_CONF="$cluster/slurm.conf"
    munged --force --key-file="$cluster/munge/key" --socket="$cluster/munge/socket" --pid-file="$cluster/munge/pid" \
        --log-file="$cluster/log/munged" --seed-file="$cluster/munge/seed" --num-threads=1 || return 1
    start_controller && slurmd || return 1
    wait_for 200 node_is_up
}

stop_cluster() {
    local pid_file
    for pid_file in "$cluster/slurmd.pid" "$cluster/slurmctld.pid" "$cluster/munge/pid"; do
        local pid
        if [ -s "$pid_file" ] && pid=$(< "$pid_file"); then kill "$pid" 2> /dev/null && wait_for 300 process_ended "$pid"; fi
    done
    unset SLURM_CONF
}

start_controller() { slurmctld; }

stop_controller() {
    local pid
    pid=$(< "$cluster/slurmctld.pid")
    kill "$pid" && wait_for 300 process_ended "$pid"
}

node_is_up() { [[ $(sinfo -h -o %t 2> /dev/null) =~ ^(idle|mix|alloc) ]]; }
process_ended() { ! kill -0 "$1" 2> /dev/null; }

# wait_for TENTHS COMMAND...: until it succeeds; fails after so many tenths of a second.
wait_for() {
    local left=$1
    shift
    until "$@"; do
        if [ $((left -= 1)) -le 0 ]; then return 1; fi
        sleep 0.1
    done
}

free_ports() { # free_ports COUNT: that nobody listens at now
    python3 -c 'import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' "$1"
}
