//===- backends/int4/Products.cpp - One step of a kernel ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Products.h"

namespace hillock::int4 {

Products4::Products4(Emitter &emit, const Kernel &kernel, bool nibbles,
                     bool scaled, bool unsignedBytes, unsigned power)
    : e(emit), k(kernel), nibbles(nibbles), scaled(scaled),
      unsignedBytes(unsignedBytes), power(power) {}

Value Products4::extended(Value x, Type type) {
  return unsignedBytes ? e.zext(x, type) : e.sext(x, type);
}

/// Bytes 0 and 2, or 1 and 3, as signed halfwords.
Value Products4::halfwords(Value word, int64_t odd) {
  const Type type = word.getType();
  if (odd)
    word = e.either(e.shr(word, e.constant(type, 8)),
                    e.shl(word, e.constant(type, 24)));
  return e.intrinsic("llvm.arm.sxtb16", type, {word});
}

Values Products4::unpack(Value weights) {
  if (k.products == Products::Smlad) {
    Value word = e.load(e.i32(), weights, 4);
    if (!nibbles)
      return {halfwords(word, 0), halfwords(word, 1)};
    // The upper nibble of a halfword is a signed number of its own.
    Value mask = e.constant(e.i32(), 0xF000F000);
    Values parts;
    for (const int64_t up : {12, 4, 8, 0})
      parts.push_back(
          e.both(up ? e.shl(word, e.constant(e.i32(), up)) : word, mask));
    return parts;
  }
  const int64_t bytes = int64_t{k.lanes} * k.group;
  const Type type = Emitter::lanesOf(e.i8(), bytes);
  Value packed = e.load(type, weights);
  if (!nibbles)
    return {packed};
  if (scaled) {
    // Bytes have no shift of their own; what crosses over is masked off.
    const Type halves = Emitter::vec(e.i16(), bytes / 2);
    Value up = e.bitcast(
        e.shl(e.bitcast(packed, halves), e.constant(halves, 4)), type);
    Value mask = e.constant(type, -16);
    return {e.both(up, mask), e.both(packed, mask)};
  }
  Value four = e.constant(type, 4);
  return {e.sar(e.shl(packed, four), four), e.sar(packed, four)};
}

Value Products4::codes(Value codes, int64_t part) {
  if (k.products == Products::Smlad)
    return halfwords(e.load(e.i32(), e.move(codes, part / 2 * k.group)),
                     part % 2);
  Value from = e.move(codes, part * k.group);
  const int64_t lanes = k.lanes;
  switch (k.products) {
  case Products::Vnni:
  case Products::MaddUbs:
  case Products::Sdot:
    return e.bitcast(e.splat(e.load(e.i32(), from), lanes),
                     Emitter::vec(e.i8(), lanes * 4));
  case Products::MaddWd: {
    Value pair = extended(e.load(Emitter::vec(e.i8(), 2), from),
                          Emitter::vec(e.i16(), 2));
    return e.bitcast(e.splat(e.bitcast(pair, e.i32()), lanes),
                     Emitter::vec(e.i16(), lanes * 2));
  }
  case Products::Plain:
  case Products::Shift:
  case Products::Smlad:
    break;
  }
  const bool words = k.products == Products::Shift || lanes == 1;
  return e.splat(extended(e.load(e.i8(), from), words ? e.i32() : e.i16()),
                 lanes);
}

/// (x << power (|w| - 1)) with the sign of w; nothing for w = 0.
Value Products4::shifted(Value x, Value w) {
  const Type type = x.getType();
  Value code = e.sext(w, type);
  Value sign = e.sar(code, e.constant(type, 31));
  Value size = e.sub(e.exclusive(code, sign), sign);
  Value zero = e.constant(type, 0);
  Value none = e.less(size, e.constant(type, 1));
  Value steps = e.largest(e.add(size, -1), zero);
  for (unsigned doubled = 1; doubled < power; doubled *= 2)
    steps = e.add(steps, steps);
  Value product = e.shl(x, steps);
  return e.select(none, zero, e.sub(e.exclusive(product, sign), sign));
}

Value Products4::add(Value sum, Value x, Value w) {
  const int64_t lanes = k.lanes;
  const Type sums = sum.getType();
  const bool wide = lanes == 8;
  switch (k.products) {
  case Products::Vnni:
    return e.intrinsic(wide ? "llvm.x86.avx512.vpdpbusd.256"
                            : "llvm.x86.avx512.vpdpbusd.512",
                       sums, {sum, x, w});
  case Products::Smlad:
    return e.intrinsic("llvm.arm.smlad", sums, {x, w, sum});
  case Products::MaddUbs: {
    const Type halves = Emitter::vec(e.i16(), lanes * 2);
    Value pairs = e.intrinsic(wide ? "llvm.x86.avx2.pmadd.ub.sw"
                                   : "llvm.x86.ssse3.pmadd.ub.sw.128",
                              halves, {x, w});
    return e.add(sum, e.intrinsic(wide ? "llvm.x86.avx2.pmadd.wd"
                                       : "llvm.x86.sse2.pmadd.wd",
                                  sums, {pairs, e.constant(halves, 1)}));
  }
  case Products::MaddWd: {
    Value words = e.sext(w, Emitter::vec(e.i16(), lanes * 2));
    return e.add(sum, e.intrinsic(wide ? "llvm.x86.avx2.pmadd.wd"
                                       : "llvm.x86.sse2.pmadd.wd",
                                  sums, {x, words}));
  }
  case Products::Sdot:
    return e.intrinsic("llvm.aarch64.neon.sdot", sums, {sum, x, w});
  case Products::Shift:
    return e.add(sum, shifted(x, w));
  case Products::Plain:
    break;
  }
  // A product of two bytes fits 16 bits, whatever their signs.
  return e.add(sum, e.sext(e.mul(e.sext(w, x.getType()), x), sums));
}

} // namespace hillock::int4
