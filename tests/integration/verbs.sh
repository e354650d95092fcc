#!/usr/bin/env bash
#===- tests/integration/verbs.sh - Every verb, from model to report --------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_program python3
digits=examples/digits/digits.nir
test=examples/digits/test.npz
encode=(--encode current --encode-max 16 --steps 32)
image=$HILLOCK_TMP/digits.hlk

# json NAME EXPRESSION COMMAND...: the output is one document d for which the
# Python expression holds.
json() {
  local name=$1 expression=$2
  shift 2
  "$@" --json >"$HILLOCK_TMP/out.json" 2>"$HILLOCK_TMP/err" </dev/null
  if python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert eval(f"({sys.argv[2]})")' "$HILLOCK_TMP/out.json" "$expression" \
    2>>"$HILLOCK_TMP/err"; then
    pass "$name"
  else
    tail -5 "$HILLOCK_TMP/err"
    fail "$name" "$expression does not hold"
  fi
}

expect_exit 0 "compile and verify" \
  "$HILLOCK" compile $digits --target loihi -o "$image" --verify || finish
expect_text "verification names the levels" "$HILLOCK_TMP/out" \
  'same at the levels integer, cores and chip'
json "compile as JSON" \
  'd["neurons"] == 110 and [l["name"] for l in d["layers"]] == ["hidden", "out"]
   and d["verified"]["levels"] == ["integer", "cores", "chip"]' \
  "$HILLOCK" compile $digits -o "$HILLOCK_TMP/again.hlk" --verify
expect_same "compiling twice gives the same bytes" \
  "$image" "$HILLOCK_TMP/again.hlk"
expect_exit 0 "verify with an input" \
  "$HILLOCK" compile $digits --verify --input $test "${encode[@]}"

# Phases: save, go on from each, and end at the same image.
expect_exit 0 "save the phases" "$HILLOCK" compile $digits \
  -o "$HILLOCK_TMP/t.hlk" --save-temps "$HILLOCK_TMP/temps"
expect_exit 0 "phase snn as text" \
  "$HILLOCK" compile $digits --to snn -o "$HILLOCK_TMP/snn.mlir"
expect_text "phase snn is a network" "$HILLOCK_TMP/snn.mlir" 'snn.network'
expect_exit 0 "phase quantized as bytecode" \
  "$HILLOCK" compile $digits --to quantized -o "$HILLOCK_TMP/q.mlirbc"
expect_exit 0 "from quantized to image" \
  "$HILLOCK" compile "$HILLOCK_TMP/q.mlirbc" --from mapped \
  -o "$HILLOCK_TMP/q.hlk"
expect_exit 0 "count the ops of a phase" "$HILLOCK" inspect "$HILLOCK_TMP/snn.mlir"
expect_exit 0 "count the ops of a model" "$HILLOCK" inspect $digits

# Accuracy: the README of the example says what two other programs found.
json "eval" 'd["samples"] == 360 and d["right"] >= 355
  and d["reference"]["right"] == 358 and len(d["confusion"]) == 10
  and d["accuracy"] == d["right"] / 360' \
  "$HILLOCK" eval "$image" --data $test "${encode[@]}" --reference $digits
cp "$HILLOCK_TMP/out.json" "$HILLOCK_TMP/all.json"
json "eval on one thread gives the same" \
  '[(s["decision"], s["scores"]) for s in d["results"]] ==
   [(s["decision"], s["scores"]) for s in
    json.load(open("'"$HILLOCK_TMP"'/all.json"))["results"]]' \
  "$HILLOCK" eval "$image" --data $test "${encode[@]}" --threads 1
json "eval a part" 'd["samples"] == 7' "$HILLOCK" eval "$image" --data $test \
  "${encode[@]}" --first 100 --limit 7
json "eval the integer level" 'd["samples"] == 20 and
  [s["scores"] for s in d["results"]] == [s["scores"] for s in
    json.load(open("'"$HILLOCK_TMP"'/all.json"))["results"]][:20]' \
  "$HILLOCK" eval $digits --level integer --data $test "${encode[@]}" --limit 20

json "eval with a clock" '[s["decision"] for s in d["results"]] ==
  [s["decision"] for s in json.load(open("'"$HILLOCK_TMP"'/all.json"))
   ["results"]][:3] and d["timing"]["sets"][0]["time_ps"] is not None' \
  "$HILLOCK" eval "$image" --data $test "${encode[@]}" --limit 3 \
  --timing cycle --parameters davies2018

expect_exit 0 "eval with a report" "$HILLOCK" eval "$image" --data $test \
  "${encode[@]}" --limit 20 --reference $digits --report "$HILLOCK_TMP/report"
expect_text "the report has a raster" "$HILLOCK_TMP/report/index.html" \
  'spikes of each population'
expect_text "the report has a chip map" "$HILLOCK_TMP/report/index.html" \
  'fullest memory'
expect_exit 0 "run with a report" "$HILLOCK" run "$image" --input $test \
  "${encode[@]}" --probe 'out[0-2]:u' --report "$HILLOCK_TMP/one.html"
expect_text "the report has the probe" "$HILLOCK_TMP/one.html" 'out\[1\]:u'

# run: files and probes.
json "run" 'd["steps"] == 32 and len(d["outputs"][0]["sums"]) == 10
  and len(d["probes"][0]["values"]) == 32 and d["probes"][0]["neurons"] == [3]' \
  "$HILLOCK" run "$image" --input $test --sample 5 "${encode[@]}" \
  --probe 'hidden[3]'
expect_exit 0 "options before the image" "$HILLOCK" run "${encode[@]}" \
  --probe 'out[1]' --probe 'hidden[2]:u' --input $test "$image"
for extension in npy npz csv json nirdata; do
  expect_exit 0 "spikes as .$extension" "$HILLOCK" run "$image" --input $test \
    "${encode[@]}" --populations -o "$HILLOCK_TMP/spikes.$extension"
done
expect_text "spikes as events" "$HILLOCK_TMP/spikes.csv" \
  '^population,hidden,[0-9]+,[0-9]+,1$'
if python3 -c 'import nir; nir.read_data' 2>/dev/null; then
  expect_exit 0 "NIR's own reader finds the spikes" python3 - \
    "$HILLOCK_TMP/spikes.nirdata" "$HILLOCK_TMP/spikes.csv" <<'PYTHON'
import csv, sys
import nir
data = nir.read_data(sys.argv[1])
rows = list(csv.DictReader(open(sys.argv[2])))
names = {row["name"] for row in rows}
assert names and names <= set(data.nodes)
for name in names:
    spikes = data.nodes[name].observables["spikes"]
    kind = "output" if any(r["name"] == name and r["kind"] == "output" for r in rows) else "population"
    steps = sorted((int(r["step"]), int(r["neuron"])) for r in rows
                   if r["name"] == name and r["kind"] == kind)
    dt = spikes.t_max / 32
    grid = spikes.to_time_gridded(dt)
    assert grid.shape == (1, 32, spikes.n_neurons)
    assert sorted(map(tuple, zip(*grid.data[0].nonzero()))) == steps, name
PYTHON
else
  echo "note: the Python package nir is not there or too old; its reader is not asked"
fi
expect_exit 1 "10 channels are no input of 64" "$HILLOCK" run "$image" \
  --input "$HILLOCK_TMP/spikes.npy"
expect_exit 0 "two threads" "$HILLOCK" run "$image" --input $test \
  "${encode[@]}" --threads 2 -o "$HILLOCK_TMP/two.npy"
expect_same "threads do not change spikes" \
  "$HILLOCK_TMP/two.npy" "$HILLOCK_TMP/spikes.npy"
# An image that is never held whole; a smaller part of each core.
expect_exit 0 "streamed" "$HILLOCK" run "$image" --input $test \
  "${encode[@]}" --populations --probe 'out[1]' --stream always \
  -o "$HILLOCK_TMP/streamed.csv"
expect_exit 0 "not streamed" "$HILLOCK" run "$image" --input $test \
  "${encode[@]}" --populations --probe 'out[1]' -o "$HILLOCK_TMP/whole.csv"
expect_same "a streamed image spikes alike" \
  "$HILLOCK_TMP/streamed.csv" "$HILLOCK_TMP/whole.csv"
expect_exit 2 "a clock needs the tables" "$HILLOCK" run "$image" \
  --input $test "${encode[@]}" --stream always --timing cycle
expect_text "what needs them is named" "$HILLOCK_TMP/err" "timing cycle"
expect_exit 0 "20 neurons on a core" "$HILLOCK" compile $digits \
  --neurons-per-core 20 --verify -o "$HILLOCK_TMP/many.hlk"
json "take six cores" 'd["cores"] == 6' "$HILLOCK" inspect "$HILLOCK_TMP/many.hlk"
expect_exit 0 "many cores" "$HILLOCK" run "$HILLOCK_TMP/many.hlk" --input $test \
  "${encode[@]}" -o "$HILLOCK_TMP/many.npy"
expect_same "more cores, the same spikes" \
  "$HILLOCK_TMP/many.npy" "$HILLOCK_TMP/spikes.npy"
for level in real integer cores chip; do
  expect_exit 0 "run the level $level" "$HILLOCK" run $digits --level $level \
    --input $test "${encode[@]}" -o "$HILLOCK_TMP/$level.csv"
done
for level in cores chip; do
  expect_same "integers and $level spike alike" \
    "$HILLOCK_TMP/integer.csv" "$HILLOCK_TMP/$level.csv"
done

# why: of the first spike of the output, as the run has it.
read -r step neuron < <(awk -F, '$1 == "output" { print $3, $4; exit }' \
  "$HILLOCK_TMP/whole.csv")
json "why" 'd["fired"] and d["population"] == "out" and
  d["membrane"] > d["threshold"] and d["membrane"] == d["rest"] +
  d["other_contribution"] + sum(c["contribution"] for c in d["causes"])' \
  "$HILLOCK" why "$image" --neuron "out[$neuron]" --step "$step" \
  --input $test "${encode[@]}" --depth 2
expect_exit 0 "why in words" "$HILLOCK" why "$image" --neuron "out[$neuron]" \
  --step "$step" --input $test "${encode[@]}"
expect_text "why names weights" "$HILLOCK_TMP/out" 'hidden\[[0-9]+\] fired in step'
expect_exit 2 "why of nobody" "$HILLOCK" why "$image" --neuron 'out[10]' \
  --step 3 --input $test "${encode[@]}"

# diff
expect_exit 0 "model and image are equal" "$HILLOCK" diff $digits "$image" \
  --input $test "${encode[@]}"
json "real and integer differ" 'not d["equal"] and
  set(d["difference"]) >= {"population", "neuron", "step", "context_a"}' \
  "$HILLOCK" diff $digits "$image" --level-a real --input $test "${encode[@]}"
expect_exit 0 "compile with fewer bits" \
  "$HILLOCK" compile $digits --weight-bits 3 -o "$HILLOCK_TMP/three.hlk"
expect_exit 3 "fewer bits, other spikes" "$HILLOCK" diff "$image" \
  "$HILLOCK_TMP/three.hlk" --input $test "${encode[@]}"
expect_text "the first difference is explained" "$HILLOCK_TMP/out" \
  'first difference: population'

# inspect
json "inspect" 'd["cores"] == 1 and d["outputs"][0]["lag"] == 2
  and d["inputs"][0]["shape"] == [64]' "$HILLOCK" inspect "$image"
expect_exit 0 "inspect cores" "$HILLOCK" inspect "$image" --cores --program
expect_text "the program is printed" "$HILLOCK_TMP/out" 'fire r'
json "inspect words" 'len(d["core"]["words"]["compartment"]) == 110' \
  "$HILLOCK" inspect "$image" --core 0 --words
expect_exit 0 "inspect against the model" \
  "$HILLOCK" inspect "$image" --verify $digits

# targets
json "targets" '"loihi" in [t["name"] for t in d["targets"]]' \
  "$HILLOCK" targets
expect_exit 0 "explain a target" "$HILLOCK" targets loihi --explain
expect_exit 0 "map of a target" "$HILLOCK" targets loihi --map
json "check a target" 'd["name"] == "loihi" and d["cores_per_chip"] == 128' \
  "$HILLOCK" targets --check backends/targets/loihi.textproto

# Small models of other kinds: voltages as outputs, convolutions, no neurons.
mkdir -p "$HILLOCK_TMP/small"
"$HILLOCK_BUILD/tests/hillock_make_bad_nir" "$HILLOCK_TMP/small"
for name in good odd conv_good graded_output no_neurons; do
  expect_exit 0 "verify $name" \
    "$HILLOCK" compile "$HILLOCK_TMP/small/$name.nir" --verify \
    -o "$HILLOCK_TMP/small/$name.hlk"
  expect_text "verify $name: three levels" "$HILLOCK_TMP/out" \
    'levels integer, cores and chip'
done

# Names that are markup must stay names.
"$HILLOCK_BUILD/tests/hillock_make_bad_nir" "$HILLOCK_TMP" &&
  "$HILLOCK" compile "$HILLOCK_TMP/odd.nir" -o "$HILLOCK_TMP/odd.hlk" \
    >"$HILLOCK_TMP/out" 2>&1 &&
  printf '1,1,1,1\n1,0,1,1\n1,1,1,1\n' >"$HILLOCK_TMP/in.csv" &&
  "$HILLOCK" run "$HILLOCK_TMP/odd.hlk" --input "$HILLOCK_TMP/in.csv" \
    --report "$HILLOCK_TMP/odd.html" >"$HILLOCK_TMP/out" 2>&1
if grep -q '&lt;b onclick' "$HILLOCK_TMP/odd.html" &&
  ! grep -q '<b onclick' "$HILLOCK_TMP/odd.html"; then
  pass "markup in names is escaped"
else
  tail -3 "$HILLOCK_TMP/out"
  fail "markup in names is escaped" "see odd.html"
fi

# replay
if [ -n "${HILLOCK_DATA:-}" ] && [ -d "$HILLOCK_DATA/loihi" ]; then
  json "replay" 'd["equal"] and d["cases"] >= 70' \
    "$HILLOCK" replay "$HILLOCK_DATA"/loihi/*.json
  expect_exit 3 "replay in the wrong dialect" "$HILLOCK" replay \
    "$HILLOCK_DATA/loihi/loihi_golden_nengo.json" --dialect brian2
else
  echo "SKIP replay: HILLOCK_DATA is not set"
fi
finish
