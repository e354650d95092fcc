//===- emulator/stream/Delivery.cpp - The spikes of a step ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/LaneOps.h"
#include "emulator/stream/FanOut.h"
#include <algorithm>
#include <array>
#include <cstring>

namespace hillock::emu {

namespace {

/// 32 bits wrap around, as the chip's; fewer were chosen so that they do not.
template <typename Sum> HILLOCK_INLINE void addTo(Sum &sum, Sum value) {
  sum = static_cast<Sum>(lane::add(sum, value));
}

/// Targets may repeat, so the adds keep their order.
template <typename Sum>
HILLOCK_INLINE void addNear(Sum *sums, const uint16_t *targets, uint32_t count,
                            Sum value) {
  uint32_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint16_t four[4];
    std::memcpy(four, targets + i, sizeof four);
    for (uint16_t target : four)
      addTo(sums[target], value);
  }
  for (; i < count; ++i)
    addTo(sums[targets[i]], value);
}

template <typename Sum>
HILLOCK_INLINE void addFar(Sum *sums, const uint16_t *lanes, uint32_t count,
                           Sum value) {
  for (uint32_t i = 0; i < count; ++i)
    addTo(sums[SegmentView::wide(lanes + 2 * i)], value);
}

/// What a kind adds, and where.
template <typename Sum> struct Addend {
  Sum *sums;
  int32_t value;
};

template <typename Sum>
HILLOCK_INLINE void addStrewn(const Addend<Sum> *kinds, const uint16_t *items,
                              uint32_t count, int32_t payload, uint32_t shift) {
  for (uint32_t i = 0; i < count; ++i) {
    const StrewnItem item(SegmentView::wide(items + 2 * i));
    const Addend<Sum> &kind = kinds[item.kind];
    addTo(kind.sums[item.lane],
          static_cast<Sum>(lane::mul(kind.value, payload) >> shift));
  }
}

template <typename Sum>
HILLOCK_INLINE void addMixed(Sum *sums, const uint16_t *items, uint32_t count,
                             int32_t payload, uint32_t shift) {
  for (uint32_t i = 0; i < count; ++i) {
    const auto weight = static_cast<int16_t>(items[2 * i + 1]);
    addTo(sums[items[2 * i]],
          static_cast<Sum>(lane::mul(weight, payload) >> shift));
  }
}

/// Words come from afar: who sends what is asked for first, then the lines.
constexpr size_t sumsAhead = 3, ahead = 12, farAhead = 32, queueLength = 16;
static_assert(queueLength > ahead && (queueLength & (queueLength - 1)) == 0);
constexpr size_t lineBytes = 64, mostLines = 8;
/// Sums of a step that stay in a common second-level cache are not asked for:
/// walking through the words twice costs more, as no two senders have as many.
constexpr size_t cachedBytes = (size_t{1} << 20) - 1;

void prefetchWords(std::span<const uint16_t> words) {
  const char *at = reinterpret_cast<const char *>(words.data());
  const size_t bytes = std::min(words.size_bytes(), lineBytes * mostLines);
  for (size_t offset = 0; offset < bytes; offset += lineBytes)
    __builtin_prefetch(at + offset);
  if (bytes > 0)
    __builtin_prefetch(at + bytes - 1);
}

/// Asks for the sums that far segments reach; near ones come in a few lines.
template <typename Sum>
void prefetchSums(std::span<const uint16_t> words, const Sum *sums) {
  const uint16_t *at = words.data(), *end = at + words.size();
  while (at != end) {
    const SegmentView segment(at);
    at = segment.next;
    if (segment.isFar())
      for (uint32_t i = 0; i < segment.count; ++i)
        __builtin_prefetch(sums + segment.laneAt(i), 1);
  }
}

} // namespace

template <typename Sum>
void FanOut::deliverAs(std::span<const Sender> senders, uint64_t step,
                       SumRing &ring, const SynapseKinds &kinds) const {
  std::array<std::span<const uint16_t>, queueLength> queue;
  const uint32_t shift = ring.format().shift;
  Sum *soon = ring.slot<Sum>(step); // most synapses have no delay
  std::array<Addend<Sum>, StrewnItem::mostKinds> addends;
  for (uint32_t k = 0; k < std::min(kinds.size(), addends.size()); ++k)
    addends[k] = {ring.slot<Sum>(step + kinds[k].delay), kinds[k].value};
  const bool asksForSums = ring.slotBytes() > cachedBytes;
  for (size_t k = 0; k < senders.size() + ahead; ++k) {
    if (k + (farAhead - ahead) < senders.size())
      __builtin_prefetch(firstWord.data() +
                         senders[k + (farAhead - ahead)].number);
    std::span<const uint16_t> &entering = queue[k % queueLength];
    entering = {};
    if (k < senders.size())
      prefetchWords(entering = wordsOf(senders[k].number));
    if (asksForSums && k >= ahead - sumsAhead)
      prefetchSums(queue[(k - (ahead - sumsAhead)) % queueLength], soon);
    if (k < ahead)
      continue;
    const std::span<const uint16_t> words = queue[(k - ahead) % queueLength];
    const int32_t payload = senders[k - ahead].payload;
    const uint16_t *at = words.data(), *end = at + words.size();
    while (at != end) {
      const SegmentView segment(at);
      at = segment.next;
      if (segment.form == SegmentForm::Strewn) {
        addStrewn(addends.data(), segment.items, segment.count, payload, shift);
        continue;
      }
      const SynapseKinds::Kind &kind = kinds[segment.kind];
      Sum *sums = ring.slot<Sum>(step + kind.delay) + segment.base;
      const Sum value =
          static_cast<Sum>(lane::mul(kind.value, payload) >> shift);
      if (segment.form == SegmentForm::Near)
        addNear(sums, segment.items, segment.count, value);
      else if (segment.form == SegmentForm::Far)
        addFar(sums, segment.items, segment.count, value);
      else
        addMixed(sums, segment.items, segment.count, payload, shift);
    }
  }
}

void FanOut::deliver(std::span<const Sender> senders, uint64_t step,
                     SumRing &ring, const SynapseKinds &kinds) const {
  switch (ring.format().bytes) {
  case 1:
    return deliverAs<int8_t>(senders, step, ring, kinds);
  case 2:
    return deliverAs<int16_t>(senders, step, ring, kinds);
  default:
    return deliverAs<int32_t>(senders, step, ring, kinds);
  }
}

uint64_t FanOut::largestSum(size_t lanes, const SynapseKinds &kinds,
                            uint64_t most) const {
  std::vector<uint32_t> sums(lanes);
  uint32_t largest = 0;
  const auto magnitude = [](int32_t value) {
    return static_cast<uint32_t>(value < 0 ? -value : value); // 16 bits
  };
  const auto add = [&](uint32_t lane, uint32_t value) {
    largest = std::max(largest, sums[lane] += value);
  };
  for (size_t s = 0; s + 1 < firstWord.size() && largest <= most; ++s) {
    const std::span<const uint16_t> words = wordsOf(static_cast<uint32_t>(s));
    const uint16_t *at = words.data(), *end = at + words.size();
    while (at != end) {
      const SegmentView segment(at);
      at = segment.next;
      const auto valueOf = [&](uint32_t kind) {
        return magnitude(kinds[kind].value);
      };
      for (uint32_t i = 0; i < segment.count; ++i)
        if (segment.form == SegmentForm::Near)
          add(segment.base + segment.items[i], valueOf(segment.kind));
        else if (segment.form == SegmentForm::Far)
          add(segment.laneAt(i), valueOf(segment.kind));
        else if (segment.form == SegmentForm::Strewn)
          add(segment.laneAt(i),
              valueOf(
                  StrewnItem(SegmentView::wide(segment.items + 2 * i)).kind));
        else
          add(segment.base + segment.items[2 * i],
              magnitude(static_cast<int16_t>(segment.items[2 * i + 1])));
    }
  }
  return largest;
}

} // namespace hillock::emu
