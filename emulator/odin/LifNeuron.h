//===- emulator/odin/LifNeuron.h - ODIN's first neuron ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_LIFNEURON_H
#define HILLOCK_EMULATOR_ODIN_LIFNEURON_H

#include "emulator/odin/Neuron.h"
#include <algorithm>

namespace hillock::emu::odin {

/// ODIN's leaky integrate and fire: 8 bits unsigned that stop at 0 and 255.
//
// 0 model (1), 7:1 leak, 8 leak enable, 16:9 threshold, 17 calcium enable,
// 25:18 thetamem, 28:26 theta1, 31:29 theta2, 34:32 theta3, 39:35 calcium leak,
// 77:70 potential, 80:78 calcium, 85:81 calcium leak counter, 127 disable.
// The other bits are kept.
[[gnu::always_inline]] inline NeuronUpdate updateLif(const Word128 &word,
                                                     const NeuronInput &input) {
  auto param = [&](unsigned low, unsigned width) {
    return static_cast<int>(word.lo >> low & ((1u << width) - 1));
  };
  bool leak = input.kind == NeuronInput::Kind::Leak;
  int core = static_cast<int>(word.hi >> 6 & 0xFF);
  if (leak) {
    if (param(8, 1))
      core = std::max(core - param(1, 7), 0);
  } else if (input.kind == NeuronInput::Kind::Synaptic) {
    core = input.inhibitory ? std::max(core - input.weight, 0)
                            : std::min(core + input.weight, 255);
  }
  NeuronUpdate result;
  result.spike = core >= param(9, 8);
  core = result.spike ? 0 : core;

  uint32_t calcium = word.hi >> 14 & 7;
  LeakCounter counter = {static_cast<uint32_t>(word.hi >> 17 & 31), false};
  if (param(17, 1)) {
    counter = countLeak(counter.count, param(35, 5), leak, 5);
    calcium = nextCalcium(calcium, result.spike, counter.pulse, 1);
    int a = static_cast<int>(calcium);
    // Without branches: this is in the innermost loop.
    int above = core >= param(18, 8), enough = a >= param(26, 3);
    int lowUp = a < param(32, 3), lowDown = a < param(29, 3);
    result.up = (above & enough & lowUp) != 0;
    result.down = ((above ^ 1) & enough & lowDown) != 0;
  }
  result.word.lo = word.lo;
  result.word.hi = (word.hi & ~(uint64_t(0xFFFF) << 6)) | uint64_t(core) << 6 |
                   uint64_t(calcium) << 14 | uint64_t(counter.count) << 17;
  result.calcium = static_cast<uint8_t>(calcium);
  result.potential = static_cast<uint8_t>(core);
  return result;
}

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_LIFNEURON_H
