#!/usr/bin/env bash
#===- tests/integration/tiny.sh - Networks of 4 and 24 hidden neurons ------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# The networks of examples/tiny on their MNIST test images: 4-bit integers
# against real numbers, the spiking ones on both chips, and what the smallest
# takes on a Cortex-M0.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_program python3
need_data mnist
python3 -c 'import numpy' 2>/dev/null || skip "NumPy is not there"
here=examples/tiny
data=$HILLOCK_TMP/data

expect_exit 0 "the images of two digits" \
  python3 -B $here/mnist.py "$HILLOCK_DATA/mnist" -o "$data" || finish

# right NAME COMMAND...: sets accuracy to that of an evaluation.
right() {
  local name=$1
  shift
  accuracy=0
  expect_exit 0 "$name" "$HILLOCK" eval "$@" --json || return 1
  accuracy=$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["accuracy"])' "$HILLOCK_TMP/out")
}

# near NAME WANTED POINTS: accuracy is no more than this below WANTED.
near() {
  if python3 -c 'import sys
found, wanted, points = map(float, sys.argv[1:])
sys.exit(found < wanted - points / 100)' "$accuracy" "$2" "$3"; then
    pass "$1 ($accuracy, wanted $2 less $3 points)"
  else
    fail "$1" "$accuracy, wanted $2 less $3 points"
  fi
}

for name in zero_one zero_one_95 four_nine_95; do
  pair=${name%_95}
  test=(--data "$data/${pair}_test.npz")
  int4=(--target int4 --input-range 0:255
    --calibration "$data/${pair}_train.npz")
  right "$name in real numbers" $here/$name.onnx "${test[@]}" || continue
  real=$accuracy
  right "$name in int4" $here/$name.onnx "${test[@]}" "${int4[@]}" || continue
  near "$name: int4 as good as real numbers" "$real" 0.5
  expect_exit 0 "$name for a Cortex-M0" "$HILLOCK" compile $here/$name.onnx \
    "${int4[@]}" --triple thumbv6m-none-eabi --cpu cortex-m0 \
    -o "$HILLOCK_TMP/$name.o" --json
  [ "$pair" = zero_one ] || continue
  if text=$(python3 - "$HILLOCK_TMP/out" <<'EOF'
import json, sys
native = json.load(open(sys.argv[1]))["native"]
flash = native["rodata_bytes"] + native["code_bytes"]
print(f"{flash} bytes of flash, {native['arena_bytes']} of RAM")
assert flash <= 16 * 1024 and native["arena_bytes"] <= 2 * 1024
EOF
  ); then pass "$name fits 16 KB and 2 KB ($text)"; else
    fail "$name fits 16 KB and 2 KB" "$text"
  fi
done

spikes=(--encode current --encode-max 255 --steps 8)
for name in zero_one four_nine; do
  test=(--data "$data/${name}_test.npz" "${spikes[@]}")
  right "$name, spiking, real numbers" $here/$name.nir --level real \
    "${test[@]}" || continue
  real=$accuracy
  for chip in "loihi --weights int4" "tinyodin"; do
    image=$HILLOCK_TMP/$name.hlk
    # shellcheck disable=SC2086
    expect_exit 0 "$name for $chip" "$HILLOCK" compile $here/$name.nir \
      --target $chip -o "$image" --verify || continue
    right "$name on $chip" "$image" "${test[@]}" || continue
    near "$name on $chip as good as real numbers" "$real" 1
  done
done

finish
