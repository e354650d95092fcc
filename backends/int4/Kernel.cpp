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
  m.packs = true;
  m.pairProducts = has("+avx2");
  // Tiles are as large as the registers allow: accumulators, one vector of
  // weights a column and a broadcast.
  if (has("+avx512vnni") && has("+avx512bw")) {
    // AMX has no form outside of 64-bit mode.
    m.tiles = has("+64bit-mode") && has("+amx-tile") && has("+amx-int8");
    m.name = m.tiles ? "amx" : "vnni512";
    m.narrow = {Products::Vnni, 16, 4, 6, 3};
    m.wide = {Products::Vnni, 16, 4, 6, 3};
    m.shift = {Products::Shift, 16, 1, 4, 2};
    m.lanes = 16;
    m.unsignedBytes = true;
    m.halfVnni = has("+avx512vl");
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

Kernel fitted(const Machine &machine, Kernel kernel, int64_t outputs,
              int64_t width) {
  if (kernel.products != Products::Vnni)
    return kernel;
  if (machine.halfVnni && outputs <= 8)
    kernel.lanes = 8;
  const int64_t lanes = kernel.lanes;
  const int64_t vectors = (outputs + lanes - 1) / lanes;
  // Of 32 registers some hold codes and weights.
  constexpr unsigned pixels[] = {0, 14, 11, 7, 5};
  kernel.vectors = vectors <= 4       ? static_cast<unsigned>(vectors)
                   : vectors % 4 == 1 ? 3
                                      : 4;
  const int64_t most = pixels[kernel.vectors];
  const int64_t tiles = (width + most - 1) / most;
  kernel.pixels = static_cast<unsigned>((width + tiles - 1) / tiles);
  return kernel;
}

Machine machineFor(bool x86, bool arm64, bool arm, bool thumb1,
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
  // Only targets that know a feature may be asked for it.
  const bool dsp = arm && has("+dsp");
  m.name = thumb1 ? "scalar-thumb1" : dsp ? "smlad" : "scalar";
  // Thumb-1 has eight registers that arithmetic can use.
  const unsigned tile = thumb1 ? 1 : 2;
  m.narrow = m.wide = {Products::Plain, 1, 1, tile, tile};
  m.shift = {Products::Shift, 1, 1, 1, tile};
  if (dsp)
    m.narrow = m.wide = {Products::Smlad, 1, 4, tile, tile};
  m.longProducts = !thumb1;
  return m;
}

} // namespace hillock::int4
