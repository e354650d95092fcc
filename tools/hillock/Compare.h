//===- tools/hillock/Compare.h - Where two runs part ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_COMPARE_H
#define HILLOCK_TOOLS_HILLOCK_COMPARE_H

#include "tools/hillock/Model.h"

namespace hillock::tool {

/// The first spike that one of two runs has and the other has not.
struct Difference {
  std::string population;
  int64_t step = 0, neuron = 0;
  double first = 0, second = 0; ///< what the neuron put out
};

struct Comparison {
  std::optional<Difference> difference; ///< empty: equal
  size_t populations = 0;               ///< compared
  uint64_t spikesFirst = 0, spikesSecond = 0;
  uint64_t differing = 0;                         ///< places that differ
  std::vector<std::string> onlyFirst, onlySecond; ///< populations
};

/// Compares populations of equal name, and outputs where there are none. The
/// first difference is by step, then by the order of \p a, then by neuron.
Comparison compareRuns(const LevelResult &a, const LevelResult &b);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_COMPARE_H
