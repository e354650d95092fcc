//===- backends/int4/Sums.h - What conv and linear share --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_SUMS_H
#define HILLOCK_BACKENDS_INT4_SUMS_H

#include "backends/int4/Finish.h"
#include "backends/int4/Products.h"
#include "backends/int4/Weights.h"
#include <optional>

namespace hillock::int4 {

/// A layer with weights, as its writers see it.
struct SumLayer {
  SumLayer(Context &c, size_t index, Value arena);

  Context &c;
  Emitter &e;
  size_t index;
  const ann::IntLayer &layer;
  const Buffer &in, &out;
  Value arena;
  std::string name; ///< of tables
  Runs runs;
  Operands operands;
  int64_t outputs = 1, perGroup = 1;
  int64_t height = 1, width = 1; ///< of the output

  /// One weight a tap and channel.
  bool isDepthwise() const {
    return layer.kind == ann::Kind::Conv && layer.groups > 1 &&
           runs.length == 1 && perGroup == 1;
  }
  unsigned power() const {
    return layer.format.code == ann::Code::Log4 ? 2 : 1;
  }
  /// First byte of the window of output (0, 0), channel 0.
  Value firstWindow();
  /// First byte of output (0, 0), channel 0.
  Value firstResult();
  Value windowAt(Value first, Value y, Value x);
  Value resultAt(Value first, Value y, Value x);
};

/// Writes a depthwise convolution.
void emitDepthwise(SumLayer &layer);

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_SUMS_H
