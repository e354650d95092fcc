//===- compiler/convert/Registers.h - Layers as numbers ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the neurons and synapses of a layer hold, from its integers. No MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_CONVERT_REGISTERS_H
#define HILLOCK_COMPILER_CONVERT_REGISTERS_H

#include "compiler/ann/IntNetwork.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace hillock::convert {

/// A weight of one in a field of one bit, which is the highest of eight
/// (nengo-loihi block.py): mantissa 2^7.
constexpr int relayShift = 7;

/// Weights in the synapses' field: factors shifted left by \c align.
struct WeightField {
  unsigned bits = 8; ///< sign included
  int align = 1;
  std::vector<int16_t> mantissas;
};
/// The narrowest field of the layer's own width or more that holds all factors.
Expected<WeightField> fieldOf(const ann::IntLayer &layer);

/// Parameters of graded_quantize (dialects/neuron/library), one a neuron, or of
/// graded_readout when \c wide.
struct Registers {
  std::vector<int32_t> bias, mult, left, right;
  int32_t low = 0, high = 0; ///< payloads
  int align = 0;
  bool wide = false;
  int64_t largest = 0; ///< no sum, bias included, is larger by magnitude
};
/// \p align: of the mantissas that the layer sums. \p read: its states are the
/// network's output, which may be wider than a payload. Errors name the layer
/// when a sum could leave 32 bits on the way.
Expected<Registers> registersOf(const ann::IntNetwork &network,
                                const ann::IntLayer &layer, int align,
                                bool read);

/// Calls visit(input element, output element, place) for the cells of each
/// window of a pool that lie in the input, place counting from 0 in each.
void visitPool(const ann::IntNetwork &network, const ann::IntLayer &layer,
               llvm::function_ref<void(int64_t, int64_t, int64_t)> visit);

/// Calls visit(input, its element, output element) for a clip or concat.
void visitRelay(const ann::IntNetwork &network, const ann::IntLayer &layer,
                llvm::function_ref<void(size_t, int64_t, int64_t)> visit);

} // namespace hillock::convert

#endif // HILLOCK_COMPILER_CONVERT_REGISTERS_H
