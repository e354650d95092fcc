#!/usr/bin/env bash
#===- tests/integration/odin.sh - Digits on tinyODIN, from its pins --------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# The committed 4-bit network, programmed by SPI, on all held-out images. What
# the chip decides is held against the network in real numbers and, image by
# image on average, against the example's own simulation in NumPy.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_program python3
example=examples/odin-digits
data=(--data examples/digits/test.npz --encode current --encode-max 16 --steps 8)
image=$HILLOCK_TMP/digits4.hlk

expect_exit 0 "compile for tinyODIN" \
  "$HILLOCK" compile $example/digits4.nir --target tinyodin -o "$image" \
  --verify || finish
expect_exit 0 "real numbers" "$HILLOCK" eval $example/digits4.nir --level real \
  "${data[@]}" --json || finish
mv "$HILLOCK_TMP/out" "$HILLOCK_TMP/real.json"
expect_exit 0 "the chip" "$HILLOCK" eval "$image" "${data[@]}" --json || finish
mv "$HILLOCK_TMP/out" "$HILLOCK_TMP/chip.json"

# Two points of 360 images are 7.2.
if text=$(python3 - "$HILLOCK_TMP/real.json" "$HILLOCK_TMP/chip.json" <<'EOF'
import json, sys
real, chip = (json.load(open(path)) for path in sys.argv[1:])
print(f"chip {chip['right']}, real numbers {real['right']} of 360")
assert real["labelled"] == chip["labelled"] == 360
assert chip["accuracy"] >= real["accuracy"] - 0.02
assert chip["crossbar"]["lost_spikes"] == 0
EOF
); then pass "within two points of real numbers ($text)"; else
  fail "within two points of real numbers" "$text"
fi

if ! python3 -c 'import numpy' 2>/dev/null; then
  echo "SKIP NumPy is not there for the example's own simulation"
  finish
fi
expect_exit 0 "the example's own simulation" \
  python3 -B $example/train.py --check || finish
if text=$(python3 - "$HILLOCK_TMP/out" "$HILLOCK_TMP/chip.json" <<'EOF'
import json, re, sys
words = re.search(r"(\d+) of 360 .*: ([\d.]+), ([\d.]+), ([\d.]+)",
                  open(sys.argv[1]).read())
chip = json.load(open(sys.argv[2]))
found = [chip["right"], chip["input_spikes_per_sample"]]
found += [layer["spikes_per_sample"] for layer in chip["layers"]]
print("chip", found, "simulation", words.groups())
assert int(words[1]) == found[0]
assert all(abs(float(words[i]) - found[i - 1]) < 0.051 for i in (2, 3, 4))
EOF
); then pass "as the example's own simulation ($text)"; else
  fail "as the example's own simulation" "$text"
fi

finish
