//===- backends/int4/Others.cpp - Pools, sums, copies ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Layers.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>

namespace hillock::int4 {

namespace {

using Index = llvm::SmallVector<Value>;

class OtherWriter {
public:
  OtherWriter(Context &c, Value arena) : c(c), e(c.emit), arena(arena) {}

  void write(size_t index);
  void border(const Buffer &buffer);
  void input(Value codes);
  void output(Value codes);

private:
  /// Visits all elements of a shape, with an index an axis.
  void visit(const ann::Shape &shape,
             const std::function<void(llvm::ArrayRef<Value>)> &body);
  void visitFrom(const ann::Shape &shape, llvm::ArrayRef<size_t> order,
                 Index &index,
                 const std::function<void(llvm::ArrayRef<Value>)> &body);
  Value place(const Buffer &buffer, llvm::ArrayRef<Value> index);
  Value rowMajor(const ann::Shape &shape, llvm::ArrayRef<Value> index);
  Index split(const ann::Shape &shape, Value number);
  /// The stored value as 32 bits.
  Value load(const Buffer &buffer, Value from);
  void store(const Buffer &buffer, Value stored, Value to);
  Scale scale(const ann::Multiplier &m);

  void pool(const ann::IntLayer &layer, size_t index);
  void concat(const ann::IntLayer &layer);
  void addUp(const ann::IntLayer &layer);
  void clip(const ann::IntLayer &layer);
  void reshape(const ann::IntLayer &layer);
  void transpose(const ann::IntLayer &layer);

  Context &c;
  Emitter &e;
  Value arena;
};

/// Pixels outside, channels inside: the order of bytes.
llvm::SmallVector<size_t> storedOrder(size_t rank) {
  if (rank == 3)
    return {1, 2, 0};
  llvm::SmallVector<size_t> order;
  for (size_t a = 0; a < rank; ++a)
    order.push_back(a);
  return order;
}

void OtherWriter::visitFrom(
    const ann::Shape &shape, llvm::ArrayRef<size_t> order, Index &index,
    const std::function<void(llvm::ArrayRef<Value>)> &body) {
  if (order.empty())
    return body(index);
  e.loop(shape[order[0]], [&](Value at) {
    index[order[0]] = at;
    visitFrom(shape, order.drop_front(), index, body);
  });
}

void OtherWriter::visit(
    const ann::Shape &shape,
    const std::function<void(llvm::ArrayRef<Value>)> &body) {
  Index index(shape.size());
  visitFrom(shape, storedOrder(shape.size()), index, body);
}

Value OtherWriter::place(const Buffer &b, llvm::ArrayRef<Value> index) {
  Value offset = e.at(b.first);
  for (size_t a = 0; a < index.size(); ++a)
    offset = e.add(offset, e.mul(index[a], b.strides[a] * b.bytes));
  return e.move(c.base(b, arena), offset);
}

Value OtherWriter::rowMajor(const ann::Shape &shape,
                            llvm::ArrayRef<Value> index) {
  Value number = e.at(0);
  for (size_t a = 0; a < shape.size(); ++a)
    number = e.add(e.mul(number, shape[a]), index[a]);
  return number;
}

/// The inverse of rowMajor(), by compares and subtractions of the compiler's
/// making: divisors are constants.
Index OtherWriter::split(const ann::Shape &shape, Value number) {
  Index index(shape.size());
  auto &b = e.builder();
  for (size_t a = shape.size(); a-- > 0;) {
    Value size = e.at(shape[a]);
    if (a == 0) {
      index[a] = number;
      break;
    }
    Value quotient =
        mlir::arith::DivUIOp::create(b, b.getUnknownLoc(), number, size);
    index[a] = e.sub(number, e.mul(quotient, size));
    number = quotient;
  }
  return index;
}

Value OtherWriter::load(const Buffer &b, Value from) {
  if (b.bytes == 4)
    return e.load(e.i32(), from, 4);
  Value byte = e.load(e.i8(), from);
  return c.machine.unsignedBytes ? e.zext(byte, e.i32())
                                 : e.sext(byte, e.i32());
}

void OtherWriter::store(const Buffer &b, Value stored, Value to) {
  if (b.bytes == 4)
    return e.store(stored, to, 4);
  e.store(e.trunc(stored, e.i8()), to);
}

Scale OtherWriter::scale(const ann::Multiplier &m) {
  return {e.constant(e.i32(), m.mantissa),
          e.constant(e.i32(), m.mantissa == 0 ? 33 : m.shift)};
}

bool isNarrow(const ann::Multiplier &m) {
  return m.mantissa == 0 || m.shift >= 33;
}

void OtherWriter::border(const Buffer &b) {
  if (!b.hasBorder())
    return;
  // The whole buffer and not its border alone: a few cycles more, and much
  // shorter code. By words where there are no vectors that the optimizer could
  // make of bytes.
  const bool words = c.machine.lanes == 1 && b.size % 4 == 0;
  const int64_t step = words ? 4 : 1;
  const int64_t byte = b.zero & 255;
  Value zero =
      words ? e.constant(e.i32(), byte * 0x01010101) : e.constant(e.i8(), byte);
  e.loop(b.size / step, [&](Value i) {
    Value to = e.move(arena, e.add(e.mul(i, step), b.address));
    e.store(zero, to, static_cast<unsigned>(step));
  });
}

void OtherWriter::input(Value codes) {
  const Buffer &b = c.buffer(c.network.input);
  if (b.inPlace)
    return;
  border(b);
  visit(b.shape, [&](llvm::ArrayRef<Value> index) {
    Value from = e.move(codes, rowMajor(b.shape, index));
    Value code = e.sext(e.load(e.i8(), from), e.i32());
    store(b, e.add(code, -int64_t{b.base}), place(b, index));
  });
}

void OtherWriter::output(Value codes) {
  const Buffer &b = c.buffer(c.network.output);
  visit(b.shape, [&](llvm::ArrayRef<Value> index) {
    Value code = e.add(load(b, place(b, index)), b.base);
    Value to = e.move(codes, e.mul(rowMajor(b.shape, index), 4));
    e.store(code, to, 4);
  });
}

/// A window is cut to the cells inside; only then is anything read.
void OtherWriter::pool(const ann::IntLayer &layer, size_t number) {
  const Buffer &in = c.buffer(layer.inputs[0]);
  const Buffer &out = c.buffer(layer.output);
  const bool average = layer.kind == ann::Kind::AveragePool;
  const ann::Window &w = layer.window;
  const Type word = e.i32();
  Value table[2];
  if (average && layer.multipliers.size() > 1) {
    std::vector<int32_t> f, s;
    for (const ann::Multiplier &m : layer.multipliers) {
      f.push_back(m.mantissa);
      s.push_back(m.mantissa == 0 ? 33 : m.shift);
    }
    const std::string name = c.prefix + "_" + llvm::utostr(number);
    table[0] = e.table(name + "_mantissa", llvm::ArrayRef<int32_t>(f));
    table[1] = e.table(name + "_shift", llvm::ArrayRef<int32_t>(s));
  }
  bool narrow = true;
  for (const ann::Multiplier &m : layer.multipliers)
    narrow &= isNarrow(m);
  visit(out.shape, [&](llvm::ArrayRef<Value> index) {
    Value zero = e.constant(word, 0), one = e.constant(word, 1);
    Value sum = average ? zero : e.constant(word, INT32_MIN);
    Values result = {sum, zero, zero};
    result = e.loop(w.kernel[0], result, [&](Value ky, mlir::ValueRange outer) {
      return e.loop(
          w.kernel[1], outer, [&](Value kx, mlir::ValueRange carried) {
            Value at[2] = {ky, kx};
            Value inside, counted;
            for (unsigned a = 0; a < 2; ++a) {
              const int64_t size = in.shape[a + 1];
              at[a] = e.add(e.add(e.mul(index[a + 1], w.stride[a]),
                                  e.mul(at[a], w.dilation[a])),
                            -w.begin[a]);
              Value low = e.less(e.at(-1), at[a]);
              Value fits = e.both(low, e.less(at[a], e.at(size)));
              inside = inside ? e.both(inside, fits) : fits;
              // Padding may count; what ceil_mode adds beyond it never does.
              Value pad = e.less(at[a], e.at(size + w.end[a]));
              counted = counted ? e.both(counted, pad) : pad;
            }
            Value y = e.select(inside, at[0], e.at(0));
            Value x = e.select(inside, at[1], e.at(0));
            Value stored = load(in, place(in, {index[0], y, x}));
            Value next =
                average
                    ? e.add(carried[0],
                            e.select(inside, e.add(stored, -int64_t{in.zero}),
                                     zero))
                    : e.select(inside, e.largest(carried[0], stored),
                               carried[0]);
            return Values{next, e.add(carried[1], e.select(inside, one, zero)),
                          e.add(carried[2], e.select(counted, one, zero))};
          });
    });
    Value to = place(out, index);
    if (!average) {
      Value none = e.less(result[1], one);
      Value best = e.add(result[0], int64_t{in.base} - out.base);
      store(
          out,
          e.select(none, e.constant(word, in.zero + in.base - out.base), best),
          to);
      return;
    }
    Scale s;
    if (layer.multipliers.size() == 1) {
      s = scale(layer.multipliers[0]);
    } else {
      Value count = layer.includePad ? result[2] : result[1];
      Value cell = e.largest(e.add(count, -1), zero);
      Value offset = e.mul(cell, 4);
      offset = e.sext(offset, e.address());
      s = {e.load(word, e.move(table[0], offset), 4),
           e.load(word, e.move(table[1], offset), 4)};
    }
    store(out, requantized(c, result[0], s, narrow, out, layer.low, layer.high),
          to);
  });
}

void OtherWriter::addUp(const ann::IntLayer &layer) {
  const Buffer &a = c.buffer(layer.inputs[0]), &b = c.buffer(layer.inputs[1]);
  const Buffer &out = c.buffer(layer.output);
  const ann::PairMultiplier m = layer.pair;
  const Type word = e.i32();
  visit(out.shape, [&](llvm::ArrayRef<Value> index) {
    Value x = e.add(load(a, place(a, index)), -int64_t{a.zero});
    Value y = e.add(load(b, place(b, index)), -int64_t{b.zero});
    Value sum =
        e.add(e.mul(x, e.constant(word, m.a)), e.mul(y, e.constant(word, m.b)));
    // Both products have at most 29 bits: so has the sum with its half.
    Value rounded = e.sar(e.add(sum, int64_t{1} << (m.shift - 1)),
                          e.constant(word, m.shift));
    Value stored = e.add(rounded, out.zero);
    stored = e.smallest(
        e.largest(stored, e.constant(word, int64_t{layer.low} - out.base)),
        e.constant(word, int64_t{layer.high} - out.base));
    store(out, stored, place(out, index));
  });
}

void OtherWriter::clip(const ann::IntLayer &layer) {
  const Buffer &in = c.buffer(layer.inputs[0]), &out = c.buffer(layer.output);
  visit(out.shape, [&](llvm::ArrayRef<Value> index) {
    Value x = e.add(load(in, place(in, index)), -int64_t{in.zero});
    const ann::Multiplier &m = layer.multipliers[0];
    store(out,
          requantized(c, x, scale(m), isNarrow(m), out, layer.low, layer.high),
          place(out, index));
  });
}

void OtherWriter::concat(const ann::IntLayer &layer) {
  const Buffer &out = c.buffer(layer.output);
  const auto axis = static_cast<size_t>(layer.axis);
  int64_t first = 0;
  for (size_t i = 0; i < layer.inputs.size(); ++i) {
    const Buffer &in = c.buffer(layer.inputs[i]);
    const ann::Multiplier &m = layer.multipliers[i];
    visit(in.shape, [&](llvm::ArrayRef<Value> index) {
      Index to(index.begin(), index.end());
      to[axis] = e.add(to[axis], first);
      Value x = e.add(load(in, place(in, index)), -int64_t{in.zero});
      store(
          out,
          requantized(c, x, scale(m), isNarrow(m), out, layer.low, layer.high),
          place(out, to));
    });
    first += in.shape[axis];
  }
}

void OtherWriter::reshape(const ann::IntLayer &layer) {
  const Buffer &in = c.buffer(layer.inputs[0]), &out = c.buffer(layer.output);
  if (out.sameAs >= 0)
    return;
  const int64_t change = int64_t{in.base} - out.base;
  visit(in.shape, [&](llvm::ArrayRef<Value> index) {
    Value number = rowMajor(in.shape, index);
    store(out, e.add(load(in, place(in, index)), change),
          place(out, split(out.shape, number)));
  });
}

void OtherWriter::transpose(const ann::IntLayer &layer) {
  const Buffer &in = c.buffer(layer.inputs[0]), &out = c.buffer(layer.output);
  const int64_t change = int64_t{in.base} - out.base;
  visit(out.shape, [&](llvm::ArrayRef<Value> index) {
    Index from(index.size());
    for (size_t a = 0; a < index.size(); ++a)
      from[static_cast<size_t>(layer.permutation[a])] = index[a];
    store(out, e.add(load(in, place(in, from)), change), place(out, index));
  });
}

void OtherWriter::write(size_t index) {
  const ann::IntLayer &layer = c.network.layers[index];
  switch (layer.kind) {
  case ann::Kind::MaxPool:
  case ann::Kind::AveragePool:
    return pool(layer, index);
  case ann::Kind::Add:
    return addUp(layer);
  case ann::Kind::Concat:
    return concat(layer);
  case ann::Kind::Reshape:
    return reshape(layer);
  case ann::Kind::Transpose:
    return transpose(layer);
  case ann::Kind::Clip:
    return clip(layer);
  default:
    llvm_unreachable("no other layer of the integer level");
  }
}

} // namespace

void emitOther(Context &c, size_t index, Value arena) {
  OtherWriter(c, arena).write(index);
}
void emitBorder(Context &c, const Buffer &buffer, Value arena) {
  OtherWriter(c, arena).border(buffer);
}
void emitInput(Context &c, Value codes, Value arena) {
  OtherWriter(c, arena).input(codes);
}
void emitOutput(Context &c, Value arena, Value codes) {
  OtherWriter(c, arena).output(codes);
}

} // namespace hillock::int4
