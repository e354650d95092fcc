//===- runtime/crossbar/CrossbarSession.h - Samples on ODIN -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Between a network's inputs and outputs by name and the pins of a chip with a
// crossbar. The chip is programmed by SPI frames, and all that a run sees of it
// are the events at AER out.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_CROSSBAR_CROSSBARSESSION_H
#define HILLOCK_RUNTIME_CROSSBAR_CROSSBARSESSION_H

#include "backends/odin/OdinConfig.h"
#include "base/Error.h"
#include "proto/image.pb.h"
#include "runtime/devices/odin/OdinDevice.h"
#include "runtime/session/Session.h"
#include <map>
#include <memory>

namespace hillock::runtime {

/// What a run took on the chip.
struct CrossbarCost {
  odin::Work work;          ///< of the sample alone
  odin::Energy energy;      ///< of the sample alone
  uint64_t clearCycles = 0; ///< before it: taking potentials back to 0
  bool clearedBySpi = false;
};

struct CrossbarResult {
  int64_t steps = 0;
  std::vector<SpikeTrain> outputs;
  std::vector<SpikeTrain> populations; ///< without second copies of neurons
  uint64_t inputSpikes = 0;
  uint64_t spikes = 0; ///< of all neurons, second copies too
  CrossbarCost cost;
};

class CrossbarSession {
public:
  /// Programs an emulated chip with the image of file \p name.
  static Expected<CrossbarSession>
  open(const proto::Image &image, const std::string &name,
       const odin::DeviceOptions &options = {});

  /// One sample from the initial state. Values of events are numbers of
  /// spikes. An input without stimulus is silent; \p steps 0: those of the
  /// longest stimulus.
  Expected<CrossbarResult> run(const std::map<std::string, Stimulus> &stimuli,
                               int64_t steps);

  const hillock::odin::ChipConfig &config() const { return *chip; }
  const odin::ProgramResult &programming() const { return programmed; }

private:
  CrossbarSession() = default;
  Error clear(CrossbarCost &cost);
  Expected<std::vector<odin::Request>>
  requests(const std::map<std::string, Stimulus> &stimuli, int64_t steps,
           std::vector<uint32_t> &stepOf, uint64_t &inputSpikes) const;

  struct Layer {
    std::string name;
    std::vector<int64_t> shape;
  };
  struct Place {
    int32_t layer = -1;
    uint32_t neuron = 0;
  };
  std::unique_ptr<hillock::odin::ChipConfig> chip;
  std::unique_ptr<odin::Device> device;
  odin::ProgramResult programmed;
  std::vector<Layer> layers;
  std::vector<Place> place; ///< by address
  std::vector<uint64_t> stateFrames;
  bool fresh = true;
};

/// Frames that stop the network, take the potentials of all enabled neurons to
/// those of \p config, and let the network go on.
std::vector<uint64_t> potentialFrames(const hillock::odin::ChipConfig &config);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_CROSSBAR_CROSSBARSESSION_H
