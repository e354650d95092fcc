#!/usr/bin/env bash
#===- tests/integration/limits.sh - Memory and errors at the border --------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# A compilation stays within a limit of the address space, and one that hits
# the border of something (memory, disk, a folder without rights) leaves a
# message and no half of a file. How much memory a synapse may take is measured
# in tests/unit/compiler/pipeline/CompileMemoryTest.cpp.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_program "$HILLOCK"
digits=examples/digits/digits.nir

# within KILOBYTES COMMAND...: with so much data (heap and anonymous pages).
within() (
  ulimit -d "$1" || exit 99
  shift
  exec "$@"
)

# The limit is 200 MB beside the synapses; 20 bytes for each of those of SCNN
# (1,098,897) are 22 MB more.
# Not grep -q: it would end before nm does, which pipefail takes for "no".
if nm "$HILLOCK" 2>/dev/null | grep __asan_init >/dev/null; then
  echo "note: sanitizers have memory of their own, sizes are not checked"
else
  expect_exit 0 "digits within 200 MB" \
    within 200000 "$HILLOCK" compile $digits -o "$HILLOCK_TMP/d.hlk"
  if [ -n "${HILLOCK_DATA:-}" ]; then
    expect_exit 0 "SCNN within 222 MB" \
      within 222000 "$HILLOCK" compile \
      "$HILLOCK_DATA/nir/02_cnn/cnn_sinabs.nir" -o "$HILLOCK_TMP/s.hlk"
  else
    echo "note: SCNN is left out, HILLOCK_DATA is not set"
  fi
fi

# No file may become longer than 4 KiB: the image does not fit.
small() (
  trap '' XFSZ
  ulimit -f 4 || exit 99
  exec "$@"
)
mkdir -p "$HILLOCK_TMP/full"
expect_exit 1 "an image that cannot be written" \
  small "$HILLOCK" compile $digits -o "$HILLOCK_TMP/full/d.hlk"
expect_text "... says so" "$HILLOCK_TMP/err" "d\.hlk"
if [ -z "$(ls -A "$HILLOCK_TMP/full")" ]; then
  pass "... and leaves nothing behind"
else
  fail "... and leaves nothing behind" "$(ls -A "$HILLOCK_TMP/full")"
fi

# A file that claims more than it has.
head -c 2000 "$HILLOCK_TMP/d.hlk" >"$HILLOCK_TMP/cut.hlk" 2>/dev/null
expect_exit 1 "half an image" "$HILLOCK" inspect "$HILLOCK_TMP/cut.hlk"
head -c 20000 $digits >"$HILLOCK_TMP/cut.nir"
expect_exit 1 "half a model" \
  "$HILLOCK" compile "$HILLOCK_TMP/cut.nir" -o "$HILLOCK_TMP/c.hlk"
[ ! -e "$HILLOCK_TMP/c.hlk" ] || fail "half a model" "left an image behind"
finish
