//===- backends/spinnaker/PopulationTable.cpp -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/spinnaker/PopulationTable.h"
#include "base/Describe.h"
#include <algorithm>

namespace hillock::spinnaker {

namespace {

constexpr size_t kEntryWords = 5;
/// Field of `start`, 13 bits; the largest number is not used.
constexpr size_t kMaxAddresses = (1u << 13) - 1;
/// 24 bits; the largest means that there is no matrix.
constexpr uint64_t kMaxAddress = (1u << 24) - 2;

Error tableError(const std::string &what) {
  return inputError(what, "a population table");
}

} // namespace

Expected<std::vector<uint32_t>> encodeTable(std::vector<TableEntry> entries,
                                            const std::string &where) {
  std::sort(
      entries.begin(), entries.end(),
      [](const TableEntry &a, const TableEntry &b) { return a.key < b.key; });
  std::vector<uint32_t> table = {static_cast<uint32_t>(entries.size()), 0};
  std::vector<uint32_t> addresses;
  for (const TableEntry &entry : entries) {
    const auto start = static_cast<uint32_t>(addresses.size());
    for (const MatrixPlace &matrix : entry.matrices) {
      const uint64_t address = matrix.offset / kAddressBytes;
      if (address > kMaxAddress)
        return makeError(ErrorKind::Capacity,
                         "needs " + describeBytes(matrix.offset) +
                             " of synaptic rows, and a population table "
                             "reaches 256 MiB",
                         where, "give fewer --neurons-per-core");
      addresses.push_back(static_cast<uint32_t>(address) << 8 |
                          (matrix.rowWords - 1));
    }
    if (addresses.size() > kMaxAddresses)
      return makeError(ErrorKind::Capacity,
                       "has more than " + std::to_string(kMaxAddresses) +
                           " synaptic matrices",
                       where, "give more --neurons-per-core");
    const auto count = static_cast<uint32_t>(entry.matrices.size());
    const uint32_t fieldWords = (entry.neurons + 31) / 32;
    // The core mask is 0: each slice has an entry of its own.
    table.insert(table.end(),
                 {entry.key, entry.mask,
                  start | entry.colourBits << 13 | count << 16,
                  entry.coreShift << 16, entry.neurons | fieldWords << 16});
  }
  table[1] = static_cast<uint32_t>(addresses.size());
  table.insert(table.end(), addresses.begin(), addresses.end());
  return table;
}

Expected<std::vector<TableEntry>> decodeTable(llvm::ArrayRef<uint32_t> words) {
  if (words.size() < 2 ||
      words.size() != 2 + uint64_t{words[0]} * kEntryWords + words[1])
    return tableError("does not have the length that it says");
  const llvm::ArrayRef<uint32_t> addresses = words.take_back(words[1]);
  std::vector<TableEntry> entries(words[0]);
  for (size_t i = 0; i < entries.size(); ++i) {
    const llvm::ArrayRef<uint32_t> word =
        words.slice(2 + i * kEntryWords, kEntryWords);
    TableEntry &entry = entries[i];
    entry.key = word[0];
    entry.mask = word[1];
    entry.colourBits = (word[2] >> 13) & 7;
    entry.coreShift = word[3] >> 16;
    entry.neurons = word[4] & 0xffff;
    if ((word[3] & 0xffff) != 0)
      return tableError("has an entry for several slices");
    const uint32_t start = word[2] & 0x1fff, count = word[2] >> 16;
    if (uint64_t{start} + count > addresses.size())
      return tableError("names matrices behind the end of its list");
    if (i > 0 && entries[i - 1].key >= entry.key)
      return tableError("is not sorted by key");
    for (uint32_t address : addresses.slice(start, count))
      if (address >> 8 <= kMaxAddress)
        entry.matrices.push_back(
            {uint64_t{address >> 8} * kAddressBytes, (address & 0xff) + 1});
  }
  return entries;
}

} // namespace hillock::spinnaker
