//===- backends/int4/Amx.cpp - Sums of products in tiles ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Amx.h"
#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "llvm/TargetParser/Host.h"
#if defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace hillock::int4 {

namespace {

/// A tile of the processor: rows, and bytes of a row.
constexpr int64_t mostRows = 16, rowBytes = 64;
/// With fewer, loading the weights takes longer than vpdpbusd does.
constexpr int64_t leastPixels = 4, leastGroups = 8, leastOutputs = 9;

} // namespace

std::optional<TileShape> TileShape::of(int64_t runLength, int64_t pixels,
                                       int64_t outputs) {
  if (pixels < leastPixels || outputs < leastOutputs)
    return std::nullopt;
  TileShape shape;
  const int64_t count = (pixels + mostRows - 1) / mostRows;
  shape.rows = (pixels + count - 1) / count;
  const int64_t groups = (runLength + 3) / 4;
  shape.steps = (groups + mostRows - 1) / mostRows;
  while (groups % shape.steps != 0)
    ++shape.steps;
  shape.groups = groups / shape.steps;
  if (shape.groups < leastGroups)
    return std::nullopt;
  return shape;
}

TileProducts::TileProducts(Emitter &emit, const TileShape &shape,
                           int64_t pixelStep, int64_t vectors)
    : e(emit), shape(shape), pixelStep(pixelStep),
      tile(mlir::LLVM::LLVMX86AMXType::get(e.builder().getContext())),
      scratch(e.room(shape.rows * vectors * rowBytes)) {}

Value TileProducts::load(int64_t rows, int64_t bytes, Value from,
                         int64_t bytesApart) {
  return e.intrinsic("llvm.x86.tileloadd64.internal", tile,
                     {half(rows), half(bytes), from, step(bytesApart)});
}

Values TileProducts::zero(int64_t vectors) {
  Values tiles;
  for (int64_t v = 0; v < vectors; ++v)
    tiles.push_back(e.intrinsic("llvm.x86.tilezero.internal", tile,
                                {half(shape.rows), half(rowBytes)}));
  return tiles;
}

Values TileProducts::addRun(mlir::ValueRange tiles, Value codes,
                            Value weights) {
  const auto vectors = static_cast<int64_t>(tiles.size());
  const int64_t apart = vectors * rowBytes;
  return e.loop(shape.steps, tiles, [&](Value s, mlir::ValueRange carried) {
    Value from = e.move(codes, e.mul(s, shape.groups * 4));
    Value packed = e.move(weights, e.mul(s, shape.groups * apart));
    Value a = load(shape.rows, shape.groups * 4, from, pixelStep);
    Values next;
    for (int64_t v = 0; v < vectors; ++v) {
      Value b =
          load(shape.groups, rowBytes, e.move(packed, v * rowBytes), apart);
      next.push_back(
          e.intrinsic("llvm.x86.tdpbusd.internal", tile,
                      {half(shape.rows), half(rowBytes), half(shape.groups * 4),
                       carried[static_cast<size_t>(v)], a, b}));
    }
    return next;
  });
}

Values TileProducts::plus(mlir::ValueRange tiles, mlir::ValueRange bias) {
  const auto vectors = static_cast<int64_t>(tiles.size());
  const int64_t apart = vectors * rowBytes;
  for (int64_t v = 0; v < vectors; ++v)
    e.effect("llvm.x86.tilestored64.internal",
             {half(shape.rows), half(rowBytes), e.move(scratch, v * rowBytes),
              step(apart), tiles[static_cast<size_t>(v)]});
  Values sums;
  for (size_t i = 0; i < bias.size(); ++i)
    sums.push_back(
        e.add(e.load(bias[i].getType(),
                     e.move(scratch, static_cast<int64_t>(i) * rowBytes), 64),
              bias[i]));
  return sums;
}

bool mayUseTiles() {
#if defined(__linux__) && defined(__x86_64__)
  const auto features = llvm::sys::getHostCPUFeatures();
  if (!features.lookup("amx-tile") || !features.lookup("amx-int8"))
    return false;
  // Linux, Documentation/arch/x86/xstate.rst.
  constexpr long requestPermission = 0x1023, tileData = 18;
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
#else
  return false;
#endif
}

} // namespace hillock::int4
