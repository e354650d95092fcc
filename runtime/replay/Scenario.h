//===- runtime/replay/Scenario.h - A case, ready to be run ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the readers of the file formats have in common: neurons, synapses,
// inputs and expected traces, independent of who recorded them.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPLAY_SCENARIO_H
#define HILLOCK_RUNTIME_REPLAY_SCENARIO_H

#include "image/CoreTables.h"
#include "runtime/replay/Replay.h"
#include "llvm/Support/JSON.h"
#include <map>
#include <optional>

namespace hillock::runtime {

struct Scenario {
  /// Each neuron gets a core of its own.
  struct Neuron {
    std::string name; ///< empty in a case with one neuron
    image::Program program;
    std::map<std::string, int64_t> params;
  };
  struct Synapse {
    bool fromInput = true; ///< else from a neuron
    uint32_t source = 0;
    uint32_t target = 0; ///< neuron
    int32_t mantissa = 0;
    image::SynapseFormat format;
    uint32_t delay = 0;
  };
  /// Values that go straight into an accumulator; entry i in step i + 1.
  struct Injection {
    uint32_t neuron = 0, port = 0;
    std::vector<int64_t> values;
  };
  struct Trace {
    uint32_t neuron = 0;
    std::string field; ///< as the file calls it
    /// As the program does; "s": payloads of spikes; empty: a register that
    /// the program does not need because it is 0 after each step.
    std::string state;
    std::optional<int> wrapBits; ///< of what is read, before it is compared
    std::vector<int64_t> expected;
  };

  std::string name;
  std::vector<Neuron> neurons;
  std::vector<std::vector<int64_t>> inputs; ///< steps of spikes, from 1
  std::vector<Synapse> synapses;
  std::vector<Injection> injections;
  std::vector<Trace> traces;
};

/// Builds the image of \p scenario and loads it from its own bytes.
Expected<std::shared_ptr<const image::LoadedImage>>
buildScenario(const Scenario &scenario);

/// Runs and compares; adds to \p result.
Error runScenario(const Scenario &scenario, const ReplayOptions &options,
                  ReplayResult &result);

//===--- Readers: one case of a file into a scenario ----------------------===//

using Json = llvm::json::Value;
using JsonObject = llvm::json::Object;

/// The dialect's model of the compartment.
Expected<image::Program> compartmentProgram(Dialect dialect);

/// A case of nengo-loihi's or brian2_loihi's file, or a shared one of Lava's.
Expected<Scenario> readCompartmentCase(const JsonObject &entry,
                                       Dialect dialect);
/// A network of nengo-loihi's file.
Expected<Scenario> readNetwork(const JsonObject &entry, Dialect dialect);
/// An entry of "extra" in Lava's file; \p trains: meta.input_trains. Of the
/// kinds, LIF is the compartment and follows the dialect; only Lava has the
/// others.
Expected<Scenario> readLavaExtra(const JsonObject &entry,
                                 const JsonObject *trains, Dialect dialect);
/// The tables of nengo-loihi's functions.
Error compareFunctions(const JsonObject &functions, ReplayResult &result);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPLAY_SCENARIO_H
