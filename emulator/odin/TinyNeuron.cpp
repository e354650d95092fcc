//===- emulator/odin/TinyNeuron.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/Neuron.h"
#include <algorithm>

namespace hillock::emu::odin {

TinyUpdate updateTiny(uint32_t word, NeuronInput::Kind kind, int weight) {
  int core = static_cast<int>(word & 0xFFF);
  core = core >= 2048 ? core - 4096 : core;
  if (kind == NeuronInput::Kind::Synaptic) {
    core = std::clamp(core + weight, -2048, 2047);
  } else if (kind == NeuronInput::Kind::Leak) {
    int leak = static_cast<int>(word >> 24 & 0x7F);
    core = core >= 0 ? std::max(core - leak, 0) : std::min(core + leak, 0);
  }
  bool spike = core >= 0 && core >= static_cast<int>(word >> 12 & 0xFFF);
  uint32_t stored = spike ? 0 : static_cast<uint32_t>(core) & 0xFFF;
  return {(word & ~0xFFFu) | stored, spike};
}

} // namespace hillock::emu::odin
