//===- emulator/odin/Synapse.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/Synapse.h"

namespace hillock::emu::odin {

uint32_t learnWord(uint32_t word, uint32_t up, uint32_t down,
                   bool updateUnmapped) {
  uint32_t result = 0;
  for (unsigned i = 0; i < 8; ++i)
    result |= learn(nibbleOf(word, i), up >> i & 1, down >> i & 1,
                    updateUnmapped)
              << (4 * i);
  return result;
}

uint32_t driftWord(uint32_t word, bool updateUnmapped) {
  uint32_t result = 0;
  for (unsigned i = 0; i < 8; ++i)
    result |= drift(nibbleOf(word, i), updateUnmapped) << (4 * i);
  return result;
}

} // namespace hillock::emu::odin
