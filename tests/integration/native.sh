#!/usr/bin/env bash
#===- tests/integration/native.sh - Networks as machine code ---------------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# The published MNIST network in 4 bits: an object for a microcontroller and
# its header, and the same decisions from machine code as from integers.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_program "$HILLOCK"
need_data onnx/mnist_conv_cntk.onnx
need_data mnist/t10k-images-idx3-ubyte.gz

images=$HILLOCK_DATA/mnist
model=$HILLOCK_TMP/model.mlirbc
expect_exit 0 "quantize to int4" "$HILLOCK" compile \
  "$HILLOCK_DATA/onnx/mnist_conv_cntk.onnx" --target int4 \
  --calibration "$images/train-images-idx3-ubyte.gz" --rounding nearest \
  -o "$model"

expect_exit 0 "a library for Cortex-M0" "$HILLOCK" compile "$model" \
  --triple thumbv6m-none-eabi --cpu cortex-m0 --prefix digits \
  -o "$HILLOCK_TMP/digits.a"
expect_text "its header" "$HILLOCK_TMP/digits.h" \
  'void digits_run\(const int8_t \*input'
expect_text "the arena's size" "$HILLOCK_TMP/digits.h" \
  'define DIGITS_ARENA_SIZE [0-9]+ '

# decisions LEVEL: what eval says of 1000 images, without its times.
decisions() {
  "$HILLOCK" eval "$model" --level "$1" --limit 1000 --json \
    --data "$images/t10k-images-idx3-ubyte.gz" |
    python3 -c 'import json, sys
document = json.load(sys.stdin)
print(document["accuracy"], document["confusion"])'
}
decisions integer >"$HILLOCK_TMP/integer.txt"
decisions native >"$HILLOCK_TMP/native.txt"
expect_text "there are decisions" "$HILLOCK_TMP/native.txt" '^0\.9[0-9]'
expect_same "the same decisions from machine code" \
  "$HILLOCK_TMP/integer.txt" "$HILLOCK_TMP/native.txt"

expect_exit 2 "an unknown triple" "$HILLOCK" compile "$model" \
  --triple nonsense-none-none -o "$HILLOCK_TMP/bad.o"
expect_exit 2 "an unknown processor" "$HILLOCK" compile "$model" \
  --triple aarch64-none-elf --cpu pentium -o "$HILLOCK_TMP/bad.o"
expect_exit 2 "a prefix that is no name" "$HILLOCK" compile "$model" \
  --prefix 4bits -o "$HILLOCK_TMP/bad.o"
if [ -e "$HILLOCK_TMP/bad.o" ]; then
  fail "nothing is left behind" "bad.o is there"
else
  pass "nothing is left behind"
fi
finish
