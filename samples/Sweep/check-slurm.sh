#!/usr/bin/env bash
# Runs sweep.slurm on a one-node Slurm of this machine: an array of eight shards, one of them canceled and submitted again, a merge behind it,
# and compares the table with that of one run without Slurm. Debian or Ubuntu, root; it installs slurm-wlm and munge if they are missing, and
# starts daemons of its own in a folder of its own, which it ends.
#
#   samples/Sweep/check-slurm.sh "dotnet $PWD/artifacts/bin/Ebsp.Evaluation/debug/ebspc-lab.dll"
set -euo pipefail
lab=${1:?command of ebspc-lab}
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v slurmctld > /dev/null || ! command -v munged > /dev/null; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends slurm-wlm munge
fi

work=$(mktemp -d)
chmod 755 "$work"
pids=()
end() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait 2> /dev/null || true
  rm -rf "$work"
}
trap end EXIT

# A key and a socket of its own, so that no munge of the system is touched.
install -d -o munge -g munge -m 755 "$work/munge"
dd if=/dev/urandom bs=1 count=1024 of="$work/munge/key" status=none
chown munge:munge "$work/munge/key" && chmod 400 "$work/munge/key"
setpriv --reuid munge --regid munge --clear-groups munged --foreground --key-file="$work/munge/key" --socket="$work/munge/socket" \
  --pid-file="$work/munge/pid" --seed-file="$work/munge/seed" --log-file="$work/munge/log" > /dev/null 2>&1 &
pids+=($!)

node=$(hostname -s)
mkdir "$work/state" "$work/spool"
cat > "$work/slurm.conf" << CONF
ClusterName=check
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CryptoType=crypto/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SchedulerParameters=sched_interval=1,bf_interval=1
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
MpiDefault=none
ReturnToService=2
KillWait=5
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=10 State=UP
CONF
export SLURM_CONF=$work/slurm.conf
slurmctld -D -f "$SLURM_CONF" > /dev/null 2>&1 & pids+=($!)
slurmd -D -f "$SLURM_CONF" -N "$node" > /dev/null 2>&1 & pids+=($!)
for _ in $(seq 60); do
  if sinfo -h -o %T 2> /dev/null | grep -q idle; then break; fi
  sleep 0.5
done
sinfo -h | grep -q idle || { cat "$work"/*.log; exit 1; }

cd "$work"
EBSPC_LAB=$lab
export EBSPC_LAB
$lab sweep plan sweep --networks resnet20,squeezenet,alexnet,mobilenetv1,mobilenetv2,resnet18,resnet50,vgg16 --bits 6,8
array=$(sbatch --parsable --array=0-7 --output="$work/out-%a" "$here/sweep.slurm" sweep)
scancel "${array}_5" || true
again=$(sbatch --parsable --dependency=afterany:"$array" --array=0-7 --output="$work/again-%a" "$here/sweep.slurm" sweep)
merge=$(sbatch --parsable --dependency=afterok:"$again" --output="$work/merge" --wrap "$lab sweep merge sweep -o sweep.csv")
for _ in $(seq 180); do
  if [ -z "$(squeue -h -j "$array,$again,$merge" 2> /dev/null)" ]; then break; fi
  sleep 0.5
done
cat "$work"/out-* "$work"/again-* "$work/merge" 2> /dev/null || true
[ -f sweep.csv ] || { squeue; cat "$work"/*.log; echo "no table came out of Slurm" >&2; exit 1; }
$lab sweep plan alone --networks resnet20,squeezenet,alexnet,mobilenetv1,mobilenetv2,resnet18,resnet50,vgg16 --bits 6,8
$lab sweep run alone > /dev/null
$lab sweep merge alone -o alone.csv > /dev/null
cmp sweep.csv alone.csv
echo "the table of the array is that of one run, $(wc -l < sweep.csv) lines"
