//===- backends/int4/Requantize.cpp - From sums to codes ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// floor(x m / 2^s + 1/2), clamped: the same numbers as ann::requantize(), in
// 64-bit vectors, or in 32-bit words where a processor would call a function
// for more.
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Layers.h"

namespace hillock::int4 {

namespace {

int64_t lanesIn(Value x) {
  auto vector = llvm::dyn_cast<mlir::VectorType>(x.getType());
  return vector ? vector.getNumElements() : 1;
}

/// High and low word of the product of two signed words, from 16-bit halves.
struct Words {
  Value high, low;
};

Words product(Emitter &e, Value x, Value m) {
  const Type word = e.i32();
  Value half = e.constant(word, 0xFFFF), sixteen = e.constant(word, 16);
  Value xl = e.both(x, half), xh = e.sar(x, sixteen);
  Value ml = e.both(m, half), mh = e.sar(m, sixteen);
  Value low = e.mul(xl, ml);
  Value cross = e.add(e.mul(xh, ml), e.shr(low, sixteen));
  Value other = e.add(e.mul(xl, mh), e.both(cross, half));
  Value high =
      e.add(e.add(e.mul(xh, mh), e.sar(cross, sixteen)), e.sar(other, sixteen));
  return {high, e.either(e.shl(other, sixteen), e.both(low, half))};
}

/// As above in words: the rounding bit is added, then both words are shifted.
/// Shifts below 33 saturate where the result has more than 32 bits.
Value scaledInWords(Emitter &e, Value x, Scale scale, bool narrow) {
  const Type word = e.i32();
  Words p = product(e, x, scale.mantissa);
  Value one = e.constant(word, 1), zero = e.constant(word, 0);
  Value over = e.add(scale.shift, -33);
  Value upper =
      e.sar(e.add(p.high, e.shl(one, e.both(over, e.constant(word, 31)))),
            e.both(e.add(over, 1), e.constant(word, 31)));
  if (narrow)
    return upper;
  // Shift 1..32: the rounding bit is in the low word.
  Value s = scale.shift;
  Value round = e.shl(one, e.both(e.add(s, -1), e.constant(word, 31)));
  Value low = e.add(p.low, round);
  Value flip = e.constant(word, INT32_MIN);
  Value carry = e.less(e.exclusive(low, flip), e.exclusive(round, flip));
  Value high = e.add(p.high, e.select(carry, one, zero));
  Value mask = e.constant(word, 31);
  Value bottom = e.shr(low, e.both(s, mask));
  Value top = e.shl(high, e.both(e.sub(zero, s), mask));
  Value joined = e.either(top, bottom);
  // A result of more than 32 bits: the high word is not its own sign.
  Value rest = e.sar(high, e.both(e.add(s, -1), mask));
  Value sign = e.sar(high, e.constant(word, 31));
  Value fits =
      e.both(e.less(e.add(rest, -1), sign), e.less(e.add(sign, -1), rest));
  Value limit = e.exclusive(e.constant(word, INT32_MAX), sign);
  Value shorter = e.select(fits, joined, limit);
  Value isWord = e.less(e.constant(word, 31), s); // s = 32
  Value lower = e.select(isWord, high, shorter);
  return e.select(e.less(over, zero), lower, upper);
}

} // namespace

Value upperWord(Context &c, Value x, Value factor) {
  Emitter &e = c.emit;
  const int64_t lanes = lanesIn(x);
  const Type words = Emitter::lanesOf(e.i32(), lanes);
  if (!c.machine.pairProducts || lanes < 4) {
    const Type longs = Emitter::lanesOf(e.i64(), lanes);
    Value product = e.mul(e.sext(x, longs), e.sext(factor, longs));
    return e.trunc(e.sar(product, e.constant(longs, 32)), words);
  }
  // Even and odd lanes as they lie in 64 bits: what pmuldq multiplies.
  const Type pairs = Emitter::vec(e.i64(), lanes / 2);
  Value half = e.constant(pairs, 32);
  Value px = e.bitcast(x, pairs), pf = e.bitcast(factor, pairs);
  Value even =
      e.mul(e.sar(e.shl(px, half), half), e.sar(e.shl(pf, half), half));
  Value odd = e.mul(e.sar(px, half), e.sar(pf, half));
  llvm::SmallVector<int32_t> order;
  for (int64_t lane = 1; lane < lanes; lane += 2) {
    order.push_back(static_cast<int32_t>(lane));
    order.push_back(static_cast<int32_t>(lane + lanes));
  }
  return e.shuffle(e.bitcast(even, words), e.bitcast(odd, words), order);
}

Value requantized(Context &c, Value sums, Scale scale, bool narrow,
                  const Buffer &out, int32_t low, int32_t high) {
  Emitter &e = c.emit;
  const int64_t lanes = lanesIn(sums);
  const int64_t zero = out.zero;
  const int64_t least = int64_t{low} - out.base;
  const int64_t most = int64_t{high} - out.base;
  const Type words = Emitter::lanesOf(e.i32(), lanes);
  if (!c.machine.longProducts) {
    Value x = scaledInWords(e, sums, scale, narrow);
    // The clamp first: adding the zero point could overflow.
    x = e.smallest(e.largest(x, e.constant(words, least - zero)),
                   e.constant(words, most - zero));
    return e.add(x, zero);
  }
  if (narrow) {
    // The rounding bit is in the upper word, and so is all of the result.
    Value over = e.add(scale.shift, -33);
    Value round = e.shl(e.constant(words, 1), over);
    Value x =
        e.sar(e.add(upperWord(c, sums, scale.mantissa), round), e.add(over, 1));
    x = e.smallest(e.largest(x, e.constant(words, least - zero)),
                   e.constant(words, most - zero));
    return e.add(x, zero);
  }
  const Type longs = Emitter::lanesOf(e.i64(), lanes);
  Value shift = e.zext(scale.shift, longs);
  Value round = e.shl(e.constant(longs, 1), e.add(shift, -1));
  Value x = e.mul(e.sext(sums, longs), e.sext(scale.mantissa, longs));
  x = e.sar(e.add(x, round), shift);
  x = e.smallest(e.largest(x, e.constant(x.getType(), least - zero)),
                 e.constant(x.getType(), most - zero));
  return e.add(e.trunc(x, words), zero);
}

} // namespace hillock::int4
