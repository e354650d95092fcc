//===- backends/int4/Finish.cpp - From sums to stored codes ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Finish.h"
#include "llvm/ADT/StringExtras.h"

namespace hillock::int4 {

Finisher::Finisher(Context &c, size_t index, llvm::ArrayRef<int64_t> channels,
                   int64_t lanes, unsigned scaled, int64_t largest, bool turned)
    : c(c), e(c.emit), layer(c.network.layers[index]),
      out(c.buffer(layer.output)), name(c.prefix + "_" + llvm::utostr(index)),
      lanes(lanes), scaled(scaled), turned(turned),
      rescale(rescaleOf(layer, out, largest, scaled, c.machine.longProducts)) {
  for (const ann::Multiplier &f : layer.multipliers)
    narrow &= f.mantissa == 0 || f.shift >= 33;
  makeTables(channels);
}

void Finisher::makeTables(llvm::ArrayRef<int64_t> channels) {
  if (rescale.form == Rescale::Form::Long)
    for (const ann::Multiplier &m : layer.multipliers) {
      rescale.factors.push_back(m.mantissa);
      rescale.shifts.push_back(m.mantissa == 0 ? 33 : m.shift);
    }
  const auto table = [&](const char *what, const std::vector<int32_t> &values) {
    std::vector<int32_t> words;
    for (const int64_t channel : channels)
      words.push_back(values[static_cast<size_t>(channel)]);
    return e.table(name + what, llvm::ArrayRef<int32_t>(words));
  };
  factors = table("_factor", rescale.factors);
  if (!rescale.offsets.empty())
    offsets = table("_offset", rescale.offsets);
  if (rescale.shifts.size() == layer.multipliers.size())
    shifts = table("_shift", rescale.shifts);
}

Value Finisher::load(Value table, Value offset) {
  return e.load(Emitter::lanesOf(e.i32(), lanes), e.move(table, offset), 4);
}

/// Words: without the clamp when another form than the definition is used.
Value Finisher::rescaled(const Piece &piece) {
  Value sum = piece.sum;
  const Type words = sum.getType();
  Value factor = load(factors, piece.tables);
  Value shift = shifts ? load(shifts, piece.tables)
                       : e.constant(words, rescale.shifts[0]);
  if (rescale.form == Rescale::Form::Long) {
    if (scaled)
      sum = e.sar(sum, e.constant(words, scaled));
    return requantized(c, sum, {factor, shift}, narrow, out, layer.low,
                       layer.high);
  }
  if (rescale.before)
    sum = e.sar(sum, e.constant(words, rescale.before));
  Value product = rescale.form == Rescale::Form::High
                      ? upperWord(c, sum, factor)
                      : e.mul(sum, factor);
  return e.sar(e.add(product, load(offsets, piece.tables)), shift);
}

void Finisher::storeOne(const Piece &piece) {
  Value codes = rescaled(piece);
  const Type words = codes.getType();
  if (rescale.form != Rescale::Form::Long)
    codes = e.smallest(
        e.largest(codes, e.constant(words, int64_t{layer.low} - out.base)),
        e.constant(words, int64_t{layer.high} - out.base));
  codes = e.trunc(codes,
                  Emitter::lanesOf(out.bytes == 1 ? e.i8() : e.i32(), lanes));
  e.store(e.firstLanes(codes, piece.lanes), piece.to,
          static_cast<unsigned>(out.bytes));
}

Value Finisher::clampedBytes(Value bytes) {
  const int64_t low = int64_t{layer.low} - out.base;
  const int64_t high = int64_t{layer.high} - out.base;
  const bool unsignedBytes = c.machine.unsignedBytes;
  // The packing has clamped to what a byte holds.
  if (low > (unsignedBytes ? 0 : -128)) {
    Value limit = e.constant(bytes.getType(), low);
    bytes = unsignedBytes ? e.largestUnsigned(bytes, limit)
                          : e.largest(bytes, limit);
  }
  if (high < (unsignedBytes ? 255 : 127)) {
    Value limit = e.constant(bytes.getType(), high);
    bytes = unsignedBytes ? e.smallestUnsigned(bytes, limit)
                          : e.smallest(bytes, limit);
  }
  return bytes;
}

/// Saturating packs bring four vectors of words into one of bytes; they work
/// on blocks of 128 bits, which is undone at the end.
void Finisher::storeFour(llvm::ArrayRef<Piece> pieces) {
  const char *const toHalves = lanes == 16  ? "llvm.x86.avx512.packssdw.512"
                               : lanes == 8 ? "llvm.x86.avx2.packssdw"
                                            : "llvm.x86.sse2.packssdw.128";
  const char *toBytes = lanes == 16  ? "llvm.x86.avx512.packuswb.512"
                        : lanes == 8 ? "llvm.x86.avx2.packuswb"
                                     : "llvm.x86.sse2.packuswb.128";
  if (!c.machine.unsignedBytes)
    toBytes = lanes == 16  ? "llvm.x86.avx512.packsswb.512"
              : lanes == 8 ? "llvm.x86.avx2.packsswb"
                           : "llvm.x86.sse2.packsswb.128";
  Values words;
  for (const Piece &piece : pieces)
    words.push_back(rescaled(piece));
  const Type halves = Emitter::vec(e.i16(), lanes * 2);
  const Type bytes = Emitter::vec(e.i8(), lanes * 4);
  Value first = e.intrinsic(toHalves, halves, {words[0], words[1]});
  Value second = e.intrinsic(toHalves, halves, {words[2], words[3]});
  Value codes = clampedBytes(e.intrinsic(toBytes, bytes, {first, second}));
  if (turned)
    return e.store(e.firstLanes(codes, pieces[0].lanes), pieces[0].to);
  if (lanes > 4) {
    llvm::SmallVector<int32_t> order;
    for (int64_t to = 0; to < lanes; ++to)
      order.push_back(
          static_cast<int32_t>(to % (lanes / 4) * 4 + to / (lanes / 4)));
    codes = e.bitcast(codes, Emitter::vec(e.i32(), lanes));
    codes = e.bitcast(e.shuffle(codes, codes, order), bytes);
  }
  bool together = true;
  for (size_t i = 1; i < 4; ++i)
    together &= pieces[i].joins && pieces[i - 1].lanes == lanes;
  if (together)
    return e.store(e.firstLanes(codes, 3 * lanes + pieces[3].lanes),
                   pieces[0].to);
  for (size_t i = 0; i < 4; ++i) {
    llvm::SmallVector<int32_t> kept;
    for (int64_t lane = 0; lane < pieces[i].lanes; ++lane)
      kept.push_back(
          static_cast<int32_t>(static_cast<int64_t>(i) * lanes + lane));
    e.store(e.shuffle(codes, codes, kept), pieces[i].to);
  }
}

void Finisher::finish(llvm::ArrayRef<Piece> pieces) {
  const bool packs = c.machine.packs && lanes >= 4 && out.bytes == 1 &&
                     rescale.form != Rescale::Form::Long;
  while (pieces.size() >= 4 && packs) {
    storeFour(pieces.take_front(4));
    pieces = pieces.drop_front(4);
  }
  for (const Piece &piece : pieces)
    storeOne(piece);
}

} // namespace hillock::int4
