# ===- tests/lit/lit.cfg.py - The lit suite ---------------------------------===#
#
# Part of the Hillock project, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
#
# Run through the build tree, where lit.site.cfg.py lies:
#   lit -sv build/tests/lit
# Substitutions beside lit's own: %source (root of the repository), %data (the
# folder HILLOCK_DATA, for tests that say REQUIRES: data), %python.
# --param roundtrip=1 makes every hillock-opt of the suite also write its input
# as text and as bytecode and read it back.
#
# ===----------------------------------------------------------------------===#
import os

import lit.formats

config.name = "Hillock"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt", "lit.cfg.py"]
config.test_source_root = os.path.join(config.hillock_source, "tests", "lit")
config.test_exec_root = os.path.join(config.hillock_build, "tests", "lit")

config.environment["PATH"] = os.pathsep.join(
    [config.hillock_tools, config.llvm_tools, os.environ.get("PATH", "")]
)
config.environment["FILECHECK_OPTS"] = (
    "-enable-var-scope --allow-unused-prefixes=false"
)
for name in ["ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"]:
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions.append(("%source", config.hillock_source))
config.substitutions.append(("%python", config.python))

data = os.environ.get("HILLOCK_DATA", "")
if data:
    config.environment["HILLOCK_DATA"] = data
    config.substitutions.append(("%data", data))
    config.available_features.add("data")

if lit_config.params.get("roundtrip", "0") != "0":
    # As a command, not as a part of a path.
    config.substitutions.append(
        (r"(?<![-\w/])hillock-opt(?= |$)", "hillock-opt --verify-roundtrip")
    )
