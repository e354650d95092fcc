//===- compiler/mapping/solver/HashTable.h - Rows met before ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sets and maps of hashes in one array each: a large network has millions of
// rows, for which nodes on the heap are too slow and too large. They are never
// iterated, so that no order can reach the output.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_HASHTABLE_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_HASHTABLE_H

#include "base/HugeArray.h"
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hillock::mapping {

/// Where tables lie: side by side on large pages, because they are read at
/// random, and gone all at once.
class HashMemory {
public:
  /// \p count zeros.
  template <typename Entry> Entry *take(size_t count) {
    const size_t bytes = count * sizeof(Entry);
    if (bytes > left) {
      // Small to begin with: most networks are.
      constexpr size_t least = size_t{1} << 14, most = size_t{1} << 25;
      left =
          std::clamp(2 * taken, std::max(bytes, least), std::max(bytes, most));
      pieces.emplace_back(left);
      next = pieces.back().as<char>();
    }
    Entry *entries = new (next) Entry[count]();
    next += bytes;
    left -= bytes;
    taken += bytes;
    return entries;
  }

private:
  std::vector<HugeArray> pieces;
  char *next = nullptr;
  size_t left = 0, taken = 0;
};

/// Open addressing; keys must be hashes already. Entry: a struct with a member
/// \c key that is 0 when the entry is free.
template <typename Entry> class HashArray {
public:
  explicit HashArray(HashMemory &memory) : memory(&memory) {}
  /// Room for \p count entries without growing.
  void reserve(uint64_t count) {
    const uint64_t wanted = std::bit_ceil(count + count / 5 + 1);
    if (wanted > size)
      grow(wanted);
  }
  /// The entry of a key (not 0), and whether it is new.
  std::pair<Entry *, bool> find(uint64_t key) {
    if (used >= size - size / 6)
      grow(size == 0 ? 16 : 2 * size);
    Entry &entry = entries[indexOf(key)];
    const bool isNew = entry.key == 0;
    if (isNew) {
      entry.key = key;
      ++used;
    }
    return {&entry, isNew};
  }

  void prefetch(uint64_t key) const {
    if (size != 0)
      __builtin_prefetch(entries + (key & (size - 1)), 1);
  }

private:
  size_t indexOf(uint64_t key) const {
    size_t at = key & (size - 1);
    while (entries[at].key != 0 && entries[at].key != key)
      at = (at + 1) & (size - 1);
    return at;
  }
  void grow(uint64_t wanted) {
    const Entry *old = entries;
    const size_t oldSize = std::exchange(size, wanted);
    entries = memory->take<Entry>(size);
    for (size_t at = 0; at < oldSize; ++at)
      if (old[at].key != 0)
        entries[indexOf(old[at].key)] = old[at];
  }

  HashMemory *memory;
  Entry *entries = nullptr;
  size_t size = 0, used = 0;
};

class HashSet {
public:
  explicit HashSet(HashMemory &memory) : array(memory) {}
  void prefetch(uint64_t hash) const { array.prefetch(hash); }
  /// True when \p hash was not there before.
  bool insert(uint64_t hash) { return array.find(hash | (hash == 0)).second; }

private:
  struct Entry {
    uint64_t key = 0;
  };
  HashArray<Entry> array;
};

/// Numbers by the two parts of a hash.
class HashMap {
public:
  explicit HashMap(HashMemory &memory) : array(memory) {}
  void reserve(uint64_t count) { array.reserve(count); }
  void prefetch(uint64_t hash) const { array.prefetch(hash); }
  /// The number of a hash, and whether it is new; then the caller sets it.
  std::pair<uint32_t *, bool> find(uint64_t hash, uint32_t check) {
    for (uint64_t key = hash | (hash == 0);; ++key) {
      const auto [entry, isNew] = array.find(key | (key == 0));
      if (isNew)
        entry->check = check;
      if (entry->check == check)
        return {&entry->value, isNew};
    }
  }

private:
  struct Entry {
    uint64_t key = 0;
    uint32_t check = 0, value = 0;
  };
  HashArray<Entry> array;
};

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_HASHTABLE_H
