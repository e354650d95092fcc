//===- backends/spinnaker/Rows.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/spinnaker/Rows.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

namespace hillock::spinnaker {

WordLayout WordLayout::forAtoms(uint32_t atoms) {
  WordLayout layout;
  layout.indexBits = std::max(1u, llvm::Log2_32_Ceil(atoms));
  layout.typeBits = llvm::Log2_32_Ceil(kTypes);
  layout.delayBits = kRingBufferBits - layout.indexBits - layout.typeBits;
  return layout;
}

uint32_t WordLayout::encode(const Synapse &synapse) const {
  return synapse.weight << 16 | synapse.delay << (indexBits + typeBits) |
         synapse.type << indexBits | synapse.target;
}

Synapse WordLayout::decode(uint32_t word) const {
  Synapse synapse;
  synapse.target = word & ((1u << indexBits) - 1);
  synapse.type = (word >> indexBits) & ((1u << typeBits) - 1);
  const uint32_t delay = (word >> (indexBits + typeBits)) & (maxDelay() - 1);
  synapse.delay = delay == 0 ? maxDelay() : delay;
  synapse.weight = word >> 16;
  return synapse;
}

void appendMatrix(llvm::ArrayRef<llvm::ArrayRef<uint32_t>> rows,
                  uint32_t rowWords, std::vector<uint32_t> &matrix) {
  matrix.reserve(matrix.size() + rows.size() * (rowWords + kHeaderWords));
  for (llvm::ArrayRef<uint32_t> row : rows) {
    matrix.push_back(0);
    matrix.push_back(static_cast<uint32_t>(row.size()));
    matrix.push_back(0);
    matrix.insert(matrix.end(), row.begin(), row.end());
    matrix.insert(matrix.end(), rowWords - row.size(), 0);
  }
}

Expected<llvm::ArrayRef<uint32_t>> readRow(llvm::ArrayRef<uint32_t> row) {
  if (row.size() < kHeaderWords || row[0] != 0 || row[2] != 0)
    return inputError("has a part of plastic synapses, or no header",
                      "a synaptic row");
  const uint32_t count = row[1];
  row = row.drop_front(kHeaderWords);
  if (count > row.size())
    return inputError("has " + std::to_string(count) + " synapses in " +
                          std::to_string(row.size()) + " words",
                      "a synaptic row");
  for (uint32_t word : row.drop_front(count))
    if (word != 0)
      return inputError("has padding that is not 0", "a synaptic row");
  return row.take_front(count);
}

} // namespace hillock::spinnaker
