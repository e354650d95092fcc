//===- compiler/mapping/solver/RowSets.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/RowSets.h"
#include "base/HugeArray.h"
#include "base/InOrder.h"
#include "base/Random.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include <algorithm>
#include <bit>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace hillock::mapping {

namespace {

/// Synapses of a batch: few enough for the second-level cache, many enough that
/// a block gets several sets of one batch.
constexpr size_t batchKeys = size_t{1} << 17;

/// Describes row sets. Nothing is sorted: most of them are only counted.
class Describer {
public:
  Describer(const Cut &cut, uint32_t step, uint32_t limit)
      : step(step), limit(limit) {
    uint32_t largest = 0;
    for (uint32_t size : cut.sizes)
      largest = std::max(largest, size);
    lastRow.resize(largest);
  }

  /// Fills in what follows from the keys of \p set, rows of \p count atoms,
  /// and makes their targets relative. The atoms are written to \p atoms;
  /// returns what is behind them.
  uint32_t *describe(RowSet &set, uint32_t count, uint32_t *atoms) {
    uint32_t lowest = limit == 0 ? 0 : UINT32_MAX;
    for (size_t k = 0; limit != 0 && k < set.keys.size(); ++k)
      lowest = std::min(lowest, RowKey::target(set.keys[k]));
    set.offset = std::min(lowest, limit) / step * step;
    uint32_t *const firstAtom = atoms;
    uint32_t length = 0, longest = 0, last = UINT32_MAX, before = 0;
    uint32_t maxTarget = 0, maxDelay = 0;
    bool rising = true; // targets, so that none comes twice
    // Sums of hashes and of their squares do not depend on the order. Equal
    // rows must meet, different ones must not in practice.
    uint64_t sum = 0, squares = 0;
    for (uint64_t &key : set.keys) {
      key -= uint64_t{set.offset} << 24;
      const uint32_t target = RowKey::target(key);
      if (const uint32_t atom = RowKey::atom(key); atom != last) {
        last = atom;
        length = 0;
        *atoms++ = atom;
      } else {
        rising &= target > before;
      }
      before = target;
      longest = std::max(longest, ++length);
      maxTarget = std::max(maxTarget, target);
      maxDelay = std::max<uint32_t>(maxDelay, RowKey::delay(key));
      const uint64_t hash = sm64(key);
      sum += hash;
      squares += hash * hash;
    }
    const uint32_t dense = rising || !twice(set.keys) ? maxTarget + 1 : 0;
    set.shape = {count, longest, dense, maxTarget, maxDelay};
    set.hash = sm64(sum + count);
    set.check = static_cast<uint32_t>(sm64(squares ^ set.keys.size()));
    set.atoms = {firstAtom, atoms};
    return atoms;
  }

private:
  /// True when a target of an atom occurs again.
  bool twice(std::span<const uint64_t> keys) {
    uint32_t last = UINT32_MAX;
    bool found = false;
    for (uint64_t key : keys) {
      if (const uint32_t atom = RowKey::atom(key); atom != last) {
        last = atom;
        ++row;
      }
      uint64_t &seen = lastRow[RowKey::target(key)];
      found |= seen == row;
      seen = row;
    }
    return found;
  }

  const uint32_t step, limit;    ///< of offsets
  std::vector<uint64_t> lastRow; ///< by target: in which it was last met
  uint64_t row = 0;
};

/// What all batches of a projection share.
class Source {
public:
  Source(const Projection &projection, const Grouping &grouping, const Cut &cut,
         const target::TargetModel &target)
      : connectivity(*projection.connectivity), grouping(grouping), cut(cut) {
    if (grouping.type != image::AxonType::Discrete) {
      step = target.proto().axons().population_cx_base_step();
      limit = cxBaseLimit(target, grouping.type);
    }
    uint32_t largest = 1;
    for (uint32_t size : cut.sizes)
      largest = std::max(largest, size);
    localBits = std::bit_width(largest - 1);
    narrow = uint64_t{cut.sizes.size()} << localBits <= UINT32_MAX;
    if (narrow)
      fillPlaces<uint32_t>();
    else
      fillPlaces<uint64_t>();
  }
  /// Block and place in it of the targets of \p synapses: one look at memory
  /// each instead of two.
  void find(std::span<const Synapse> synapses,
            std::vector<uint64_t> &places) const {
    places.resize(synapses.size());
    const auto *few = memory.as<uint32_t>();
    const auto *many = memory.as<uint64_t>();
    for (size_t s = 0; narrow && s < synapses.size(); ++s)
      places[s] = few[synapses[s].target];
    for (size_t s = 0; !narrow && s < synapses.size(); ++s)
      places[s] = many[synapses[s].target];
  }
  uint32_t blockOf(uint64_t place) const {
    return static_cast<uint32_t>(place >> localBits);
  }
  uint32_t localOf(uint64_t place) const {
    return static_cast<uint32_t>(place) & ((uint32_t{1} << localBits) - 1);
  }

  const Connectivity &connectivity;
  const Grouping &grouping;
  const Cut &cut;
  uint32_t step = 1, limit = 0; ///< of offsets

private:
  template <typename Place> void fillPlaces() {
    memory = HugeArray(cut.blockOf.size() * sizeof(Place));
    auto *to = memory.as<Place>();
    for (size_t n = 0; n < cut.blockOf.size(); ++n)
      to[n] = Place{cut.blockOf[n]} << localBits | cut.localOf[n];
  }

  unsigned localBits;
  bool narrow;      ///< places take 32 bits
  HugeArray memory; ///< places by neuron of the target
};

/// The row sets of some groups, by block.
struct Batch {
  std::span<const RowSet> rowSets() const { return {sets.data(), count}; }

  size_t count = 0;           ///< of the sets
  std::vector<RowSet> sets;   ///< never made smaller
  std::vector<uint64_t> keys; ///< by block
  std::vector<uint32_t> atoms;
};

/// Makes a batch, and keeps what it needs for the next one.
class Arranger {
public:
  explicit Arranger(const Source &source)
      : source(source), describer(source.cut, source.step, source.limit),
        blocks(source.cut.sizes.size()) {}

  /// Takes groups from \p group on; the first that it has not taken.
  uint32_t take(uint32_t group) {
    synapses.clear();
    rows.clear();
    for (; group < source.grouping.groups() && synapses.size() < batchKeys;
         ++group)
      for (uint32_t atom = 0; atom < source.grouping.atomsOf(group); ++atom) {
        source.connectivity.append(source.grouping.neuron(group, atom),
                                   synapses);
        rows.push_back({group, atom, static_cast<uint32_t>(synapses.size())});
      }
    return group;
  }
  /// What was taken.
  void arrange(Batch &batch) {
    source.find(synapses, places);
    findRuns();
    count(batch);
    scatter(batch);
    uint32_t *atom = batch.atoms.data();
    size_t s = 0;
    for (uint32_t block = 0; block < blocks.size(); ++block)
      for (; s < blocks[block].sets; ++s) {
        RowSet &set = batch.sets[s];
        set.group = groups[s];
        set.block = block;
        set.keys =
            std::span(batch.keys).subspan(begins[s], begins[s + 1] - begins[s]);
        atom =
            describer.describe(set, source.grouping.atomsOf(set.group), atom);
      }
  }

private:
  struct Row {
    uint32_t group, atom;
    uint32_t end; ///< in the synapses
  };
  /// Synapses of a row into one block, one after the other.
  struct Run {
    uint32_t row, block;
    uint32_t end; ///< in the synapses
  };
  struct Block {
    uint32_t keys = 0, sets = 0; ///< how many; then where the next goes
    uint32_t group = UINT32_MAX; ///< of the last key
  };

  void findRuns() {
    runs.clear();
    uint32_t s = 0;
    for (uint32_t row = 0; row < rows.size(); ++row)
      while (s < rows[row].end) {
        const uint32_t block = source.blockOf(places[s]);
        do
          ++s;
        while (s < rows[row].end && source.blockOf(places[s]) == block);
        runs.push_back({row, block, s});
      }
  }
  void count(Batch &batch) {
    std::fill(blocks.begin(), blocks.end(), Block());
    uint32_t begin = 0;
    for (const Run &run : runs) {
      Block &block = blocks[run.block];
      const uint32_t group = rows[run.row].group;
      block.keys += run.end - std::exchange(begin, run.end);
      block.sets += block.group != group;
      block.group = group;
    }
    uint32_t key = 0, set = 0;
    for (Block &block : blocks) {
      key += std::exchange(block.keys, key);
      set += std::exchange(block.sets, set);
      block.group = UINT32_MAX;
    }
    begins.resize(size_t{set} + 1);
    begins[set] = key;
    groups.resize(set);
    batch.count = set;
    batch.keys.resize(key);
    batch.atoms.resize(runs.size());
    if (batch.sets.size() < set)
      batch.sets.resize(set);
  }
  void scatter(Batch &batch) {
    uint32_t s = 0;
    for (const Run &run : runs) {
      Block &block = blocks[run.block];
      const Row &row = rows[run.row];
      if (block.group != row.group) {
        block.group = row.group;
        begins[block.sets] = block.keys;
        groups[block.sets++] = row.group;
      }
      uint64_t *to = batch.keys.data() + block.keys;
      block.keys += run.end - s;
      for (; s < run.end; ++s)
        *to++ = RowKey::make(row.atom, source.localOf(places[s]),
                             synapses[s].delay, synapses[s].mantissa);
    }
  }

  const Source &source;
  Describer describer;
  std::vector<Block> blocks;
  std::vector<Synapse> synapses;
  std::vector<Row> rows;
  std::vector<uint64_t> places; ///< of the synapses
  std::vector<Run> runs;
  // Of the sets: in the keys, one more than there are; and where from.
  std::vector<uint32_t> begins, groups;
};

/// Things that are dear to make, for whoever needs one.
template <typename T> class Pool {
public:
  template <typename... Arguments>
  std::unique_ptr<T> get(const Arguments &...arguments) {
    if (idle.empty())
      return std::make_unique<T>(arguments...);
    std::unique_ptr<T> one = std::move(idle.back());
    idle.pop_back();
    return one;
  }
  void put(std::unique_ptr<T> one) { idle.push_back(std::move(one)); }

private:
  std::vector<std::unique_ptr<T>> idle;
};

/// The batches of a projection, one after the other, for several threads.
class Batches {
public:
  explicit Batches(const Source &source) : source(source) {}

  /// Batch \p item; nothing behind the last. Batches begin where the one before
  /// ends, whichever threads make them.
  std::unique_ptr<Batch> make(size_t item) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return next == item; });
    std::unique_ptr<Batch> batch;
    std::unique_ptr<Arranger> arranger;
    if (!done()) {
      batch = batches.get();
      arranger = arrangers.get(source);
      lock.unlock();
      const uint32_t end = arranger->take(group); // nobody else is at it
      lock.lock();
      group = end;
    }
    ++next;
    changed.notify_all();
    lock.unlock();
    if (!batch)
      return batch;
    arranger->arrange(*batch);
    lock.lock();
    arrangers.put(std::move(arranger));
    return batch;
  }
  void giveBack(std::unique_ptr<Batch> batch) {
    const std::lock_guard lock(mutex);
    batches.put(std::move(batch));
  }
  bool done() const { return group >= source.grouping.groups(); }

private:
  const Source &source;
  std::mutex mutex;
  std::condition_variable changed;
  size_t next = 0;    ///< item
  uint32_t group = 0; ///< where it begins
  Pool<Batch> batches;
  Pool<Arranger> arrangers;
};

void visitAll(std::span<const RowSet> sets,
              const std::function<void(const RowSet &)> &visit,
              const std::function<void(const RowSet &)> &announce) {
  constexpr size_t ahead = 16;
  for (size_t s = 0; announce && s < std::min(ahead, sets.size()); ++s)
    announce(sets[s]);
  for (size_t s = 0; s < sets.size(); ++s) {
    if (announce && s + ahead < sets.size())
      announce(sets[s + ahead]);
    visit(sets[s]);
  }
}

} // namespace

void forEachRowSet(const Projection &projection, const Grouping &grouping,
                   const Cut &cut, const target::TargetModel &target,
                   const std::function<void(const RowSet &)> &visit,
                   const std::function<void(const RowSet &)> &announce) {
  const Source source(projection, grouping, cut, target);
  Batches batches(source);
  std::unique_ptr<Batch> first = batches.make(0);
  // Threads are dearer than the one batch of a small projection.
  if (first && batches.done()) {
    visitAll(first->rowSets(), visit, announce);
    return;
  }
  const auto make = [&](size_t item) -> Expected<std::unique_ptr<Batch>> {
    return item == 0 ? std::move(first) : batches.make(item);
  };
  const auto use = [&](size_t, std::unique_ptr<Batch> batch) {
    visitAll(batch->rowSets(), visit, announce);
    batches.giveBack(std::move(batch));
    return Error::success();
  };
  // One thread visits; more than a few do not make batches faster than that.
  constexpr unsigned mostThreads = 4;
  const unsigned threads = std::min(defaultThreads(), mostThreads);
  llvm::cantFail(InOrder<std::unique_ptr<Batch>>::runToEmpty(
      threads, threads + 1, make, use));
}

} // namespace hillock::mapping
