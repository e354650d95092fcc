//===- tests/unit/emulator/checkpoint/CheckpointTest.cpp ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// That a resumed run is the same run is shown by tests/differential; here is
// what is refused, and what a clock keeps.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "tests/unit/emulator/checkpoint/Chip.h"
#include <gmock/gmock.h>

using namespace hillock;
using namespace hillock::test;
using ::testing::HasSubstr;

namespace {

std::string temporary(const std::string &name) {
  return ::testing::TempDir() + "hillock-" + name;
}

proto::Checkpoint parsed(const std::string &bytes) {
  proto::Checkpoint checkpoint;
  EXPECT_TRUE(checkpoint.ParseFromString(bytes));
  return checkpoint;
}

/// The error of a restore that must fail, and change nothing.
std::string refused(emu::Emulator &emulator, const proto::Checkpoint &from) {
  const std::string before = stateOf(emulator);
  Error error = emulator.restore(from);
  if (!error) {
    ADD_FAILURE() << "taken";
    return {};
  }
  EXPECT_EQ(stateOf(emulator), before);
  return takeText(std::move(error));
}

TEST(Checkpoint, FilesComeBackWhole) {
  auto emulator = plainEmulator(ringImage());
  advance(*emulator, 12);
  const std::string path = temporary("whole.ckpt");
  ASSERT_FALSE(bool(emu::writeCheckpoint(parsed(stateOf(*emulator)), path)));
  auto back = emu::readCheckpoint(path);
  ASSERT_TRUE(bool(back)) << takeText(back.takeError());
  auto other = plainEmulator(ringImage(), 0, 3);
  ASSERT_FALSE(bool(other->restore(*back)));
  EXPECT_EQ(other->now(), 12u);
  EXPECT_EQ(stateOf(*other), stateOf(*emulator));
  advance(*other, 9);
  advance(*emulator, 9);
  EXPECT_EQ(stateOf(*other), stateOf(*emulator));
  EXPECT_GT(emulator->counters(0).spikes, 10u);
}

TEST(Checkpoint, DamagedFilesAreRefused) {
  auto emulator = plainEmulator(ringImage());
  advance(*emulator, 5);
  const std::string path = temporary("damaged.ckpt");
  ASSERT_FALSE(bool(emu::writeCheckpoint(parsed(stateOf(*emulator)), path)));
  auto bytes = readFile(path);
  ASSERT_TRUE(bool(bytes));
  auto errorOf = [&](const std::string &content) {
    EXPECT_FALSE(bool(writeFile(path, content)));
    auto read = emu::readCheckpoint(path);
    if (read) {
      ADD_FAILURE() << "taken";
      return std::string();
    }
    return takeText(read.takeError());
  };
  EXPECT_THAT(errorOf("HILLOCK1 is an image"), HasSubstr("not a Hillock chec"));
  EXPECT_THAT(errorOf(""), HasSubstr("not a Hillock checkpoint"));
  EXPECT_THAT(errorOf(bytes->substr(0, bytes->size() - 7)),
              HasSubstr("bytes behind its header"));
  for (size_t at = 16; at < bytes->size(); at += 97) {
    std::string flipped = *bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    EXPECT_THAT(errorOf(flipped), HasSubstr("damaged")) << at;
  }
  EXPECT_THAT(errorOf(*bytes + "x"), HasSubstr(path));
}

TEST(Checkpoint, OthersAreRefused) {
  auto emulator = plainEmulator(ringImage());
  advance(*emulator, 7);
  const proto::Checkpoint mine = parsed(stateOf(*emulator));
  auto foreign = plainEmulator(ringImage(91));
  advance(*foreign, 2);
  EXPECT_THAT(refused(*foreign, mine), HasSubstr("another image"));
  auto seeded = plainEmulator(ringImage(), 5);
  EXPECT_THAT(refused(*seeded, mine), HasSubstr("seed 0, not 5"));
  proto::Checkpoint later = mine;
  later.set_format(7);
  EXPECT_THAT(refused(*emulator, later), HasSubstr("format 7"));
}

/// Each list of the message, with something wrong in it.
TEST(Checkpoint, PartsAreChecked) {
  auto emulator = plainEmulator(ringImage());
  advance(*emulator, 7);
  const proto::Checkpoint mine = parsed(stateOf(*emulator));
  advance(*emulator, 1);
  auto with = [&](auto change) {
    proto::Checkpoint wrong = mine;
    change(wrong);
    return refused(*emulator, wrong);
  };
  using P = proto::Checkpoint &;
  EXPECT_THAT(with([](P p) { p.mutable_core(2)->clear_state(); }),
              HasSubstr("0 states"));
  EXPECT_THAT(
      with([](P p) { p.mutable_core(2)->mutable_state(0)->add_value(1); }),
      HasSubstr("chip 0 core 8"));
  EXPECT_THAT(
      with([](P p) { p.mutable_core(2)->mutable_state(0)->set_name("w"); }),
      HasSubstr("'w'"));
  EXPECT_THAT(with([](P p) { p.mutable_core(1)->add_sums()->set_ahead(99); }),
              HasSubstr("99 steps ahead"));
  EXPECT_THAT(with([](P p) { p.mutable_core(1)->add_injected()->set_port(3); }),
              HasSubstr("port 3"));
  EXPECT_THAT(with([](P p) { p.mutable_spikes()->add_core(0); }),
              HasSubstr("different lengths"));
  EXPECT_THAT(with([](P p) {
                p.mutable_spikes()->add_core(9);
                p.mutable_spikes()->add_compartment(0);
                p.mutable_spikes()->add_payload(1);
              }),
              HasSubstr("core 9"));
  EXPECT_THAT(with([](P p) {
                p.mutable_host()->add_core(0);
                p.mutable_host()->add_axon(77);
                p.mutable_host()->add_atom(0);
                p.mutable_host()->add_payload(1);
              }),
              HasSubstr("axon 77"));
}

TEST(Checkpoint, AClockGoesOn) {
  auto image = ringImage();
  auto whole = cycleEngine(image), first = cycleEngine(image);
  auto second = cycleEngine(image, {}, 2);
  advance(*whole, 20);
  advance(*first, 11);
  proto::Checkpoint state;
  ASSERT_FALSE(bool(first->save(state)));
  advance(*second, 3);
  ASSERT_FALSE(bool(second->restore(state)));
  advance(*second, 9);
  const emu::CycleReport expected = reportOf(*whole), got = reportOf(*second);
  ASSERT_EQ(expected.sets.size(), got.sets.size());
  EXPECT_EQ(expected.counts, got.counts);
  EXPECT_EQ(expected.stepCounts, got.stepCounts);
  EXPECT_EQ(expected.flows, got.flows);
  for (size_t s = 0; s < got.sets.size(); ++s) {
    EXPECT_EQ(expected.sets[s].steps, got.sets[s].steps);
    EXPECT_EQ(expected.sets[s].totalPs(), got.sets[s].totalPs());
    EXPECT_EQ(expected.sets[s].energy.total(), got.sets[s].energy.total());
    EXPECT_EQ(expected.sets[s].totals.linkMessages,
              got.sets[s].totals.linkMessages);
  }
  EXPECT_EQ(stateOf(*whole), stateOf(*second));
}

TEST(Checkpoint, AClockOfOtherParametersIsRefused) {
  auto image = ringImage();
  emu::CycleOptions davies, sanafe;
  davies.parameters = {"davies2018"};
  sanafe.parameters = {"sanafe"};
  auto one = cycleEngine(image, davies), other = cycleEngine(image, sanafe);
  advance(*one, 4);
  proto::Checkpoint state;
  ASSERT_FALSE(bool(one->save(state)));
  EXPECT_THAT(refused(*other, state), HasSubstr("davies2018"));
  // A run without a clock does not mind one, and the other way round.
  auto plain = plainEmulator(image);
  EXPECT_FALSE(bool(plain->restore(state)));
  proto::Checkpoint untimed = parsed(stateOf(*plain));
  EXPECT_FALSE(bool(other->restore(untimed)));
  advance(*other, 2);
  EXPECT_EQ(reportOf(*other).sets[0].steps.size(), 2u);
}

} // namespace
