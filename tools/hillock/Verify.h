//===- tools/hillock/Verify.h - Equal spikes at every level -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_VERIFY_H
#define HILLOCK_TOOLS_HILLOCK_VERIFY_H

#include "tools/hillock/Model.h"

namespace hillock::tool {

struct Verification {
  std::vector<std::string> levels; ///< that were compared, integers first
  int64_t steps = 0;
  size_t populations = 0;
  uint64_t spikes = 0, inputSpikes = 0;
  bool graded = false; ///< voltages of outputs are among the spikes
};

/// Checks the image against the integer level: first every synapse (the inverse
/// of the mapping), then the spikes of every population for \p stimuli, at the
/// levels of integers, cores and the chip, the last from the image's bytes.
/// A Mismatch error names level, population, neuron and step.
Expected<Verification>
verifyCompilation(std::shared_ptr<pipeline::Compilation> compilation,
                  const std::string &path, const Stimuli &stimuli,
                  int64_t steps);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_VERIFY_H
