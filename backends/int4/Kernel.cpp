//===- backends/int4/Kernel.cpp - How sums of products are made -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Kernel.h"

namespace hillock::int4 {

namespace {

Machine x86Machine(const std::function<bool(const char *)> &has) {
  Machine m;
  // Tiles are as large as the registers allow: accumulators, one vector of
  // weights a column and a broadcast.
  if (has("+avx512vnni") && has("+avx512bw")) {
    m.name = "vnni512";
    m.narrow = {Products::Vnni, 16, 4, 6, 3};
    m.wide = {Products::Vnni, 16, 4, 6, 3};
    m.shift = {Products::Shift, 16, 1, 4, 2};
    m.lanes = 16;
    m.unsignedBytes = true;
  } else if (has("+avx2")) {
    m.name = "avx2";
    m.narrow = {Products::MaddUbs, 8, 4, 4, 2};
    m.wide = {Products::MaddWd, 8, 2, 4, 2};
    m.shift = {Products::Shift, 8, 1, 2, 2};
    m.lanes = 8;
    m.unsignedBytes = true;
  } else if (has("+ssse3")) {
    m.name = "ssse3";
    m.narrow = {Products::MaddUbs, 4, 4, 4, 2};
    m.wide = {Products::MaddWd, 4, 2, 4, 2};
    m.shift = {Products::Shift, 4, 1, 2, 1};
    m.lanes = 4;
    m.unsignedBytes = true;
  } else {
    m.name = "sse2";
    m.narrow = {Products::MaddWd, 4, 2, 4, 2};
    m.wide = {Products::MaddWd, 4, 2, 4, 2};
    m.shift = {Products::Shift, 4, 1, 2, 1};
    m.lanes = 4;
  }
  return m;
}

} // namespace

Machine machineFor(bool x86, bool arm64, bool thumb1,
                   const std::function<bool(const char *)> &has) {
  if (x86)
    return x86Machine(has);
  Machine m;
  if (arm64) {
    const bool dot = has("+dotprod");
    m.name = dot ? "neon-dot" : "neon";
    m.narrow = dot ? Kernel{Products::Sdot, 4, 4, 4, 4}
                   : Kernel{Products::Plain, 8, 1, 4, 2};
    m.wide = m.narrow;
    m.shift = {Products::Shift, 4, 1, 4, 2};
    m.lanes = 8;
    return m;
  }
  m.name = thumb1 ? "scalar-thumb1" : "scalar";
  // Thumb-1 has eight registers that arithmetic can use.
  const unsigned tile = thumb1 ? 1 : 2;
  m.narrow = m.wide = {Products::Plain, 1, 1, tile, tile};
  m.shift = {Products::Shift, 1, 1, 1, tile};
  m.longProducts = !thumb1;
  return m;
}

} // namespace hillock::int4
