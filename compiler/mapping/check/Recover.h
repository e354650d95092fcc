//===- compiler/mapping/check/Recover.h - Image to network ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The inverse of the mapping: from the words of an image alone, the synapses
// of each source neuron, by following output slots to input axons to rows.
// Only the names and the order of neurons come from the debug section. The
// synapses are never held all at once.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_CHECK_RECOVER_H
#define HILLOCK_COMPILER_MAPPING_CHECK_RECOVER_H

#include "base/Error.h"
#include "image/ImageFile.h"
#include <map>

namespace hillock::mapping {

struct RecoveredSynapse {
  uint32_t population = 0; ///< of the target, a recovered population
  uint32_t target = 0;
  uint8_t delay = 0;
  int8_t exponent = 0; ///< effective weight = mantissa * 2^(6 + exponent)
  bool onSum = false;  ///< the exponent is applied to the sum of all inputs
  int64_t mantissa = 0;
  auto operator<=>(const RecoveredSynapse &) const = default;
};

/// Sorts, and adds up what the chip adds up without loss: synapses of one
/// pair, delay and exponent, unless each is shifted right by itself.
void canonicalize(std::vector<RecoveredSynapse> &synapses);

struct RecoveredPopulation {
  std::string name;
  std::vector<int64_t> shape;
  bool isInput = false;
  uint32_t neurons = 0;
  /// Of neuron n: index into LoadedImage::cores, and compartment.
  std::vector<uint32_t> core, compartment;
  const proto::Port *port = nullptr; ///< of an input
};

class RecoveredNetwork {
public:
  /// \p image must outlive the result. A Mismatch error when two neurons share
  /// a compartment or an input is without a port.
  static Expected<RecoveredNetwork> create(const image::LoadedImage &image);

  const std::vector<RecoveredPopulation> &populations() const { return list; }
  const image::LoadedImage &image() const { return *loaded; }
  /// -1 when there is none.
  int64_t find(const std::string &name) const;
  /// True when compartment \p compartment holds a neuron.
  bool isUsed(uint32_t core, uint32_t compartment) const {
    return neuronAt[core][compartment] != nobody;
  }

  /// The synapses of a neuron, canonical. A Mismatch error when one leads to
  /// a compartment without a neuron.
  Error outgoing(uint32_t population, uint32_t neuron,
                 std::vector<RecoveredSynapse> &synapses) const;

private:
  RecoveredNetwork() = default;
  Error follow(uint32_t core, uint32_t axon, uint32_t atom,
               std::vector<RecoveredSynapse> &synapses) const;

  static constexpr uint64_t nobody = UINT64_MAX;
  const image::LoadedImage *loaded = nullptr;
  std::vector<RecoveredPopulation> list;
  std::vector<std::vector<uint64_t>> neuronAt; ///< (population << 32) + neuron
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> coreAt;
};

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_CHECK_RECOVER_H
