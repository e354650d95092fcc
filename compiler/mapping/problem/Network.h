//===- compiler/mapping/problem/Network.h - What is to be mapped -*- C++ -*-==//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The integer network without MLIR: populations with register values, and
// projections whose synapses are enumerated neuron by neuron, so that a
// convolution is never expanded as a whole.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PROBLEM_NETWORK_H
#define HILLOCK_COMPILER_MAPPING_PROBLEM_NETWORK_H

#include "image/CoreTables.h"
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hillock::mapping {

/// A synapse of one source neuron.
struct Synapse {
  uint32_t target = 0;  ///< neuron of the target population, C order
  int16_t mantissa = 0; ///< never 0
  uint8_t delay = 0;    ///< arrives delay + 1 steps after the spike
  auto operator<=>(const Synapse &) const = default;
};

/// The synapses of a projection, enumerated by source neuron.
class Connectivity {
public:
  virtual ~Connectivity() = default;
  /// Appends the synapses of \p source in ascending order of target. A pair
  /// may occur several times; their weights add up. May be called from several
  /// threads at once.
  virtual void append(uint32_t source,
                      std::vector<Synapse> &synapses) const = 0;
};

struct Population {
  std::string name;
  std::vector<int64_t> shape; ///< channels first
  bool isInput = false;       ///< neurons of the host, not on the chip
  std::string program;        ///< empty for inputs
  /// By parameter name: one value, or one a neuron.
  std::map<std::string, std::vector<int32_t>> registers;
  std::map<std::string, std::vector<int32_t>> initial;
  std::string location; ///< file and node of the user's graph
  std::string kind;     ///< of the real level, for reports ("lif")
  uint32_t lag = 0;     ///< steps behind the network (inputs: 0)
  double scale = 1, weightError = 0;

  uint32_t size() const {
    int64_t n = 1;
    for (int64_t axis : shape)
      n *= axis;
    return static_cast<uint32_t>(n);
  }
};

struct Projection {
  uint32_t source = 0, target = 0; ///< indices of populations
  uint8_t weightBits = 8;
  int8_t weightExp = 0; ///< effective weight = mantissa * 2^(6 + weightExp)
  image::SignMode sign = image::SignMode::Mixed;
  std::shared_ptr<const Connectivity> connectivity;
  std::string location;
};

struct Network {
  std::string name;
  double dtSeconds = 0;
  std::vector<Population> populations;
  std::vector<Projection> projections;
  struct Output {
    std::string name;
    uint32_t population = 0;
    /// Empty: its spikes. Else the state of the program whose value after each
    /// step the host reads, in units of 1 / population.scale.
    std::string state = {};
  };
  std::vector<Output> outputs;
};

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PROBLEM_NETWORK_H
