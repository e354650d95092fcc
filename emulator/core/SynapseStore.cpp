//===- emulator/core/SynapseStore.cpp - Rows ready to be added ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/CoreState.h"
#include <algorithm>
#include <cstring>

namespace hillock::emu {

Error SynapseStore::load(const image::CoreTables &tables,
                         const std::string &where) {
  const image::SynapseRows &rows = tables.rows;
  words.clear();
  table.clear();
  longest = 0;
  for (size_t r = 0; r < rows.rows(); ++r) {
    bool onSum = tables.formats[rows.format[r]].exponentOnSum;
    if (r > 0 && onSum != sumExponent)
      return inputError("synapse formats with the exponent on each weight and "
                        "on the sum are mixed",
                        where + ": row " + std::to_string(r),
                        "use one kind of format on a core");
    sumExponent = onSum;
    if (Error error = loadRow(tables, r, where + ": row " + std::to_string(r)))
      return error;
  }
  words.shrink_to_fit();
  base = words.data();
  return Error::success();
}

Expected<int16_t> SynapseStore::weight(const image::SynapseFormat &format,
                                       int16_t mantissa,
                                       const std::string &where) const {
  if (format.exponentOnSum)
    return mantissa;
  int exponent = format.weightExp;
  int64_t value = exponent >= 0 ? int64_t(mantissa) << std::min(exponent, 31)
                                : int64_t(mantissa) >> std::min(-exponent, 31);
  if (value < INT16_MIN || value > INT16_MAX)
    return inputError("weight " + std::to_string(mantissa) + " * 2^" +
                          std::to_string(exponent) +
                          " does not fit the emulator's 16 bits",
                      where, "use a smaller weight exponent");
  return static_cast<int16_t>(value);
}

Error SynapseStore::loadRow(const image::CoreTables &tables, size_t r,
                            const std::string &where) {
  const image::SynapseRows &rows = tables.rows;
  const image::SynapseFormat &format = tables.formats[rows.format[r]];
  size_t first = rows.first[r], count = rows.first[r + 1] - first;
  std::span<const uint16_t> targets(rows.target.data() + first, count);
  std::vector<int16_t> weights(count);
  for (size_t s = 0; s < count; ++s) {
    Expected<int16_t> w = weight(format, rows.mantissa[first + s], where);
    if (!w)
      return w.takeError();
    weights[s] = *w;
  }
  std::span<const uint8_t> delays;
  if (!rows.delay.empty())
    delays = {rows.delay.data() + first, count};

  Row row;
  row.count = static_cast<uint32_t>(count);
  bool dense = true, oneDelay = true, sameWeight = true;
  for (size_t s = 0; s < count; ++s) {
    row.highest = std::max(row.highest, targets[s]);
    dense &= targets[s] == targets[0] + s;
    sameWeight &= weights[s] == weights[0];
    if (!delays.empty()) {
      oneDelay &= delays[s] == delays[0];
      longest = std::max<uint32_t>(longest, delays[s]);
    }
  }
  if (oneDelay) {
    row.delay = delays.empty() || count == 0 ? uint8_t(0) : delays[0];
    delays = {};
  }
  if (dense && oneDelay && count > 0) {
    row.offset = targets[0];
    storeDense(weights, row);
  } else if (oneDelay && count > 0 && sameWeight) {
    storeEqual(weights[0], targets, row);
  } else {
    storeSparse(weights, targets, delays, row);
  }
  table.push_back(row);
  return Error::success();
}

void SynapseStore::move(uint32_t number, int32_t *arena, uint32_t word) {
  Row &row = table[number];
  std::copy_n(words.data() + row.first, rowWords(row.kind, row.count),
              arena + word);
  row.first = word;
}

void SynapseStore::settle(const int32_t *arena) {
  base = arena;
  words = std::vector<int32_t>(); // = {} would keep the memory
}

uint32_t SynapseStore::append(size_t bytes) {
  size_t first = words.size();
  words.resize(first + (bytes + 3) / 4);
  return static_cast<uint32_t>(first);
}

void SynapseStore::storeDense(std::span<const int16_t> weights, Row &row) {
  bool narrow = std::all_of(weights.begin(), weights.end(), [](int16_t w) {
    return w >= INT8_MIN && w <= INT8_MAX;
  });
  if (!narrow) {
    row.kind = RowKind::Dense16;
    row.first = append(weights.size() * 2);
    std::memcpy(words.data() + row.first, weights.data(), weights.size() * 2);
    return;
  }
  if (std::optional<uint32_t> exponent = packedExponent(weights)) {
    row.kind = RowKind::Dense4;
    row.first = append(packedBytes(weights.size()));
    packRow(weights, *exponent,
            reinterpret_cast<char *>(words.data() + row.first));
    return;
  }
  row.kind = RowKind::Dense8;
  row.first = append(weights.size());
  std::vector<int8_t> bytes(weights.begin(), weights.end());
  std::memcpy(words.data() + row.first, bytes.data(), bytes.size());
}

void SynapseStore::storeEqual(int16_t weight, std::span<const uint16_t> targets,
                              Row &row) {
  row.kind = RowKind::Equal;
  row.first = append(4 + targets.size() * 2);
  words[row.first] = weight;
  std::memcpy(words.data() + row.first + 1, targets.data(), targets.size() * 2);
}

void SynapseStore::storeSparse(std::span<const int16_t> weights,
                               std::span<const uint16_t> targets,
                               std::span<const uint8_t> delays, Row &row) {
  row.kind = delays.empty() ? RowKind::Sparse : RowKind::Delayed;
  row.first = append(weights.size() * 4);
  for (size_t s = 0; s < weights.size(); ++s)
    words[row.first + s] =
        static_cast<int32_t>(uint32_t(uint16_t(weights[s])) << 16 | targets[s]);
  if (delays.empty())
    return;
  uint32_t bytes = append(delays.size());
  std::memcpy(words.data() + bytes, delays.data(), delays.size());
}

} // namespace hillock::emu
