//===- tools/hillock/AnnVerbs.h - Verbs without neurons ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_ANNVERBS_H
#define HILLOCK_TOOLS_HILLOCK_ANNVERBS_H

#include "tools/hillock/AnnLevel.h"

namespace hillock::tool {

struct AnnCompileRequest {
  std::string model, output, target;
  std::string to; ///< "real", "quantized", "integer" (also when empty)
  uint64_t seed = 1;
};

/// Whether the output's extension asks for machine code.
bool isNativeOutput(const std::string &path);

/// Writes the integers of \p model as an object (.o) or a static library (.a),
/// and the C header beside it.
Error writeNative(const AnnModel &model, const std::string &path,
                  const AnnSettings &settings, Output &out);

/// hillock compile for a network without neurons: calibrates and writes the
/// ann dialect's level.
Expected<int> compileAnn(const AnnCompileRequest &request,
                         const AnnSettings &settings, Output &out);

struct AnnEvalRequest {
  AnnOpening open;
  std::string data, report; ///< report empty: none
  int64_t first = 0, limit = 0;
  uint64_t dataSeed = 1;
};
Expected<int> evalAnn(const AnnEvalRequest &request,
                      const AnnSettings &settings, Output &out);

struct AnnRunRequest {
  AnnOpening open;
  std::vector<std::string> inputs, probes; ///< one input; names of layers
  std::string output;                      ///< .npy or .npz; empty: none
  bool all = false;                        ///< the values of all layers
  int64_t sample = 0;
};
/// hillock run: one sample, its output and decision.
Expected<int> runAnn(const AnnRunRequest &request, const AnnSettings &settings,
                     Output &out);

/// hillock inspect: layers, shapes, products, formats and bytes.
Expected<int> inspectAnn(const AnnOpening &open, const AnnSettings &settings,
                         Output &out);

struct AnnDiffRequest {
  AnnOpening first, second;
  std::vector<std::string> inputs; ///< empty: random numbers
  int64_t sample = 0;
  uint64_t dataSeed = 1;
};
/// hillock diff: the first layer whose values differ, and by how much.
Expected<int> diffAnn(const AnnDiffRequest &request,
                      const AnnSettings &settings, Output &out);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_ANNVERBS_H
