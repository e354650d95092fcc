#!/usr/bin/env bash
#===- tests/integration/determinism.sh - The same bytes, always ------------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# An image does not depend on the addresses at which the compiler runs, on its
# environment, on its folder for temporary files or on the number of
# processors; spikes and probes do not depend on the number of threads.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_program "$HILLOCK"

# The size of the environment moves the stack, a stranger's locale and time
# zone change words.
long=$(printf 'x%.0s' $(seq 5000))
mkdir -p "$HILLOCK_TMP/elsewhere"

# under WAY COMMAND...: runs it one of five ways.
under() {
  local way=$1
  shift
  case $way in
  fixed) setarch -R "$@" ;;
  environment)
    env TMPDIR="$HILLOCK_TMP/elsewhere" PADDING="$long" TZ=Asia/Tokyo \
      LC_ALL=C.UTF-8 "$@"
    ;;
  one-processor) taskset -c "$(first_processor)" "$@" ;;
  empty) env -i "$@" ;;
  *) "$@" ;;
  esac
}

first_processor() {
  taskset -cp $$ | sed 's/.*: *//; s/[,-].*//'
}

# can WAY: whether the system lets us run that way (containers may not).
can() { under "$1" true >/dev/null 2>&1; }

# same_image NAME MODEL [OPTION...]: compiles it in all ways.
same_image() {
  local name=$1 model=$2 way
  shift 2
  expect_exit 0 "compile $name" \
    "$HILLOCK" compile "$model" --target loihi -o "$HILLOCK_TMP/$name.hlk" \
    "$@" || return
  for way in again fixed environment one-processor empty; do
    if ! can $way; then
      echo "note: '$way' is not possible here"
      continue
    fi
    local image="$HILLOCK_TMP/$name-$way.hlk"
    expect_exit 0 "compile $name, $way" \
      under $way "$HILLOCK" compile "$model" --target loihi -o "$image" "$@"
    expect_same "image of $name, $way" "$HILLOCK_TMP/$name.hlk" "$image"
    rm -f "$image"
  done
  can fixed || return
  expect_exit 0 "compile $name to quantized" \
    "$HILLOCK" compile "$model" --target loihi --to quantized \
    -o "$HILLOCK_TMP/$name-1.mlir" "$@"
  expect_exit 0 "compile $name to quantized, fixed addresses" \
    under fixed "$HILLOCK" compile "$model" --target loihi --to quantized \
    -o "$HILLOCK_TMP/$name-2.mlir" "$@"
  expect_same "integers of $name" \
    "$HILLOCK_TMP/$name-1.mlir" "$HILLOCK_TMP/$name-2.mlir"
}

# same_run NAME INPUT [OPTION...]: all populations on 1, 2 and 3 threads.
same_run() {
  local name=$1 input=$2 threads
  shift 2
  [ -e "$HILLOCK_TMP/$name.hlk" ] || return
  for threads in 1 2 3; do
    expect_exit 0 "run $name on $threads threads" \
      "$HILLOCK" run "$HILLOCK_TMP/$name.hlk" --input "$input" --populations \
      --threads $threads -o "$HILLOCK_TMP/$name-$threads.csv" "$@"
    [ $threads -eq 1 ] || expect_same "spikes of $name on $threads threads" \
      "$HILLOCK_TMP/$name-1.csv" "$HILLOCK_TMP/$name-$threads.csv"
  done
  [ "$(wc -l <"$HILLOCK_TMP/$name-1.csv")" -gt 10 ] ||
    fail "spikes of $name" "there are hardly any, the comparison says nothing"
}

same_image digits examples/digits/digits.nir
same_run digits examples/digits/test.npz \
  --encode current --encode-max 16 --steps 32

if [ -z "${HILLOCK_DATA:-}" ]; then
  echo "note: Braille and SCNN are left out, HILLOCK_DATA is not set"
  finish
fi
same_image braille "$HILLOCK_DATA/nir/03_rnn/braille_noDelay_bias_zero.nir"
same_run braille "$HILLOCK_DATA/braille/ds_test_sample0_input.npy"
same_image scnn "$HILLOCK_DATA/nir/02_cnn/cnn_sinabs.nir"
same_run scnn "$HILLOCK_DATA/nmnist/test100.txt"
finish
