#===- tests/integration/lib.sh - Helpers of the integration scripts --------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# A script starts with
#
#     source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
#
# and prints a verdict a case, a line each: "PASS name", "FAIL name: reason" or
# "SKIP reason". script/test sets HILLOCK_ROOT, HILLOCK_BUILD (the build tree),
# HILLOCK_BIN (its programs), HILLOCK_TMP (an empty folder of this script) and
# passes HILLOCK_DATA on; a script can also be run by hand, on the dev build.
set -uo pipefail

: "${HILLOCK_ROOT:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
: "${HILLOCK_BUILD:=$HILLOCK_ROOT/build}"
: "${HILLOCK_BIN:=$HILLOCK_BUILD/bin}"
if [ -z "${HILLOCK_TMP:-}" ]; then
  HILLOCK_TMP=$(mktemp -d)
  trap 'rm -rf "$HILLOCK_TMP"' EXIT
fi
export HILLOCK_ROOT HILLOCK_BUILD HILLOCK_BIN HILLOCK_TMP
cd "$HILLOCK_ROOT" || exit 1

HILLOCK="$HILLOCK_BIN/hillock"
failures=0

# pass NAME
pass() { echo "PASS $1"; }

# fail NAME REASON...: counts, and goes on with the next case.
fail() {
  local name=$1
  shift
  echo "FAIL $name: $*"
  failures=$((failures + 1))
}

# skip REASON...: the whole script is left out.
skip() {
  echo "SKIP $*"
  exit 0
}

# finish: the last line of every script.
finish() { exit $((failures > 0)); }

# need_data [PATH]: skips unless HILLOCK_DATA (and PATH in it) is there.
need_data() {
  [ -n "${HILLOCK_DATA:-}" ] || skip "HILLOCK_DATA is not set"
  [ $# -eq 0 ] || [ -e "$HILLOCK_DATA/$1" ] ||
    skip "HILLOCK_DATA has no $1"
}

# need_program NAME_OR_PATH
need_program() {
  command -v "$1" >/dev/null || skip "program $1 is not there"
}

# expect_exit CODE NAME COMMAND...: one case; the output of the command is left
# in $HILLOCK_TMP/out and $HILLOCK_TMP/err, and shown when the code differs.
expect_exit() {
  local wanted=$1 name=$2 code=0
  shift 2
  "$@" >"$HILLOCK_TMP/out" 2>"$HILLOCK_TMP/err" </dev/null || code=$?
  if [ "$code" -eq "$wanted" ]; then
    pass "$name"
    return 0
  fi
  echo "  command: $*"
  sed 's/^/  out: /' "$HILLOCK_TMP/out" | tail -20
  sed 's/^/  err: /' "$HILLOCK_TMP/err" | tail -20
  fail "$name" "exit code $code instead of $wanted"
  return 1
}

# expect_same NAME FILE FILE: equal bytes.
expect_same() {
  if cmp -s "$2" "$3"; then
    pass "$1"
  else
    fail "$1" "$2 and $3 differ (or one is missing)"
  fi
}

# expect_text NAME FILE REGEX: an extended regular expression in a file.
expect_text() {
  if grep -Eq -- "$3" "$2"; then
    pass "$1"
  else
    sed 's/^/  /' "$2" | tail -20
    fail "$1" "$2 has no line that matches '$3'"
  fi
}
