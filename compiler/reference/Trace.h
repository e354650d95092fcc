//===- compiler/reference/Trace.h - What a run leaves behind ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_REFERENCE_TRACE_H
#define HILLOCK_COMPILER_REFERENCE_TRACE_H

#include "dialects/interfaces/Evaluation.h"
#include <optional>
#include <string>
#include <vector>

namespace hillock::reference {

/// A value that is not zero.
struct Event {
  int64_t step = 0;
  int64_t neuron = 0; ///< index in the C order of the population's shape
  double value = 1;

  bool operator==(const Event &) const = default;
};

/// One output or probe over a whole run.
struct Recording {
  std::string name;           ///< of the output, or as the probe was asked for
  std::vector<int64_t> shape; ///< without time
  int64_t steps = 0;
  std::vector<Event> events; ///< sorted by step, then neuron

  int64_t neurons() const;
  /// All values of a step; zeros outside of the run.
  Signal at(int64_t step) const;
  /// Sum over all steps for each neuron: spike counts.
  Signal counts() const;
  /// steps x neurons values.
  std::vector<double> dense() const;
};

struct Trace {
  int64_t steps = 0;
  std::vector<Recording> outputs; ///< in the order of their names
  std::vector<Recording> probes;  ///< in the order of RunOptions, then programs

  const Recording *output(llvm::StringRef name) const;
  const Recording *probe(llvm::StringRef name) const;
};

/// Where two recordings part.
struct Difference {
  int64_t step, neuron;
  double first, second;
};

/// The first value (by step, then neuron) of \p first that differs by more than
/// \p tolerance from that of \p second.
std::optional<Difference> firstDifference(const Recording &first,
                                          const Recording &second,
                                          double tolerance = 0);

/// In how many places two recordings differ by more than \p tolerance.
int64_t countDifferences(const Recording &first, const Recording &second,
                         double tolerance = 0);

/// The values of consecutive steps as events.
std::vector<Event> eventsOf(llvm::ArrayRef<Signal> steps);

} // namespace hillock::reference

#endif // HILLOCK_COMPILER_REFERENCE_TRACE_H
