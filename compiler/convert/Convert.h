//===- compiler/convert/Convert.h - Integer networks as spikes --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Graded code: every layer is a population whose neurons run once. They sum
// weights times payloads, requantize and clamp, and send the code, counted from
// its zero point, as a graded spike. Both networks are the same integer
// function (docs/int4.md), for every input.
//
// Rate code: a value is the number of plain spikes in a run of many steps,
// divided by the steps. It comes near, the longer the run.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_CONVERT_CONVERT_H
#define HILLOCK_COMPILER_CONVERT_CONVERT_H

#include "compiler/ann/IntNetwork.h"
#include "dialects/snn/Snn.h"
#include "mlir/IR/BuiltinOps.h"

namespace hillock::convert {

/// Appends the integer-level snn.network of \p network to \p module. Its input
/// takes payloads, code - zero point; the attribute `codes` of the network has
/// what they mean. Its output is the code of the output less its zero point.
/// Layers that spikes cannot compute exactly (Add, Transpose, weights beyond 8
/// bits, ...) end in an error that names \p where and them.
Expected<snn::NetworkOp> toGraded(const ann::IntNetwork &network,
                                  mlir::ModuleOp module,
                                  const std::string &where);

/// The same for rates. The input sends its payloads in every step; neurons
/// integrate and fire, reset by subtraction, at thresholds that make the
/// largest code a spike a step. The output is the sum over time, in a unit that
/// all of it shares, and stops at 2^30; \p remarks get the steps until then.
/// Refuses layers between others whose codes can be negative.
Expected<snn::NetworkOp> toRate(const ann::IntNetwork &network,
                                mlir::ModuleOp module, const std::string &where,
                                std::vector<std::string> &remarks);

} // namespace hillock::convert

#endif // HILLOCK_COMPILER_CONVERT_CONVERT_H
