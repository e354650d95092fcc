//===- backends/int4/Sums.cpp - Convolutions and matrices -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Sums.h"
#include "backends/int4/Amx.h"
#include "backends/int4/Sparse.h"
#include "llvm/ADT/StringExtras.h"

namespace hillock::int4 {

SumLayer::SumLayer(Context &c, size_t index, Value arena)
    : c(c), e(c.emit), index(index), layer(c.network.layers[index]),
      in(c.buffer(layer.inputs[0])), out(c.buffer(layer.output)), arena(arena),
      name(c.prefix + "_" + llvm::utostr(index)), runs(runsOf(layer, in)),
      operands(operandsOf(c.network, layer, in, runs)), outputs(out.shape[0]),
      perGroup(outputs / layer.groups) {
  if (out.isImage()) {
    height = out.shape[1];
    width = out.shape[2];
  }
}

Value SumLayer::firstWindow() {
  const ann::Window &w = layer.window;
  const int64_t corner =
      layer.kind == ann::Kind::Linear
          ? 0
          : -w.begin[0] * in.strides[1] - w.begin[1] * in.strides[2];
  return e.move(c.base(in, arena), in.first + corner);
}

Value SumLayer::firstResult() { return e.move(arena, out.address + out.first); }

Value SumLayer::windowAt(Value first, Value y, Value x) {
  if (layer.kind == ann::Kind::Linear)
    return first;
  const ann::Window &w = layer.window;
  Value row = e.mul(y, w.stride[0] * in.strides[1]);
  Value column = e.mul(x, w.stride[1] * in.strides[2]);
  return e.move(first, e.add(row, column));
}

Value SumLayer::resultAt(Value first, Value y, Value x) {
  if (!out.isImage())
    return first;
  Value row = e.mul(y, out.strides[1] * out.bytes);
  Value column = e.mul(x, out.strides[2] * out.bytes);
  return e.move(first, e.add(row, column));
}

namespace {

/// Groups of products of a tile that are written out one after the other,
/// without loops.
constexpr int64_t unrolledVectors = 512, unrolledWords = 64;

class SumWriter : SumLayer {
public:
  explicit SumWriter(SumLayer from);
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
  void chooseKernel();
  bool chooseTiles();
  void writeGroup(int64_t group);
  void writePlane(const Columns &columns);
  void writeTile(const Columns &columns, Value y, Value x, int64_t pixels);
  void addStep(const Columns &columns, Value weights,
               llvm::ArrayRef<Values> codes, Values &sums);
  Values sumRun(const Columns &columns, Value weights,
                llvm::ArrayRef<Value> codes, mlir::ValueRange sums);
  Values sumTaps(const Columns &columns, llvm::ArrayRef<Value> windows,
                 mlir::ValueRange sums);
  Values sumUnits(const Columns &columns, llvm::ArrayRef<Value> windows,
                  mlir::ValueRange sums);

  Kernel kernel;
  bool scaled = false;
  std::optional<Products4> products;
  std::optional<TileProducts> tiles; ///< instead of them
  std::optional<Finisher> finisher;
  Value bias;
};

SumWriter::SumWriter(SumLayer from) : SumLayer(std::move(from)) {
  chooseKernel();
  products.emplace(e, kernel, operands.nibbles, scaled, c.machine.unsignedBytes,
                   power());
  // Tiles read whole vectors, beyond the last channel of a group, too.
  const int64_t padded =
      outputs +
      (kernel.lanes == 1 ? 0 : int64_t{kernel.lanes} * kernel.vectors);
  std::vector<int64_t> channels;
  std::vector<int32_t> biases;
  const unsigned shift = scaled ? Products4::scaleOf(kernel) : 0;
  for (int64_t o = 0; o < padded; ++o) {
    channels.push_back(std::min(o, outputs - 1));
    const int32_t b = operands.bias[static_cast<size_t>(channels.back())];
    biases.push_back(static_cast<int32_t>(static_cast<uint32_t>(b) << shift));
  }
  bias = e.table(name + "_bias", llvm::ArrayRef<int32_t>(biases));
  finisher.emplace(c, index, channels, kernel.lanes, shift, operands.largest);
}

bool SumWriter::chooseTiles() {
  if (!c.machine.tiles || !out.isImage())
    return false;
  const ann::Window &w = layer.window;
  const int64_t step = w.stride[1] * in.strides[2];
  // Rows of pixels that go on from one to the next are a single long one.
  const bool flat = w.stride[0] * in.strides[1] == width * step &&
                    out.strides[1] == width * out.strides[2];
  const int64_t pixels = flat ? height * width : width;
  const auto shape = TileShape::of(runs.length, pixels, perGroup);
  if (!shape)
    return false;
  if (flat) {
    height = 1;
    width = pixels;
  }
  const int64_t vectors = std::min<int64_t>((perGroup + 15) / 16, 4);
  kernel = {Products::Vnni, 16, 4, static_cast<unsigned>(shape->rows),
            static_cast<unsigned>(vectors)};
  operands.nibbles = false; // a tile has a byte a weight
  tiles.emplace(e, *shape, step, vectors);
  return true;
}

void SumWriter::chooseKernel() {
  const Machine &m = c.machine;
  if (layer.format.isLog()) {
    kernel = m.shift;
    operands.nibbles = true;
    return;
  }
  if (chooseTiles())
    return;
  kernel = operands.nibbles ? m.narrow : m.wide;
  const unsigned shift = Products4::scaleOf(kernel);
  scaled = operands.nibbles && shift != 0 &&
           operands.largest < int64_t{1} << (30 - shift);
  if (operands.nibbles && shift != 0 && !scaled) {
    // Sums too large to be carried higher up in a word.
    if (kernel.products == Products::Smlad)
      kernel = {Products::Plain, 1, 1, kernel.pixels, kernel.vectors};
    else
      operands.nibbles = false;
  }
  kernel = fitted(m, kernel, perGroup, width);
  const int64_t units =
      runs.count() * ((runs.length + kernel.group - 1) / kernel.group);
  const int64_t unrolled = units * kernel.pixels * kernel.vectors;
  const bool odd = operands.nibbles && units / runs.count() % 2 != 0;
  const int64_t most = kernel.products == Products::Vnni    ? unrolledVectors
                       : kernel.products == Products::Smlad ? unrolledWords
                                                            : 0;
  runs.joined = runs.count() > 1 && unrolled <= (odd ? most : most / 2);
}

/// Adds the products of a step; \p codes by pixel and part.
void SumWriter::addStep(const Columns &columns, Value weights,
                        llvm::ArrayRef<Values> codes, Values &sums) {
  std::vector<Values> unpacked;
  for (int64_t v = 0; v < columns.vectors; ++v)
    unpacked.push_back(
        products->unpack(e.move(weights, v * stepBytes(kernel))));
  for (size_t p = 0; p < codes.size(); ++p)
    for (size_t part = 0; part < codes[p].size(); ++part)
      for (size_t v = 0; v < unpacked.size(); ++v) {
        Value &sum = sums[p * unpacked.size() + v];
        sum = products->add(sum, codes[p][part], unpacked[v][part]);
      }
}

Values SumWriter::sumRun(const Columns &columns, Value weights,
                         llvm::ArrayRef<Value> codes, mlir::ValueRange sums) {
  if (tiles)
    return tiles->addRun(sums, codes[0], weights);
  return e.loop(stepsOf(runs, kernel, operands.nibbles), sums,
                [&](Value step, mlir::ValueRange carried) {
                  Values next(carried.begin(), carried.end());
                  Value from =
                      e.move(weights,
                             e.mul(step, columns.vectors * stepBytes(kernel)));
                  Value offset = e.mul(step, products->codesOfStep());
                  std::vector<Values> loaded;
                  for (Value pixel : codes) {
                    Value at = e.move(pixel, offset);
                    Values parts;
                    for (int64_t part = 0; part < products->parts(); ++part)
                      parts.push_back(products->codes(at, part));
                    loaded.push_back(std::move(parts));
                  }
                  addStep(columns, from, loaded, next);
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

/// Joined runs: steps take groups of codes wherever they are in the window.
Values SumWriter::sumUnits(const Columns &columns,
                           llvm::ArrayRef<Value> windows,
                           mlir::ValueRange sums) {
  Values next(sums.begin(), sums.end());
  const int64_t perRun = (runs.length + kernel.group - 1) / kernel.group;
  const int64_t units = perRun * runs.count();
  const int64_t inStep = operands.nibbles ? 2 : 1;
  const int64_t parts = products->parts() / inStep;
  for (int64_t first = 0; first < units; first += inStep) {
    std::vector<Values> codes;
    for (Value window : windows) {
      Values loaded;
      for (int64_t unit = first; unit < std::min(units, first + inStep);
           ++unit) {
        const int64_t run = unit / perRun;
        Value at = e.move(window, run / runs.columns * runs.rowStep +
                                      run % runs.columns * runs.columnStep +
                                      unit % perRun * kernel.group);
        for (int64_t part = 0; part < parts; ++part)
          loaded.push_back(products->codes(at, part));
      }
      codes.push_back(std::move(loaded));
    }
    addStep(columns,
            e.move(columns.weights,
                   first / inStep * columns.vectors * stepBytes(kernel)),
            codes, next);
  }
  return next;
}

void SumWriter::writeTile(const Columns &columns, Value y, Value x,
                          int64_t pixels) {
  Values windows, sums;
  for (int64_t p = 0; p < pixels; ++p) {
    windows.push_back(windowAt(columns.in, y, e.add(x, p)));
    for (int64_t v = 0; v < columns.vectors; ++v)
      sums.push_back(
          finisher->load(bias, e.add(columns.tables, v * kernel.lanes * 4)));
  }
  if (tiles)
    sums = tiles->plus(
        sumTaps(columns, windows[0], tiles->zero(columns.vectors)), sums);
  else
    sums = runs.joined ? sumUnits(columns, windows, sums)
                       : sumTaps(columns, windows, sums);
  std::vector<Piece> pieces;
  const bool wholePixels =
      out.isImage() && columns.vectors * kernel.lanes == out.strides[2];
  for (int64_t p = 0; p < pixels; ++p) {
    Value to = resultAt(columns.out, y, e.add(x, p));
    for (int64_t v = 0; v < columns.vectors; ++v) {
      Piece piece;
      piece.sum = sums[static_cast<size_t>(p * columns.vectors + v)];
      piece.tables = e.add(columns.tables, v * kernel.lanes * 4);
      piece.lanes = v + 1 == columns.vectors ? columns.lastLanes : kernel.lanes;
      piece.to = e.move(to, v * kernel.lanes * out.bytes);
      piece.joins = v > 0 || (p > 0 && wholePixels);
      pieces.push_back(piece);
    }
  }
  finisher->finish(pieces);
}

void SumWriter::writePlane(const Columns &columns) {
  const int64_t tile = std::min<int64_t>(kernel.pixels, width);
  const int64_t whole = width / tile, rest = width % tile;
  e.loop(height, [&](Value y) {
    if (tiles && rest) {
      // All tiles have one shape; the last one begins within its neighbour,
      // and writes the same codes there once more.
      e.loop(whole + 1, [&](Value t) {
        Value x = e.smallest(e.mul(t, tile), e.at(width - tile));
        writeTile(columns, y, x, tile);
      });
      return;
    }
    e.loop(whole,
           [&](Value t) { writeTile(columns, y, e.mul(t, tile), tile); });
    if (rest)
      writeTile(columns, y, e.at(whole * tile), rest);
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
  Value outFirst = e.move(firstResult(), first * out.bytes);
  Value inFirst = e.move(firstWindow(), group * runs.length);
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
  for (int64_t group = 0; group < layer.groups; ++group)
    writeGroup(group);
}

} // namespace

void emitSums(Context &c, size_t index, Value arena) {
  if (const std::optional<ann::SkipCode> entries = skippingCode(c, index))
    return emitSkippingSums(c, index, *entries, arena);
  SumLayer layer(c, index, arena);
  if (layer.isDepthwise())
    return emitDepthwise(layer);
  SumWriter(std::move(layer)).write();
}

} // namespace hillock::int4
