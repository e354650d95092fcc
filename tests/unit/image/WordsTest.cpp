//===- tests/unit/image/WordsTest.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/Words.h"
#include "base/Random.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::image;

TEST(Bits, MasksAndSigns) {
  EXPECT_EQ(lowMask(0), 0u);
  EXPECT_EQ(lowMask(5), 31u);
  EXPECT_EQ(lowMask(64), ~uint64_t{0});
  EXPECT_EQ(signExtend(0x8, 4), -8);
  EXPECT_EQ(signExtend(0xF7, 4), 7);
  EXPECT_EQ(signExtend(~uint64_t{0}, 64), -1);
}

// 3 in 2 bits, then 5 in 4, then 1 in 3: 001 0101 11 = 0x57 0x00.
TEST(Bits, LowestBitFirst) {
  BitWriter writer;
  writer.put(3, 2);
  writer.put(5, 4);
  writer.put(1, 3);
  EXPECT_EQ(writer.size(), 9u);
  writer.align(16);
  EXPECT_EQ(writer.take(), std::string("\x57\x00", 2));
}

TEST(Bits, RandomRoundTrips) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    CounterRandom random(seed);
    struct Entry {
      uint64_t number;
      unsigned bits;
      bool aligned;
    };
    std::vector<Entry> entries;
    BitWriter writer;
    for (int i = 0; i < 100; ++i) {
      const auto bits = static_cast<unsigned>(random.below(58));
      entries.push_back(
          {random.next() & lowMask(bits), bits, random.bernoulli(0.1)});
      if (entries.back().aligned)
        writer.align(64);
      // Higher bits than asked for do not leak into the stream.
      writer.put(entries.back().number | ~lowMask(bits), bits);
    }
    writer.align(8);
    const std::string bytes = writer.take();
    BitReader reader(bytes);
    for (const Entry &entry : entries) {
      if (entry.aligned)
        ASSERT_TRUE(reader.align(64)) << "seed " << seed;
      ASSERT_EQ(reader.get(entry.bits), entry.number) << "seed " << seed;
    }
  }
}

// One after the other, and all together: 7, 6, .. in 3 bits each behind a 1.
TEST(Bits, ManyAtOnceAreTheSameStream) {
  for (const unsigned bits : {1u, 3u, 32u, 57u}) {
    BitWriter each, together;
    each.put(1, 1);
    together.put(1, 1);
    for (uint32_t i = 0; i < 1000; ++i)
      each.put(~uint64_t{i}, bits);
    together.putEach(1000, bits, [](uint32_t i) { return ~uint64_t{i}; });
    EXPECT_EQ(together.size(), 1 + 1000 * uint64_t{bits});
    each.align(8);
    together.align(8);
    const std::string bytes = together.take();
    EXPECT_EQ(bytes, each.take()) << bits << " bits";
    EXPECT_EQ(together.size(), 0u);
    const BitReader reader(bytes);
    EXPECT_EQ(reader.at(1 + uint64_t{bits} * 999, bits),
              ~uint64_t{999} & lowMask(bits));
  }
}

TEST(Bits, WordsAndBytes) {
  const std::vector<uint64_t> words = {0x0102030405060708, 0xF1F2F3F4F5F6F7F8};
  EXPECT_EQ(bytesOfWords(words, 3), "\x08\x07\x06\xF8\xF7\xF6");
  EXPECT_EQ(bytesOfWords({}, 5), "");
  EXPECT_EQ(wordsOfBytes(bytesOfWords(words, 8), 8), words);
  EXPECT_EQ(wordsOfBytes("\x01\x02\x03\x04\x05\x06\x07", 5),
            std::vector<uint64_t>{0x0504030201});
}

TEST(Bits, PaddingIsSeen) {
  const std::string bytes("\x01\x80", 2);
  BitReader reader(bytes);
  reader.get(1);
  EXPECT_TRUE(reader.align(8));
  EXPECT_FALSE(reader.align(8) && reader.get(1) != 0); // aligned already
  EXPECT_FALSE(reader.align(8));
}

TEST(Bits, NothingBehindTheEnd) {
  BitReader reader("\xff");
  EXPECT_EQ(reader.get(4), 15u);
  EXPECT_EQ(reader.get(30), 15u);
  EXPECT_EQ(reader.get(57), 0u);
}

TEST(Layout, FieldsFollowEachOther) {
  proto::Memory memory;
  memory.set_word_bits(20);
  const auto add = [&](const char *name, uint32_t bits, bool isSigned) {
    proto::Field &field = *memory.add_field();
    field.set_name(name);
    field.set_bits(bits);
    field.set_is_signed(isSigned);
    return &field;
  };
  add("a", 4, false);
  add("b", 5, true);
  add("c", 3, false)->set_min(2);
  const WordLayout layout(memory);
  EXPECT_EQ(layout.wordBytes(), 3u);
  EXPECT_EQ(layout.index("b"), 1);
  EXPECT_EQ(layout.index("x"), -1);
  EXPECT_TRUE(layout.fits(1, -16));
  EXPECT_FALSE(layout.fits(1, 16));
  EXPECT_FALSE(layout.fits(2, 1));
  EXPECT_EQ(layout.fields()[2].standard(), 2);
  uint64_t word = 0;
  layout.put(word, 0, 9);
  layout.put(word, 1, -2);
  layout.put(word, 2, 7);
  EXPECT_EQ(word, 9u | 30u << 4 | 7u << 9);
  EXPECT_EQ(layout.get(word, 0), 9);
  EXPECT_EQ(layout.get(word, 1), -2);
  EXPECT_EQ(layout.get(word, 2), 7);
  EXPECT_EQ(layout.unused(), ~lowMask(12));
  layout.put(word, 1, 0);
  EXPECT_EQ(word, 9u | 7u << 9);
  EXPECT_TRUE(layout.field("b").put(word, -2));
  EXPECT_EQ(word, 9u | 30u << 4 | 7u << 9);
  EXPECT_EQ(layout.field("b").get(word), -2);
  EXPECT_EQ(layout.field("c").get(word), 7);
  EXPECT_FALSE(layout.field("b").put(word, 16));
  EXPECT_FALSE(layout.field("c").put(word, 1));
}
