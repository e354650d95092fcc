//===- tools/hillock/AnnVerbs.h - compile and eval without neurons -*- C++ -*-//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_ANNVERBS_H
#define HILLOCK_TOOLS_HILLOCK_ANNVERBS_H

#include "tools/hillock/AnnOptions.h"

namespace hillock::tool {

struct AnnCompileRequest {
  std::string model, output, target;
  std::string to; ///< "real", "quantized", "integer" (also when empty)
  uint64_t seed = 1;
};

/// hillock compile for a network without neurons: calibrates and writes the
/// ann dialect's level.
/// Whether the output's extension asks for machine code.
bool isNativeOutput(const std::string &path);

/// Writes the integers of \p model as an object (.o) or a static library (.a),
/// and the C header beside it.
Error writeNative(const AnnModel &model, const std::string &path,
                  const AnnSettings &settings, Output &out);

Expected<int> compileAnn(const AnnCompileRequest &request,
                         const AnnSettings &settings, Output &out);

struct AnnEvalRequest {
  std::string model, data, target;
  std::string level; ///< "real", "integer", "native"; empty: what the file and
                     ///< target say
  int64_t first = 0, limit = 0;
  unsigned threads = 0;
  uint64_t seed = 1, dataSeed = 1;
};

Expected<int> evalAnn(const AnnEvalRequest &request,
                      const AnnSettings &settings, Output &out);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_ANNVERBS_H
