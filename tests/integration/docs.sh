#!/usr/bin/env bash
#===- tests/integration/docs.sh - The commands that the pages show ---------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# Every line of a sh block in README.md and docs/*.md that starts with
# build/bin/hillock is run, in the page's order, in a folder where model.nir and
# test.npz are the digits example; the tutorial's Python runs before, where its
# packages are installed; and the generated manual is up to date.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

commands() {
  python3 - "$1" <<'PY'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
for block in re.findall(r"```sh\n(.*?)```", text, re.S):
    for line in block.replace("\\\n", " ").splitlines():
        if line.startswith("build/bin/hillock "):
            print(re.sub(r"\s+", " ", line.split(" #")[0]).strip())
PY
}

# The tutorial's own network, or, without the nir package, the digits in place.
own_network() {
  python3 - "$HILLOCK_ROOT/docs/tutorial.md" >make.py <<'PY'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
print("\n".join(re.findall(r"```python\n(.*?)```", text, re.S)))
PY
  if ! python3 -c "import nir, numpy" 2>/dev/null; then
    echo "SKIP docs/tutorial.md: make.py: the Python package nir is not there"
    return 1
  fi
  if python3 make.py >out.txt 2>&1; then
    pass "docs/tutorial.md: make.py"
  else
    fail "docs/tutorial.md: make.py" "$(tail -3 out.txt | tr '\n' ' ')"
  fi
}

folder=$HILLOCK_TMP/docs
rm -rf "$folder"
mkdir -p "$folder/build"
ln -s "$HILLOCK_BIN" "$folder/build/bin"
ln -s "$HILLOCK_ROOT/examples" "$folder/examples"
ln -s "$HILLOCK_ROOT/examples/digits/digits.nir" "$folder/model.nir"
ln -s "$HILLOCK_ROOT/examples/digits/test.npz" "$folder/test.npz"
cd "$folder"
own=1
own_network || own=0

for page in README.md docs/tutorial.md; do
  found=0
  while IFS= read -r command; do
    found=$((found + 1))
    if [ "$own" = 0 ] && [[ $command == *mine.* ]]; then
      continue
    fi
    # Word splitting is wanted: the pages show plain words only.
    # shellcheck disable=SC2086
    if $command >out.txt 2>&1 </dev/null; then
      pass "$page: $command"
    else
      fail "$page: $command" "$(tail -3 out.txt | tr '\n' ' ')"
    fi
  done < <(commands "$HILLOCK_ROOT/$page")
  [ "$found" -gt 0 ] || fail "$page" "shows no command"
done

if (cd "$HILLOCK_ROOT" && HILLOCK_BUILD=$HILLOCK_BUILD script/docs --check \
    >"$folder/docs.txt" 2>&1); then
  pass "docs/dialects and docs/passes are what TableGen says"
else
  fail "generated manual" "$(tr '\n' ' ' <"$folder/docs.txt")"
fi
finish
