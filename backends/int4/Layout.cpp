//===- backends/int4/Layout.cpp - Where values lie in the arena -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Layout.h"
#include <algorithm>

namespace hillock::int4 {

int64_t Buffer::elements() const {
  int64_t count = 1;
  for (const int64_t axis : shape)
    count *= axis;
  return count;
}

namespace {

constexpr int64_t alignment = 16;

int64_t roundUp(int64_t x, int64_t to) { return (x + to - 1) / to * to; }

/// The border that the convolutions among the readers of a value need.
void addBorders(const ann::IntNetwork &network, std::vector<Buffer> &values) {
  for (const ann::IntLayer &layer : network.layers) {
    if (layer.kind != ann::Kind::Conv)
      continue;
    Buffer &in = values[static_cast<size_t>(layer.inputs[0])];
    in.top = std::max(in.top, layer.window.begin[0]);
    in.left = std::max(in.left, layer.window.begin[1]);
    in.bottom = std::max(in.bottom, layer.window.end[0]);
    in.right = std::max(in.right, layer.window.end[1]);
  }
}

void setStrides(Buffer &b) {
  b.strides.assign(b.shape.size(), 1);
  if (b.isImage()) {
    const int64_t channels = b.shape[0];
    const int64_t width = b.shape[2] + b.left + b.right;
    b.strides = {1, width * channels, channels};
    b.first = (b.top * width + b.left) * channels * b.bytes;
    b.size = (b.shape[1] + b.top + b.bottom) * width * channels * b.bytes;
    return;
  }
  for (size_t a = b.shape.size(); a-- > 1;)
    b.strides[a - 1] = b.strides[a] * b.shape[a];
  b.size = b.elements() * b.bytes;
}

/// The value whose bytes a value is.
size_t rootOf(const std::vector<Buffer> &values, int value) {
  auto root = static_cast<size_t>(value);
  while (values[root].sameAs >= 0)
    root = static_cast<size_t>(values[root].sameAs);
  return root;
}

void shareBytes(const ann::IntNetwork &network, std::vector<Buffer> &values) {
  for (const ann::IntLayer &layer : network.layers) {
    if (layer.kind != ann::Kind::Reshape || layer.output == network.output)
      continue;
    const Buffer &in = values[static_cast<size_t>(layer.inputs[0])];
    Buffer &out = values[static_cast<size_t>(layer.output)];
    if (in.isPlain() && out.isPlain() && in.bytes == out.bytes &&
        in.base == out.base)
      out.sameAs = layer.inputs[0];
  }
}

/// The input, where all who read it can do so from codes as the caller has
/// them, and none loads a group that goes on behind the last one.
void keepInput(const ann::IntNetwork &network, const Machine &machine,
               std::vector<Buffer> &values) {
  const auto root = static_cast<size_t>(network.input);
  Buffer &in = values[root];
  if (machine.lanes > 1 || !in.isPlain() || in.base != 0 ||
      network.input == network.output)
    return;
  const int64_t step = 2 * int64_t{machine.narrow.group};
  for (const ann::IntLayer &layer : network.layers)
    for (const int read : layer.inputs)
      if (rootOf(values, read) == root && layer.hasWeights() &&
          (layer.kind != ann::Kind::Linear || in.elements() % step != 0))
        return;
  in.inPlace = true;
}

/// First and last layer (by index) at which a value must be there.
struct Life {
  int64_t first = 0, last = 0;
};

std::vector<Life> lives(const ann::IntNetwork &network,
                        const std::vector<Buffer> &values) {
  std::vector<Life> all(network.values.size());
  const auto count = static_cast<int64_t>(network.layers.size());
  all[static_cast<size_t>(network.input)].first = -1;
  for (int64_t i = 0; i < count; ++i) {
    const ann::IntLayer &layer = network.layers[static_cast<size_t>(i)];
    const size_t made = rootOf(values, layer.output);
    if (values[static_cast<size_t>(layer.output)].sameAs < 0)
      all[made] = {i, i};
    for (const int in : layer.inputs)
      all[rootOf(values, in)].last = i;
  }
  all[rootOf(values, network.output)].last = count;
  return all;
}

/// Largest first, each at the lowest address where it meets no other that
/// lives at the same time.
int64_t place(const ann::IntNetwork &network, std::vector<Buffer> &values) {
  const std::vector<Life> life = lives(network, values);
  std::vector<size_t> order;
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i].sameAs < 0 && !values[i].inPlace)
      order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return values[a].size > values[b].size;
  });
  int64_t top = 0;
  std::vector<size_t> placed;
  for (const size_t v : order) {
    std::vector<size_t> rivals;
    for (const size_t other : placed)
      if (life[v].first <= life[other].last &&
          life[other].first <= life[v].last)
        rivals.push_back(other);
    std::sort(rivals.begin(), rivals.end(), [&](size_t a, size_t b) {
      return values[a].address < values[b].address;
    });
    int64_t at = 0;
    for (const size_t r : rivals) {
      if (at + values[v].size <= values[r].address)
        break;
      at = std::max(at, roundUp(values[r].address + values[r].size, alignment));
    }
    values[v].address = at;
    top = std::max(top, at + values[v].size);
    placed.push_back(v);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const Buffer &root = values[rootOf(values, static_cast<int>(i))];
    values[i].address = root.address;
    values[i].inPlace = root.inPlace;
  }
  return top;
}

} // namespace

Layout layOut(const ann::IntNetwork &network, const Machine &machine) {
  Layout layout;
  for (const ann::IntValue &value : network.values) {
    Buffer b;
    b.shape = value.shape;
    const bool narrow = value.q.low >= -128 && value.q.high <= 127;
    b.bytes = narrow ? 1 : 4;
    b.base = narrow && machine.unsignedBytes ? value.q.low : 0;
    b.zero = value.q.zero - b.base;
    layout.values.push_back(std::move(b));
  }
  addBorders(network, layout.values);
  for (Buffer &b : layout.values)
    setStrides(b);
  shareBytes(network, layout.values);
  keepInput(network, machine, layout.values);
  // What the last load of a run may touch beyond it.
  const int64_t slack = machine.lanes > 1 ? 64 : 2 * machine.narrow.group;
  layout.arenaBytes = roundUp(place(network, layout.values) + slack, alignment);
  return layout;
}

} // namespace hillock::int4
