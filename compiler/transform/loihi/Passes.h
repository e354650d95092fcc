//===- compiler/transform/loihi/Passes.h ------------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_LOIHI_PASSES_H
#define HILLOCK_COMPILER_TRANSFORM_LOIHI_PASSES_H

#include "base/Error.h"
#include "dialects/snn/Snn.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace hillock::transform {

struct QuantizeOptions {
  unsigned weightBits = 0; ///< 1 to 6 or 8; 0: nobody asked, 8
  bool relaxTiming = false;
};

/// Builds the integer-level twin of \p network behind it. Remarks that a user
/// should read are appended to \p remarks.
Expected<snn::NetworkOp> quantizeToLoihi(snn::NetworkOp network,
                                         const QuantizeOptions &options,
                                         std::vector<std::string> &remarks);

#define GEN_PASS_DECL
#include "compiler/transform/loihi/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/transform/loihi/Passes.h.inc"

} // namespace hillock::transform

#endif // HILLOCK_COMPILER_TRANSFORM_LOIHI_PASSES_H
