//===- emulator/stream/FanOut.h - Whom a spike reaches ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A spike adds the same numbers to the same sums whenever it comes, however
// many messages the chip makes of it. Here all that it adds lies in one piece
// of 16-bit words, which are read from front to back. Words of a sender:
//
//     segment     form << 14 | joined << 13 | kind, count, then by form
//       near      base (two words, the lower first), count targets
//       mixed     base, count times target and weight; of the kind only the
//                 delay counts
//       far       count lanes of two words: rows of one synapse
//       strewn    the same of any kind: 24 bits of lane, then 8 of kind
//
// A kind is a weight and a delay. Targets are relative to the base, bases and
// lanes count from the first lane of a ring. Rows that have few weights are a
// near segment each weight; "joined" segments belong to the row before.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_STREAM_FANOUT_H
#define HILLOCK_EMULATOR_STREAM_FANOUT_H

#include "base/HugeArray.h"
#include "emulator/core/CoreState.h"
#include "emulator/stream/SumRing.h"
#include "image/CoreTables.h"
#include <map>

namespace hillock::emu {

enum class SegmentForm : uint16_t { Near = 0, Mixed = 1, Far = 2, Strewn = 3 };

/// Weights and delays that occur in an image.
class SynapseKinds {
public:
  struct Kind {
    int32_t value = 0;
    uint32_t delay = 0;
    auto operator<=>(const Kind &) const = default;
  };
  /// Numbers beyond this do not fit a segment.
  static constexpr uint32_t most = 1u << 13;

  size_t size() const { return kinds.size(); }
  /// The number of a kind; \c most when there is no room for it.
  uint32_t find(Kind kind);
  const Kind &operator[](uint32_t number) const { return kinds[number]; }
  uint32_t longestDelay() const { return longest; }
  /// A weight that segments hold beside the kinds.
  void note(int32_t value) { bits |= static_cast<uint32_t>(value); }
  /// All weights are multiples of 1 << this.
  uint32_t commonShift() const {
    return bits == 0 ? 0 : static_cast<uint32_t>(std::countr_zero(bits));
  }

private:
  std::vector<Kind> kinds;
  std::map<Kind, uint32_t> numbers;
  uint32_t last = 0, longest = 0;
  uint32_t bits = 0; ///< of all weights together
};

/// The rows of one core, ready to become part of a fan-out.
class StoredRows {
public:
  /// Converts the rows of \p tables; \p where names the core in errors.
  Error load(const image::CoreTables &tables, SynapseKinds &kinds,
             const std::string &where);
  /// What is appended to the words of a sender for row \p row, whose relative
  /// target 0 is lane \p base; false when it is a single synapse, which goes
  /// with others of its kind.
  bool append(uint32_t row, uint32_t base, std::vector<uint16_t> &to) const;
  void prefetch(uint64_t row) const {
    if (row < rows.size())
      __builtin_prefetch(rows.data() + row);
  }
  /// Kind and relative target of a single synapse.
  std::pair<uint32_t, uint32_t> single(uint32_t row) const {
    return {rows[row].first, rows[row].target};
  }

private:
  struct Row {
    uint32_t first = 0; ///< in words; of a single synapse its kind
    uint16_t count = 0; ///< words; 0: a single synapse
    uint16_t target = 0;
  };
  Error addRow(const image::CoreTables &tables, size_t row, SynapseKinds &kinds,
               const std::string &where);
  void sortSynapses();
  Error addSegments(SynapseKinds &kinds, const std::string &where);

  std::vector<uint16_t> stored;
  std::vector<Row> rows;
  /// A synapse in one word that sorts by value, delay, target.
  struct Key {
    static uint64_t make(int32_t value, uint32_t delay, uint16_t target) {
      return static_cast<uint64_t>(int64_t{value} - INT16_MIN) << 32 |
             uint64_t{delay} << 16 | target;
    }
    static SynapseKinds::Kind kind(uint64_t key) {
      return {static_cast<int32_t>(key >> 32) + INT16_MIN, delay(key)};
    }
    static uint32_t delay(uint64_t key) { return key >> 16 & 0xFFFF; }
    static uint16_t target(uint64_t key) { return static_cast<uint16_t>(key); }
  };
  std::vector<uint64_t> synapses; ///< of the row that is being made
  std::vector<uint64_t> sorted;   ///< where they are put in order
};

/// Appends single synapses (kind, lane) to the words of a sender; sorts them.
/// \p strewn: all have StrewnItem::fits().
void appendFar(std::vector<std::pair<uint32_t, uint32_t>> &singles,
               std::vector<uint16_t> &to, bool strewn);

/// A synapse of a strewn segment. One list of a sender's single synapses has
/// one end that a processor cannot foresee, instead of one a kind.
struct StrewnItem {
  static constexpr uint32_t laneBits = 24, mostKinds = 1u << (32 - laneBits);
  uint32_t lane, kind;

  /// Whether \p lanes lanes and \p kinds kinds can be said.
  static bool fits(uint64_t lanes, uint64_t kinds) {
    return lanes <= uint64_t{1} << laneBits && kinds <= mostKinds;
  }
  explicit StrewnItem(uint32_t wide)
      : lane(wide & ((1u << laneBits) - 1)), kind(wide >> laneBits) {}
};

/// The fan-outs of all senders towards the lanes of one worker.
class FanOut {
public:
  /// Words of a sender; of all there may be 2^32.
  static constexpr size_t mostWords = (size_t{1} << 23) - 1;
  void begin(size_t senders) { firstWord.reserve(senders + 1); }
  /// The words of the next sender; false when there are too many, of it or in
  /// all.
  bool add(std::span<const uint16_t> words);

  struct Sender {
    uint32_t number = 0;
    int32_t payload = 1;
  };
  /// Adds what the spikes of \p senders bring in \p step.
  void deliver(std::span<const Sender> senders, uint64_t step, SumRing &ring,
               const SynapseKinds &kinds) const;
  /// The largest sum of magnitudes of all weights that reach one of \p lanes
  /// lanes; once one is above \p most, that of the senders so far.
  uint64_t largestSum(size_t lanes, const SynapseKinds &kinds,
                      uint64_t most) const;
  /// Visits (lane, synapses) of each row of a sender: its messages.
  template <typename Visit> void forEachRow(uint32_t sender, Visit visit) const;

private:
  // Pieces of memory that are full one after the other; a sender's words are
  // all in one.
  static constexpr uint32_t pieceBits = 23, pieceWords = 1u << pieceBits;

  std::span<const uint16_t> wordsOf(uint32_t sender) const {
    const uint32_t first = firstWord[sender], piece = first >> pieceBits;
    const uint32_t next = firstWord[sender + 1];
    const uint32_t end = next >> pieceBits == piece ? next : pieceEnd[piece];
    return {pieces[piece].as<uint16_t>() + (first & (pieceWords - 1)),
            end - first};
  }
  template <typename Sum>
  void deliverAs(std::span<const Sender> senders, uint64_t step, SumRing &ring,
                 const SynapseKinds &kinds) const;

  std::vector<HugeArray> pieces;
  std::vector<uint32_t> pieceEnd;
  std::vector<uint32_t> firstWord = {0};
};

/// A segment as it lies there.
struct SegmentView {
  SegmentForm form;
  bool joined;
  uint32_t kind, count;
  uint32_t base = 0; ///< but of far segments
  const uint16_t *items;
  const uint16_t *next;

  explicit SegmentView(const uint16_t *at)
      : form(static_cast<SegmentForm>(at[0] >> 14)),
        joined((at[0] >> 13 & 1) != 0), kind(at[0] & (SynapseKinds::most - 1)),
        count(at[1]), items(at + 2) {
    if (!isFar()) {
      base = wide(items);
      items += 2;
    }
    next = items + size_t{count} * (form == SegmentForm::Near ? 1 : 2);
  }
  /// Of a far or strewn segment.
  uint32_t laneAt(uint32_t i) const {
    const uint32_t item = wide(items + 2 * size_t{i});
    return form == SegmentForm::Far ? item : StrewnItem(item).lane;
  }
  /// Items are lanes of two words.
  bool isFar() const {
    return form == SegmentForm::Far || form == SegmentForm::Strewn;
  }
  static uint32_t wide(const uint16_t *words) {
    return uint32_t{words[0]} | uint32_t{words[1]} << 16;
  }
};

template <typename Visit>
void FanOut::forEachRow(uint32_t sender, Visit visit) const {
  const std::span<const uint16_t> words = wordsOf(sender);
  const uint16_t *at = words.data(), *end = at + words.size();
  uint64_t synapses = 0;
  uint32_t lane = 0;
  while (at != end) {
    const SegmentView segment(at);
    at = segment.next;
    if (synapses > 0 && !segment.joined) {
      visit(lane, synapses);
      synapses = 0;
    }
    if (segment.isFar()) {
      for (uint32_t i = 0; i < segment.count; ++i)
        visit(segment.laneAt(i), uint64_t{1});
      continue;
    }
    lane = segment.base + segment.items[0];
    synapses += segment.count;
  }
  if (synapses > 0)
    visit(lane, synapses);
}

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_STREAM_FANOUT_H
