#!/usr/bin/env bash
#===- tests/integration/cortex_m.sh - A network on a microcontroller -------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# A tiny network as a whole program for a Cortex-M4 and a Cortex-M0, on QEMU's
# board: its outputs are those of the integer evaluation (run.sh ends with an
# error otherwise), as are those of plain C, and it fits 16 KB of flash and 2 KB
# of RAM.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_program "$HILLOCK"
need_program "$HILLOCK_BIN/hillock-plain-c"
for program in qemu-system-arm clang-22 ld.lld-22; do
  need_program "$program"
done
need_data mnist/train-images-idx3-ubyte.gz

expect_exit 0 "quantize to int4" "$HILLOCK" compile \
  examples/tiny/zero_one.onnx --target int4 --calibration-samples 50 \
  --calibration "$HILLOCK_DATA/mnist/train-images-idx3-ubyte.gz" \
  --rounding nearest -o "$HILLOCK_TMP/zero_one.mlirbc"
expect_exit 0 "the same outputs on Cortex-M4 and Cortex-M0" \
  benchmarks/int4/cortex-m/run.sh "$HILLOCK_BUILD" \
  "$HILLOCK_TMP/zero_one.mlirbc"
cp "$HILLOCK_TMP/out" "$HILLOCK_TMP/table.txt"
expect_exit 0 "it fits 16 KB of flash and 2 KB of RAM" python3 -c 'import sys
rows = [line.split() for line in open(sys.argv[1])][1:]
assert [row[1] for row in rows] == ["M4", "M0"], rows
for row in rows:
    flash, ram = (int(row[i].replace(",", "")) for i in (6, 9))
    assert 0 < flash <= 16384 and 0 < ram <= 2048, row' "$HILLOCK_TMP/table.txt"
finish
