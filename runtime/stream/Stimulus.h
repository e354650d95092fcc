//===- runtime/stream/Stimulus.h - What goes into a network -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_STREAM_STIMULUS_H
#define HILLOCK_RUNTIME_STREAM_STIMULUS_H

#include "base/Error.h"
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hillock::runtime {

/// One spike (value 1) or graded value that enters at \p step (from 0).
struct Event {
  uint32_t step = 0;
  uint32_t neuron = 0; ///< index into the input's shape in C order
  float value = 1;

  bool operator==(const Event &) const = default;
};

/// How several events of one neuron in one step become one.
enum class Merge {
  One, ///< a spike is a spike: the value is 1
  Sum, ///< values add up (a count, when they are spikes)
};

/// A (steps, neurons) array of values that someone else owns.
struct DenseView {
  const float *data = nullptr;
  int64_t steps = 0, neurons = 0;

  float at(int64_t step, int64_t neuron) const {
    return data[step * neurons + neuron];
  }
};

/// The input of one sample, sparse. Invariants (check()): events are sorted by
/// (step, neuron) without duplicates, inside of steps x neurons(), with finite
/// values that are not 0.
struct Stimulus {
  std::vector<int64_t> shape; ///< of the network's input, without time
  int64_t steps = 0;
  std::vector<Event> events;

  int64_t neurons() const;
  /// True when every value is 1.
  bool isBinary() const;
  /// The events of one step (0 <= step), found by bisection.
  std::span<const Event> eventsAt(int64_t step) const;
  /// Sorts the events, merges those of equal place and drops zeros.
  void normalise(Merge merge);
  Error check() const;

  /// A (steps, neurons) array, row by row: steps * neurons() must fit memory.
  std::vector<float> toDense() const;
  static Stimulus fromDense(std::vector<int64_t> shape, DenseView view);
};

struct DataSet {
  std::vector<Stimulus> samples;
  /// Class of each sample, or empty when the source knows none.
  std::vector<int64_t> labels;
  std::string name;
};

/// Limits of a stimulus, which keep its indices in 32 bits.
constexpr int64_t maxSteps = int64_t{1} << 31;
constexpr int64_t maxNeurons = int64_t{1} << 31;

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_STREAM_STIMULUS_H
