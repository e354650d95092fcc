//===- emulator/core/Emulator.h - Step mode ---------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functional emulator: bit-exact spikes a time step. It is loaded from the
// image's words and programs and from nothing else. Steps count from 1. A spike
// that a compartment emits in step t, or that the host stamps t, reaches the
// accumulators of step t + 1 + d through a synapse with delay d.
//
// Results do not depend on the number of threads: within a step cores only
// add integers into their own accumulators, and adds commute.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_EMULATOR_H
#define HILLOCK_EMULATOR_CORE_EMULATOR_H

#include "base/Error.h"
#include "image/ImageFile.h"
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hillock::proto {
class Checkpoint;
} // namespace hillock::proto

namespace hillock::emu {

class LaneCodegen;

/// Width of the vectors that the hot loops use. Results do not depend on it.
enum class Simd : uint8_t { Auto, Scalar, Avx2, Avx512 };
/// As HILLOCK_SIMD has it: "scalar", "avx2", "avx512".
const char *simdName(Simd simd);

struct Options {
  unsigned threads = 1;
  uint64_t seed = 0;      ///< of Random instructions
  Simd simd = Simd::Auto; ///< Auto: HILLOCK_SIMD, else the widest there is
  /// Makes machine code of the neuron programs (emulator/jit); null: they are
  /// interpreted. Results do not depend on it.
  std::shared_ptr<LaneCodegen> codegen;
  /// Compartments times steps that are interpreted before: making code takes
  /// some hundredths of a second.
  uint64_t codegenAfter = 8'000'000;
};

/// A spike that the host sends: it is stamped with the step after which it is
/// delivered.
struct HostSpike {
  uint32_t core = 0; ///< index into the image's cores
  uint32_t axon = 0;
  uint32_t atom = 0;
  int32_t payload = 1;
};

/// A spike of the chip, as the host or a probe sees it.
struct Spike {
  uint64_t step = 0;
  uint32_t core = 0;
  uint32_t compartment = 0;
  int32_t payload = 1;
  auto operator<=>(const Spike &) const = default;
};

/// What happened on a core since the start: the events that time and energy
/// are computed from (later, by others).
struct CoreCounters {
  uint64_t axonsIn = 0; ///< spike messages received, host's included
  uint64_t synapticEvents = 0;
  uint64_t updates = 0; ///< compartments advanced
  uint64_t spikes = 0;
  uint64_t axonsOut = 0; ///< messages sent
};

class Emulator {
public:
  static Expected<std::unique_ptr<Emulator>>
  create(std::shared_ptr<const image::LoadedImage> image, Options options);
  virtual ~Emulator() = default;

  /// Steps done so far; the next call of step() runs step now() + 1.
  virtual uint64_t now() const = 0;

  /// Queues spikes stamped now(): they reach the accumulators in the next step
  /// (plus their synapses' delays).
  virtual Error send(std::span<const HostSpike> spikes) = 0;
  /// Adds \p value to accumulator \p port of the compartment for the next step,
  /// past all axons and synapses (bias-like input of graded neurons).
  virtual Error inject(uint32_t core, uint32_t compartment, uint32_t port,
                       int32_t value) = 0;

  /// Runs one step; its spikes are in spikes() until the next call, sorted by
  /// (core, compartment).
  virtual void step() = 0;
  virtual std::span<const Spike> spikes() const = 0;
  /// inputs.size() steps: those of inputs[k] are queued, as by send(), right
  /// before the k-th. The spikes of all steps are appended to \p spikesOfAll,
  /// sorted by (step, core, compartment); those of the last are in spikes().
  /// The same as as many calls of send() and step(), but who knows what comes
  /// can be faster. After an error (a place that is not there) some of the
  /// steps may have been done.
  virtual Error run(std::span<const std::vector<HostSpike>> inputs,
                    std::vector<Spike> &spikesOfAll);

  /// A state of the core's program by name ("u", "v"), one value a compartment,
  /// as it stands after the last step; or "q" for the sums that entered it.
  virtual Expected<std::vector<int32_t>> read(uint32_t core,
                                              std::string_view state) const = 0;
  virtual const CoreCounters &counters(uint32_t core) const = 0;

  /// Back to the image's initial state, step 0, empty queues.
  virtual void reset() = 0;

  /// Everything that the steps to come depend on, and the counters, as they
  /// stand between two steps (emulator/core/Checkpoint.h). \p to is empty.
  virtual Error save(proto::Checkpoint &to) const;
  /// Goes on where save() was: spikes(), read() and counters() are as they
  /// were there. All or nothing: after an error (a checkpoint of another image
  /// or seed, or a damaged one) nothing has changed.
  virtual Error restore(const proto::Checkpoint &from);
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_EMULATOR_H
