//===- emulator/stream/SumRing.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/stream/SumRing.h"
#include "emulator/core/kernels/Kernels.h"
#include <cstring>

namespace hillock::emu {

SumFormat SumFormat::holding(uint64_t largest, uint32_t shift) {
  const uint64_t units = largest >> shift;
  if (units <= INT8_MAX)
    return {1, shift};
  if (units <= INT16_MAX)
    return {2, shift};
  return {4, 0};
}

SumRing::SumRing(size_t lanes, uint64_t slots, SumFormat format)
    : memory(lanes * slots * format.bytes), lanes(lanes), mask(slots - 1),
      now(format) {
  clear();
}

const int32_t *SumRing::read(uint64_t step, size_t first, uint32_t count,
                             const Kernels &kernels, int32_t *room) const {
  const size_t at = (step & mask) * lanes + first;
  if (now.bytes == 4)
    return memory.as<int32_t>() + at;
  if (now.bytes == 2)
    kernels.widen16(memory.as<int16_t>() + at, count, now.shift, room);
  else
    kernels.widen8(memory.as<int8_t>() + at, count, now.shift, room);
  return room;
}

void SumRing::clear(uint64_t step) {
  const size_t bytes = lanes * now.bytes;
  std::memset(memory.as<char>() + (step & mask) * bytes, 0, bytes);
}

void SumRing::clear() {
  std::memset(memory.as<char>(), 0, (mask + 1) * lanes * now.bytes);
}

void SumRing::makeWide() {
  if (now.bytes == 4)
    return;
  const SumRing narrow = std::move(*this);
  *this = SumRing(narrow.lanes, narrow.mask + 1, SumFormat());
  for (uint64_t s = 0; s <= mask; ++s)
    narrow.read(s, 0, static_cast<uint32_t>(lanes), kernelsScalar,
                slot<int32_t>(s));
}

} // namespace hillock::emu
