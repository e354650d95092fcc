//===- runtime/why/NeuronReplay.h - One neuron, many pasts ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the program of a single compartment with some of its inputs left out,
// to see what each of them adds to the value that is compared with the
// threshold. The neuron fires when it did fire, whatever the inputs are: what
// is asked is what made this membrane, not what would have happened instead.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_WHY_NEURONREPLAY_H
#define HILLOCK_RUNTIME_WHY_NEURONREPLAY_H

#include "image/ImageFile.h"
#include <optional>
#include <span>

namespace hillock::runtime {

class NeuronReplay {
public:
  /// Fails when a parameter of the program is in no memory of the target.
  static Expected<NeuronReplay> create(const image::LoadedImage &image,
                                       uint32_t core, uint32_t compartment,
                                       uint64_t seed = 0);

  /// Whether the spike depends on one comparison of something that the input
  /// enters with something that it does not enter; without it there are no
  /// shares.
  bool comparable() const { return compared.has_value(); }
  /// The value must be at least the threshold, not above it.
  bool reaches() const { return compared && compared->orEqual; }

  /// Copies of the neuron that are advanced together.
  struct Lanes {
    size_t count = 0, room = 0;
    std::vector<int32_t> states; ///< [state * room + lane]
  };
  /// One lane, with room for \p most.
  Lanes initial(size_t most) const;
  /// All \p count lanes as lane \p lane of \p from.
  static Lanes copies(const Lanes &from, size_t lane, size_t count);
  /// Appends \p count lanes like these to \p to, which has room for them.
  static void append(Lanes &to, const Lanes &from, size_t lane, size_t count);

  /// Advances by chip step \p step. \p inputs: what is added to the
  /// accumulator of port 0, a value a lane. \p fires: what the neuron did in
  /// this step. \p membrane (a value a lane) and \p threshold may be null.
  /// Returns whether lane 0 would have fired by itself.
  bool advance(Lanes &lanes, uint64_t step, std::span<const int32_t> inputs,
               bool fires, int32_t *membrane, int32_t *threshold);

private:
  struct Comparison {
    uint8_t result = 0;   ///< register of the comparison
    uint8_t membrane = 0; ///< operands
    uint8_t threshold = 0;
    bool orEqual = false;
  };
  NeuronReplay() = default;
  void findComparison();
  void foldConstants();
  void makeRoom(size_t lanes);

  const image::Program *program = nullptr;
  uint32_t core = 0, compartment = 0;
  uint64_t seed = 0;
  std::vector<int32_t> params, states;
  std::optional<Comparison> compared;
  int fireRegister = -1;
  /// What no lane and no step changes is computed once.
  std::vector<bool> constant;          ///< by instruction
  std::vector<int32_t> constantValues; ///< by register
  /// Of the step under way: [register * room + lane].
  std::vector<int32_t> registers;
  size_t room = 0;
};

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_WHY_NEURONREPLAY_H
