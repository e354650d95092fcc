//===- tests/unit/backends/spinnaker/RowsTest.cpp - Words -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Words by hand, from the layouts in sPyNNaker's synapse_row.h and
// master_pop_table.py.
//
//===----------------------------------------------------------------------===//
#include "backends/spinnaker/Rows.h"
#include "backends/spinnaker/PopulationTable.h"
#include "base/Random.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::spinnaker;

namespace {

using Words = std::vector<uint32_t>;

TEST(Rows, FieldsShareTheRingBuffersBits) {
  const WordLayout standard = WordLayout::forAtoms(256);
  EXPECT_EQ(standard.indexBits, 8u);
  EXPECT_EQ(standard.typeBits, 1u);
  EXPECT_EQ(standard.maxDelay(), 32u);
  EXPECT_EQ(WordLayout::forAtoms(255).indexBits, 8u);
  EXPECT_EQ(WordLayout::forAtoms(128).maxDelay(), 64u);
  EXPECT_EQ(WordLayout::forAtoms(100).indexBits, 7u);
  EXPECT_EQ(WordLayout::forAtoms(1).indexBits, 1u);
}

TEST(Rows, WordByHand) {
  const WordLayout layout = WordLayout::forAtoms(256);
  // weight 5, delay 3, inhibitory, neuron 7: 5 << 16 | 3 << 9 | 1 << 8 | 7
  EXPECT_EQ(layout.encode({7, 1, 3, 5}), 0x00050707u);
  EXPECT_EQ(layout.encode({255, 0, 1, 0xffff}), 0xffff02ffu);
  // The longest delay is 2^5, of which the core sees 0.
  EXPECT_EQ(layout.encode({0, 0, 32, 1}), 0x00014000u);
  EXPECT_EQ(layout.decode(0x00014000u), (Synapse{0, 0, 32, 1}));
  EXPECT_EQ(layout.decode(0x00010000u), (Synapse{0, 0, 32, 1}));
}

TEST(Rows, EveryWordComesBack) {
  CounterRandom random(5);
  for (uint32_t atoms : {1u, 2u, 3u, 64u, 200u, 256u}) {
    const WordLayout layout = WordLayout::forAtoms(atoms);
    for (int i = 0; i < 2000; ++i) {
      const Synapse synapse = {
          static_cast<uint32_t>(random.below(atoms)),
          static_cast<uint32_t>(random.below(kTypes)),
          static_cast<uint32_t>(random.below(layout.maxDelay())) + 1,
          static_cast<uint32_t>(random.below(0x10000))};
      EXPECT_EQ(layout.decode(layout.encode(synapse)), synapse);
    }
  }
}

TEST(Rows, MatrixByHand) {
  const Words one = {11, 12}, none;
  Words matrix;
  appendMatrix({llvm::ArrayRef(one), llvm::ArrayRef(none)}, 3, matrix);
  EXPECT_EQ(matrix, (Words{0, 2, 0, 11, 12, 0, 0, 0, 0, 0, 0, 0}));
  auto row = readRow(llvm::ArrayRef(matrix).take_front(6));
  ASSERT_TRUE(bool(row));
  EXPECT_EQ(row->vec(), one);
}

TEST(Rows, DamagedRowsAreNamed) {
  const auto text = [](const Words &row) {
    auto result = readRow(row);
    return result ? std::string() : takeText(result.takeError());
  };
  EXPECT_NE(text({0, 3, 0, 1, 2}).find("3 synapses in 2 words"),
            std::string::npos);
  EXPECT_NE(text({1, 0, 0, 1}).find("plastic"), std::string::npos);
  EXPECT_NE(text({0, 0, 1, 1}).find("plastic"), std::string::npos);
  EXPECT_NE(text({0, 1, 0, 1, 2}).find("padding"), std::string::npos);
  EXPECT_NE(text({0, 1}).find("header"), std::string::npos);
}

TEST(PopulationTable, ByHand) {
  TableEntry late = {0x2000, 0xfffff000, 4, 200, 12, {{64, 256}, {16, 1}}};
  TableEntry early = {0x1000, 0xfffff000, 4, 256, 12, {{0, 2}}};
  auto table = encodeTable({late, early}, "a core");
  ASSERT_TRUE(bool(table));
  EXPECT_EQ(*table,
            (Words{2, 3, // numbers
                   0x1000, 0xfffff000, 0 | 4u << 13 | 1u << 16, 12u << 16,
                   256 | 8u << 16, // 8 words of 32 bits
                   0x2000, 0xfffff000, 1 | 4u << 13 | 2u << 16, 12u << 16,
                   200 | 7u << 16, //
                   0u << 8 | 1, 4u << 8 | 255, 1u << 8 | 0}));
  auto entries = decodeTable(*table);
  ASSERT_TRUE(bool(entries));
  EXPECT_EQ(*entries, (std::vector<TableEntry>{early, late}));
}

TEST(PopulationTable, LimitsAndDamage) {
  TableEntry far = {0, 0xfffff000, 4, 1, 12, {{uint64_t{1} << 28, 1}}};
  auto table = encodeTable({far}, "core 3");
  ASSERT_FALSE(bool(table));
  EXPECT_NE(takeText(table.takeError()).find("core 3"), std::string::npos);
  TableEntry many = {0, 0xfffff000, 4, 1, 12, {}};
  many.matrices.assign(8192, {0, 1});
  table = encodeTable({many}, "core 4");
  ASSERT_FALSE(bool(table));
  EXPECT_NE(takeText(table.takeError()).find("8191"), std::string::npos);
  for (const Words &words :
       {Words{}, Words{1, 0}, Words{0, 1}, Words{1, 0, 0, 0, 1u << 16, 0, 0},
        Words{1, 0, 0, 0, 0, 1, 0},
        Words{2, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0}}) {
    auto entries = decodeTable(words);
    EXPECT_FALSE(bool(entries)) << words.size();
    llvm::consumeError(entries.takeError());
  }
}

} // namespace
