#!/usr/bin/env bash
#===- tests/integration/int4.sh - Four bits on spiking chips ---------------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# N-MNIST with 4-bit weights on the emulated Loihi, and the published MNIST
# network as graded spikes: the decisions of its integers.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_program "$HILLOCK"
need_data onnx/mnist_conv_cntk.onnx
need_data mnist/t10k-images-idx3-ubyte.gz

# field NAME FILE: of a JSON document.
field() { python3 -c 'import json, sys
print(json.load(open(sys.argv[2]))[sys.argv[1]])' "$@"; }

if [ -e "$HILLOCK_DATA/nmnist/test100.txt" ]; then
  "$HILLOCK" eval "$HILLOCK_DATA/nir/02_cnn/cnn_sinabs.nir" --level chip \
    --weights int4 --reset zero --data "$HILLOCK_DATA/nmnist/test100.txt" \
    --merge sum --steps 313 --whole-frames --json >"$HILLOCK_TMP/nmnist.json"
  right=$(field accuracy "$HILLOCK_TMP/nmnist.json")
  if python3 -c "exit(not $right >= 0.99)"; then
    pass "99 of 100 recordings with 4-bit weights"
  else
    fail "99 of 100 recordings with 4-bit weights" "accuracy is $right"
  fi
fi

images=$HILLOCK_DATA/mnist
onnx=$HILLOCK_DATA/onnx/mnist_conv_cntk.onnx
calibration=(--calibration "$images/train-images-idx3-ubyte.gz"
  --calibration-samples 50 --rounding nearest)
expect_exit 0 "integers" "$HILLOCK" compile "$onnx" --target int4 \
  "${calibration[@]}" -o "$HILLOCK_TMP/integers.mlirbc"
expect_exit 0 "the same as graded spikes, all levels alike" "$HILLOCK" \
  compile "$onnx" --target graded --weights int4 "${calibration[@]}" \
  -o "$HILLOCK_TMP/spikes.hlk" --verify
decisions() { # MODEL OPTION...
  "$HILLOCK" eval "$@" --limit 500 --json \
    --data "$images/t10k-images-idx3-ubyte.gz" |
    python3 -c 'import json, sys
document = json.load(sys.stdin)
print(document["accuracy"], document["confusion"])'
}
decisions "$HILLOCK_TMP/integers.mlirbc" >"$HILLOCK_TMP/integers.txt"
decisions "$HILLOCK_TMP/spikes.hlk" \
  >"$HILLOCK_TMP/spikes.txt"
expect_text "there are decisions" "$HILLOCK_TMP/spikes.txt" '^0\.9[0-9]'
expect_same "graded spikes decide as the integers" \
  "$HILLOCK_TMP/integers.txt" "$HILLOCK_TMP/spikes.txt"

expect_exit 0 "rate code, all levels alike" "$HILLOCK" compile "$onnx" \
  --target graded --code rate "${calibration[@]}" \
  -o "$HILLOCK_TMP/rate.hlk" --verify
decisions "$HILLOCK_TMP/rate.hlk" --steps 16 --decision last \
  >"$HILLOCK_TMP/rate.txt"
# 16 steps tell as many rates apart as 4 bits tell codes: nothing should be lost
# but chance, of which two standard deviations of a share of 500 images are left.
if text=$(python3 - "$HILLOCK_TMP/integers.txt" "$HILLOCK_TMP/rate.txt" <<'EOF'
import math, sys
integers, rate = (float(open(path).read().split()[0]) for path in sys.argv[1:])
least = integers - 2 * math.sqrt(integers * (1 - integers) / 500)
print(f"{rate}, wanted {least:.4f}; integers {integers}")
sys.exit(rate < least)
EOF
); then pass "rate code decides as well as the integers ($text)"; else
  fail "rate code decides as well as the integers" "$text"
fi

expect_exit 2 "a chip without graded spikes" "$HILLOCK" compile "$onnx" \
  --target tinyodin "${calibration[@]}" -o "$HILLOCK_TMP/bad.hlk"
expect_exit 2 "a code for what spikes already" "$HILLOCK" compile \
  "$HILLOCK_ROOT/examples/digits/digits.nir" --code graded \
  -o "$HILLOCK_TMP/bad.hlk"
finish
