//===- compiler/frontend/onnx/Import.h - ONNX to the normal form -*- C++ -*-==//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_ONNX_IMPORT_H
#define HILLOCK_COMPILER_FRONTEND_ONNX_IMPORT_H

#include "compiler/ann/Network.h"
#include "compiler/frontend/onnx/Model.h"

namespace hillock::onnx {

/// Opsets that are read; newer ones with a remark.
constexpr int64_t oldestOpset = 7, newestOpset = 24;

/// The ops that are known, sorted.
std::vector<std::string> supportedOps();

/// Brings a model to the normal form: constants folded, biases, normalisations
/// and clamps fused into the layer before them, pairs of QuantizeLinear and
/// DequantizeLinear turned into quantizations of values, the batch axis (which
/// must be 1 or open) dropped. The result has passed ann::check(). Errors name
/// \p where and the node.
Expected<ann::Network> importNetwork(const Model &model,
                                     const std::string &where);

} // namespace hillock::onnx

#endif // HILLOCK_COMPILER_FRONTEND_ONNX_IMPORT_H
