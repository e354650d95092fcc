#!/usr/bin/env bash
#===- tests/integration/runs.sh - Interrupted, spread, watched runs --------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# Checkpoints, stop conditions, traces and ranks of `hillock run`: results are
# the bytes of the plain run, and what does not fit is refused.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_program "$HILLOCK"

T=$HILLOCK_TMP
digits=(--input examples/digits/test.npz --encode current --encode-max 16)
# Loihi with chips of two cores of 24 compartments: the network takes several.
sed 's/^name: "loihi"/name: "tiny"/; s/tiles_x: 8/tiles_x: 2/
  s/tiles_y: 4/tiles_y: 1/; s/cores_per_tile: 4/cores_per_tile: 1/
  s/words: 1024/words: 24/' backends/targets/loihi.textproto >"$T/tiny.textproto"
expect_exit 0 "compile" "$HILLOCK" compile examples/digits/digits.nir \
  --target "$T/tiny.textproto" -o "$T/d.hlk" || finish
"$HILLOCK" inspect "$T/d.hlk" --json |
  python3 -c 'import json,sys; d=json.load(sys.stdin); sys.exit(d["chips"] < 3)' ||
  fail "several chips" "the network fits on two, ranks would show little"
expect_exit 0 "compile another" "$HILLOCK" compile examples/digits/digits.nir \
  --target "$T/tiny.textproto" --weight-bits 6 -o "$T/other.hlk"
expect_exit 0 "a checkpoint of another" "$HILLOCK" run "$T/other.hlk" \
  --input examples/digits/test.npz --encode current --encode-max 16 \
  --steps 23 --populations --checkpoint "$T/other-half"

# go NAME OPTION...: a run with all spikes and some membranes, as CSV.
go() {
  local name=$1
  shift
  expect_exit "${wanted:-0}" "run: $name" "$HILLOCK" run "$T/d.hlk" \
    "${digits[@]}" --populations -o "$T/$name.csv" "$@"
}

probe=$("$HILLOCK" inspect "$T/d.hlk" --json |
  python3 -c 'import json,sys; print(json.load(sys.stdin)["layers"][-1]["name"])')
probes=(--probe "$probe:v")

# Checkpoints.
go whole --steps 60 "${probes[@]}" --json
cp "$T/out" "$T/whole.json"
go part --steps 60 "${probes[@]}" --stop-when quiet=1000 \
  --checkpoint "$T/c" --checkpoint-every 23
go half --steps 23 "${probes[@]}" --checkpoint "$T/half"
go resumed --steps 60 "${probes[@]}" --resume "$T/half" --threads 2
expect_same "a resumed run is the whole run" "$T/whole.csv" "$T/resumed.csv"
go from-end --steps 60 "${probes[@]}" --resume "$T/c"
expect_same "resumed at its end" "$T/whole.csv" "$T/from-end.csv"

# Interrupted in the middle, by a stop condition.
go stopped-half --steps 60 "${probes[@]}" --stop-when "$probe=2" \
  --checkpoint "$T/stopped"
go after-stop --steps 60 "${probes[@]}" --resume "$T/stopped"
expect_same "resumed after a stop" "$T/whole.csv" "$T/after-stop.csv"

for timing in "davies2018" "sanafe"; do
  clock=(--timing cycle --parameters "$timing")
  "$HILLOCK" run "$T/d.hlk" "${digits[@]}" --steps 40 "${clock[@]}" --json \
    >"$T/clock1.json" 2>/dev/null
  "$HILLOCK" run "$T/d.hlk" "${digits[@]}" --steps 17 "${clock[@]}" \
    --checkpoint "$T/clocked" >/dev/null 2>&1
  expect_exit 0 "resume with a clock, $timing" "$HILLOCK" run "$T/d.hlk" \
    "${digits[@]}" --steps 40 "${clock[@]}" --resume "$T/clocked" --json
  expect_same "time and energy of a resumed run, $timing" \
    "$T/clock1.json" "$T/out"
done

wanted=1
go other-past --steps 60 "${probes[@]}" --resume "$T/half" --sample 3
expect_text "another input is refused" "$T/err" "input before its step"
go too-short --steps 10 "${probes[@]}" --resume "$T/half"
expect_text "a shorter run is refused" "$T/err" "more --steps"
go no-probe --steps 60 --resume "$T/half"
expect_text "other probes are refused" "$T/err" "same probes"
head -c 100 "$T/half" >"$T/cut"
go cut --steps 60 "${probes[@]}" --resume "$T/cut"
expect_text "a cut checkpoint is refused" "$T/err" "cut: the checkpoint should"
go image --steps 60 "${probes[@]}" --resume "$T/d.hlk"
expect_text "an image is no checkpoint" "$T/err" "not a Hillock checkpoint"
expect_exit 1 "another image" "$HILLOCK" run "$T/other.hlk" "${digits[@]}" \
  --steps 60 --populations "${probes[@]}" --resume "$T/half"
expect_text "another image is refused" "$T/err" "of another image"
wanted=0

# Stop conditions: the results are those of the shorter run.
stopped_steps() {
  python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(d["steps"], d["stopped"])' "$1"
}
for condition in "$probe=3" "$probe=9"; do
  go stopped --steps 60 --stop-when "$condition" --json
  read -r steps why < <(stopped_steps "$T/out")
  [ "$why" = "$condition" ] && [ "$steps" -lt 60 ] ||
    fail "stop when $condition" "$steps steps, $why"
  go shorter --steps "$steps"
  expect_same "stopped by $condition after $steps steps" \
    "$T/stopped.csv" "$T/shorter.csv"
done
# Core by core as well.
for condition in "$probe=3" spikes=2; do
  go stop-whole --steps 60 "${probes[@]}" --stop-when "$condition" --json
  cp "$T/out" "$T/stop-whole.json"
  go stop-streamed --steps 60 "${probes[@]}" --stop-when "$condition" \
    --stream always --json
  expect_same "streamed, stopped by $condition" \
    "$T/stop-whole.csv" "$T/stop-streamed.csv"
  [ "$(stopped_steps "$T/out")" = "$(stopped_steps "$T/stop-whole.json")" ] ||
    fail "streamed, stopped by $condition" "$(stopped_steps "$T/out")"
done
expect_exit 2 "no such population to stop, streamed" "$HILLOCK" run \
  "$T/d.hlk" "${digits[@]}" --stop-when "nobody=3" --stream always
expect_exit 2 "a streamed image has no other level" "$HILLOCK" run \
  "$T/d.hlk" "${digits[@]}" --level integer --stream always
expect_text "... which is said" "$T/err" "no integer level"
expect_exit 2 "no such population to stop" "$HILLOCK" run "$T/d.hlk" \
  "${digits[@]}" --stop-when "nobody=3"
expect_text "a name is proposed, or the names" "$T/err" "no output or population"

# Traces.
go traced --steps 60 "${probes[@]}" --trace "$T/t.vcd" \
  --trace "$T/t.perfetto-trace" --timing cycle --parameters sanafe
expect_same "a trace changes nothing" "$T/whole.csv" "$T/traced.csv"
expect_text "a VCD with chip time" "$T/t.vcd" '^\$timescale 1 ps'
go traced-fst --steps 60 "${probes[@]}" --trace "$T/t.fst" \
  --timing cycle --parameters sanafe
expect_same "an FST changes nothing" "$T/whole.csv" "$T/traced-fst.csv"
if command -v fst2vcd >/dev/null; then
  expect_exit 0 "GTKWave reads the FST" fst2vcd -f "$T/t.fst" -o "$T/back.vcd"
  expect_exit 0 "and finds what the VCD has" python3 - "$T/t.vcd" \
    "$T/back.vcd" <<'PYTHON'
import sys

def changes(path):
    """Full name, time, value: of every change, and the values at 0."""
    names, scopes, last, now, found = {}, [], {}, 0, []
    for line in open(path):
        words = line.split()
        if words[:1] == ["$scope"]:
            scopes.append(words[2])
        elif words[:1] == ["$upscope"]:
            scopes.pop()
        elif words[:1] == ["$var"]:
            names[words[3]] = ".".join(scopes + [words[4]])
        elif line[0] == "#":
            now = int(line[1:])
        elif line[0] in "01b":
            bits, code = words if line[0] == "b" else (line[0], line[1:].strip())
            found.append((now, names[code], int(bits.strip("b"), 2)))
    values = {(time, name): value for time, name, value in found}
    for (time, name), value in sorted(values.items()):
        if last.get(name) == value:
            del values[time, name]
        last[name] = value
    return values

vcd, fst = changes(sys.argv[1]), changes(sys.argv[2])
assert len(vcd) > 1000 and vcd == fst, (len(vcd), len(fst))
PYTHON
else
  echo "note: there is no fst2vcd; GTKWave is not asked"
fi
expect_exit 2 "another kind of trace" "$HILLOCK" run "$T/d.hlk" \
  "${digits[@]}" --trace "$T/t.lxt"
expect_text "which kinds there are" "$T/err" "perfetto-trace, .vcd or .fst"
if python3 -c 'from perfetto.protos.perfetto.trace import perfetto_trace_pb2' \
  2>/dev/null; then
  expect_exit 0 "Perfetto's own schema reads the trace" python3 - \
    "$T/t.perfetto-trace" <<'PYTHON'
import sys
from perfetto.protos.perfetto.trace import perfetto_trace_pb2
trace = perfetto_trace_pb2.Trace()
trace.ParseFromString(open(sys.argv[1], "rb").read())
assert not trace.UnknownFields() if hasattr(trace, "UnknownFields") else True
begins = [p for p in trace.packet if p.track_event.type == 1]
ends = [p for p in trace.packet if p.track_event.type == 2]
assert begins and len(begins) == len(ends)
assert any(p.track_event.name == "step 60" for p in begins)
PYTHON
else
  echo "note: the Python package perfetto is not there; its schema is not asked"
fi

# Ranks.
expect_exit 2 "a model has no ranks" "$HILLOCK" run examples/digits/digits.nir \
  "${digits[@]}" --ranks 2
if ! command -v mpirun >/dev/null; then
  echo "note: there is no mpirun; ranks are left out"
  finish
fi
if [ -n "${ASAN_OPTIONS:-}" ]; then
  # OpenMPI keeps some of its memory to the end.
  export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
fi
if ! "$HILLOCK" run "$T/d.hlk" "${digits[@]}" --steps 2 --ranks 2 \
  >"$T/out" 2>"$T/err" && grep -q "built without MPI" "$T/err"; then
  echo "note: built without MPI; ranks are left out"
  finish
fi
for ranks in 2 4; do
  for threads in 1 2; do
    go "ranks-$ranks-$threads" --steps 60 "${probes[@]}" --ranks $ranks \
      --threads $threads
    expect_same "$ranks ranks with $threads threads" \
      "$T/whole.csv" "$T/ranks-$ranks-$threads.csv"
  done
done
"$HILLOCK" run "$T/d.hlk" "${digits[@]}" --steps 40 --timing cycle --json \
  >"$T/one.json" 2>/dev/null
expect_exit 0 "ranks with a clock" "$HILLOCK" run "$T/d.hlk" "${digits[@]}" \
  --steps 40 --timing cycle --ranks 2 --json
expect_same "time and energy on 2 ranks" "$T/one.json" "$T/out"
# Rank 0 has its own part only, unless something needs the whole image.
go ranks-whole --steps 60 "${probes[@]}" --ranks 2 --stream never
expect_same "rank 0 with the whole image" "$T/whole.csv" "$T/ranks-whole.csv"
expect_exit 2 "a clock needs all on rank 0" "$HILLOCK" run "$T/d.hlk" \
  "${digits[@]}" --ranks 2 --stream always --timing cycle
expect_text "what needs it is named" "$T/err" "timing cycle"
go plain-trace --steps 20 --trace "$T/one.vcd"
go ranks-trace --steps 20 --trace "$T/two.vcd" --ranks 2
expect_same "the trace of ranks" "$T/one.vcd" "$T/two.vcd"
go ranks-stopped --steps 60 --ranks 2 --stop-when "$probe=3"
go one-stopped --steps 60 --stop-when "$probe=3"
expect_same "ranks, stopped" "$T/one-stopped.csv" "$T/ranks-stopped.csv"
# A file that is out of date on another machine.
part=("${digits[@]}" --steps 5 --ranks 2)
[ "$(id -u)" -ne 0 ] ||
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
expect_exit 1 "another file on rank 1" mpirun --oversubscribe \
  -n 1 "$HILLOCK" run "$T/d.hlk" "${part[@]}" : \
  -n 1 "$HILLOCK" run "$T/other.hlk" "${part[@]}"
expect_text "... which is named" "$T/err" "other.hlk on rank 1.*hash"
# An evaluation: but for its speed the same.
data=(--data examples/digits/test.npz --encode current --encode-max 16)
eval_json() {
  expect_exit 0 "eval $*" "$HILLOCK" eval "$T/d.hlk" "${data[@]}" --limit 9 \
    --json "$@"
  grep -v samples_per_second "$T/out" >"$T/eval-ranks.json"
}
for timing in step cycle; do
  eval_json --timing $timing
  mv "$T/eval-ranks.json" "$T/eval.json"
  for ranks in 2 3; do
    eval_json --timing $timing --ranks $ranks
    expect_same "eval on $ranks ranks, $timing" "$T/eval.json" \
      "$T/eval-ranks.json"
  done
done
expect_exit 2 "a model has no ranks to evaluate on" "$HILLOCK" eval \
  examples/digits/digits.nir "${data[@]}" --ranks 2
# Checkpoints know nothing of ranks. "always": rank 0 has no whole image.
for ranks in 4 2 1; do
  go "ranks-half-$ranks" --steps 23 "${probes[@]}" --ranks $ranks \
    --checkpoint "$T/half-$ranks" $([ $ranks -eq 1 ] || echo --stream always)
  expect_same "the checkpoint of $ranks ranks" "$T/half" "$T/half-$ranks"
  go "ranks-resumed-$ranks" --steps 60 "${probes[@]}" --ranks $ranks \
    --resume "$T/half-4" --checkpoint "$T/end-$ranks" --checkpoint-every 20
  expect_same "of 4 ranks, resumed on $ranks" \
    "$T/whole.csv" "$T/ranks-resumed-$ranks.csv"
  expect_same "and its last checkpoint" "$T/end-4" "$T/end-$ranks"
done
go ranks-resumed --steps 60 "${probes[@]}" --ranks 2 --resume "$T/half"
expect_same "resumed on ranks" "$T/whole.csv" "$T/ranks-resumed.csv"
wanted=1
go ranks-other --steps 60 "${probes[@]}" --ranks 2 --resume "$T/other-half"
expect_text "ranks refuse that of another image" "$T/err" "of another image"
wanted=0
wanted=1
go ranks-error --steps 60 --ranks 2 --resume "$T/cut"
expect_text "an error on ranks is said once" "$T/err" "cut: the checkpoint"
[ "$(wc -l <"$T/err")" -le 3 ] || fail "error on ranks" "too many lines"
wanted=0

# pid_of_rank RANK FILE: the process of this rank that has FILE in its command.
pid_of_rank() {
  local folder
  for folder in /proc/[0-9]*; do
    [ -r "$folder/environ" ] || continue
    {
      tr '\0' '\n' <"$folder/cmdline" | grep -qx -- "$2" &&
        tr '\0' '\n' <"$folder/environ" |
        grep -qx "OMPI_COMM_WORLD_RANK=$1" && basename "$folder" && return
    } 2>/dev/null
  done
}
long=(--steps 60000)
"$HILLOCK" run "$T/d.hlk" "${digits[@]}" "${long[@]}" --ranks 3 \
  --stream always --checkpoint "$T/killed" --checkpoint-every 300 -o "$T/killed.csv" \
  >"$T/out" 2>"$T/err" &
runner=$!
for _ in $(seq 600); do
  [ -e "$T/killed" ] && break
  sleep 0.05
done
victim=$(pid_of_rank 1 "$T/killed")
if [ -z "$victim" ]; then
  fail "kill a rank" "rank 1 was not found"
  wait $runner
else
  kill -9 "$victim"
  code=0
  wait $runner || code=$?
  [ $code -eq 1 ] && pass "a killed rank ends the run" ||
    fail "a killed rank ends the run" "exit code $code"
  expect_text "which rank died, and how" "$T/err" "rank 1 of 3 died of signal 9"
  expect_text "and what to do" "$T/err" "resume"
  [ ! -e "$T/killed.csv" ] || fail "killed" "it left an output"
  expect_exit 0 "resume after the end of a rank" "$HILLOCK" run "$T/d.hlk" \
    "${digits[@]}" "${long[@]}" --resume "$T/killed" -o "$T/after.csv"
  expect_exit 0 "the same run, undisturbed" "$HILLOCK" run "$T/d.hlk" \
    "${digits[@]}" "${long[@]}" -o "$T/undisturbed.csv"
  expect_same "the checkpoint of a run that died" \
    "$T/undisturbed.csv" "$T/after.csv"
fi
finish
