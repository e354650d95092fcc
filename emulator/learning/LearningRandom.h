//===- emulator/learning/LearningRandom.h - Where it rounds -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The learning engine rounds stochastically: it adds one when a random number
// is less than the fraction that is dropped. The chip's generators are not
// published, so the numbers come from outside: recorded ones, or our own.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_LEARNING_LEARNINGRANDOM_H
#define HILLOCK_EMULATOR_LEARNING_LEARNINGRANDOM_H

#include "emulator/learning/LearningRule.h"

namespace hillock::emu {

/// Which number is asked for. A generator may ignore any of it.
struct TraceDraw {
  uint64_t step = 0;   ///< from 1: in which the engine rounds
  uint32_t trace = 0;  ///< TraceIndex
  uint32_t neuron = 0; ///< source for x traces, target for y traces
  /// An epoch's decays and impulses are computed when it ends: the step inside
  /// the epoch, from 1, that is computed. 0: a spike that is added in its own
  /// step because the epoch had one already.
  uint32_t offset = 0;
};

struct SynapseDraw {
  uint64_t epoch = 0; ///< from 1
  LearningTarget target = LearningTarget::Weight;
  uint32_t post = 0, pre = 0;
};

/// Every function must be a pure function of its argument: the engine does not
/// promise an order.
class LearningRandom {
public:
  virtual ~LearningRandom() = default;
  /// Compared with the impulse's fraction in 256ths.
  virtual int32_t impulse(const TraceDraw &draw) const = 0;
  /// In [0, 1), compared with the fraction of the decayed trace.
  virtual double decay(const TraceDraw &draw) const = 0;
  /// In [0, 1), compared with the fraction of the new synaptic variable.
  virtual double synapse(const SynapseDraw &draw) const = 0;
};

/// Each rounding has a number of its own, from a seed.
class CounterLearningRandom : public LearningRandom {
public:
  explicit CounterLearningRandom(uint64_t seed) : seed(seed) {}
  int32_t impulse(const TraceDraw &draw) const override;
  double decay(const TraceDraw &draw) const override;
  double synapse(const SynapseDraw &draw) const override;

private:
  uint64_t seed;
};

/// The numbers that Lava drew. It has one for all neurons and traces of a side
/// and step, uses those of an epoch's last step for all steps of the epoch, one
/// for all synapses and targets of an epoch, and 0 for the second and later
/// spike of a source in an epoch. Lava's impulse numbers are 0..127 although
/// they are compared with 256ths (lava magma/core/learning/random.py and
/// magma/core/model/py/connection.py).
class RecordedLearningRandom : public LearningRandom {
public:
  struct Numbers {
    std::vector<int32_t> xImpulse, yImpulse; ///< by step; for an epoch's end
    std::vector<int32_t> yImpulseInside;     ///< by step; for later spikes
    std::vector<double> xDecay, yDecay;      ///< by step
    std::vector<double> synapse;             ///< by epoch
  };
  /// Entry i is that of step or epoch i + 1. What is beyond the end of a list
  /// is 0; check the lengths first.
  explicit RecordedLearningRandom(Numbers numbers)
      : numbers(std::move(numbers)) {}
  int32_t impulse(const TraceDraw &draw) const override;
  double decay(const TraceDraw &draw) const override;
  double synapse(const SynapseDraw &draw) const override;

private:
  Numbers numbers;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_LEARNING_LEARNINGRANDOM_H
