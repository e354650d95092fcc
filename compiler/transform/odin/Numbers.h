//===- compiler/transform/odin/Numbers.h - A network for a crossbar -*- C++ -*//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The network written out synapse by synapse, first in real numbers, then in
// those of a chip with a crossbar (ODIN, tinyODIN). No MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_ODIN_NUMBERS_H
#define HILLOCK_COMPILER_TRANSFORM_ODIN_NUMBERS_H

#include "base/Error.h"
#include "proto/target.pb.h"
#include <cstdint>
#include <string>
#include <vector>

namespace hillock::transform::odin {

/// v <- decay v + (sum of weights) + drive, spike when v > threshold (strict)
/// or v >= threshold, then v = 0.
struct RealNeuron {
  double threshold = 1;
  bool strict = true;
  double decay = 1;
  double drive = 0;
  double start = 0; ///< v before the first step
};

/// Sources are numbered: neurons of the inputs first, then the network's own.
struct RealSynapse {
  uint32_t source = 0;
  double weight = 0;
};

struct Layer {
  std::string name, kind, location;
  std::vector<int64_t> shape;
  uint32_t first = 0, size = 0; ///< neurons, or sources of an input
};

struct Output {
  std::string name;
  std::vector<int64_t> shape;
  uint32_t layer = 0;
};

struct RealNetwork {
  std::string name;
  double stepSeconds = 0;
  std::vector<Layer> inputs, layers;
  std::vector<RealNeuron> neurons;
  std::vector<std::vector<RealSynapse>> fanIn; ///< of each neuron
  std::vector<Output> outputs;

  uint32_t inputSources() const {
    return inputs.empty() ? 0 : inputs.back().first + inputs.back().size;
  }
};

/// A neuron in the chip's numbers; \c scale of its units are one unit of the
/// network.
struct ChipNeuron {
  int32_t threshold = 1, leak = 0, start = 0;
  int32_t drive = 0; ///< a step
  double scale = 1;
};
struct ChipSynapse {
  uint32_t source = 0;
  int32_t weight = 0; ///< never 0
};

struct Quantized {
  std::vector<ChipNeuron> neurons;
  std::vector<std::vector<ChipSynapse>> fanIn;
  bool leaks = false;               ///< some neuron does
  std::vector<double> weightError;  ///< of each layer, relative RMS
  std::vector<uint64_t> synapses;   ///< of each layer, that are left
  std::vector<std::string> remarks; ///< what a user should know
};

/// Chooses a scale for each neuron, which has its own threshold: the one that
/// keeps its weights best. Weights that are whole multiples of one number, as
/// training with quantized weights makes them, stay what they are.
Quantized quantize(const RealNetwork &network,
                   const proto::CrossbarRules &rules);

/// The smallest whole threshold that fires exactly when a whole number v
/// satisfies v / scale > threshold (strict) or >= threshold.
int64_t wholeThreshold(double threshold, bool strict, double scale);

} // namespace hillock::transform::odin

#endif // HILLOCK_COMPILER_TRANSFORM_ODIN_NUMBERS_H
