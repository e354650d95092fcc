//===- emulator/learning/LearningEngine.h - Synapses that learn -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dense block of learning synapses with its traces, in integers, as Lava's
// bit-approximate model of Loihi computes them (lava
// magma/core/model/py/connection.py, LearningConnectionModelBitApproximate).
// Lava does not claim that silicon has the same bits. Neurons are not part of
// it: the caller says who fired.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_LEARNING_LEARNINGENGINE_H
#define HILLOCK_EMULATOR_LEARNING_LEARNINGENGINE_H

#include "emulator/learning/LearningRandom.h"
#include "emulator/learning/LearningRule.h"
#include "image/CoreTables.h"
#include <memory>

namespace hillock::emu {

/// What a graded spike does to x1; the numbers are the chip's.
enum class GradedSpikes : uint8_t {
  Impulse = 0,     ///< payload ignored
  Overwrite = 1,   ///< x1 = payload / 2
  AddSaturate = 2, ///< x1 += payload / 2 in eight bits, at most 127
  /// x1 += payload / 2 in eight bits; above 127 it loses 127 and only then the
  /// spike counts: for x2, and for x0.
  AddCarry = 3,
};

/// One matrix a variable, entry [post * sources + pre]; empty: all 0.
struct SynapseValues {
  std::vector<int32_t> weight; ///< -256..255
  std::vector<int32_t> delay;  ///< 0..255
  std::vector<int32_t> tag;    ///< -257..255

  std::vector<int32_t> &of(LearningTarget target);
  const std::vector<int32_t> &of(LearningTarget target) const;
};

struct LearningConfig {
  uint32_t sources = 0, targets = 0;
  LearningRule rule;
  image::SignMode sign = image::SignMode::Mixed;
  GradedSpikes graded = GradedSpikes::Impulse;
  SynapseValues initial;
};

class LearningEngine {
public:
  /// Input error when the rule does not check(), a matrix is not targets x
  /// sources large or a value is out of range; \p random must not be null.
  static Expected<LearningEngine>
  create(LearningConfig config, std::shared_ptr<const LearningRandom> random);

  /// One time step: the payloads of the sources' spikes (0: none) and who of
  /// the targets fired, each with one entry a neuron. At an epoch's end traces
  /// and then synapses move on. Input error when a length is wrong; nothing
  /// has happened then.
  Error step(const std::vector<int32_t> &pre, const std::vector<uint8_t> &post);

  /// Steps so far.
  uint64_t time() const { return now; }
  /// The last step was an epoch's end.
  bool epochEnded() const { return now > 0 && offset() == epochSteps(); }

  /// After the last step; x traces by source, y traces by target; 0..127,
  /// except that graded spikes can bring x1 to 255.
  const std::vector<int32_t> &trace(TraceIndex index) const {
    return traces[index];
  }
  /// Offset, from 1, of the last spike in the epoch of the last step that
  /// counted, 0 for none; they are still there when that step ended it.
  const std::vector<uint32_t> &preSpikeTimes() const { return preTimes; }
  const std::vector<uint32_t> &postSpikeTimes() const { return postTimes; }
  const SynapseValues &synapses() const { return values; }

private:
  LearningEngine(LearningConfig config,
                 std::shared_ptr<const LearningRandom> random);

  uint32_t epochSteps() const { return config.rule.epochSteps; }
  /// Of the last step in its epoch, 1 .. epochSteps.
  uint32_t offset() const {
    return static_cast<uint32_t>((now - 1) % epochSteps()) + 1;
  }

  int32_t withImpulse(int64_t value, const TraceDraw &draw) const;
  int32_t decayed(int32_t value, const TraceDraw &draw) const;
  void takePre(const std::vector<int32_t> &pre);
  void takePost(const std::vector<uint8_t> &post);
  void endEpoch();
  void runTraces();
  int64_t sample(const LearningProduct &product, LearningVariable variable,
                 uint32_t post, uint32_t pre) const;
  int64_t evaluate(const LearningProduct &product, uint32_t post,
                   uint32_t pre) const;
  int32_t updated(LearningTarget target, uint32_t post, uint32_t pre) const;

  LearningConfig config;
  std::shared_ptr<const LearningRandom> random;
  struct Impulse {
    int32_t whole = 0, fraction = 0; ///< fraction in 256ths, 0..256
  };
  std::array<Impulse, 5> impulses;
  std::array<double, 5> keep{}; ///< of a trace in a step
  uint64_t now = 0;
  std::array<std::vector<int32_t>, 5> traces;
  std::vector<uint32_t> preTimes, postTimes;
  SynapseValues values;
  /// Within endEpoch: the traces at offsets 0 .. epochSteps, one after the
  /// other.
  std::array<std::vector<int32_t>, 5> history;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_LEARNING_LEARNINGENGINE_H
