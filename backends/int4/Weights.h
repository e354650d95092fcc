//===- backends/int4/Weights.h - Weights in a kernel's order ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_WEIGHTS_H
#define HILLOCK_BACKENDS_INT4_WEIGHTS_H

#include "backends/int4/Kernel.h"
#include "backends/int4/Layout.h"

namespace hillock::int4 {

/// The input of an output pixel as runs of consecutive bytes: one a kernel row,
/// or one a tap where taps do not lie side by side.
struct Runs {
  int64_t rows = 1, columns = 1;       ///< runs of a window
  int64_t rowStep = 0, columnStep = 0; ///< bytes from run to run
  int64_t length = 1;                  ///< codes of a run
  /// Steps go over the groups of codes of all runs together, so that the last
  /// step of a run is not half empty.
  bool joined = false;
  int64_t count() const { return rows * columns; }
};

Runs runsOf(const ann::IntLayer &layer, const Buffer &in);

/// A layer's operands, ready for a kernel.
struct Operands {
  /// Signed weights or logarithmic codes: [output][run][code of the run].
  std::vector<int16_t> values;
  std::vector<int32_t> bias; ///< less the zero point's share, by output
  bool nibbles = false;      ///< all of them fit four bits
  int64_t largest = 0;       ///< bound of any sum's magnitude
  int64_t at(int64_t output, int64_t run, int64_t code,
             const Runs &runs) const {
    return code < runs.length
               ? values[static_cast<size_t>(
                     (output * runs.count() + run) * runs.length + code)]
               : 0;
  }
};

Operands operandsOf(const ann::IntNetwork &network, const ann::IntLayer &layer,
                    const Buffer &in, const Runs &runs);

/// Steps that a kernel takes for a run (joined: for all of them): each uses two
/// groups of codes when weights are nibbles (the low and the high ones), else
/// one.
int64_t stepsOf(const Runs &runs, const Kernel &kernel, bool nibbles);
/// Bytes of a vector of weights of a step.
int64_t stepBytes(const Kernel &kernel);

/// The weights of outputs \p first .. \p first + vectors * lanes (those past
/// \p end are zero): [run][step][vector][lane][code of the group].
void packTile(std::vector<int8_t> &bytes, const Operands &operands,
              const Runs &runs, const Kernel &kernel, int64_t first,
              int64_t vectors, int64_t end);

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_WEIGHTS_H
