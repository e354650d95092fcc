//===- dialects/snn/SnnEval.h - Shared by the evaluations -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Windows of convolutions and pools, seen from the input: an evaluation goes
// through the few inputs that are not zero and asks where each of them lands.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_SNN_SNNEVAL_H
#define HILLOCK_DIALECTS_SNN_SNNEVAL_H

#include "dialects/snn/Snn.h"

namespace hillock::snn {

/// Along one axis: element \p kernel of the window at \p out sees an input.
struct Tap {
  int64_t kernel, out;
};

/// Element y: all taps of input y.
using AxisTaps = std::vector<std::vector<Tap>>;

/// Windows over the (at most two) axes behind the channels; a single axis is
/// taken as the columns of a picture of one row.
struct Windows {
  int64_t kernelRows = 1, kernelColumns = 1;
  int64_t inRows = 1, inColumns = 1;
  int64_t outRows = 1, outColumns = 1;
  AxisTaps rows, columns;

  int64_t kernelSize() const { return kernelRows * kernelColumns; }
  int64_t inSize() const { return inRows * inColumns; }
  int64_t outSize() const { return outRows * outColumns; }
};

/// \p in and \p out are shapes with channels; \p padding has the begins first.
Windows makeWindows(llvm::ArrayRef<int64_t> in, llvm::ArrayRef<int64_t> out,
                    llvm::ArrayRef<int64_t> kernel,
                    llvm::ArrayRef<int64_t> stride,
                    llvm::ArrayRef<int64_t> padding,
                    llvm::ArrayRef<int64_t> dilation);

} // namespace hillock::snn

#endif // HILLOCK_DIALECTS_SNN_SNNEVAL_H
