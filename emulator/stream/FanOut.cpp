//===- emulator/stream/FanOut.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/stream/FanOut.h"
#include "emulator/core/LaneOps.h"
#include <algorithm>
#include <array>
#include <cstring>

namespace hillock::emu {

namespace {

/// A near segment has four words more than its targets, a mixed one a word more
/// for each synapse.
constexpr size_t headWords = 4;
constexpr uint32_t mostInSegment = UINT16_MAX;
/// What to do where only the streamed form has no room.
constexpr const char *loadWhole =
    "load the image as a whole (hillock run --stream never)";

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
    note(kind.value);
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
    return inputError("the row takes " + std::to_string(count) +
                          " words of 16 bits, a streamed one at most " +
                          std::to_string(UINT16_MAX) + ", and all of a core " +
                          std::to_string(UINT32_MAX),
                      where + ": row " + std::to_string(r), loadWhole);
  row.count = static_cast<uint16_t>(count);
  rows.push_back(row);
  return Error::success();
}

/// By value, delay and target. Rows come with their targets in order and in
/// most networks have few kinds, which one pass then puts side by side.
void StoredRows::sortSynapses() {
  constexpr size_t few = 8;
  struct Class {
    uint64_t kind; ///< the key without its target
    uint32_t count;
    uint16_t last;
  };
  std::array<Class, few> classes;
  size_t found = 0;
  const auto classOf = [&](uint64_t key) {
    size_t c = 0;
    while (c < found && classes[c].kind != key >> 16)
      ++c;
    return c;
  };
  for (uint64_t key : synapses) {
    const size_t c = classOf(key);
    const uint16_t target = Key::target(key);
    if (c == few || (c < found && classes[c].last > target))
      return std::sort(synapses.begin(), synapses.end());
    if (c == found)
      classes[found++] = {key >> 16, 0, target};
    ++classes[c].count;
    classes[c].last = target;
  }
  std::sort(classes.begin(), classes.begin() + found,
            [](const Class &a, const Class &b) { return a.kind < b.kind; });
  std::array<uint32_t, few> next;
  uint32_t first = 0;
  for (size_t c = 0; c < found; ++c) {
    next[c] = first;
    first += classes[c].count;
  }
  sorted.resize(synapses.size());
  for (uint64_t key : synapses)
    sorted[next[classOf(key)]++] = key;
  synapses.swap(sorted);
}

/// Synapses of one weight and delay side by side where that is shorter, else
/// synapses of one delay with their weights.
Error StoredRows::addSegments(SynapseKinds &kinds, const std::string &where) {
  sortSynapses();
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
      return inputError("one more than " + std::to_string(SynapseKinds::most) +
                            " combinations of weight and delay",
                        where, loadWhole);
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
      if (near)
        continue;
      const int32_t value = Key::kind(synapses[s]).value;
      stored.push_back(static_cast<uint16_t>(value));
      kinds.note(value);
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
               std::vector<uint16_t> &to, bool strewn) {
  if (strewn)
    std::sort(singles.begin(), singles.end(), [](const auto &a, const auto &b) {
      return a.second != b.second ? a.second < b.second : a.first < b.first;
    });
  else
    std::sort(singles.begin(), singles.end());
  for (size_t s = 0; s < singles.size();) {
    size_t end = s;
    while (end < singles.size() && end - s < mostInSegment &&
           (strewn || singles[end].first == singles[s].first))
      ++end;
    to.push_back(strewn ? headOf(SegmentForm::Strewn, false, 0)
                        : headOf(SegmentForm::Far, false, singles[s].first));
    to.push_back(static_cast<uint16_t>(end - s));
    for (; s < end; ++s) {
      const auto [kind, lane] = singles[s];
      const uint32_t item = strewn ? kind << StrewnItem::laneBits | lane : lane;
      to.push_back(static_cast<uint16_t>(item));
      to.push_back(static_cast<uint16_t>(item >> 16));
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

} // namespace hillock::emu
