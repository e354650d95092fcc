//===- emulator/core/MergedRows.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/MergedRows.h"
#include "emulator/core/Deliver.h"
#include "emulator/core/LaneOps.h"
#include "emulator/core/kernels/Kernels.h"
#include <algorithm>
#include <bit>
#include <cstring>

namespace hillock::emu {

namespace {

constexpr uint32_t narrowLanes = 65536;
/// A block of bits takes 64 bytes: at 16 synapses a block that is the 4 bytes a
/// synapse that a list would take at most, and far less work.
constexpr size_t leastInBlock = 16;
/// Lists of the classes of one sender; more are different weights, for which
/// rows of weights are made.
constexpr size_t maxClasses = 6, maxWeightsInRow = 4;
/// Kinds of a worker.
constexpr size_t maxKinds = 256;

} // namespace

void MergedRows::begin(size_t senders, size_t lanes) {
  firstSegment.reserve(senders + 1);
  firstSegment.assign(1, 0);
  blocks = (lanes + bitBlock - 1) / bitBlock;
  wide = lanes > narrowLanes;
}

bool MergedRows::canBeBits(std::span<const Class> classes) const {
  return std::any_of(classes.begin(), classes.end(), [&](const Class &c) {
    return c.lanes.size() >= leastInBlock * blocks;
  });
}

/// Lanes are sorted. Those that come again stay behind.
bool MergedRows::storeBits(Class &entry, uint16_t kind) {
  std::vector<uint32_t> &lanes = entry.lanes;
  size_t unique = 0;
  for (size_t i = 0; i < lanes.size(); ++i)
    unique += i == 0 || lanes[i] != lanes[i - 1];
  if (unique < leastInBlock * blocks || unique * 4 < lanes.size() * 3)
    return false;
  size_t first = bitWords.size();
  bitWords.resize(first + blocks * bitBlockWords);
  std::vector<uint32_t> again;
  for (size_t i = 0; i < lanes.size(); ++i)
    if (i > 0 && lanes[i] == lanes[i - 1])
      again.push_back(lanes[i]);
    else
      bitWords[first + lanes[i] / 64] |= uint64_t(1) << (lanes[i] % 64);
  segments.push_back({uint32_t(first / bitBlockWords), 0, kind});
  lanes = std::move(again);
  return true;
}

void MergedRows::storeList(std::span<const uint32_t> lanes, uint16_t kind) {
  segments.push_back(
      {uint32_t(listWords.size()), uint32_t(lanes.size()), kind});
  for (uint32_t lane : lanes) {
    listWords.push_back(uint16_t(lane));
    if (wide)
      listWords.push_back(uint16_t(lane >> 16));
  }
}

void MergedRows::add(std::span<Class> classes) {
  for (Class &entry : classes) {
    if (!std::is_sorted(entry.lanes.begin(), entry.lanes.end()))
      std::sort(entry.lanes.begin(), entry.lanes.end());
    auto at = std::find_if(kinds.begin(), kinds.end(), [&](const Kind &k) {
      return k.value == entry.value && k.delay == entry.delay;
    });
    uint16_t kind = uint16_t(at - kinds.begin());
    if (at == kinds.end())
      kinds.push_back({entry.value, entry.delay, {}});
    storeBits(entry, kind);
    if (!entry.lanes.empty())
      storeList(entry.lanes, kind);
  }
  firstSegment.push_back(uint32_t(segments.size()));
}

void MergedRows::finish() {
  // A row of zeros at the end fills groups of rows up.
  bitWords.resize(bitWords.size() + blocks * bitBlockWords);
  bits = HugeArray(bitWords.size() * sizeof(uint64_t));
  if (!bitWords.empty())
    std::memcpy(bits.as<char>(), bitWords.data(),
                bitWords.size() * sizeof(uint64_t));
  lists = HugeArray(listWords.size() * sizeof(uint16_t));
  if (!listWords.empty())
    std::memcpy(lists.as<char>(), listWords.data(),
                listWords.size() * sizeof(uint16_t));
  zeros = bits.as<uint64_t>() + bitWords.size() - blocks * bitBlockWords;
  bitWords = std::vector<uint64_t>(); // = {} would keep the memory
  listWords = std::vector<uint16_t>();
  segments.shrink_to_fit();
}

uint32_t MergedRows::laneAt(const Segment &list, uint32_t i) const {
  const uint16_t *words = lists.as<uint16_t>() + list.first;
  return wide ? uint32_t(words[2 * i + 1]) << 16 | words[2 * i] : words[i];
}

void MergedRows::prefetch(size_t sender) const {
  constexpr size_t line = 64, most = 8;
  for (uint32_t s = firstSegment[sender]; s < firstSegment[sender + 1]; ++s) {
    const Segment &segment = segments[s];
    if (segment.count == 0) {
      const uint64_t *row = bits.as<uint64_t>() + segment.first * bitBlockWords;
      for (size_t b = 0; b < blocks; ++b)
        __builtin_prefetch(row + b * bitBlockWords);
      continue;
    }
    const char *list =
        reinterpret_cast<const char *>(lists.as<uint16_t>() + segment.first);
    size_t bytes =
        std::min(size_t(segment.count) * (wide ? 4 : 2), line * most);
    for (size_t at = 0; at < bytes; at += line)
      __builtin_prefetch(list + at);
  }
}

void MergedRows::deliver(std::span<const uint32_t> senders, uint64_t step,
                         const Ring &ring) {
  constexpr size_t ahead = 4;
  for (size_t i = 0; i < std::min(ahead, senders.size()); ++i)
    prefetch(senders[i]);
  for (size_t i = 0; i < senders.size(); ++i) {
    if (i + ahead < senders.size())
      prefetch(senders[i + ahead]);
    uint32_t last = firstSegment[senders[i] + 1];
    for (uint32_t s = firstSegment[senders[i]]; s < last; ++s) {
      const Segment &segment = segments[s];
      Kind &kind = kinds[segment.kind];
      if (segment.count == 0) {
        kind.active.push_back(bits.as<uint64_t>() +
                              size_t(segment.first) * bitBlockWords);
        continue;
      }
      const uint16_t *list = lists.as<uint16_t>() + segment.first;
      int32_t *sums = ring.slot(step + kind.delay);
      if (wide)
        addEqualWide(sums, kind.value, list, segment.count);
      else
        addEqual(sums, kind.value, list, segment.count);
    }
  }
}

namespace {

/// Visits the lanes of a row of bits from \p first on.
template <typename Visit>
void forEachBit(const uint64_t *row, size_t first, size_t count, Visit visit) {
  size_t end = first + count;
  for (size_t w = first / 64; w * 64 < end; ++w)
    for (uint64_t word = row[w]; word; word &= word - 1) {
      size_t lane = w * 64 + size_t(std::countr_zero(word));
      if (lane >= first && lane < end)
        visit(lane);
    }
}

} // namespace

void MergedRows::flush(uint64_t step, const Ring &ring,
                       const Kernels &kernels) {
  // Below this a pass over all lanes costs more than the bits that are set.
  constexpr size_t few = 3;
  for (Kind &kind : kinds) {
    std::vector<const uint64_t *> &rows = kind.active;
    int32_t *sums = ring.slot(step + kind.delay);
    if (rows.size() < few) {
      for (const uint64_t *row : rows)
        forEachBit(row, 0, blocks * bitBlock, [&](size_t lane) {
          sums[lane] = lane::add(sums[lane], kind.value);
        });
      rows.clear();
      continue;
    }
    size_t count = rows.size();
    while (rows.size() % 8 != 0)
      rows.push_back(zeros);
    for (size_t at = 0; at < count; at += maxBitRows / 8 * 8) {
      BitRows pass;
      pass.rows = rows.data() + at;
      pass.count = std::min(rows.size() - at, maxBitRows / 8 * 8);
      pass.blocks = blocks;
      pass.value = kind.value;
      pass.sums = sums;
      kernels.addBitRows(pass);
    }
    rows.clear();
  }
}

void MergedRows::deliverSlice(size_t sender, uint64_t step, const Ring &ring,
                              size_t first, size_t count,
                              int32_t payload) const {
  for (uint32_t s = firstSegment[sender]; s < firstSegment[sender + 1]; ++s) {
    const Segment &segment = segments[s];
    const Kind &kind = kinds[segment.kind];
    int32_t *sums = ring.slot(step + kind.delay);
    int32_t value = lane::mul(kind.value, payload);
    auto add = [&](size_t lane) { sums[lane] = lane::add(sums[lane], value); };
    if (segment.count == 0)
      forEachBit(bits.as<uint64_t>() + size_t(segment.first) * bitBlockWords,
                 first, count, add);
    for (uint32_t i = 0; i < segment.count; ++i)
      if (uint32_t lane = laneAt(segment, i);
          lane >= first && lane < first + count)
        add(lane);
  }
}

namespace {

/// Merges the rows of one sender after another.
class Merger {
public:
  Merger(std::span<CoreState> cores, std::span<const unsigned> bucketOf,
         std::span<const uint32_t> firstLane, size_t workers)
      : cores(cores), bucketOf(bucketOf), firstLane(firstLane),
        classes(workers), slotsOf(workers), lastSender(cores.size(), 0) {
    for (const CoreState &core : cores)
      uses.push_back(sharedRows(core));
    for (const CoreState &core : cores)
      for (const RowRef &slot : core.out)
        if (uint8_t &count = uses[slot.core][slot.first]; count < 2)
          ++count;
  }

  /// Marks the slots of \p core that are merged.
  std::vector<bool> merge(const CoreState &core,
                          std::vector<MergedRows> &merged) {
    std::vector<bool> taken(core.out.size());
    for (uint32_t n = 0; n < core.compartments(); ++n) {
      ++sender;
      for (size_t w = 0; w < classes.size(); ++w) {
        classes[w].clear();
        slotsOf[w].clear();
      }
      if (core.firesOne())
        for (uint32_t s = core.outFirst[n]; s < core.outFirst[n + 1]; ++s)
          take(core.out[s], s);
      for (size_t w = 0; w < classes.size(); ++w) {
        // A single row gains nothing by it, unless it becomes bits.
        if (slotsOf[w].size() < 2 && !merged[w].canBeBits(classes[w]))
          classes[w].clear();
        else
          for (uint32_t s : slotsOf[w])
            taken[s] = true;
        merged[w].add(classes[w]);
      }
    }
    return taken;
  }

private:
  /// 2 for each row that several axons name: they may have other bases than the
  /// one that is merged, and the host may send to any of them.
  static std::vector<uint8_t> sharedRows(const CoreState &core) {
    std::vector<uint8_t> named(core.store.rows().size());
    for (const image::AxonIn &axon : core.table().axonsIn)
      for (uint32_t r = axon.firstRow; r < axon.firstRow + axon.popRows; ++r)
        named[r] = uint8_t(std::min(named[r] + 1, 2));
    for (uint8_t &count : named)
      count = count < 2 ? 0 : 2;
    return named;
  }

  void take(const RowRef &row, uint32_t slot) {
    unsigned bucket = bucketOf[row.core];
    const CoreState &core = cores[row.core];
    // Of a row that several slots name one copy is enough. Two rows of a
    // sender on one core could not be told apart by deliverSlice().
    if (uses[row.core][row.first] != 1 || lastSender[row.core] == sender ||
        row.count == 0)
      return;
    const SynapseStore::Row &stored = core.store.rows()[row.first];
    const int32_t *words = core.store.at(stored.first);
    std::vector<MergedRows::Class> &to = classes[bucket];
    found.clear();
    if (row.kind == RowKind::Equal) {
      found.push_back(words[0]);
    } else if (row.kind == RowKind::Sparse) {
      for (uint32_t i = 0; i < row.count; ++i) {
        int32_t value = words[i] >> 16;
        if (std::find(found.begin(), found.end(), value) == found.end())
          found.push_back(value);
        if (found.size() > maxWeightsInRow)
          return;
      }
    } else {
      return;
    }
    size_t isNew = 0;
    for (int32_t value : found)
      isNew += !findClass(to, value, row.delay);
    if (to.size() + isNew > maxClasses || !knowKinds(bucket, row.delay))
      return;
    lastSender[row.core] = sender;
    slotsOf[bucket].push_back(slot);
    uint32_t base = firstLane[row.core] + row.base;
    const char *equal = reinterpret_cast<const char *>(words + 1);
    for (uint32_t i = 0; i < row.count; ++i) {
      int32_t value = words[row.kind == RowKind::Equal ? 0 : i];
      uint16_t target = uint16_t(value);
      if (row.kind == RowKind::Equal)
        std::memcpy(&target, equal + 2 * i, sizeof target);
      else
        value >>= 16;
      classOf(to, value, row.delay).lanes.push_back(base + target);
    }
  }

  static MergedRows::Class *findClass(std::vector<MergedRows::Class> &in,
                                      int32_t value, uint32_t delay) {
    for (MergedRows::Class &entry : in)
      if (entry.value == value && entry.delay == delay)
        return &entry;
    return nullptr;
  }
  static MergedRows::Class &classOf(std::vector<MergedRows::Class> &in,
                                    int32_t value, uint32_t delay) {
    if (MergedRows::Class *entry = findClass(in, value, delay))
      return *entry;
    in.push_back({value, delay, {}});
    return in.back();
  }
  /// A network with a great many weights is not what this is for.
  bool knowKinds(unsigned bucket, uint32_t delay) {
    if (known.size() <= bucket)
      known.resize(bucket + 1);
    std::vector<std::pair<int32_t, uint32_t>> &list = known[bucket];
    for (int32_t value : found) {
      std::pair<int32_t, uint32_t> kind(value, delay);
      if (std::find(list.begin(), list.end(), kind) != list.end())
        continue;
      if (list.size() == maxKinds)
        return false;
      list.push_back(kind);
    }
    return true;
  }

  std::span<CoreState> cores;
  std::span<const unsigned> bucketOf;
  std::span<const uint32_t> firstLane;
  std::vector<std::vector<MergedRows::Class>> classes; ///< by bucket
  std::vector<std::vector<uint32_t>> slotsOf;          ///< by bucket
  std::vector<uint64_t> lastSender;                    ///< by receiving core
  std::vector<std::vector<uint8_t>> uses; ///< of rows by slots, up to 2
  std::vector<std::vector<std::pair<int32_t, uint32_t>>> known;
  std::vector<int32_t> found; ///< weights of the row at hand
  uint64_t sender = 0;        ///< from 1
};

} // namespace

void mergeRows(std::span<CoreState> cores, std::span<const unsigned> bucketOf,
               std::span<const uint32_t> firstLane,
               std::span<const size_t> ringLanes,
               std::vector<MergedRows> &merged) {
  size_t senders = 0;
  for (const CoreState &core : cores)
    senders += core.compartments();
  merged.resize(ringLanes.size());
  for (size_t w = 0; w < merged.size(); ++w)
    merged[w].begin(senders, ringLanes[w]);
  Merger merger(cores, bucketOf, firstLane, merged.size());
  std::vector<std::vector<bool>> taken;
  for (const CoreState &core : cores)
    taken.push_back(merger.merge(core, merged));
  for (MergedRows &rows : merged)
    rows.finish();
  for (size_t c = 0; c < cores.size(); ++c)
    for (size_t s = 0; s < taken[c].size(); ++s)
      if (taken[c][s])
        cores[cores[c].out[s].core].store.merge(cores[c].out[s].first);
  for (size_t c = 0; c < cores.size(); ++c)
    cores[c].dropSlots(std::move(taken[c]));
}

} // namespace hillock::emu
