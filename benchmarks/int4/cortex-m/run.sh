#!/usr/bin/env bash
#===- benchmarks/int4/cortex-m/run.sh - Instructions, flash and RAM --------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# run.sh [BUILD] [NETWORK.mlirbc...]: for each integer network (without any: the
# published ones of HILLOCK_DATA and those of examples/tiny) the instructions of
# an inference on a Cortex-M4 and M0 under QEMU, beside plain C with a weight a
# byte, compiled for the M4 by clang with -O2 and -O3; and the bytes of flash and
# RAM that the network takes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=${1:-$root/build}
[ $# -gt 0 ] && shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

die() {
  echo "run.sh: $*" >&2
  exit 1
}
for program in clang-22 ld.lld-22 qemu-system-arm python3; do
  command -v "$program" >/dev/null || die "$program is not there"
done

# quantize NAME MODEL CALIBRATION VALUE_BITS
quantize() {
  "$build/bin/hillock" compile "$2" --target int4 --calibration "$3" \
    --calibration-samples 100 --activation-bits "$4" --rounding nearest \
    -o "$folder/$1.mlirbc" >/dev/null
  networks+=("$folder/$1.mlirbc")
}

networks=("$@")
if [ ${#networks[@]} -eq 0 ]; then
  data=${HILLOCK_DATA:?names no folder, and no network is given}
  quantize mnist "$data/onnx/mnist_conv_cntk.onnx" \
    "$data/mnist/train-images-idx3-ubyte.gz" 4
  python3 "$root/examples/keywords/make_onnx.py" \
    "$data/kws_mlperf_tiny/kws_ref_int8_graph.json" \
    "$data/kws_mlperf_tiny/kws_ref_int8_weights.npz" "$folder/kws.onnx" \
    >/dev/null
  quantize kws "$folder/kws.onnx" "$data/kws_mlperf_tiny/kws01" 8
  for model in "$root"/examples/tiny/*.onnx; do
    quantize "$(basename "$model" .onnx)" "$model" \
      "$data/mnist/train-images-idx3-ubyte.gz" 4
  done
fi

# object CPU TRIPLE: net.o and net.h of $network, and its sizes in bytes.
object() {
  "$build/bin/hillock" compile "$network" --triple "$2" --cpu "$1" \
    -o "$work/net.o" --json |
    python3 -c 'import json, sys
native = json.load(sys.stdin)["native"]
print(native["flash_bytes"], native["arena_bytes"], native["stack_bytes"],
      native["ram_bytes"])'
}

# count CPU TRIPLE [-O2|-O3]: what board.c says.
count() {
  local flags=(--target="$2" -mcpu="$1" -mfloat-abi=soft -std=c11
    -ffreestanding -fno-pic -I"$work" -I"$here")
  local objects=("$work/net.o" "$work/board.o")
  if [ $# -eq 3 ]; then
    clang-22 "${flags[@]}" "$3" -c "$work/plain.c" -o "$work/plain.o"
    objects+=("$work/plain.o")
    flags+=(-DPLAIN)
  fi
  clang-22 "${flags[@]}" -O1 -c "$here/board.c" -o "$work/board.o"
  ld.lld-22 -e reset -T "$here/board.ld" "${objects[@]}" -o "$work/board.elf"
  timeout 300 qemu-system-arm -M mps2-an386 -icount shift=0 -nographic \
    -monitor none -serial none \
    -semihosting-config enable=on,target=native -kernel "$work/board.elf" \
    2>&1 # where QEMU writes what the board says
}

printf '%-13s %-5s %12s %12s %12s %6s %9s %8s %8s %8s\n' network core \
  hillock "plain -O2" "plain -O3" ratio flash arena stack RAM
for network in "${networks[@]}"; do
  name=$(basename "$network" | sed 's/\.[a-z]*$//')
  work=$folder/work-$name
  mkdir -p "$work"
  "$build/bin/hillock-plain-c" "$network" "$work"
  for core in M4 M0; do
    if [ $core = M4 ]; then
      target=(cortex-m4 thumbv7em-none-eabi)
      read -r flash arena stack ram < <(object "${target[@]}")
      count "${target[@]}" -O2 >"$work/O2"
      count "${target[@]}" -O3 >"$work/O3"
    else
      target=(cortex-m0 thumbv6m-none-eabi)
      read -r flash arena stack ram < <(object "${target[@]}")
      count "${target[@]}" >"$work/O2"
      : >"$work/O3"
    fi
    [ -s "$work/O2" ] || die "$name: the board said nothing"
    if grep -hvE '^(hillock|plain) [0-9]+ 0$' "$work/O2" "$work/O3" >&2; then
      die "$name: outputs differ from the plain evaluation"
    fi
    python3 - "$work/O2" "$work/O3" "$name" $core "$flash" "$arena" "$stack" \
      "$ram" <<'PY'
import sys
def read(path):
    return {k: int(v) for k, v, _ in (line.split() for line in open(path))}
o2, o3 = read(sys.argv[1]), read(sys.argv[2])
name, core, flash, arena, stack, ram = sys.argv[3:]
plain = [o.get("plain") for o in (o2, o3)]
best = min([p for p in plain if p] or [0])
show = lambda p: f"{p:,}" if p else "-"
ratio = f"{best / o2['hillock']:.2f}" if best else "-"
print(f"{name:13} {core:5} {o2['hillock']:12,} {show(plain[0]):>12} "
      f"{show(plain[1]):>12} {ratio:>6} {int(flash):9,} {int(arena):8,} "
      f"{int(stack):8,} {int(ram):8,}")
PY
  done
done
