//===- tests/unit/backends/odin/HexTest.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/Hex.h"
#include "tests/unit/backends/odin/RandomConfig.h"
#include <algorithm>
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::odin;

namespace {

TEST(OdinHex, MemoriesComeBack) {
  for (Chip chip : {Chip::Tiny, Chip::Odin}) {
    const ChipConfig config = randomConfig(chip, 11);
    std::vector<HexFile> files = writeHex(config);
    ASSERT_EQ(files.size(), 3u);
    std::reverse(files.begin(), files.end());
    auto back = readHex(files);
    ASSERT_TRUE(bool(back)) << takeText(back.takeError());
    EXPECT_TRUE(sameChip(*back, config));
  }
}

// As $readmemh reads it: the digit on the right is bit 3 to 0.
TEST(OdinHex, WordsAreNumbers) {
  ChipConfig config = emptyConfig(Chip::Odin);
  config.neurons[1] = {0x0123456789ABCDEF, 0x8000000000000001};
  config.setSynapse(0, 9, 0xD);
  const std::vector<HexFile> files = writeHex(config);
  EXPECT_NE(files[0].text.find("\n80000000000000010123456789abcdef\n"),
            std::string::npos);
  EXPECT_NE(files[1].text.find("// source 0\n00000000 000000d0 "),
            std::string::npos);
}

TEST(OdinHex, ReadsWhatOthersWrite) {
  const std::string head = "// hillock-odin-hex 1 tinyodin neurons\n";
  auto config = readHex({{"neurons", head + "@ff 8000_1234 // last\n@2\n5\n"}});
  ASSERT_TRUE(bool(config)) << takeText(config.takeError());
  EXPECT_EQ(config->neurons[255].lo, 0x80001234u);
  EXPECT_EQ(config->neurons[2].lo, 5u);
  EXPECT_EQ(config->neurons[3].lo, 0u);
}

TEST(OdinHex, MistakesNameTheirLine) {
  const std::string head = "// hillock-odin-hex 1 tinyodin neurons\n";
  const auto errorOf = [](const std::string &text) {
    auto config = readHex({{"neurons", text}});
    return config ? std::string("no error") : takeText(config.takeError());
  };
  EXPECT_EQ(errorOf(head + "12345678\n123456789\n"),
            "neurons: line 3: '123456789' is not a word of at most 8 "
            "hexadecimal digits");
  EXPECT_EQ(errorOf(head + "@100 0\n"),
            "neurons: line 2: word 256 of a memory of 256");
  EXPECT_NE(errorOf(head + "@zz\n").find("'@zz' is no address"),
            std::string::npos);
  EXPECT_NE(errorOf("0 1 2\n").find("line 1: the first line does not name"),
            std::string::npos);
  EXPECT_NE(errorOf("// hillock-odin-hex 1 tinyodin synapses\n")
                .find("holds the synapses"),
            std::string::npos);
}

} // namespace
