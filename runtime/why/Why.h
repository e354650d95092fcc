//===- runtime/why/Why.h - The causes of a spike ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which messages made a neuron's membrane what it was when it was compared with
// the threshold, and what made the neurons fire that sent them.
//
// A message's contribution is the difference that it makes to the membrane when
// all earlier messages are there and no later ones are (messages of one step in
// the order of their senders). So contributions add up to the membrane exactly,
// in integers, for every neuron model; and when the neuron neither leaks nor
// saturates each is the message's weight.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_WHY_WHY_H
#define HILLOCK_RUNTIME_WHY_WHY_H

#include "runtime/why/History.h"

namespace hillock::runtime {

struct WhyRequest {
  std::string population;
  uint32_t neuron = 0;
  int64_t step = 0;   ///< of the network, from 0
  unsigned depth = 3; ///< spikes from effect to cause that are explained
  size_t most = 4;    ///< causes that are named of each spike
};

struct WhySpike;

/// A message that the neuron received.
struct WhyCause {
  std::string population; ///< of the sender, or "core 3" when it has none
  uint32_t neuron = 0;
  bool isInput = false;
  int64_t step = 0; ///< of the network, in which the sender fired
  uint64_t firedAt = 0, addedAt = 0; ///< steps of the chip, from 1
  int32_t weight = 0;                ///< added to the sum of inputs
  uint32_t delay = 0;
  int64_t contribution = 0;      ///< to the membrane
  uint32_t hopsX = 0, hopsY = 0; ///< from tile to tile; inputs: none
  /// Picoseconds through an empty mesh, by parameter set.
  std::vector<std::pair<std::string, uint64_t>> travelPs;
  /// Why the sender fired; null for inputs and where the depth ends.
  std::unique_ptr<WhySpike> spike;
};

struct WhySpike {
  std::string population;
  uint32_t neuron = 0;
  int64_t step = 0;      ///< of the network
  uint64_t chipStep = 0; ///< from 1
  uint32_t core = 0, compartment = 0;
  bool fired = false;
  /// The program compares a membrane with a threshold; without it nothing can
  /// be shared, and causes have weights alone.
  bool comparable = false;
  bool reaches = false; ///< fires at the threshold, not only above it
  int64_t membrane = 0, threshold = 0;
  int64_t rest = 0;       ///< membrane without any message: bias, initial state
  int64_t lastSpike = -1; ///< of the network's step before, -1: none
  std::vector<WhyCause> causes; ///< the largest share first
  /// Messages with a share that are not named, and their sum.
  uint64_t others = 0;
  int64_t othersSum = 0;
  /// Messages that arrived but left nothing (before a reset, or leaked away).
  uint64_t without = 0;
  /// For a neuron that did not fire: the steps before and after in which it
  /// did, -1 for none.
  int64_t firedBefore = -1, firedAfter = -1;
};

/// Fails when there is no such neuron or step. A neuron that did not fire in
/// the step is explained as well.
Expected<WhySpike> explain(std::shared_ptr<const image::LoadedImage> image,
                           const std::map<std::string, Stimulus> &stimuli,
                           const WhyRequest &request);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_WHY_WHY_H
