//===- image/Usage.cpp - How full a core is -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/Pack.h"

namespace hillock::image {

std::vector<Usage> usage(const proto::Core &core,
                         const target::TargetModel &target) {
  std::vector<Usage> result;
  for (const proto::Memory &memory : target.proto().memory()) {
    Usage entry{memory.name(), 0, memory.words(), memory.word_bits()};
    for (const proto::MemoryWords &words : core.memory())
      if (words.role() == memory.role())
        entry.usedWords = words.words();
    result.push_back(std::move(entry));
  }
  return result;
}

} // namespace hillock::image
