//===- backends/int4/Kernel.h - How sums of products are made ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel advances some pixels by some vectors of output channels at once:
// accumulators stay in registers, a vector of weights is unpacked once and used
// for all pixels. Which instruction adds the products depends on the
// processor; all give the same 32-bit sums, because integers do not care for
// the order in which they are added.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_KERNEL_H
#define HILLOCK_BACKENDS_INT4_KERNEL_H

#include <cstdint>
#include <functional>
#include <string>

namespace hillock::int4 {

enum class Products {
  Vnni,    ///< vpdpbusd: four unsigned by signed bytes a lane
  MaddUbs, ///< pmaddubsw, pmaddwd: the same for 4-bit weights
  MaddWd,  ///< pmaddwd: two 16-bit products a lane
  Sdot,    ///< NEON sdot: four signed bytes a lane
  Smlad,   ///< Armv7E-M smlad: two signed halfwords, of one lane
  Plain,   ///< a widening multiplication a lane
  Shift,   ///< logarithmic weights: a shift and a sign a lane
};

struct Kernel {
  Products products = Products::Plain;
  unsigned lanes = 1;
  /// Products that a lane adds at once: consecutive codes of the input.
  unsigned group = 1;
  unsigned pixels = 1;  ///< of a tile
  unsigned vectors = 1; ///< of output channels of a tile
};

/// Where weights are stored without their zeros (Sparse.h).
enum class ZeroSkipping {
  WhereFaster,  ///< where that is smaller, and no slower than the kernel
  WhereSmaller, ///< wherever that is smaller
  Never,
};

/// The kernels of a processor, by what a layer needs.
struct Machine {
  std::string name;
  Kernel narrow;      ///< weights of 4 bits
  Kernel wide;        ///< weights of 8 bits
  Kernel shift;       ///< logarithmic weights
  unsigned lanes = 1; ///< of everything else
  bool unsignedBytes = false;
  bool pairProducts = false; ///< pmuldq: every second word to 64 bits
  bool packs = false;        ///< saturating packs of x86
  bool halfVnni = false;     ///< vpdpbusd for vectors of 8 lanes, too
  bool tiles = false;        ///< AMX, for the layers that it suits (Amx.h)
  ZeroSkipping zeros = ZeroSkipping::WhereFaster;
  bool longProducts = true; ///< 32 x 32 -> 64 bits without a call
};

/// The kernel of a layer of \p outputs channels and rows of \p width results:
/// tiles that divide both well where the processor has registers to choose.
Kernel fitted(const Machine &machine, Kernel kernel, int64_t outputs,
              int64_t width);

/// \p has answers whether the processor has a feature ("+avx2").
Machine machineFor(bool x86, bool arm64, bool arm, bool thumb1,
                   const std::function<bool(const char *)> &has);

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_KERNEL_H
