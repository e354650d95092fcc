//===- base/hdf5/Checksum.cpp ---------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bob Jenkins' hash "lookup3" (hashlittle, in the public domain), which newer
// parts of HDF5 files end with.
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Source.h"
#include <bit>

namespace hillock::hdf5 {

namespace {

struct State {
  uint32_t a, b, c;

  void mix() {
    a -= c, a ^= std::rotl(c, 4), c += b;
    b -= a, b ^= std::rotl(a, 6), a += c;
    c -= b, c ^= std::rotl(b, 8), b += a;
    a -= c, a ^= std::rotl(c, 16), c += b;
    b -= a, b ^= std::rotl(a, 19), a += c;
    c -= b, c ^= std::rotl(b, 4), b += a;
  }
  void finish() {
    c ^= b, c -= std::rotl(b, 14);
    a ^= c, a -= std::rotl(c, 11);
    b ^= a, b -= std::rotl(a, 25);
    c ^= b, c -= std::rotl(b, 16);
    a ^= c, a -= std::rotl(c, 4);
    b ^= a, b -= std::rotl(a, 14);
    c ^= b, c -= std::rotl(b, 24);
  }
};

} // namespace

uint32_t checksum(std::string_view bytes) {
  uint32_t start = 0xdeadbeef + static_cast<uint32_t>(bytes.size());
  State state{start, start, start};
  if (bytes.empty())
    return state.c;
  auto word = [&](size_t at) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4 && at + i < bytes.size(); ++i)
      value |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
    return value;
  };
  for (;; bytes.remove_prefix(12)) {
    state.a += word(0);
    state.b += word(4);
    state.c += word(8);
    if (bytes.size() <= 12)
      break;
    state.mix();
  }
  state.finish();
  return state.c;
}

bool hasGoodChecksum(std::string_view block) {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return block.size() >= 4; // Lets a fuzzer get behind it.
#else
  if (block.size() < 4)
    return false;
  uint32_t stored = 0;
  for (size_t i = 0; i < 4; ++i)
    stored |= uint32_t{static_cast<uint8_t>(block[block.size() - 4 + i])}
              << (8 * i);
  return stored == checksum(block.substr(0, block.size() - 4));
#endif
}

} // namespace hillock::hdf5
