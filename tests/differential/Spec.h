//===- tests/differential/Spec.h - A network as plain lists -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A small network with its input, in a form that can be generated, cut down and
// written into a file. Cores, axons and rows keep their numbers when parts are
// taken away: what is gone is empty.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_DIFFERENTIAL_SPEC_H
#define HILLOCK_TESTS_DIFFERENTIAL_SPEC_H

#include "image/ImageFile.h"
#include <map>
#include <memory>

namespace hillock::differential {

struct Synapse {
  uint32_t target = 0; ///< relative to the axon's base
  int32_t mantissa = 0;
  uint32_t delay = 0;
};

struct Row {
  int32_t exponent = 0;
  std::vector<Synapse> synapses;
};

struct Axon {
  uint32_t firstRow = 0, rows = 1, base = 0;
};

struct Slot {
  uint32_t compartment = 0, core = 0, axon = 0, atom = 0;
};

using Values = std::vector<int32_t>;

struct Core {
  uint32_t chip = 0, core = 0;
  std::string model; ///< of dialects/neuron/library
  uint32_t compartments = 0;
  bool exponentOnSum = false;
  std::map<std::string, Values> params, states; ///< one value a compartment
  std::vector<Row> rows;
  std::vector<Axon> axons;
  std::vector<Slot> slots; ///< sorted by compartment
};

struct HostEvent {
  uint32_t step = 0; ///< sent before this step, from 1
  uint32_t core = 0;
  /// A spike into an axon, or a value straight into a port.
  bool direct = false;
  uint32_t axon = 0, atom = 0, compartment = 0, port = 0;
  int32_t value = 1;
};

struct Spec {
  uint64_t seed = 0; ///< of random instructions
  uint32_t steps = 10;
  std::vector<Core> cores;
  std::vector<HostEvent> host; ///< sorted by step
};

/// The target is "loihi" with a field for each parameter of each model.
target::TargetModel fuzzTarget();

std::shared_ptr<const image::LoadedImage> toImage(const Spec &spec);

std::string toJson(const Spec &spec);
Expected<Spec> fromJson(const std::string &text);

/// Any network, the same for the same seed.
Spec randomSpec(uint64_t seed);

} // namespace hillock::differential

#endif // HILLOCK_TESTS_DIFFERENTIAL_SPEC_H
