//===- backends/int4/Sparse.cpp - Sums that skip zeros --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Sparse.h"
#include "backends/int4/Products.h"
#include "backends/int4/Weights.h"
#include "llvm/ADT/StringExtras.h"

namespace hillock::int4 {

namespace {

/// x / divisor as (x * factor) >> shift, exact below a limit, in 32 bits.
struct Divider {
  int64_t factor = 0;
  unsigned shift = 0;
};

/// For all x < \p limit; nothing when 32 bits do not allow it.
std::optional<Divider> dividerBy(int64_t divisor, int64_t limit) {
  for (unsigned shift = 30; shift > 0; --shift) {
    const int64_t power = int64_t{1} << shift;
    const int64_t factor = (power + divisor - 1) / divisor;
    if ((limit - 1) * factor >= int64_t{1} << 32)
      continue;
    // The error of the factor, times x, must not reach the next quotient.
    if ((limit - 1) * (factor * divisor - power) < power)
      return Divider{factor, shift};
    return std::nullopt; // smaller powers are coarser still
  }
  return std::nullopt;
}

/// From the number of a weight in its channel to a byte of the window.
struct Places {
  Runs runs;
  std::optional<Divider> byRun, byRow; ///< set where they are needed
  bool possible = true;

  explicit Places(const Runs &runs) : runs(runs) {
    if (runs.count() == 1)
      return;
    byRun = dividerBy(runs.length, runs.count() * runs.length);
    possible = byRun.has_value();
    if (runs.columns > 1 && runs.rows > 1) {
      byRow = dividerBy(runs.columns, runs.count());
      possible &= byRow.has_value();
    }
  }

  /// number + run * (columnStep - length) + row * (rowStep - columns *
  /// columnStep), where run = number / length and row = run / columns.
  Value offset(Emitter &e, Value number) const {
    if (runs.count() == 1)
      return number;
    const auto divided = [&](Value x, const Divider &by) {
      return e.shr(e.mul(x, by.factor), e.at(by.shift));
    };
    Value run = divided(number, *byRun);
    if (runs.columns == 1)
      return e.add(number, e.mul(run, runs.rowStep - runs.length));
    Value inRow = e.add(number, e.mul(run, runs.columnStep - runs.length));
    if (runs.rows == 1)
      return inRow;
    Value row = divided(run, *byRow);
    return e.add(inRow,
                 e.mul(row, runs.rowStep - runs.columns * runs.columnStep));
  }
};

class SkipWriter {
public:
  SkipWriter(Context &c, size_t index, const ann::SkipCode &entries,
             Value arena)
      : c(c), e(c.emit), layer(c.network.layers[index]),
        in(c.buffer(layer.inputs[0])), out(c.buffer(layer.output)),
        entries(entries), arena(arena),
        name(c.prefix + "_" + llvm::utostr(index)), runs(runsOf(layer, in)),
        places(runs), outputs(out.shape[0]),
        kernel{layer.format.isLog() ? Products::Shift : Products::Plain, 1, 1,
               1, 1},
        products(e, kernel, false, false, c.machine.unsignedBytes,
                 layer.format.code == ann::Code::Log4 ? 2 : 1) {
    if (out.isImage()) {
      height = out.shape[1];
      width = out.shape[2];
    }
  }
  void write();

private:
  /// What belongs to an output channel.
  struct Channel {
    Value entries, count;
    Value bias, zero; ///< zero: of affine weights, else null
    Scale scale;
    Value in, out; ///< the first window and the first result
  };
  void makeTables();
  Value load(Value table, Value index, int64_t bytes, Type type);
  Channel channelAt(Value index, Value group, Value list);
  void writePlane(const Channel &channel);
  void writePixels(const Channel &channel, Value y, Value x, int64_t pixels);
  Values sums(const Channel &channel, llvm::ArrayRef<Value> windows);
  Value weightOf(const Channel &channel, Value entry);

  Context &c;
  Emitter &e;
  const ann::IntLayer &layer;
  const Buffer &in, &out;
  const ann::SkipCode &entries;
  Value arena;
  const std::string name;
  const Runs runs;
  const Places places;
  const int64_t outputs;
  const Kernel kernel;
  Products4 products;
  int64_t height = 1, width = 1;
  bool narrow = true;
  Value biases, mantissas, shifts, counts, zeros, lists;
};

void append(std::vector<int8_t> &bytes, uint32_t value, unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    bytes.push_back(static_cast<int8_t>(value >> (8 * i) & 255));
}

void SkipWriter::makeTables() {
  std::vector<int32_t> mantissa, shift;
  for (const ann::Multiplier &m : layer.multipliers) {
    narrow &= m.mantissa == 0 || m.shift >= 33;
    mantissa.push_back(m.mantissa);
    shift.push_back(m.mantissa == 0 ? 33 : m.shift);
  }
  const auto words = [&](const char *what, llvm::ArrayRef<int32_t> values) {
    return e.table(name + what, values);
  };
  biases = words("_bias", operandsOf(c.network, layer, in, runs).bias);
  mantissas = words("_mantissa", mantissa);
  shifts = words("_shift", shift);
  std::vector<int8_t> bytes;
  for (const uint32_t count : entries.counts)
    append(bytes, count, entries.countBytes());
  counts = e.table(name + "_counts", llvm::ArrayRef<int8_t>(bytes));
  bytes.clear();
  for (const uint16_t entry : entries.entries)
    append(bytes, entry, entries.entryBits / 8);
  if (bytes.empty())
    bytes.push_back(0); // C has no arrays without elements
  lists = e.table(name + "_weights", llvm::ArrayRef<int8_t>(bytes));
  bytes.assign(layer.zeros.begin(), layer.zeros.end());
  if (!bytes.empty())
    zeros = e.table(name + "_zeros", llvm::ArrayRef<int8_t>(bytes));
}

Value SkipWriter::load(Value table, Value index, int64_t bytes, Type type) {
  return e.load(type, e.move(table, e.mul(index, bytes)),
                static_cast<unsigned>(bytes));
}

SkipWriter::Channel SkipWriter::channelAt(Value index, Value group,
                                          Value list) {
  Channel channel;
  channel.entries = list;
  const bool bytes = entries.countBytes() == 1;
  channel.count =
      e.zext(load(counts, index, bytes ? 1 : 2, bytes ? e.i8() : e.i16()),
             e.address());
  channel.bias = load(biases, index, 4, e.i32());
  channel.scale = {load(mantissas, index, 4, e.i32()),
                   load(shifts, index, 4, e.i32())};
  if (zeros)
    channel.zero = e.sext(load(zeros, index, 1, e.i8()), e.i32());
  const ann::Window &w = layer.window;
  const int64_t corner =
      layer.kind == ann::Kind::Linear
          ? 0
          : -w.begin[0] * in.strides[1] - w.begin[1] * in.strides[2];
  channel.in = e.move(e.move(c.base(in, arena), in.first + corner),
                      e.mul(group, runs.length));
  channel.out =
      e.move(e.move(arena, out.address + out.first), e.mul(index, out.bytes));
  return channel;
}

Value SkipWriter::weightOf(const Channel &channel, Value entry) {
  Value above = e.constant(e.i32(), 32 - int64_t{entries.codeBits});
  Value code = e.sar(e.shl(entry, above), above);
  return channel.zero ? e.sub(code, channel.zero) : code;
}

Values SkipWriter::sums(const Channel &channel, llvm::ArrayRef<Value> windows) {
  Values initial = {e.at(0)};
  initial.append(windows.size(), channel.bias);
  const int64_t bytes = entries.entryBits / 8;
  Values last =
      e.loop(channel.count, initial, [&](Value i, mlir::ValueRange carried) {
        Value stored =
            load(channel.entries, i, bytes, bytes == 1 ? e.i8() : e.i16());
        Value entry = e.zext(stored, e.i32());
        Value skipped =
            e.shr(entry, e.constant(e.i32(), int64_t{entries.codeBits}));
        Value number = e.add(carried[0], e.zext(skipped, e.address()));
        Value offset = places.offset(e, number);
        Value weight = weightOf(channel, entry);
        Values next = {e.add(number, 1)};
        for (size_t p = 0; p < windows.size(); ++p)
          next.push_back(products.add(
              carried[static_cast<unsigned>(p) + 1],
              products.codes(e.move(windows[p], offset), 0), weight));
        return next;
      });
  last.erase(last.begin());
  return last;
}

void SkipWriter::writePixels(const Channel &channel, Value y, Value x,
                             int64_t pixels) {
  Values windows, to;
  for (int64_t p = 0; p < pixels; ++p) {
    if (!out.isImage()) {
      windows.push_back(channel.in);
      to.push_back(channel.out);
      continue;
    }
    const auto place = [&](Value base, const Buffer &buffer, int64_t stepY,
                           int64_t stepX, int64_t bytes) {
      Value row = e.mul(y, stepY * buffer.strides[1] * bytes);
      Value column = e.mul(e.add(x, p), stepX * buffer.strides[2] * bytes);
      return e.move(base, e.add(row, column));
    };
    const ann::Window &w = layer.window;
    windows.push_back(place(channel.in, in, w.stride[0], w.stride[1], 1));
    to.push_back(place(channel.out, out, 1, 1, out.bytes));
  }
  Values results = sums(channel, windows);
  for (size_t p = 0; p < results.size(); ++p) {
    Value code = requantized(c, results[p], channel.scale, narrow, out,
                             layer.low, layer.high);
    e.store(e.trunc(code, out.bytes == 1 ? e.i8() : e.i32()), to[p],
            static_cast<unsigned>(out.bytes));
  }
}

void SkipWriter::writePlane(const Channel &channel) {
  const int64_t tile = std::min<int64_t>(c.machine.wide.pixels, width);
  const int64_t tiles = width / tile, rest = width % tile;
  e.loop(height, [&](Value y) {
    e.loop(tiles,
           [&](Value t) { writePixels(channel, y, e.mul(t, tile), tile); });
    if (rest)
      writePixels(channel, y, e.at(tiles * tile), rest);
  });
}

/// The lists of the channels follow each other.
void SkipWriter::write() {
  makeTables();
  const int64_t perGroup = outputs / layer.groups;
  e.loop(layer.groups, lists, [&](Value group, mlir::ValueRange outer) {
    return e.loop(perGroup, outer, [&](Value one, mlir::ValueRange list) {
      Value index = e.add(e.mul(group, perGroup), one);
      const Channel channel = channelAt(index, group, list[0]);
      writePlane(channel);
      return Values{e.move(
          list[0], e.mul(channel.count, int64_t{entries.entryBits} / 8))};
    });
  });
}

} // namespace

std::optional<ann::SkipCode> skippingCode(const Context &c, size_t index) {
  const ann::IntLayer &layer = c.network.layers[index];
  const Machine &machine = c.machine;
  if (machine.zeros == ZeroSkipping::Never)
    return std::nullopt;
  std::optional<ann::SkipCode> entries = ann::skipCodeOf(layer);
  if (!entries || !Places(runsOf(layer, c.buffer(layer.inputs[0]))).possible)
    return std::nullopt;
  const Kernel &dense = layer.format.isLog()     ? machine.shift
                        : layer.format.bits <= 4 ? machine.narrow
                                                 : machine.wide;
  if (machine.zeros == ZeroSkipping::WhereFaster &&
      dense.lanes * dense.group > 1) {
    // For a pixel: vectors of products against entries, which take a load, a
    // multiplication and an addition each.
    const int64_t outputs = c.network.out(layer).shape[0];
    const int64_t lanes = dense.lanes, perGroup = outputs / layer.groups;
    const int64_t filter = static_cast<int64_t>(layer.weights.size()) / outputs;
    const bool depthwise = layer.groups > 1 && perGroup == 1;
    const int64_t vectors =
        depthwise ? (outputs + lanes - 1) / lanes
                  : layer.groups * ((perGroup + lanes - 1) / lanes);
    const int64_t steps = depthwise ? filter : filter / dense.group;
    // A step of a vector is dear where there is only one lane: it unpacks, too.
    const int64_t cost = lanes > 1 ? 3 : 2;
    if (cost * static_cast<int64_t>(entries->entries.size()) >=
        2 * vectors * steps)
      return std::nullopt;
  }
  return entries;
}

void emitSkippingSums(Context &c, size_t index, const ann::SkipCode &entries,
                      Value arena) {
  SkipWriter(c, index, entries, arena).write();
}

} // namespace hillock::int4
