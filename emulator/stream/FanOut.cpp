//===- emulator/stream/FanOut.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/stream/FanOut.h"
#include "emulator/core/LaneOps.h"
#include <algorithm>
#include <cstring>

namespace hillock::emu {

namespace {

/// A near segment has four words more than its targets, a mixed one a word more
/// for each synapse.
constexpr size_t headWords = 4;
constexpr uint32_t mostInSegment = UINT16_MAX;

uint16_t headOf(SegmentForm form, bool joined, uint32_t kind) {
  return static_cast<uint16_t>(static_cast<uint32_t>(form) << 14 |
                               uint32_t{joined} << 13 | kind);
}

} // namespace

uint32_t SynapseKinds::find(Kind kind) {
  if (last < kinds.size() && kinds[last] == kind)
    return last;
  const auto [at, isNew] =
      numbers.try_emplace(kind, static_cast<uint32_t>(kinds.size()));
  if (isNew && kinds.size() == most) {
    numbers.erase(at);
    return most;
  }
  if (isNew) {
    kinds.push_back(kind);
    longest = std::max(longest, kind.delay);
  }
  return last = at->second;
}

Error StoredRows::load(const image::CoreTables &tables, SynapseKinds &kinds,
                       const std::string &where) {
  rows.reserve(tables.rows.rows());
  stored.reserve(tables.rows.synapses() +
                 tables.rows.synapses() / 4); // in most cases enough
  for (size_t r = 0; r < tables.rows.rows(); ++r)
    if (Error error = addRow(tables, r, kinds, where))
      return error;
  stored.shrink_to_fit();
  return Error::success();
}

Error StoredRows::addRow(const image::CoreTables &tables, size_t r,
                         SynapseKinds &kinds, const std::string &where) {
  const image::SynapseRows &from = tables.rows;
  const image::SynapseFormat &format = tables.formats[from.format[r]];
  synapses.clear();
  for (uint32_t s = from.first[r]; s < from.first[r + 1]; ++s) {
    const int exponent = format.exponentOnSum ? 0 : format.weightExp;
    const int64_t value =
        exponent >= 0 ? int64_t{from.mantissa[s]} << std::min(exponent, 31)
                      : int64_t{from.mantissa[s]} >> std::min(-exponent, 31);
    if (value < INT16_MIN || value > INT16_MAX)
      return inputError("weight " + std::to_string(from.mantissa[s]) + " * 2^" +
                            std::to_string(exponent) +
                            " does not fit the emulator's 16 bits",
                        where + ": row " + std::to_string(r),
                        "use a smaller weight exponent");
    synapses.push_back(Key::make(static_cast<int32_t>(value), from.delayOf(s),
                                 from.target[s]));
  }
  Row row;
  if (synapses.size() == 1) {
    row.first = kinds.find(Key::kind(synapses[0]));
    row.target = Key::target(synapses[0]);
    if (row.first < SynapseKinds::most) {
      rows.push_back(row);
      return Error::success();
    }
  }
  row.first = static_cast<uint32_t>(stored.size());
  if (Error error = addSegments(kinds, where + ": row " + std::to_string(r)))
    return error;
  const size_t count = stored.size() - row.first;
  if (count > UINT16_MAX || stored.size() > UINT32_MAX)
    return inputError("the row takes more words than the emulator can say",
                      where + ": row " + std::to_string(r),
                      "use a target with shorter rows");
  row.count = static_cast<uint16_t>(count);
  rows.push_back(row);
  return Error::success();
}

/// Synapses of one weight and delay side by side where that is shorter, else
/// synapses of one delay with their weights.
Error StoredRows::addSegments(SynapseKinds &kinds, const std::string &where) {
  std::sort(synapses.begin(), synapses.end());
  size_t classes = 0;
  for (size_t s = 0; s < synapses.size(); ++s)
    classes += s == 0 || synapses[s] >> 16 != synapses[s - 1] >> 16;
  const bool near = classes * headWords <= synapses.size() + headWords;
  if (!near)
    std::sort(synapses.begin(), synapses.end(), [](uint64_t a, uint64_t b) {
      // Delay and target are side by side.
      const auto low = [](uint64_t key) { return static_cast<uint32_t>(key); };
      return low(a) != low(b) ? low(a) < low(b) : a < b;
    });
  const size_t begin = stored.size();
  for (size_t s = 0; s < synapses.size();) {
    const uint64_t first = synapses[s];
    const uint32_t kind = kinds.find(
        near ? Key::kind(first) : SynapseKinds::Kind{0, Key::delay(first)});
    if (kind >= SynapseKinds::most)
      return inputError("there are more than " +
                            std::to_string(SynapseKinds::most) +
                            " combinations of weight and delay",
                        where, "load the image as a whole");
    size_t end = s;
    while (end < synapses.size() && end - s < mostInSegment &&
           (near ? synapses[end] >> 16 == first >> 16
                 : Key::delay(synapses[end]) == Key::delay(first)))
      ++end;
    stored.push_back(headOf(near ? SegmentForm::Near : SegmentForm::Mixed,
                            stored.size() != begin, kind));
    stored.push_back(static_cast<uint16_t>(end - s));
    stored.insert(stored.end(), 2, uint16_t{0}); // the base comes later
    for (; s < end; ++s) {
      stored.push_back(Key::target(synapses[s]));
      if (!near)
        stored.push_back(static_cast<uint16_t>(Key::kind(synapses[s]).value));
    }
  }
  return Error::success();
}

bool StoredRows::append(uint32_t row, uint32_t base,
                        std::vector<uint16_t> &to) const {
  if (rows[row].count == 0)
    return false;
  const size_t begin = to.size();
  const uint16_t *from = stored.data() + rows[row].first;
  to.insert(to.end(), from, from + rows[row].count);
  for (size_t at = begin; at < to.size();) {
    to[at + 2] = static_cast<uint16_t>(base);
    to[at + 3] = static_cast<uint16_t>(base >> 16);
    at += static_cast<size_t>(SegmentView(to.data() + at).next -
                              (to.data() + at));
  }
  return true;
}

void appendFar(std::vector<std::pair<uint32_t, uint32_t>> &singles,
               std::vector<uint16_t> &to) {
  std::sort(singles.begin(), singles.end());
  for (size_t s = 0; s < singles.size();) {
    size_t end = s;
    while (end < singles.size() && end - s < mostInSegment &&
           singles[end].first == singles[s].first)
      ++end;
    to.push_back(headOf(SegmentForm::Far, false, singles[s].first));
    to.push_back(static_cast<uint16_t>(end - s));
    for (; s < end; ++s) {
      to.push_back(static_cast<uint16_t>(singles[s].second));
      to.push_back(static_cast<uint16_t>(singles[s].second >> 16));
    }
  }
}

bool FanOut::add(std::span<const uint16_t> words) {
  if (words.size() >= pieceWords)
    return false;
  uint32_t first = firstWord.back();
  if (pieces.empty() ||
      (first & (pieceWords - 1)) + words.size() >= pieceWords) {
    if (pieces.size() == (uint64_t{1} << 32) / pieceWords)
      return false;
    first = static_cast<uint32_t>(pieces.size()) << pieceBits;
    firstWord.back() = first; // of this sender; the last one ends elsewhere
    pieces.emplace_back(pieceWords * sizeof(uint16_t));
    pieceEnd.push_back(first);
  }
  std::copy(words.begin(), words.end(),
            pieces.back().as<uint16_t>() + (first & (pieceWords - 1)));
  pieceEnd.back() = first + static_cast<uint32_t>(words.size());
  firstWord.push_back(pieceEnd.back());
  return true;
}

namespace {

/// Targets may repeat, so the adds keep their order.
HILLOCK_INLINE void addNear(int32_t *sums, const uint16_t *targets,
                            uint32_t count, int32_t value) {
  uint32_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint16_t four[4];
    std::memcpy(four, targets + i, sizeof four);
    for (uint16_t target : four)
      sums[target] = lane::add(sums[target], value);
  }
  for (; i < count; ++i)
    sums[targets[i]] = lane::add(sums[targets[i]], value);
}

HILLOCK_INLINE void addFar(int32_t *sums, const uint16_t *lanes, uint32_t count,
                           int32_t value) {
  for (uint32_t i = 0; i < count; ++i) {
    int32_t &sum = sums[SegmentView::wide(lanes + 2 * i)];
    sum = lane::add(sum, value);
  }
}

HILLOCK_INLINE void addMixed(int32_t *sums, const uint16_t *items,
                             uint32_t count, int32_t payload) {
  for (uint32_t i = 0; i < count; ++i) {
    int32_t &sum = sums[items[2 * i]];
    const auto weight = static_cast<int16_t>(items[2 * i + 1]);
    sum = lane::add(sum, lane::mul(weight, payload));
  }
}

/// Asks for the sums that a sender reaches. Those near are asked for once for
/// all senders with one base, who come one after the other.
void prefetchSums(std::span<const uint16_t> words, const int32_t *sums,
                  uint32_t &lastBase) {
  const uint16_t *at = words.data(), *end = at + words.size();
  while (at != end) {
    const SegmentView segment(at);
    at = segment.next;
    if (segment.form == SegmentForm::Far) {
      for (uint32_t i = 0; i < segment.count; ++i)
        __builtin_prefetch(sums + SegmentView::wide(segment.items + 2 * i), 1);
    } else if (segment.form == SegmentForm::Near && segment.base != lastBase) {
      lastBase = segment.base;
      for (uint32_t i = 0; i < std::min(segment.count, 64u); ++i)
        __builtin_prefetch(sums + segment.base + segment.items[i], 1);
    }
  }
}

} // namespace

void FanOut::deliver(std::span<const Sender> senders, uint64_t step,
                     const Ring &ring, const SynapseKinds &kinds) const {
  // Words come from afar: asked for in advance, and where they are before that.
  constexpr size_t sumsAhead = 2, ahead = 8, farAhead = 20;
  uint32_t lastBase = UINT32_MAX;
  for (size_t s = 0; s < senders.size(); ++s) {
    if (s + farAhead < senders.size())
      __builtin_prefetch(firstWord.data() + senders[s + farAhead].number);
    if (s + ahead < senders.size())
      prefetch(senders[s + ahead].number);
    if (s + sumsAhead < senders.size()) // most synapses have no delay
      prefetchSums(wordsOf(senders[s + sumsAhead].number), ring.slot(step),
                   lastBase);
    const std::span<const uint16_t> words = wordsOf(senders[s].number);
    const uint16_t *at = words.data(), *end = at + words.size();
    const int32_t payload = senders[s].payload;
    while (at != end) {
      const SegmentView segment(at);
      at = segment.next;
      const SynapseKinds::Kind &kind = kinds[segment.kind];
      int32_t *sums = ring.slot(step + kind.delay) + segment.base;
      const int32_t value = lane::mul(kind.value, payload);
      if (segment.form == SegmentForm::Near)
        addNear(sums, segment.items, segment.count, value);
      else if (segment.form == SegmentForm::Far)
        addFar(sums, segment.items, segment.count, value);
      else
        addMixed(sums, segment.items, segment.count, payload);
    }
  }
}

} // namespace hillock::emu
