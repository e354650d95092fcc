//===- backends/int4/Sums.cpp - Convolutions and matrices -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Layers.h"
#include "backends/int4/Products.h"
#include "backends/int4/Weights.h"
#include "llvm/ADT/StringExtras.h"

namespace hillock::int4 {

namespace {

class SumWriter {
public:
  SumWriter(Context &c, size_t index, Value arena);
  void write();

private:
  /// A tile of output channels: how many vectors, and where it starts.
  struct Columns {
    int64_t vectors = 1;
    int64_t lastLanes = 1; ///< valid lanes of the last vector
    Value weights;         ///< of the tile
    Value tables;          ///< bytes from the tables' start, 4 a channel
    Value out;             ///< element (0, 0) of the tile's first channel
    Value in;              ///< byte of the window's first channel
  };
  void makeTables();
  void writeGroup(int64_t group);
  void writeDepthwise();
  void writePlane(const Columns &columns);
  void writeTile(const Columns &columns, Value y, Value x, int64_t pixels);
  Values sumRun(const Columns &columns, Value weights,
                llvm::ArrayRef<Value> codes, mlir::ValueRange sums);
  Values sumTaps(const Columns &columns, llvm::ArrayRef<Value> windows,
                 mlir::ValueRange sums);
  void finish(const Columns &columns, mlir::ValueRange sums, Value out);
  void storeLanes(Value codes, int64_t lanes, Value out);
  Value windowAt(const Columns &columns, Value y, Value x);
  Value outAt(const Columns &columns, Value y, Value x);
  Value table(Value base, Value offset, int64_t vector);

  Context &c;
  Emitter &e;
  const ann::IntLayer &layer;
  const Buffer &in, &out;
  Value arena;
  std::string name;
  Runs runs;
  Operands operands;
  Kernel kernel;
  bool scaled = false, depthwise = false, narrow = false;
  int64_t height = 1, width = 1, outputs = 1, perGroup = 1;
  Value bias, mantissas, shifts;
};

SumWriter::SumWriter(Context &c, size_t index, Value arena)
    : c(c), e(c.emit), layer(c.network.layers[index]),
      in(c.buffer(layer.inputs[0])), out(c.buffer(layer.output)), arena(arena),
      name(c.prefix + "_" + llvm::utostr(index)) {
  runs = runsOf(layer, in);
  operands = operandsOf(c.network, layer, in, runs);
  outputs = out.shape[0];
  if (out.isImage()) {
    height = out.shape[1];
    width = out.shape[2];
  }
  perGroup = outputs / layer.groups;
  depthwise = layer.kind == ann::Kind::Conv && layer.groups > 1 &&
              runs.length == 1 && perGroup == 1;
  const Machine &m = c.machine;
  if (layer.format.isLog()) {
    kernel = m.shift;
    operands.nibbles = true;
  } else {
    scaled = operands.nibbles && m.narrow.products == Products::Vnni &&
             operands.largest < (int64_t{1} << 26);
    if (operands.nibbles && m.narrow.products == Products::Vnni && !scaled)
      operands.nibbles = false;
    kernel = operands.nibbles ? m.narrow : m.wide;
  }
  if (depthwise) {
    if (!layer.format.isLog())
      kernel = {Products::Plain, m.lanes, 1, m.lanes == 1 ? 1u : 4u, 1};
    scaled = false;
  }
  narrow = true;
  for (const ann::Multiplier &f : layer.multipliers)
    narrow &= f.mantissa == 0 || f.shift >= 33;
}

void SumWriter::makeTables() {
  std::vector<int32_t> b, f, s;
  // Tiles read whole vectors, beyond the last channel of a group, too.
  const int64_t padded =
      outputs + int64_t{kernel.lanes} * std::max(kernel.vectors, 1u);
  for (int64_t o = 0; o < padded; ++o) {
    const auto i = static_cast<size_t>(std::min(o, outputs - 1));
    const ann::Multiplier m = layer.multipliers[i];
    const int64_t factor = scaled ? 16 : 1;
    b.push_back(
        static_cast<int32_t>(static_cast<uint32_t>(operands.bias[i] * factor)));
    f.push_back(m.mantissa);
    s.push_back(m.mantissa == 0 ? 33 : m.shift);
  }
  bias = e.table(name + "_bias", llvm::ArrayRef<int32_t>(b));
  mantissas = e.table(name + "_mantissa", llvm::ArrayRef<int32_t>(f));
  shifts = e.table(name + "_shift", llvm::ArrayRef<int32_t>(s));
}

Value SumWriter::table(Value base, Value offset, int64_t vector) {
  Value from = e.move(e.move(base, offset), vector * kernel.lanes * 4);
  return e.load(Emitter::lanesOf(e.i32(), kernel.lanes), from, 4);
}

Value SumWriter::windowAt(const Columns &columns, Value y, Value x) {
  if (layer.kind == ann::Kind::Linear)
    return columns.in;
  const ann::Window &w = layer.window;
  Value row = e.mul(y, w.stride[0] * in.strides[1]);
  Value column = e.mul(x, w.stride[1] * in.strides[2]);
  return e.move(columns.in, e.add(row, column));
}

Value SumWriter::outAt(const Columns &columns, Value y, Value x) {
  if (!out.isImage())
    return columns.out;
  Value row = e.mul(y, out.strides[1] * out.bytes);
  Value column = e.mul(x, out.strides[2] * out.bytes);
  return e.move(columns.out, e.add(row, column));
}

Values SumWriter::sumRun(const Columns &columns, Value weights,
                         llvm::ArrayRef<Value> codes, mlir::ValueRange sums) {
  Products4 products(e, kernel, operands.nibbles, scaled,
                     c.machine.unsignedBytes,
                     layer.format.code == ann::Code::Log4 ? 2 : 1);
  const int64_t bytes = stepBytes(kernel);
  return e.loop(
      stepsOf(runs, kernel, operands.nibbles), sums,
      [&](Value step, mlir::ValueRange carried) {
        Values next(carried.begin(), carried.end());
        Value from = e.move(weights, e.mul(step, columns.vectors * bytes));
        std::vector<Values> unpacked;
        for (int64_t v = 0; v < columns.vectors; ++v)
          unpacked.push_back(products.unpack(e.move(from, v * bytes)));
        Value offset = e.mul(step, products.codesOfStep());
        for (size_t p = 0; p < codes.size(); ++p) {
          Value pixel = e.move(codes[p], offset);
          for (int64_t g = 0; g < products.groups(); ++g) {
            Value x = products.codes(pixel, g);
            for (int64_t v = 0; v < columns.vectors; ++v) {
              Value &sum = next[p * static_cast<size_t>(columns.vectors) +
                                static_cast<size_t>(v)];
              sum = products.add(
                  sum, x,
                  unpacked[static_cast<size_t>(v)][static_cast<size_t>(g)]);
            }
          }
        }
        return next;
      });
}

Values SumWriter::sumTaps(const Columns &columns, llvm::ArrayRef<Value> windows,
                          mlir::ValueRange sums) {
  const int64_t runBytes = stepsOf(runs, kernel, operands.nibbles) *
                           columns.vectors * stepBytes(kernel);
  return e.loop(runs.rows, sums, [&](Value row, mlir::ValueRange outer) {
    return e.loop(
        runs.columns, outer, [&](Value column, mlir::ValueRange inner) {
          Value run = e.add(e.mul(row, runs.columns), column);
          Value offset =
              e.add(e.mul(row, runs.rowStep), e.mul(column, runs.columnStep));
          Values codes;
          for (Value window : windows)
            codes.push_back(e.move(window, offset));
          return sumRun(columns, e.move(columns.weights, e.mul(run, runBytes)),
                        codes, inner);
        });
  });
}

void SumWriter::storeLanes(Value codes, int64_t lanes, Value to) {
  const Type element = out.bytes == 1 ? e.i8() : e.i32();
  const int64_t all = kernel.lanes;
  codes = e.trunc(codes, Emitter::lanesOf(element, all));
  if (lanes < all) {
    llvm::SmallVector<int32_t> kept;
    for (int64_t i = 0; i < lanes; ++i)
      kept.push_back(static_cast<int32_t>(i));
    codes = e.shuffle(codes, codes, kept);
  }
  e.store(codes, to, static_cast<unsigned>(out.bytes));
}

void SumWriter::finish(const Columns &columns, mlir::ValueRange sums,
                       Value to) {
  for (int64_t v = 0; v < columns.vectors; ++v) {
    Value sum = sums[static_cast<unsigned>(v)];
    if (scaled)
      sum = e.sar(sum, e.constant(sum.getType(), Products4::scale));
    const Scale scale = {table(mantissas, columns.tables, v),
                         table(shifts, columns.tables, v)};
    Value codes =
        requantized(c, sum, scale, narrow, out, layer.low, layer.high);
    storeLanes(codes,
               v + 1 == columns.vectors ? columns.lastLanes : kernel.lanes,
               e.move(to, v * kernel.lanes * out.bytes));
  }
}

void SumWriter::writeTile(const Columns &columns, Value y, Value x,
                          int64_t pixels) {
  Values windows, sums;
  for (int64_t p = 0; p < pixels; ++p) {
    windows.push_back(windowAt(columns, y, e.add(x, p)));
    for (int64_t v = 0; v < columns.vectors; ++v)
      sums.push_back(table(bias, columns.tables, v));
  }
  sums = sumTaps(columns, windows, sums);
  const auto vectors = static_cast<unsigned>(columns.vectors);
  for (int64_t p = 0; p < pixels; ++p)
    finish(columns,
           mlir::ValueRange(sums).slice(static_cast<unsigned>(p) * vectors,
                                        vectors),
           outAt(columns, y, e.add(x, p)));
}

void SumWriter::writePlane(const Columns &columns) {
  const int64_t tile = std::min<int64_t>(kernel.pixels, width);
  const int64_t tiles = width / tile, rest = width % tile;
  e.loop(height, [&](Value y) {
    e.loop(tiles,
           [&](Value t) { writeTile(columns, y, e.mul(t, tile), tile); });
    if (rest)
      writeTile(columns, y, e.at(tiles * tile), rest);
  });
}

void SumWriter::writeGroup(int64_t group) {
  const int64_t lanes = kernel.lanes, tile = lanes * kernel.vectors;
  const int64_t first = group * perGroup, end = first + perGroup;
  const int64_t fullTiles = perGroup / lanes / kernel.vectors;
  std::vector<int8_t> bytes;
  for (int64_t t = 0; t < fullTiles; ++t)
    packTile(bytes, operands, runs, kernel, first + t * tile, kernel.vectors,
             end);
  const size_t tileBytes =
      fullTiles ? bytes.size() / static_cast<size_t>(fullTiles) : 0;
  const size_t restAt = bytes.size();
  const int64_t rest = perGroup - fullTiles * tile;
  const int64_t restVectors = (rest + lanes - 1) / lanes;
  if (rest)
    packTile(bytes, operands, runs, kernel, first + fullTiles * tile,
             restVectors, end);
  Value weights =
      e.table(name + "_weights_" + llvm::utostr(static_cast<uint64_t>(group)),
              llvm::ArrayRef<int8_t>(bytes));
  Value outFirst = e.move(arena, out.address + out.first + first * out.bytes);
  const ann::Window &w = layer.window;
  const int64_t corner = layer.kind == ann::Kind::Linear
                             ? 0
                             : -w.begin[0] * in.strides[1] -
                                   w.begin[1] * in.strides[2] +
                                   group * runs.length;
  Value inFirst = e.move(arena, in.address + in.first + corner);
  const auto columnsAt = [&](Value t, int64_t vectors, int64_t lastLanes,
                             Value packed) {
    Columns columns;
    columns.vectors = vectors;
    columns.lastLanes = lastLanes;
    columns.weights = packed;
    columns.tables = e.add(e.mul(t, tile * 4), first * 4);
    columns.out = e.move(outFirst, e.mul(t, tile * out.bytes));
    columns.in = inFirst;
    return columns;
  };
  if (fullTiles)
    e.loop(fullTiles, [&](Value t) {
      Value packed = e.move(weights, e.mul(t, static_cast<int64_t>(tileBytes)));
      writePlane(columnsAt(t, kernel.vectors, lanes, packed));
    });
  if (rest)
    writePlane(columnsAt(e.at(fullTiles), restVectors,
                         rest - (restVectors - 1) * lanes,
                         e.move(weights, static_cast<int64_t>(restAt))));
}

void SumWriter::write() {
  makeTables();
  if (depthwise)
    return writeDepthwise();
  for (int64_t group = 0; group < layer.groups; ++group)
    writeGroup(group);
}

/// Channel by channel: a vector of codes times a vector of weights a tap. Two
/// taps share a byte when weights are nibbles.
void SumWriter::writeDepthwise() {
  const int64_t lanes = kernel.lanes;
  const int64_t vectors = (outputs + lanes - 1) / lanes;
  const int64_t taps = runs.count();
  const bool nibbles = operands.nibbles;
  const int64_t words = nibbles ? (taps + 1) / 2 : taps;
  std::vector<int8_t> bytes;
  const auto weight = [&](int64_t channel, int64_t tap) -> int64_t {
    return channel < outputs && tap < taps ? operands.at(channel, tap, 0, runs)
                                           : 0;
  };
  for (int64_t v = 0; v < vectors; ++v)
    for (int64_t word = 0; word < words; ++word)
      for (int64_t lane = 0; lane < lanes; ++lane) {
        const int64_t o = v * lanes + lane;
        bytes.push_back(static_cast<int8_t>(
            nibbles ? (weight(o, 2 * word) & 15) |
                          ((weight(o, 2 * word + 1) & 15) << 4)
                    : weight(o, word)));
      }
  Value weights = e.table(name + "_weights", llvm::ArrayRef<int8_t>(bytes));
  Products4 products(e, kernel, nibbles, false, c.machine.unsignedBytes,
                     layer.format.code == ann::Code::Log4 ? 2 : 1);
  const bool logs = layer.format.isLog();
  const Type operand =
      Emitter::lanesOf(logs || lanes == 1 ? e.i32() : e.i16(), lanes);
  const ann::Window &w = layer.window;
  const int64_t corner =
      -w.begin[0] * in.strides[1] - w.begin[1] * in.strides[2];
  const auto vectorOf = [&](Value v, int64_t lastLanes) {
    Columns columns;
    columns.lastLanes = lastLanes;
    columns.weights = e.move(weights, e.mul(v, words * lanes));
    columns.tables = e.mul(v, lanes * 4);
    columns.in =
        e.move(e.move(arena, in.address + in.first + corner), e.mul(v, lanes));
    columns.out = e.move(e.move(arena, out.address + out.first),
                         e.mul(v, lanes * out.bytes));
    Values factors;
    for (int64_t word = 0; word < words; ++word)
      factors.append(products.unpack(e.move(columns.weights, word * lanes)));
    e.loop(height, [&](Value y) {
      e.loop(width, [&](Value x) {
        Value sum = table(bias, columns.tables, 0);
        Value window = windowAt(columns, y, x);
        for (int64_t tap = 0; tap < taps; ++tap) {
          const int64_t offset = tap / runs.columns * runs.rowStep +
                                 tap % runs.columns * runs.columnStep;
          Value codes =
              e.load(Emitter::lanesOf(e.i8(), lanes), e.move(window, offset));
          codes = c.machine.unsignedBytes ? e.zext(codes, operand)
                                          : e.sext(codes, operand);
          sum = products.add(sum, codes, factors[static_cast<size_t>(tap)]);
        }
        finish(columns, sum, outAt(columns, y, x));
      });
    });
  };
  const int64_t last = outputs - (vectors - 1) * lanes;
  const int64_t full = last == lanes ? vectors : vectors - 1;
  if (full)
    e.loop(full, [&](Value v) { vectorOf(v, lanes); });
  if (full < vectors)
    vectorOf(e.at(full), last);
}

} // namespace

void emitSums(Context &c, size_t index, Value arena) {
  SumWriter(c, index, arena).write();
}

} // namespace hillock::int4
