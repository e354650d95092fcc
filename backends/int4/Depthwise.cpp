//===- backends/int4/Depthwise.cpp - A filter a channel -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Sums.h"
#include <set>

namespace hillock::int4 {

namespace {

/// A vector of codes times a vector of weights a tap. Two taps share a byte
/// when weights are nibbles.
class TapWriter {
public:
  explicit TapWriter(SumLayer &from)
      : s(from), e(s.e),
        kernel(s.layer.format.isLog()
                   ? s.c.machine.shift
                   : Kernel{Products::Plain, s.c.machine.lanes, 1, 1, 1}),
        lanes(kernel.lanes), taps(s.runs.count()),
        nibbles(s.operands.nibbles || s.layer.format.isLog()),
        words(nibbles ? (taps + 1) / 2 : taps),
        products(e, kernel, nibbles, false, s.c.machine.unsignedBytes,
                 s.power()) {}
  void write();

private:
  Value packedWeights(int64_t vectors);
  void writeVector(Finisher &finisher, Value weights, Value v,
                   int64_t lastLanes);

  SumLayer &s;
  Emitter &e;
  const Kernel kernel;
  const int64_t lanes, taps;
  const bool nibbles;
  const int64_t words; ///< bytes of weights a channel
  Products4 products;
  Value bias;
};

Value TapWriter::packedWeights(int64_t vectors) {
  const auto weight = [&](int64_t channel, int64_t tap) -> int64_t {
    return channel < s.outputs && tap < taps
               ? s.operands.at(channel, tap, 0, s.runs)
               : 0;
  };
  std::vector<int8_t> bytes;
  for (int64_t v = 0; v < vectors; ++v)
    for (int64_t word = 0; word < words; ++word)
      for (int64_t lane = 0; lane < lanes; ++lane) {
        const int64_t o = v * lanes + lane;
        bytes.push_back(static_cast<int8_t>(
            nibbles ? (weight(o, 2 * word) & 15) |
                          ((weight(o, 2 * word + 1) & 15) << 4)
                    : weight(o, word)));
      }
  return e.table(s.name + "_weights", llvm::ArrayRef<int8_t>(bytes));
}

void TapWriter::writeVector(Finisher &finisher, Value weights, Value v,
                            int64_t lastLanes) {
  const bool logs = s.layer.format.isLog();
  const Type operand =
      Emitter::lanesOf(logs || lanes == 1 ? e.i32() : e.i16(), lanes);
  Value tables = e.mul(v, lanes * 4);
  Value windows = e.move(s.firstWindow(), e.mul(v, lanes));
  Value results = e.move(s.firstResult(), e.mul(v, lanes * s.out.bytes));
  Value packed = e.move(weights, e.mul(v, words * lanes));
  Values factors;
  for (int64_t word = 0; word < words; ++word)
    factors.append(products.unpack(e.move(packed, word * lanes)));
  e.loop(s.height, [&](Value y) {
    e.loop(s.width, [&](Value x) {
      Value sum = finisher.load(bias, tables);
      Value window = s.windowAt(windows, y, x);
      for (int64_t tap = 0; tap < taps; ++tap) {
        const int64_t offset = tap / s.runs.columns * s.runs.rowStep +
                               tap % s.runs.columns * s.runs.columnStep;
        Value codes =
            e.load(Emitter::lanesOf(e.i8(), lanes), e.move(window, offset));
        codes = s.c.machine.unsignedBytes ? e.zext(codes, operand)
                                          : e.sext(codes, operand);
        sum = products.add(sum, codes, factors[static_cast<size_t>(tap)]);
      }
      finisher.finish(
          Piece{sum, tables, lastLanes, s.resultAt(results, y, x), false});
    });
  });
}

void TapWriter::write() {
  const int64_t vectors = (s.outputs + lanes - 1) / lanes;
  std::vector<int64_t> channels;
  std::vector<int32_t> biases;
  for (int64_t o = 0; o < vectors * lanes; ++o) {
    channels.push_back(std::min(o, s.outputs - 1));
    biases.push_back(s.operands.bias[static_cast<size_t>(channels.back())]);
  }
  bias = e.table(s.name + "_bias", llvm::ArrayRef<int32_t>(biases));
  Finisher finisher(s.c, s.index, channels, lanes, 0, s.operands.largest);
  Value weights = packedWeights(vectors);
  const int64_t last = s.outputs - (vectors - 1) * lanes;
  const int64_t full = last == lanes ? vectors : vectors - 1;
  if (full)
    e.loop(full, [&](Value v) { writeVector(finisher, weights, v, lanes); });
  if (full < vectors)
    writeVector(finisher, weights, e.at(full), last);
}

/// 64 channels at once with vpdpbusd, which adds four products: those of a
/// column of up to four taps, whose bytes are interleaved once for all windows
/// of a tile that see the column. Interleaving leaves lane 4 j + i of vector v
/// with channel 16 j + 4 v + i; packing the results undoes it.
class ColumnWriter {
public:
  static constexpr int64_t block = 64, lanes = 16, vectors = 4, group = 4;
  static constexpr int64_t pixels = 5; ///< 20 sums stay in registers

  explicit ColumnWriter(SumLayer &from)
      : s(from), e(s.e), kernel{Products::Vnni, 16, 4, 5, 4},
        nibbles(s.operands.nibbles),
        products(e, kernel, nibbles, nibbles, true, 1) {}
  static bool takes(const SumLayer &s);
  void write();

private:
  static int64_t channelOf(int64_t first, int64_t v, int64_t lane) {
    return first + lane / 4 * 16 + v * 4 + lane % 4;
  }
  Value packedWeights(int64_t blocks);
  void writeBlock(Finisher &finisher, Value weights, Value b, int64_t count);
  void writeTile(Finisher &finisher, llvm::ArrayRef<Values> factors,
                 Value tables, Value window, Value result, int64_t count,
                 int64_t channels);
  Values interleaved(Value column);

  SumLayer &s;
  Emitter &e;
  const Kernel kernel;
  const bool nibbles;
  Products4 products;
  Value bias;
};

bool ColumnWriter::takes(const SumLayer &s) {
  const bool nibbles = s.operands.nibbles;
  return s.c.machine.narrow.products == Products::Vnni &&
         !s.layer.format.isLog() && s.runs.rows <= group &&
         s.runs.columns <= 5 && s.outputs >= block / 2 &&
         (!nibbles || s.operands.largest < int64_t{1} << 26) &&
         rescaleOf(s.layer, s.out, s.operands.largest, nibbles ? 4 : 0, true)
                 .form != Rescale::Form::Long;
}

Value ColumnWriter::packedWeights(int64_t blocks) {
  std::vector<int8_t> bytes;
  for (int64_t b = 0; b < blocks; ++b)
    for (int64_t column = 0; column < s.runs.columns; ++column)
      for (int64_t v = 0; v < vectors; v += nibbles ? 2 : 1)
        for (int64_t lane = 0; lane < lanes; ++lane)
          for (int64_t row = 0; row < group; ++row) {
            const auto weight = [&](int64_t vector) -> int64_t {
              const int64_t o = channelOf(b * block, vector, lane);
              return o < s.outputs && row < s.runs.rows
                         ? s.operands.at(o, row * s.runs.columns + column, 0,
                                         s.runs)
                         : 0;
            };
            bytes.push_back(static_cast<int8_t>(
                nibbles ? (weight(v) & 15) | ((weight(v + 1) & 15) << 4)
                        : weight(v)));
          }
  return e.table(s.name + "_weights", llvm::ArrayRef<int8_t>(bytes));
}

Values ColumnWriter::interleaved(Value column) {
  const Type bytes = Emitter::vec(e.i8(), block);
  Values rows;
  for (int64_t row = 0; row < group; ++row)
    rows.push_back(row < s.runs.rows
                       ? e.load(bytes, e.move(column, row * s.runs.rowStep))
                       : rows.back()); // its weights are zero
  // Element by element of two vectors, in blocks of 128 bits.
  const auto zip = [&](Value x, Value y, int64_t inBlock, bool upper) {
    const int64_t count = block / 16 * inBlock;
    llvm::SmallVector<int32_t> order;
    for (int64_t first = 0; first < count; first += inBlock)
      for (int64_t i = 0; i < inBlock / 2; ++i) {
        const int64_t from = first + i + (upper ? inBlock / 2 : 0);
        order.push_back(static_cast<int32_t>(from));
        order.push_back(static_cast<int32_t>(count + from));
      }
    return e.shuffle(x, y, order);
  };
  const Type halves = Emitter::vec(e.i16(), block / 2);
  Values result;
  for (const bool upperBytes : {false, true}) {
    Value first = e.bitcast(zip(rows[0], rows[1], 16, upperBytes), halves);
    Value second = e.bitcast(zip(rows[2], rows[3], 16, upperBytes), halves);
    for (const bool upper : {false, true})
      result.push_back(e.bitcast(zip(first, second, 8, upper), bytes));
  }
  return result;
}

void ColumnWriter::writeTile(Finisher &finisher, llvm::ArrayRef<Values> factors,
                             Value tables, Value window, Value result,
                             int64_t count, int64_t channels) {
  const ann::Window &w = s.layer.window;
  Values sums;
  for (int64_t p = 0; p < count; ++p)
    for (int64_t v = 0; v < vectors; ++v)
      sums.push_back(finisher.load(bias, e.add(tables, v * lanes * 4)));
  std::set<int64_t> columns;
  for (int64_t p = 0; p < count; ++p)
    for (int64_t kx = 0; kx < s.runs.columns; ++kx)
      columns.insert(p * w.stride[1] + kx * w.dilation[1]);
  for (const int64_t column : columns) {
    Values codes = interleaved(e.move(window, column * s.in.strides[2]));
    for (int64_t p = 0; p < count; ++p)
      for (int64_t kx = 0; kx < s.runs.columns; ++kx) {
        if (p * w.stride[1] + kx * w.dilation[1] != column)
          continue;
        for (size_t v = 0; v < vectors; ++v) {
          Value &sum = sums[static_cast<size_t>(p * vectors) + v];
          sum =
              products.add(sum, codes[v], factors[static_cast<size_t>(kx)][v]);
        }
      }
  }
  for (int64_t p = 0; p < count; ++p) {
    std::vector<Piece> pieces;
    for (int64_t v = 0; v < vectors; ++v)
      pieces.push_back({sums[static_cast<size_t>(p * vectors + v)],
                        e.add(tables, v * lanes * 4), channels,
                        e.move(result, p * s.out.strides[2]), false});
    finisher.finish(pieces);
  }
}

void ColumnWriter::writeBlock(Finisher &finisher, Value weights, Value b,
                              int64_t count) {
  const int64_t perColumn = nibbles ? vectors / 2 : vectors;
  Value packed = e.move(weights, e.mul(b, s.runs.columns * perColumn * block));
  std::vector<Values> factors;
  for (int64_t column = 0; column < s.runs.columns; ++column) {
    Values all;
    for (int64_t v = 0; v < perColumn; ++v)
      all.append(
          products.unpack(e.move(packed, (column * perColumn + v) * block)));
    factors.push_back(std::move(all));
  }
  Value tables = e.mul(b, block * 4);
  Value windows = e.move(s.firstWindow(), e.mul(b, block));
  Value results = e.move(s.firstResult(), e.mul(b, block));
  const int64_t tiles = (s.width + pixels - 1) / pixels;
  const int64_t tile = (s.width + tiles - 1) / tiles;
  const int64_t full = s.width / tile, rest = s.width % tile;
  const auto tileAt = [&](Value y, Value x, int64_t width) {
    writeTile(finisher, factors, tables, s.windowAt(windows, y, x),
              s.resultAt(results, y, x), width, count);
  };
  e.loop(s.height, [&](Value y) {
    e.loop(full, [&](Value t) { tileAt(y, e.mul(t, tile), tile); });
    if (rest)
      tileAt(y, e.at(full * tile), rest);
  });
}

void ColumnWriter::write() {
  const int64_t blocks = (s.outputs + block - 1) / block;
  std::vector<int64_t> channels;
  std::vector<int32_t> biases;
  const unsigned shift = nibbles ? Products4::scaleOf(kernel) : 0;
  for (int64_t b = 0; b < blocks; ++b)
    for (int64_t v = 0; v < vectors; ++v)
      for (int64_t lane = 0; lane < lanes; ++lane) {
        const int64_t o =
            std::min(channelOf(b * block, v, lane), s.outputs - 1);
        channels.push_back(o);
        const auto x =
            static_cast<uint32_t>(s.operands.bias[static_cast<size_t>(o)]);
        biases.push_back(static_cast<int32_t>(x << shift));
      }
  bias = e.table(s.name + "_bias", llvm::ArrayRef<int32_t>(biases));
  Finisher finisher(s.c, s.index, channels, lanes, shift, s.operands.largest,
                    /*turned=*/true);
  Value weights = packedWeights(blocks);
  const int64_t last = s.outputs - (blocks - 1) * block;
  const int64_t full = last == block ? blocks : blocks - 1;
  if (full)
    e.loop(full, [&](Value b) { writeBlock(finisher, weights, b, block); });
  if (full < blocks)
    writeBlock(finisher, weights, e.at(full), last);
}

} // namespace

void emitDepthwise(SumLayer &layer) {
  if (ColumnWriter::takes(layer))
    return ColumnWriter(layer).write();
  TapWriter(layer).write();
}

} // namespace hillock::int4
