//===- tests/unit/image/PackPropertyTest.cpp ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random legal tables with fixed seeds: they survive packing, and no bit of
// their words can change unnoticed.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/image/Support.h"

using namespace hillock;
using namespace hillock::image;

namespace {

/// 1 when the flipped bit is an error, 2 when it shows in the tables, 0 when
/// nobody notices. A result that does not pack to the same words counts as 0.
int noticed(const proto::Core &core, const CoreTables &tables,
            const target::TargetModel &target) {
  Expected<CoreTables> read = unpack(core, target);
  if (!read) {
    ErrorKind kind = ErrorKind::Internal;
    const std::string text = takeText(read.takeError(), &kind);
    EXPECT_EQ(kind, ErrorKind::Input) << text;
    return 1;
  }
  if (*read == tables)
    return 0;
  const proto::Core again = take(pack(*read, target));
  EXPECT_EQ(again.SerializeAsString(), core.SerializeAsString());
  return again.SerializeAsString() == core.SerializeAsString() ? 2 : 0;
}

class Targets : public testing::TestWithParam<const char *> {};

} // namespace

TEST_P(Targets, PackedTablesComeBack) {
  const target::TargetModel target = builtin(GetParam());
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const CoreTables tables =
        randomTables(seed, target, seed % 4 == 0 ? 700 : 40);
    Expected<proto::Core> core = pack(tables, target);
    ASSERT_TRUE(bool(core))
        << "seed " << seed << ": " << takeText(core.takeError());
    Expected<CoreTables> back = unpack(*core, target);
    ASSERT_TRUE(bool(back))
        << "seed " << seed << ": " << takeText(back.takeError());
    ASSERT_EQ(*back, tables) << "seed " << seed;
  }
}

TEST_P(Targets, NoBitChangesUnnoticed) {
  const target::TargetModel target = builtin(GetParam());
  size_t flips = 0, errors = 0, visible = 0;
  for (uint64_t seed = 1000; seed < 1012; ++seed) {
    const CoreTables tables = randomTables(seed, target, 12);
    proto::Core core = take(pack(tables, target));
    CounterRandom random(seed);
    for (proto::MemoryWords &memory : *core.mutable_memory()) {
      std::string &data = *memory.mutable_data();
      // All bits of small memories, a sample of large ones.
      const size_t bits = 8 * data.size();
      for (size_t k = 0; k < std::min<size_t>(bits, 1000); ++k) {
        const size_t bit = bits <= 1000 ? k : random.below(bits);
        const auto mask = static_cast<char>(1 << bit % 8);
        data[bit / 8] = static_cast<char>(data[bit / 8] ^ mask);
        const int how = noticed(core, tables, target);
        data[bit / 8] = static_cast<char>(data[bit / 8] ^ mask);
        ASSERT_NE(how, 0) << "seed " << seed << ", "
                          << proto::Role_Name(memory.role()) << " bit " << bit;
        ++flips;
        errors += how == 1;
        visible += how == 2;
      }
    }
  }
  EXPECT_EQ(flips, errors + visible);
  EXPECT_GT(errors, 1000u);
  EXPECT_GT(visible, 1000u);
}

TEST_P(Targets, LostAndDoubledWordsAreNoticed) {
  const target::TargetModel target = builtin(GetParam());
  for (uint64_t seed = 2000; seed < 2050; ++seed) {
    const CoreTables tables = randomTables(seed, target, 30);
    const proto::Core core = take(pack(tables, target));
    for (int m = 0; m < core.memory_size(); ++m) {
      const size_t wordBytes =
          core.memory(m).data().size() / core.memory(m).words();
      proto::Core changed = core;
      proto::MemoryWords &memory = *changed.mutable_memory(m);
      memory.set_words(memory.words() - 1);
      EXPECT_NE(noticed(changed, tables, target), 0);
      memory.mutable_data()->resize(memory.words() * wordBytes);
      EXPECT_NE(noticed(changed, tables, target), 0);
      changed = core;
      changed.mutable_memory(m)->set_words(core.memory(m).words() + 1);
      changed.mutable_memory(m)->mutable_data()->append(wordBytes, '\0');
      EXPECT_NE(noticed(changed, tables, target), 0)
          << proto::Role_Name(core.memory(m).role());
      changed = core;
      changed.mutable_memory()->DeleteSubrange(m, 1);
      EXPECT_NE(noticed(changed, tables, target), 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Targets, testing::Values("loihi", "manycore"),
                         [](const auto &which) { return which.param; });

// Runs of population rows that overlap in every way, as a hostile image may
// have them, take linear time.
TEST(Unpack, OverlappingPopulations) {
  const target::TargetModel target = builtin("manycore");
  CoreTables t = smallTables();
  t.rows = {};
  for (uint32_t r = 0; r < 30000; ++r) {
    t.rows.target.push_back(static_cast<uint16_t>(r % 2));
    t.rows.mantissa.push_back(2);
    t.rows.format.push_back(0);
    t.rows.first.push_back(r + 1);
  }
  t.axonsIn.clear();
  t.axonsOut.clear();
  t.outFirst = {0, 0, 0};
  for (uint32_t a = 0; a < 30000; ++a)
    t.axonsIn.push_back({AxonType::Pop32, a,
                         static_cast<uint16_t>(std::min(4096u, 30000 - a)), 0});
  EXPECT_EQ(take(unpack(take(pack(t, target)), target)), canonical(t, target));
}

TEST(Unpack, StrangeCores) {
  const target::TargetModel loihi = builtin("loihi");
  const auto message = [&](auto change) {
    proto::Core core = take(pack(smallTables(), loihi));
    change(core);
    return problem(unpack(core, loihi));
  };
  using testing::HasSubstr;
  EXPECT_THAT(message([](proto::Core &c) { c.clear_memory(); }),
              HasSubstr("configuration is missing"));
  EXPECT_THAT(message([](proto::Core &c) {
                *c.add_memory() = proto::MemoryWords(c.memory(0));
              }),
              HasSubstr("not sorted"));
  EXPECT_THAT(message([](proto::Core &c) {
                c.mutable_memory(0)->set_words(4000000000u);
              }),
              HasSubstr("4,000,000,000 words"));
  EXPECT_THAT(message([](proto::Core &c) { c.set_chip(4000000000u); }),
              HasSubstr("chip 4000000000"));
  EXPECT_THAT(message([](proto::Core &c) {
                c.mutable_memory(0)->mutable_data()->pop_back();
              }),
              HasSubstr("16 bytes, but there are 15"));
}
