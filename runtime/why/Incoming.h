//===- runtime/why/Incoming.h - Who can reach a neuron ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_WHY_INCOMING_H
#define HILLOCK_RUNTIME_WHY_INCOMING_H

#include "image/ImageFile.h"
#include <map>

namespace hillock::runtime {

/// Who sends: a neuron of an input of the network, or a compartment.
struct Sender {
  bool isInput = false;
  uint32_t place = 0;  ///< port of the image, or core (index into the image)
  uint32_t number = 0; ///< neuron of the port, or compartment
  auto operator<=>(const Sender &) const = default;
};

/// A synapse to the neuron at hand, and who uses it.
struct Synapse {
  Sender from;
  int32_t weight = 0; ///< added to the accumulator for a payload of 1
  uint32_t delay = 0;
};

/// Reads an image's tables backwards. What is found for a core is kept.
class Incoming {
public:
  explicit Incoming(const image::LoadedImage &image) : image(image) {}

  /// All synapses of a compartment, sorted by sender.
  std::vector<Synapse> of(uint32_t core, uint32_t compartment);

private:
  /// Senders of each (axon, atom), in one list.
  struct Senders {
    std::vector<uint32_t> firstAtom; ///< by axon
    std::vector<uint32_t> first;     ///< by atom of an axon
    std::vector<Sender> list;
  };
  const Senders &sendersTo(uint32_t core);
  int32_t weightOf(uint32_t core, size_t row, size_t synapse) const;

  const image::LoadedImage &image;
  std::map<uint32_t, Senders> known;
};

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_WHY_INCOMING_H
