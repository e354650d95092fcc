//===- tests/unit/emulator/checkpoint/Chip.h - A chip that is busy *- C++
//-*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_EMULATOR_CHECKPOINT_CHIP_H
#define HILLOCK_TESTS_UNIT_EMULATOR_CHECKPOINT_CHIP_H

#include "emulator/core/Checkpoint.h"
#include "tests/unit/emulator/engine/TestImages.h"

namespace hillock::test {

/// A ring of cores on two chips: each neuron excites two of the next core, with
/// delays of 0 to 3 steps; biases keep it going.
inline std::shared_ptr<image::LoadedImage> ringImage(int32_t threshold = 90) {
  auto image = emptyImage();
  image->programs = {leakyProgram(3, threshold)};
  constexpr uint32_t cores = 6, neurons = 20;
  for (uint32_t c = 0; c < cores; ++c) {
    image::CoreTables core = plainCore(c / 3, c % 3 * 4, neurons);
    core.formats = {halfFormat(image::Compression::Sparse)};
    for (uint32_t n = 0; n < neurons; ++n) {
      addAxon(
          core, 0,
          {static_cast<uint16_t>(n), static_cast<uint16_t>(n * 7 % neurons)},
          {static_cast<int16_t>(30 + n), static_cast<int16_t>(-10)});
      core.rows.delay.push_back(static_cast<uint8_t>(n % 4));
      core.rows.delay.push_back(0);
      core.compartmentFields["bias_mant"].push_back(
          static_cast<int32_t>(n * 3 % 17));
    }
    for (uint32_t n = 0; n < neurons; ++n) {
      image::AxonOut out;
      out.chip = (c + 1) % cores / 3;
      out.core = (c + 1) % cores % 3 * 4;
      out.axon = static_cast<uint16_t>(n);
      addSlots(core, n, {out});
    }
    image->cores.push_back(std::move(core));
  }
  return image;
}

inline std::unique_ptr<emu::Emulator>
plainEmulator(std::shared_ptr<const image::LoadedImage> image,
              uint64_t seed = 0, unsigned threads = 1) {
  emu::Options options;
  options.threads = threads;
  options.seed = seed;
  auto emulator = emu::Emulator::create(std::move(image), options);
  if (!emulator) {
    ADD_FAILURE() << takeText(emulator.takeError());
    return nullptr;
  }
  return std::move(*emulator);
}

inline std::string stateOf(const emu::Emulator &emulator) {
  proto::Checkpoint state;
  if (Error error = emulator.save(state))
    ADD_FAILURE() << takeText(std::move(error));
  return state.SerializeAsString();
}

inline void advance(emu::Emulator &emulator, int steps) {
  for (int i = 0; i < steps; ++i) {
    emu::HostSpike spike{0, static_cast<uint32_t>(emulator.now() * 3 % 20), 0,
                         4};
    if (Error error = emulator.send({&spike, 1}))
      ADD_FAILURE() << takeText(std::move(error));
    emulator.step();
  }
}

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_EMULATOR_CHECKPOINT_CHIP_H
