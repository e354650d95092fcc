//===- compiler/transform/odin/Place.h - Addresses of a crossbar -*- C++ -*-==//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Neurons take the lowest addresses, layer by layer, so that sweeps are short;
// inputs and biases take rows above them. No MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_ODIN_PLACE_H
#define HILLOCK_COMPILER_TRANSFORM_ODIN_PLACE_H

#include "compiler/transform/odin/Numbers.h"
#include <array>
#include <map>

namespace hillock::transform::odin {

/// What the host sends; weight 0: a spike of source \c address.
struct PlacedEvent {
  uint8_t address = 0;
  int8_t weight = 0;
};

/// A neuron whose synapses have both signs, on a chip whose sources have one:
/// its second copy inhibits.
struct Twin {
  uint32_t neuron = 0; ///< of the network
  uint8_t address = 0;
};

struct Placement {
  uint32_t sweep = 0;      ///< neurons with their copies, from address 0
  std::vector<Twin> twins; ///< behind all neurons
  /// A row of \c sweep weights by source address.
  std::map<uint8_t, std::vector<int8_t>> rows;
  /// By neuron of the inputs.
  std::vector<std::vector<PlacedEvent>> inputEvents;
  struct Always {
    uint8_t address = 0;
    int32_t times = 1;
  };
  std::vector<Always> always;
  std::vector<std::string> remarks;
};

/// Neuron n of the network gets address n. Fails with ErrorKind::Capacity when
/// there are too few addresses; the message says what would fit.
Expected<Placement> place(const RealNetwork &network,
                          const Quantized &quantized,
                          const proto::CrossbarRules &rules,
                          const std::string &target);

} // namespace hillock::transform::odin

#endif // HILLOCK_COMPILER_TRANSFORM_ODIN_PLACE_H
