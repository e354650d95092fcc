#!/usr/bin/env bash
#===- tests/integration/errors.sh - What must be refused, and how ----------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# Each case: exit code, a message that says what is wrong, no crash, and no file
# left behind, neither the output nor a temporary one.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_program python3
[ -x "$HILLOCK_BUILD/tests/hillock_make_bad_nir" ] ||
  skip "hillock_make_bad_nir is not built"

bad=$HILLOCK_TMP/bad
out=$HILLOCK_TMP/written
mkdir -p "$bad" "$out"
digits=examples/digits/digits.nir
good=$bad/good.hlk
encode=(--encode current --encode-max 16)

"$HILLOCK_BUILD/tests/hillock_make_bad_nir" "$bad" ||
  { fail make_bad_nir "did not run"; finish; }
expect_exit 0 "the good model compiles" \
  "$HILLOCK" compile "$bad/good.nir" -o "$good" || finish
python3 -B tests/integration/make_bad_inputs.py "$bad" "$bad/good.nir" \
  "$good" backends/targets/loihi.textproto ||
  { fail make_bad_inputs "did not run"; finish; }

# refused CODE NAME REGEX ARGUMENT...: REGEX is looked for in the message. The
# program may write into $out only, and must not have.
refused() {
  local wanted=$1 name=$2 regex=$3 code=0 left
  shift 3
  timeout 60 "$HILLOCK" "$@" >"$HILLOCK_TMP/out" 2>"$HILLOCK_TMP/err" \
    </dev/null || code=$?
  left=$(ls -A "$out")
  rm -rf "${out:?}"/* # so that one failure stays one
  if [ "$code" -ne "$wanted" ]; then
    sed 's/^/  err: /' "$HILLOCK_TMP/err" | tail -5
    fail "$name" "exit code $code instead of $wanted"
  elif ! head -1 "$HILLOCK_TMP/err" | grep -Eq '^hillock: error: '; then
    sed 's/^/  err: /' "$HILLOCK_TMP/err" | tail -5
    fail "$name" "the first line is no error message"
  elif ! grep -Eqi -- "$regex" "$HILLOCK_TMP/err"; then
    sed 's/^/  err: /' "$HILLOCK_TMP/err" | tail -5
    fail "$name" "the message does not match '$regex'"
  elif [ -n "$left" ]; then
    fail "$name" "left behind: $left"
  else
    pass "$name"
  fi
}

# model CODE FILE REGEX: must not compile.
model() {
  refused "$1" "model $2" "$3" compile "$bad/$2" -o "$out/model.hlk"
}

model 1 empty.nir 'empty.nir'
model 1 magic_only.nir 'magic_only.nir'
model 1 truncated_half.nir 'truncated_half.nir'
model 1 truncated_tail.nir 'truncated_tail.nir'
model 1 garbage.nir 'garbage.nir'
model 1 text.nir 'text.nir'
model 1 unknown.xyz "extension '.xyz'"
model 1 broken.mlir 'broken.mlir|MLIR'
model 1 other.mlir 'network'
model 1 noise.mlirbc 'noise.mlirbc|MLIR'
model 1 missing.nir 'missing.nir.*(No such file|cannot|not)'
model 1 empty_folder 'empty_folder'
model 1 nan_weight.nir "node 'fc', field 'weight'.*NaN"
model 1 inf_weight.nir 'infinite'
model 1 nan_tau.nir "'tau'.*NaN"
model 1 nan_threshold.nir "'v_threshold'.*NaN"
model 1 negative_tau.nir 'positive'
model 1 zero_tau.nir 'positive'
model 1 negative_threshold.nir 'threshold'
model 1 weight_shape.nir "shape.*\(5\)"
model 1 weight_rank.nir '\(outputs, inputs\)'
model 1 tau_shape.nir '\(7\)'
model 1 no_weight.nir "'weight': missing"
model 1 no_tau.nir "'tau': missing"
model 1 no_dt.nir 'give --dt'
model 1 no_edges.nir 'edge'
model 1 dangling_edge.nir "'ghost'"
model 1 empty_graph.nir 'no nodes'
model 1 cycle_without_neuron.nir "cycle through 'back' and 'loop'"
model 1 huge_input.nir 'too large'
model 1 negative_input.nir 'out of range'
model 1 input_too_narrow.nir "\(3\).*\(4\)"
model 1 conv_stride_zero.nir "'stride'"
model 1 conv_negative_padding.nir "'padding'"
model 1 conv_groups.nir 'groups'
model 1 conv_kernel_too_large.nir 'kernel'
model 1 conv_huge_dilation.nir 'dilation'

for name in unknown_field unclosed empty no_mesh zero_tiles word wide; do
  refused 1 "target $name" "$name.textproto" \
    targets --check "$bad/$name.textproto"
  refused 1 "compile for target $name" "$name.textproto" \
    compile "$bad/good.nir" --target "$bad/$name.textproto" -o "$out/x.hlk"
done
expect_text "an unknown field is named with a suggestion" \
  <("$HILLOCK" targets --check "$bad/unknown_field.textproto" 2>&1) 'tiles_x'
refused 4 "three neurons on two compartments" 'compartment|core' \
  compile "$bad/good.nir" --target "$bad/tiny.textproto" -o "$out/x.hlk"
refused 1 "no such target" "did you mean 'loihi'" \
  compile "$bad/good.nir" --target loihii -o "$out/x.hlk"

for name in empty header_only truncated longer flipped magic length text; do
  refused 1 "image $name" "$name.hlk" \
    run "$bad/$name.hlk" --input "$bad/good.npy" -o "$out/x.npy"
done
refused 1 "inspect a damaged image" 'flipped.hlk' inspect "$bad/flipped.hlk"
refused 1 "image is missing" 'missing.hlk' inspect "$bad/missing.hlk"
refused 1 "image is a folder" 'folder' inspect "$out/../bad/folder.hlk"

# data FILE REGEX: must not be taken as an input.
data() {
  refused 1 "data $1" "$2" run "$good" --input "$bad/$1" -o "$out/x.npy"
}

data wrong_shape.npy '\(?5\)?'
data nan.npy 'NaN|not a number|finite'
data graded.npy 'spikes|encode'
data short.npy 'short.npy'
data huge.npy 'huge.npy'
data negative.npy 'negative.npy'
data objects.npy 'objects.npy'
data header.npy 'header.npy'
data empty.npy 'empty'
data cut.npy 'cut.npy'
data empty.csv 'empty'
data ragged.csv 'ragged.csv'
data words.csv 'zero'
data channel.csv '99'
data early.csv 'early.csv'
data list.txt 'missing_recording|list.txt'
data cut.gz 'cut.gz'
data idx 'idx'
data odd.dat 'format'
data empty_folder 'empty_folder'
data no_arrays.npz 'no_arrays.npz'
data truncated.npz 'truncated.npz'
data missing.npy 'missing.npy'
refused 1 "labels of another number" 'label' \
  eval "$good" --data "$bad/labels.npz" --report "$out/r"
refused 1 "images without an encoding" 'shape|encode|time|\(' \
  run "$good" --input examples/digits/test.npz -o "$out/x.npy"

for name in empty broken other; do
  refused 1 "recording $name" "$name.json" replay "$bad/$name.json"
done

# The command line.
refused 2 "no verb" 'subcommand' --json
refused 2 "misspelt verb" "did you mean 'compile'" complie x
refused 2 "unknown option" '--colour' compile "$digits" --colour
refused 2 "option without a value" '--target' compile "$digits" --target
refused 2 "no model" 'model' compile
refused 2 "no output" '-o' compile "$digits"
refused 2 "wrong extension" 'hlk' compile "$digits" -o "$out/x.txt"
refused 2 "an image is no MLIR" 'mlir' \
  compile "$digits" --to snn -o "$out/x.hlk"
refused 2 "unknown phase" "'silicon'" \
  compile "$digits" --to silicon -o "$out/x.hlk"
refused 2 "phases in the wrong order" 'before' \
  compile "$digits" --from image --to snn -o "$out/x.mlir"
refused 2 "seven bits" '7 bits' \
  compile "$digits" --weight-bits 7 -o "$out/x.hlk"
refused 2 "unknown convention" 'bindsnet' \
  compile "$digits" --convention bindsnet -o "$out/x.hlk"
refused 2 "negative refractory time" 'refractory' \
  compile "$digits" --refractory -1 -o "$out/x.hlk"
refused 2 "negative time step" '--dt|positive' \
  compile "$digits" --dt -1 -o "$out/x.hlk"
refused 2 "input without verify" 'verify' \
  compile "$digits" --input "$bad/good.npy" -o "$out/x.hlk"
refused 2 "zero steps" '--steps' \
  run "$good" --input "$bad/good.npy" --steps 0
refused 2 "negative threads" '--threads' \
  run "$good" --input "$bad/good.npy" --threads -1
refused 2 "unknown encoding" '--encode' \
  run "$good" --input "$bad/good.npy" --encode morse
refused 2 "a maximum without an encoding" '--encode' \
  run "$good" --input "$bad/good.npy" --encode-max 3
refused 2 "an unknown clock" '--timing' \
  run "$good" --input "$bad/good.npy" --timing wall
refused 2 "probe of nothing" '--probe' \
  run "$good" --input "$bad/good.npy" --probe 'lif['
refused 2 "probe of an unknown population" "did you mean 'lif'" \
  run "$good" --input "$bad/good.npy" --probe 'lfi:v'
refused 2 "probe beyond the population" '3' \
  run "$good" --input "$bad/good.npy" --probe 'lif[7]:v'
refused 2 "output of no format" '.npy, .npz' \
  run "$good" --input "$bad/good.npy" -o "$out/x.xls"
refused 2 "an input given twice" 'twice' \
  run "$good" --input "$bad/good.npy" --input "$bad/good.npy"
refused 2 "an image has no real level" 'model' \
  run "$good" --input "$bad/good.npy" --level real
refused 2 "an image as the reference" 'model' \
  eval "$good" --data "$bad/labels.npz" --reference "$good"
refused 2 "words of no core" '--core' inspect "$good" --words
refused 2 "a core that is not there" '99' inspect "$good" --core 99
refused 2 "explain what" 'target' targets --explain
refused 2 "unknown dialect" 'nengo' replay "$bad/other.json" --dialect x

# Outputs that cannot be written.
refused 1 "output into a missing folder" 'nowhere' \
  compile "$digits" -o "$out/nowhere/x.hlk"
mkdir -p "$HILLOCK_TMP/folder.hlk" "$HILLOCK_TMP/folder.npy"
refused 1 "output is a folder" 'folder.hlk' \
  compile "$digits" -o "$HILLOCK_TMP/folder.hlk"
refused 1 "spikes into a missing folder" 'nowhere' \
  run "$good" --input "$bad/good.npy" -o "$out/nowhere/x.npy"
refused 1 "spikes into a folder" 'folder.npy' \
  run "$good" --input "$bad/good.npy" -o "$HILLOCK_TMP/folder.npy"
refused 1 "report where a file is" 'good.npy' \
  run "$good" --input "$bad/good.npy" --report "$bad/good.npy"
refused 1 "temporaries where a file is" 'good.npy' \
  compile "$digits" -o "$out/x.hlk" --save-temps "$bad/good.npy"
if [ -e /dev/full ]; then
  code=0
  "$HILLOCK" targets >/dev/full 2>"$HILLOCK_TMP/err" || code=$?
  if [ "$code" -eq 1 ] && grep -q 'cannot be written' "$HILLOCK_TMP/err"; then
    pass "standard output is full"
  else
    fail "standard output is full" "exit code $code"
  fi
fi

# A failure leaves an old output as it was.
echo precious >"$HILLOCK_TMP/old.hlk"
"$HILLOCK" compile "$bad/nan_weight.nir" -o "$HILLOCK_TMP/old.hlk" 2>/dev/null
if [ "$(cat "$HILLOCK_TMP/old.hlk")" = precious ]; then
  pass "an old output survives a failure"
else
  fail "an old output survives a failure" "it was overwritten"
fi

# Two networks that differ: not an error, exit code 3.
expect_exit 3 "different weights, different spikes" \
  "$HILLOCK" diff "$digits" "$digits" --level-a real --level-b integer \
  --input examples/digits/test.npz "${encode[@]}" --steps 32
refused 3 "an image of another model" "differs|cores|words|expected" \
  inspect "$good" --verify "$digits"
refused 1 "networks with other inputs" 'neurons' \
  diff "$digits" "$good"

# Errors as JSON: one document on standard output.
"$HILLOCK" compile "$bad/nan_weight.nir" -o "$out/x.hlk" --json \
  >"$HILLOCK_TMP/error.json" 2>/dev/null
if python3 -c 'import json, sys
error = json.load(open(sys.argv[1]))["error"]
assert error["kind"] == "input" and error["exit_code"] == 1
assert "NaN" in error["message"]' "$HILLOCK_TMP/error.json"; then
  pass "an error as JSON"
else
  fail "an error as JSON" "$(cat "$HILLOCK_TMP/error.json")"
fi
finish
