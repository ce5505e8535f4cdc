#!/usr/bin/env bash
# Trains the networks of docs/results.md again: one line there is one call here.
#
#     tools/train-networks.sh RUN SEED DATA OUTPUT [OPTION ...]
#
# RUN is one of those below; DATA has cifar10/, digits/ and models/ as the tests take them; OUTPUT gets RUN-SEED.q.pb, .csv and .log. A
# run that was stopped goes on from its checkpoint. One thread: the same seed gives the same file.
set -euo pipefail
run=${1:?run} seed=${2:?seed} data=$(realpath "${3:?data}") output=${4:?output}
shift 4
cd "$(dirname "$0")/.."
mkdir -p "$output"
dotnet=$(tools/torch-runtime.sh)
tool=${EBSPC_TRAIN:-artifacts/bin/Ebsp.Training/debug/ebspc-train.dll}

name=$output/$run-$seed
training=()
for part in 1 2 3 4 5; do
  training+=(--data "$data/cifar10/train_$part.med.br")
done
cifar=(--test "$data/cifar10/test_8000.med.br" --crop 4 --flip "${training[@]}")
resnet8=("$data/models/resnet8-cifar10.onnx" "${cifar[@]}" --batch-norm)
resnet20=("$data/models/resnet20-cifar10.onnx" --scale 1/255 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 "${cifar[@]}" --batch-norm)

# Equal effort for what is compared.
effort8=(--epochs 6 --lr 0.005 --warm-up 1 --distill 0.5)
effort20=(--epochs 2 --lr 0.002 --warm-up 0.5 --distill 0.5)

case $run in
  # digits-1.q.pb and digits-1.onnx are those of samples/Digits.
  digits) arguments=(--network digits --data "$data/digits/digits.csv.gz" --test samples/Digits/digits-heldout.csv.gz --batch 32 --crop 1
    --float-epochs 60 --float-lr 0.05 --weight-decay 1e-3 --label-smoothing 0.05 --epochs 10 --lr 0.005 --warm-up 0.5
    --distill 0.7 --float-output "$name.onnx") ;;
  # To choose defaults by: scored on images held out of the training set, everything else as OPTION says.
  resnet8-try*) arguments=("$data/models/resnet8-cifar10.onnx" "${training[@]}" --hold-out 5000 --batch-norm) ;;
  resnet8-6-3) arguments=("${resnet8[@]}" "${effort8[@]}") ;;
  resnet8-6-3-no-admm) arguments=("${resnet8[@]}" "${effort8[@]}" --rho 0) ;;
  resnet8-4-3) arguments=("${resnet8[@]}" "${effort8[@]}" --weights 4:3 --activations 4:3) ;;
  resnet8-uniform-6) arguments=("${resnet8[@]}" "${effort8[@]}" --weights 6 --activations 6) ;;
  resnet8-uniform-4) arguments=("${resnet8[@]}" "${effort8[@]}" --weights 4 --activations 4) ;;
  resnet8-power-of-two) arguments=("${resnet8[@]}" "${effort8[@]}" --weights 6:1 --activations 6:1) ;;
  resnet20-6-3) arguments=("${resnet20[@]}" "${effort20[@]}") ;;
  resnet20-5-3) arguments=("${resnet20[@]}" "${effort20[@]}" --weights 5:3 --activations 5:3) ;;
  *) echo "unknown run '$run'" >&2; exit 2 ;;
esac

DOTNET_ROOT=$(dirname "$dotnet") "$dotnet" exec "$tool" "${arguments[@]}" --seed "$seed" --threads 1 -o "$name.q.pb" --csv "$name.csv" \
  --checkpoint "$name.checkpoint" --resume "$@" 2>&1 | tee -a "$name.log"
