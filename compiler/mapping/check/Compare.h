//===- compiler/mapping/check/Compare.h - Meant and mapped ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_CHECK_COMPARE_H
#define HILLOCK_COMPILER_MAPPING_CHECK_COMPARE_H

#include "base/Error.h"
#include "compiler/mapping/problem/Network.h"
#include "image/ImageFile.h"

namespace hillock::mapping {

/// Compares what \p network means with what the words of \p image do: neuron
/// programs, parameters, initial states, inputs and outputs, and every synapse
/// with weight and delay. Compartments without a neuron must do nothing. A
/// Mismatch error names the first difference.
Error compare(const Network &network, const image::LoadedImage &image);

/// Decodes \p image first.
Error compare(const Network &network, const proto::Image &image);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_CHECK_COMPARE_H
