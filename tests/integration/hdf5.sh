#!/usr/bin/env bash
#===- tests/integration/hdf5.sh - One network in many kinds of HDF5 --------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===------------------------------------------------------------------------===#
# h5py writes a network again with other versions, layouts and filters of HDF5;
# the compiler must see the same network each time.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_program python3
python3 -c 'import h5py' 2>/dev/null || skip "Python has no h5py"

model=examples/digits/digits.nir
python3 -B - "$model" "$HILLOCK_TMP/variants" <<'PYTHON' ||
import pathlib
import sys

import h5py

SOURCE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
VERSIONS = ["earliest", "v108", "v110", "latest"]
LAYOUTS = {
    "plain": {},
    "gzip": {"chunks": True, "compression": "gzip", "shuffle": True},
    "lzf": {"compression": "lzf"},
    "checked": {"chunks": True, "fletcher32": True},
    "growing": {"growing": 1, "compression": "gzip"},
    "growing_twice": {"growing": 32},
}


def options(data, layout):
    """What h5py can do with this data set."""
    if data.shape == () or data.size == 0:
        return {}
    result = dict(layout)
    if data.dtype.kind == "O":  # Text: no checksums.
        result.pop("fletcher32", None)
    growing = result.pop("growing", 0)
    if growing:
        free = min(growing, len(data.shape))
        result["maxshape"] = (None,) * free + data.shape[free:]
    return result


def copy(source, target, layout):
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            copy(item, target.create_group(name), layout)
        else:
            target.create_dataset(
                name, data=item[()], dtype=item.dtype, **options(item, layout)
            )


for version in VERSIONS:
    bounds = version if version[0] in "el" else (version, version)
    for name, layout in LAYOUTS.items():
        path = FOLDER / f"{version}-{name}" / pathlib.Path(SOURCE).name
        path.parent.mkdir(parents=True)
        with h5py.File(SOURCE) as source:
            with h5py.File(path, "w", libver=bounds) as target:
                copy(source, target, layout)
PYTHON
  { fail variants "cannot be written"; finish; }

expect_exit 0 "the original" \
  "$HILLOCK" compile "$model" --to snn -o "$HILLOCK_TMP/original.mlir" || finish
for folder in "$HILLOCK_TMP"/variants/*; do
  name=$(basename "$folder")
  expect_exit 0 "$name compiles" "$HILLOCK" compile "$folder/digits.nir" \
    --to snn -o "$folder/digits.mlir" || continue
  expect_same "$name is the same network" \
    "$HILLOCK_TMP/original.mlir" "$folder/digits.mlir"
done
finish
