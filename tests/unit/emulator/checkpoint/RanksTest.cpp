//===- tests/unit/emulator/checkpoint/RanksTest.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// That ranks give the same results is shown by tests/differential; here are the
// errors, how cores are dealt, and what crosses between ranks.
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/Part.h"
#include "emulator/ranks/RankEmulator.h"
#include "image/Pack.h"
#include "tests/unit/emulator/checkpoint/Chip.h"
#include <filesystem>
#include <functional>
#include <gmock/gmock.h>
#include <thread>
#include <unistd.h>

using namespace hillock;
using namespace hillock::test;
using ::testing::HasSubstr;

namespace {

using Image = std::shared_ptr<const image::LoadedImage>;

template <typename T> T okay(Expected<T> value) {
  if (!value)
    throw std::runtime_error(takeText(value.takeError()));
  return std::move(*value);
}

/// \p body with the leader of a team whose others load \p theirs.
void onRanks(unsigned ranks, const emu::SourceOpener &theirs,
             const std::function<void(emu::RankLeader &)> &body) {
  auto team = emu::threadTeam(ranks);
  std::vector<std::thread> others;
  for (unsigned rank = 1; rank < ranks; ++rank)
    others.emplace_back([&, rank] {
      if (Error error = emu::serve(*team[rank], theirs))
        ADD_FAILURE() << takeText(std::move(error));
    });
  {
    emu::RankLeader leader(std::move(team[0]));
    body(leader);
  }
  for (std::thread &other : others)
    other.join();
}

TEST(Ranks, ChipsStayWhole) {
  Image image = ringImage(); // cores 0..2 on chip 0, 3..5 on chip 1
  EXPECT_EQ(emu::dealCores(image, 1), std::vector<uint32_t>(6, 0));
  EXPECT_EQ(emu::dealCores(image, 2),
            (std::vector<uint32_t>{0, 0, 0, 1, 1, 1}));
  // Fewer chips than ranks: cores are dealt, in order, and to all.
  EXPECT_EQ(emu::dealCores(image, 3),
            (std::vector<uint32_t>{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(emu::dealCores(image, 6),
            (std::vector<uint32_t>{0, 1, 2, 3, 4, 5}));
  // A last chip that is nearly empty.
  auto uneven = ringImage();
  uneven->cores[3].chip = 0;
  uneven->cores[3].core = 12;
  uneven->cores[4].chip = 0;
  uneven->cores[4].core = 16;
  EXPECT_EQ(emu::dealCores(Image(uneven), 2),
            (std::vector<uint32_t>{0, 0, 0, 1, 1, 1}));
  // More ranks than cores: some have nothing.
  const std::vector<uint32_t> many = emu::dealCores(image, 9);
  EXPECT_TRUE(std::is_sorted(many.begin(), many.end()));
  EXPECT_LT(many.back(), 9u);
}

TEST(Ranks, ALeaderLooksLikeAnEmulator) {
  Image image = ringImage();
  auto plain = plainEmulator(image);
  advance(*plain, 15);
  onRanks(
      3, [&]() -> Expected<Image> { return image; },
      [&](emu::RankLeader &leader) {
        auto emulator = leader.emulator(image, {});
        ASSERT_TRUE(bool(emulator)) << takeText(emulator.takeError());
        emu::Emulator &ranks = **emulator;
        advance(ranks, 15);
        EXPECT_EQ(stateOf(ranks), stateOf(*plain));
        for (uint32_t core = 0; core < 6; ++core) {
          auto mine = ranks.read(core, "v"), its = plain->read(core, "v");
          ASSERT_TRUE(bool(mine) && bool(its));
          EXPECT_EQ(*mine, *its);
          EXPECT_EQ(ranks.counters(core).axonsOut,
                    plain->counters(core).axonsOut);
        }
        ranks.reset();
        EXPECT_EQ(ranks.now(), 0u);
        advance(ranks, 15);
        EXPECT_EQ(stateOf(ranks), stateOf(*plain));
      });
}

TEST(Ranks, OnlySpikesOfOutputsNeedReachTheLeader) {
  auto ring = ringImage();
  proto::Port *port = ring->proto.mutable_io()->add_output();
  for (const uint32_t core : {1u, 4u})
    for (uint32_t neuron = 0; neuron < 20; neuron += 2) {
      port->add_core(core);
      port->add_index(neuron);
    }
  const Image image = ring;
  auto plain = plainEmulator(image);
  onRanks(
      3, [&]() -> Expected<Image> { return image; },
      [&](emu::RankLeader &leader) {
        auto emulator = leader.emulator(image, {}, /*outputsOnly=*/true);
        ASSERT_TRUE(bool(emulator)) << takeText(emulator.takeError());
        emu::Emulator &ranks = **emulator;
        size_t seen = 0, hidden = 0;
        for (int step = 0; step < 25; ++step) {
          advance(*plain, 1);
          advance(ranks, 1);
          std::vector<emu::Spike> shown;
          for (const emu::Spike &spike : plain->spikes())
            if (spike.core % 3 == 1 && spike.compartment % 2 == 0)
              shown.push_back(spike);
          EXPECT_TRUE(std::ranges::equal(ranks.spikes(), shown));
          seen += shown.size();
          hidden += plain->spikes().size() - shown.size();
        }
        EXPECT_GT(seen, 0u);
        EXPECT_GT(hidden, 0u);
        // A checkpoint has all spikes.
        EXPECT_EQ(stateOf(ranks), stateOf(*plain));
      });
}

TEST(Ranks, ErrorsReachTheLeader) {
  Image image = ringImage();
  onRanks(
      2, [&]() -> Expected<Image> { return image; },
      [&](emu::RankLeader &leader) {
        auto emulator = leader.emulator(image, {});
        ASSERT_TRUE(bool(emulator)) << takeText(emulator.takeError());
        emu::Emulator &ranks = **emulator;
        emu::HostSpike far{9, 0, 0, 1}, none{5, 20, 0, 1};
        EXPECT_THAT(takeText(ranks.send({&far, 1})), HasSubstr("core 9"));
        EXPECT_THAT(takeText(ranks.send({&none, 1})), HasSubstr("axon 20"));
        EXPECT_THAT(takeText(ranks.inject(5, 99, 0, 1)),
                    HasSubstr("compartment 99"));
        auto state = ranks.read(5, "w");
        ASSERT_FALSE(bool(state));
        EXPECT_THAT(takeText(state.takeError()), HasSubstr("'w'"));
        // A checkpoint that only the other rank refuses changes none.
        advance(ranks, 4);
        proto::Checkpoint checkpoint;
        ASSERT_FALSE(bool(ranks.save(checkpoint)));
        advance(ranks, 3);
        const std::string before = stateOf(ranks);
        checkpoint.mutable_core(5)->mutable_state(0)->add_value(1);
        EXPECT_THAT(takeText(ranks.restore(checkpoint)),
                    HasSubstr("chip 1 core 8"));
        EXPECT_EQ(stateOf(ranks), before);
      });
  onRanks(
      2,
      []() -> Expected<Image> { return inputError("no such file", "x.hlk"); },
      [&](emu::RankLeader &leader) {
        auto emulator = leader.emulator(image, {});
        ASSERT_FALSE(bool(emulator));
        EXPECT_THAT(takeText(emulator.takeError()), HasSubstr("no such file"));
      });
}

/// A file that is out of date on another machine, with as many cores.
TEST(Ranks, AllMustHaveTheSameFile) {
  const Image image = ringImage(), stale = ringImage(80);
  auto team = emu::threadTeam(2);
  std::thread other([&] {
    const auto open = [&]() -> Expected<emu::CoreSource> {
      return emu::CoreSource(stale, 0xabcd02);
    };
    if (Error error = emu::serve(*team[1], open))
      ADD_FAILURE() << takeText(std::move(error));
  });
  {
    emu::RankLeader leader(std::move(team[0]));
    auto emulator = leader.emulator({image, 0xabcd01}, {});
    ASSERT_FALSE(bool(emulator));
    const std::string text = takeText(emulator.takeError());
    for (const char *part : {"0xabcd01 on rank 0", "0xabcd02 here",
                             "image on rank 1", "the same file"})
      EXPECT_THAT(text, HasSubstr(part));
    // And with the right one after all.
    auto again = leader.emulator({image, 0xabcd02}, {});
    EXPECT_TRUE(bool(again)) << takeText(again.takeError());
  }
  other.join();
}

/// Rank 0 of an outline has not seen where the slots of others lead.
TEST(Ranks, SlotsAreCheckedWhereTheyLead) {
  for (const uint32_t from : {2u, 3u, 4u, 5u}) // to cores 3, 4, 5 and 0
    for (const bool otherType : {false, true}) {
      auto ring = ringImage();
      image::AxonOut &slot = ring->cores[from].axonsOut[7];
      if (otherType)
        slot.type = image::AxonType::Pop16;
      else
        slot.axon = 20;
      const Image image = ring;
      onRanks(
          2, [&]() -> Expected<Image> { return image; },
          [&](emu::RankLeader &leader) {
            auto emulator = leader.emulator(image, {});
            ASSERT_FALSE(bool(emulator));
            EXPECT_THAT(takeText(emulator.takeError()),
                        HasSubstr(", output axon 7: it leads to"));
          });
    }
}

using ImageFile = std::shared_ptr<const image::ImageReader>;

/// The ring as a file.
ImageFile ringFile() {
  auto ring = ringImage();
  proto::Image &proto = ring->proto;
  proto.set_format(image::imageFormat);
  *proto.mutable_target() = ring->target.proto();
  for (const image::Program &program : ring->programs)
    *proto.add_program() = image::toProto(program);
  for (image::CoreTables &core : ring->cores) {
    core.formats[0].delayBits = 3;
    for (int16_t &mantissa : core.rows.mantissa)
      mantissa = static_cast<int16_t>(mantissa & ~1); // as the format has them
    *proto.add_core() = okay(image::pack(core, ring->target));
  }
  const std::string path = ::testing::TempDir() + "hillock-ring-" +
                           std::to_string(::getpid()) + ".hlk";
  EXPECT_EQ(takeText(image::writeImage(proto, path)), "");
  return {new image::ImageReader(okay(image::ImageReader::open(path))),
          [path](const image::ImageReader *reader) {
            delete reader;
            std::filesystem::remove(path);
          }};
}

Image wholeOf(const image::ImageReader &file) {
  return std::make_shared<const image::LoadedImage>(
      okay(image::load(okay(image::readImage(file.name())), file.name())));
}

/// \p body with an emulator on ranks none of which holds the whole image.
void onParts(unsigned ranks, const ImageFile &file,
             const std::function<void(emu::Emulator &)> &body) {
  onRanks(
      ranks, [&]() -> Expected<emu::CoreSource> { return file; },
      [&](emu::RankLeader &leader) {
        auto emulator = leader.emulator(okay(emu::LeaderImage::read(file)), {});
        ASSERT_TRUE(bool(emulator)) << takeText(emulator.takeError());
        body(**emulator);
      });
}

TEST(Ranks, ALeaderNeedsItsOwnPartAlone) {
  const ImageFile file = ringFile();
  auto plain = plainEmulator(wholeOf(*file));
  auto outline = emu::LeaderImage::read(file);
  ASSERT_TRUE(bool(outline)) << takeText(outline.takeError());
  EXPECT_EQ(emu::dealCores(*outline, 3),
            (std::vector<uint32_t>{0, 0, 1, 1, 2, 2}));
  for (const image::CoreTables &core : outline->image->cores) {
    EXPECT_EQ(core.rows.synapses() + core.axonsOut.size(), 0u);
    EXPECT_EQ(core.axonsIn.size(), 20u);
  }
  onParts(3, file, [&](emu::Emulator &ranks) {
    size_t seen = 0;
    for (int step = 0; step < 25; ++step) {
      advance(*plain, 1);
      advance(ranks, 1);
      EXPECT_TRUE(std::ranges::equal(ranks.spikes(), plain->spikes()));
      seen += plain->spikes().size();
    }
    EXPECT_GT(seen, 0u);
    for (uint32_t core = 0; core < 6; ++core)
      EXPECT_EQ(okay(ranks.read(core, "v")), okay(plain->read(core, "v")));
    emu::HostSpike none{5, 20, 0, 1};
    EXPECT_THAT(takeText(ranks.send({&none, 1})), HasSubstr("axon 20"));
  });
}

/// A checkpoint names the image by what all ranks hold, and knows nothing of
/// ranks: its bytes are those of the plain emulator.
TEST(Ranks, PartsMakeTheSameCheckpoints) {
  const ImageFile file = ringFile();
  auto plain = plainEmulator(wholeOf(*file)),
       later = plainEmulator(wholeOf(*file));
  advance(*plain, 12);
  advance(*later, 21);
  const std::string early = stateOf(*plain), late = stateOf(*later);
  proto::Checkpoint checkpoint;
  ASSERT_TRUE(checkpoint.ParseFromString(early));
  // More ranks than cores: some have no part at all.
  for (const unsigned ranks : {1u, 2u, 4u, 7u}) {
    SCOPED_TRACE(ranks);
    onParts(ranks, file, [&](emu::Emulator &emulator) {
      advance(emulator, 12);
      EXPECT_EQ(stateOf(emulator), early);
      advance(emulator, 9);
      EXPECT_EQ(stateOf(emulator), late);
    });
    // One that was written on any number of ranks goes on here, and plainly.
    onParts(ranks, file, [&](emu::Emulator &emulator) {
      ASSERT_EQ(takeText(emulator.restore(checkpoint)), "");
      EXPECT_EQ(stateOf(emulator), early);
      advance(emulator, 9);
      EXPECT_EQ(stateOf(emulator), late);
    });
  }
}

/// Rank 0 sees that it is another image although another rank has what differs.
TEST(Ranks, PartsRefuseCheckpointsOfOtherImages) {
  const ImageFile file = ringFile();
  proto::Checkpoint mine;
  ASSERT_TRUE(mine.ParseFromString(stateOf(*plainEmulator(wholeOf(*file)))));
  for (const uint32_t core : {0u, 5u}) {
    auto other = std::make_shared<image::LoadedImage>(*wholeOf(*file));
    other->cores[core].axonsOut.back().axon -= 1;
    const Image changed = other;
    onRanks(
        2, [&]() -> Expected<Image> { return changed; },
        [&](emu::RankLeader &leader) {
          auto emulator = leader.emulator(changed, {});
          ASSERT_TRUE(bool(emulator)) << takeText(emulator.takeError());
          EXPECT_THAT(takeText((*emulator)->restore(mine)),
                      HasSubstr("another image"));
        });
  }
}

/// Counts what it passes on.
class Counting : public emu::Team {
public:
  Counting(std::unique_ptr<emu::Team> team, size_t &bytes)
      : team(std::move(team)), bytes(bytes) {}
  unsigned rank() const override { return team->rank(); }
  unsigned size() const override { return team->size(); }
  Error exchange(const std::vector<std::string> &out,
                 std::vector<std::string> &in) override {
    for (const std::string &letter : out)
      bytes += letter.size();
    return team->exchange(out, in);
  }
  Error broadcast(std::string &text) override { return team->broadcast(text); }
  Error gather(const std::string &mine,
               std::vector<std::string> &all) override {
    return team->gather(mine, all);
  }

private:
  std::unique_ptr<emu::Team> team;
  size_t &bytes;
};

/// A spike crosses once to a rank, in 12 bytes, however many targets it has
/// there: core 0 sends to core 1 alone, and both are on rank 0.
TEST(Ranks, OnlySpikesWithTargetsElsewhereCross) {
  Image image = ringImage();
  auto plain = plainEmulator(image);
  // Those of the last step have not been exchanged.
  advance(*plain, 19);
  const uint64_t crossing = plain->counters(2).spikes;
  size_t bytes = 0;
  auto team = emu::threadTeam(2);
  std::thread other([&] {
    if (Error error =
            emu::serve(*team[1], [&]() -> Expected<Image> { return image; }))
      ADD_FAILURE() << takeText(std::move(error));
  });
  {
    emu::RankLeader leader(
        std::make_shared<Counting>(std::move(team[0]), bytes));
    auto emulator = leader.emulator(image, {});
    ASSERT_TRUE(bool(emulator)) << takeText(emulator.takeError());
    advance(**emulator, 20);
  }
  other.join();
  EXPECT_GT(crossing, 0u);
  EXPECT_EQ(bytes, 12 * crossing); // of rank 0: those of core 2 alone
}

} // namespace
