//===- tests/unit/emulator/trace/TraceTest.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "emulator/trace/Tracer.h"
#include "proto/perfetto.pb.h"
#include "tests/unit/emulator/checkpoint/Chip.h"
#include <gmock/gmock.h>
#include <map>
#include <sstream>

using namespace hillock;
using namespace hillock::test;
using ::testing::HasSubstr;

namespace {

std::string temporary(const std::string &name) {
  return ::testing::TempDir() + "hillock-" + name;
}

std::string contentOf(const std::string &path) {
  auto text = readFile(path);
  if (text)
    return *text;
  ADD_FAILURE() << takeText(text.takeError());
  return {};
}

/// A reader of value change dumps that knows nothing of the writer.
struct Waves {
  std::map<std::string, std::map<uint64_t, uint64_t>> values; ///< by full name
  uint64_t end = 0;

  uint64_t at(const std::string &name, uint64_t ps) const {
    const auto found = values.find(name);
    if (found == values.end()) {
      ADD_FAILURE() << "no signal " << name;
      return 0;
    }
    auto next = found->second.upper_bound(ps);
    return next == found->second.begin() ? 0 : std::prev(next)->second;
  }
};

Waves readVcd(const std::string &text) {
  Waves waves;
  std::istringstream in(text);
  std::map<std::string, std::string> names;
  std::vector<std::string> scopes;
  std::string word;
  bool inHeader = true;
  auto skip = [&] {
    while (in >> word && word != "$end") {
    }
  };
  uint64_t now = 0;
  while (in >> word) {
    if (inHeader && word == "$scope") {
      in >> word >> word;
      scopes.push_back(word);
      skip();
    } else if (inHeader && word == "$upscope") {
      EXPECT_FALSE(scopes.empty());
      scopes.pop_back();
      skip();
    } else if (inHeader && word == "$var") {
      std::string type, bits, code, name;
      in >> type >> bits >> code >> name;
      std::string full;
      for (const std::string &scope : scopes)
        full += scope + ".";
      EXPECT_TRUE(names.emplace(code, full + name).second) << "code " << code;
      skip();
    } else if (word == "$enddefinitions") {
      skip();
      inHeader = false;
      EXPECT_TRUE(scopes.empty());
    } else if (word[0] == '#') {
      const uint64_t time = std::stoull(word.substr(1));
      EXPECT_TRUE(time > now || time == 0) << "time goes back at " << word;
      now = waves.end = time;
    } else if (word[0] == 'b') {
      const uint64_t value = std::stoull(word.substr(1), nullptr, 2);
      in >> word;
      EXPECT_TRUE(names.count(word)) << word;
      waves.values[names[word]][now] = value;
    } else if (word[0] == '0' || word[0] == '1') {
      EXPECT_TRUE(names.count(word.substr(1))) << word;
      waves.values[names[word.substr(1)]][now] = word[0] == '1';
    } else if (word == "$comment" || word == "$timescale" || word == "$date" ||
               word == "$version") {
      skip();
    } else {
      EXPECT_TRUE(word == "$dumpvars" || word == "$end") << word;
    }
  }
  return waves;
}

struct Slice {
  std::string track, name;
  uint64_t begin = 0, end = 0;
  auto operator<=>(const Slice &) const = default;
};

struct Timeline {
  std::vector<Slice> slices;
  std::map<std::string, std::map<uint64_t, int64_t>> counters;
};

/// Pairs begins with ends, as a viewer does.
Timeline readPerfetto(const std::string &bytes) {
  Timeline line;
  perfetto::Trace trace;
  EXPECT_TRUE(trace.ParseFromString(bytes));
  std::map<uint64_t, std::string> tracks;
  std::map<uint64_t, std::vector<Slice>> open;
  for (const perfetto::TracePacket &packet : trace.packet()) {
    EXPECT_NE(packet.trusted_packet_sequence_id(), 0u);
    if (packet.has_track_descriptor()) {
      const perfetto::TrackDescriptor &track = packet.track_descriptor();
      const std::string parent =
          track.has_parent_uuid() ? tracks.at(track.parent_uuid()) + "/" : "";
      EXPECT_TRUE(tracks
                      .emplace(track.uuid(),
                               parent + (track.has_process()
                                             ? track.process().process_name()
                                             : track.name()))
                      .second);
      continue;
    }
    const perfetto::TrackEvent &event = packet.track_event();
    EXPECT_TRUE(tracks.count(event.track_uuid()));
    const std::string track = tracks[event.track_uuid()];
    std::vector<Slice> &stack = open[event.track_uuid()];
    if (event.type() == perfetto::TrackEvent::SLICE_BEGIN) {
      stack.push_back({track, event.name(), packet.timestamp(), 0});
    } else if (event.type() == perfetto::TrackEvent::SLICE_END) {
      EXPECT_FALSE(stack.empty()) << track;
      stack.back().end = packet.timestamp();
      EXPECT_LE(stack.back().begin, stack.back().end);
      line.slices.push_back(stack.back());
      stack.pop_back();
    } else {
      line.counters[track][packet.timestamp()] = event.counter_value();
    }
  }
  for (const auto &[track, stack] : open)
    EXPECT_TRUE(stack.empty()) << tracks[track];
  return line;
}

emu::TraceShape twoCores(bool timed) {
  emu::TraceShape shape;
  shape.timed = timed;
  shape.title = "net (davies2018)";
  shape.cores = {{0, 5}, {1, 0}};
  if (timed)
    shape.links = {"tile (0, 0) east", "tile (0, 0) west"};
  return shape;
}

/// Two steps: 10 ns and 1 ns of barrier, 6.5 ns and 2 ns.
std::vector<emu::TraceStep> twoSteps() {
  emu::TraceStep one, two;
  one.number = 1;
  one.workPs = 10000;
  one.barrierPs = 1000;
  one.cores = {{3, 2, 40, 10000, 4000}, {0, 0, 0, 2000, 0}};
  one.linkMessages = {7, 0};
  two.number = 2;
  two.startPs = 11000;
  two.workPs = 6500;
  two.barrierPs = 2000;
  two.cores = {{1, 0, 0, 3000, 0}, {2, 7, 9, 6500, 6000}};
  two.linkMessages = {0, 0};
  return {one, two};
}

std::string written(const std::string &name, const emu::TraceShape &shape) {
  const std::string path = temporary(name);
  auto file = emu::createTrace(path, shape);
  if (!file) {
    ADD_FAILURE() << takeText(file.takeError());
    return {};
  }
  for (const emu::TraceStep &step : twoSteps())
    EXPECT_FALSE(bool((*file)->add(step)));
  EXPECT_FALSE(bool((*file)->finish()));
  return contentOf(path);
}

TEST(Vcd, ShowsWhatIsBusyWhen) {
  const Waves waves = readVcd(written("a.vcd", twoCores(true)));
  struct {
    const char *signal;
    uint64_t ps, value;
  } expected[] = {
      {"chip.step", 0, 1},
      {"chip.step", 10999, 1},
      {"chip.step", 11000, 2},
      {"chip.barrier", 9999, 0},
      {"chip.barrier", 10000, 1},
      {"chip.barrier", 11000, 0},
      {"chip.barrier", 17500, 1},
      {"chip.barrier", 19500, 0},
      {"chip0.core5.send", 9999, 1},
      {"chip0.core5.send", 10000, 0},
      {"chip0.core5.send", 11000, 1},
      {"chip0.core5.send", 14000, 0},
      {"chip0.core5.receive", 3999, 1},
      {"chip0.core5.receive", 4000, 0},
      {"chip1.core0.receive", 11000, 1},
      {"chip1.core0.receive", 17000, 0},
      {"chip0.core5.spikes", 0, 3},
      {"chip0.core5.spikes", 11000, 1},
      {"chip0.core5.spikes", 19500, 0},
      {"chip1.core0.synaptic_events", 12000, 9},
      {"chip1.core0.messages_in", 12000, 7},
      {"links.tile__0__0__east", 5000, 7},
      {"links.tile__0__0__east", 11000, 0},
  };
  for (const auto &check : expected)
    EXPECT_EQ(waves.at(check.signal, check.ps), check.value)
        << check.signal << " at " << check.ps;
  EXPECT_EQ(waves.end, 19500u);
}

TEST(Vcd, WithoutAClockAStepIsAMicrosecond) {
  const std::string path = temporary("steps.vcd");
  auto image = ringImage();
  emu::TraceShape shape;
  for (const image::CoreTables &core : image->cores)
    shape.cores.push_back({core.chip, core.core});
  auto tracer = emu::Tracer::create({path}, shape);
  ASSERT_TRUE(bool(tracer)) << takeText(tracer.takeError());
  std::shared_ptr<emu::Tracer> shared = std::move(*tracer);
  auto emulator = emu::traced(plainEmulator(image), shared);
  emulator->reset();
  advance(*emulator, 25);
  ASSERT_FALSE(bool(shared->finish()));
  const Waves waves = readVcd(contentOf(path));
  // Counted once more, by a run of its own.
  auto again = plainEmulator(image);
  for (uint64_t step = 0; step < 25; ++step) {
    advance(*again, 1);
    std::vector<uint64_t> spikes(6);
    for (const emu::Spike &spike : again->spikes())
      ++spikes[spike.core];
    for (uint32_t core = 0; core < 6; ++core)
      EXPECT_EQ(waves.at("chip" + std::to_string(core / 3) + ".core" +
                             std::to_string(core % 3 * 4) + ".spikes",
                         step * emu::untimedStepPs),
                spikes[core])
          << "step " << step << " core " << core;
  }
  EXPECT_EQ(waves.end, 25 * emu::untimedStepPs);
}

TEST(Perfetto, ShowsWhatIsBusyWhen) {
  const Timeline line =
      readPerfetto(written("a.perfetto-trace", twoCores(true)));
  std::vector<Slice> slices = line.slices,
                     expected = {
                         {"net (davies2018)/barriers", "barrier", 10, 11},
                         {"net (davies2018)/barriers", "barrier", 18,
                          20}, // 17.5, 19.5
                         {"net (davies2018)/steps", "step 1", 0, 11},
                         {"net (davies2018)/steps", "step 2", 11, 20},
                         {"chip 0/core 5 send", "send", 0, 10},
                         {"chip 0/core 5 send", "send", 11, 14},
                         {"chip 0/core 5 receive", "receive", 0, 4},
                         {"chip 1/core 0 send", "send", 0, 2},
                         {"chip 1/core 0 send", "send", 11, 18},
                         {"chip 1/core 0 receive", "receive", 11, 17},
                     };
  std::sort(slices.begin(), slices.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(slices, expected);
  using Values = std::map<uint64_t, int64_t>;
  EXPECT_EQ(line.counters.at("chip 0/core 5 spikes"),
            (Values{{0, 3}, {11, 1}, {20, 0}}));
  EXPECT_EQ(line.counters.at("chip 1/core 0 synaptic events"),
            (Values{{11, 9}, {20, 0}}));
  EXPECT_EQ(line.counters.at("links/tile (0, 0) east messages"),
            (Values{{0, 7}, {11, 0}}));
  // A link that nothing has passed has no track.
  EXPECT_FALSE(line.counters.count("links/tile (0, 0) west messages"));
}

/// The axis of a run with a clock is the clock's report.
TEST(Perfetto, TheAxisIsTheChipsTime) {
  const std::string path = temporary("run.perfetto-trace");
  auto image = ringImage();
  emu::TraceShape shape;
  shape.timed = true;
  for (const image::CoreTables &core : image->cores)
    shape.cores.push_back({core.chip, core.core});
  auto tracer = emu::Tracer::create({path}, shape);
  ASSERT_TRUE(bool(tracer)) << takeText(tracer.takeError());
  std::shared_ptr<emu::Tracer> shared = std::move(*tracer);
  emu::CycleOptions cycle;
  cycle.parameters = {"sanafe"};
  cycle.observe = [&](size_t, const emu::StepTime &time,
                      const emu::ClockTotals &own) {
    shared->time(time, own, cycle.clock.cyclePs);
  };
  auto engine = cycleEngine(image, cycle, 2);
  emu::CycleEngine &clock = *engine;
  auto emulator = emu::traced(std::move(engine), shared);
  emulator->reset();
  advance(*emulator, 30);
  const emu::CycleReport report = reportOf(clock);
  ASSERT_FALSE(bool(shared->finish()));
  const Timeline line = readPerfetto(contentOf(path));
  uint64_t ps = 0;
  size_t at = 0;
  std::map<std::string, uint64_t> busy;
  for (const Slice &slice : line.slices)
    if (slice.track.ends_with("/steps")) {
      ASSERT_LT(at, report.sets[0].steps.size());
      EXPECT_EQ(slice.begin, (ps + 500) / 1000);
      ps += report.sets[0].steps[at++].totalPs();
      EXPECT_EQ(slice.end, (ps + 500) / 1000);
    } else {
      busy[slice.track] += slice.end - slice.begin;
    }
  EXPECT_EQ(at, 30u);
  EXPECT_EQ(ps, report.sets[0].totalPs());
  const uint64_t sender =
      report.sets[0].totals.cores[0].sender() * cycle.clock.cyclePs;
  EXPECT_NEAR(double(busy["chip 0/core 0 send"]), double(sender) / 1000, 30);
  EXPECT_GT(busy["chip 0/core 0 send"], 0u);
}

/// What GTKWave's fst2vcd makes of \p input, in \p output.
std::string dumpOf(const std::string &input, const std::string &output) {
  const std::string command =
      "fst2vcd -f '" + input + "' -o '" + output + "' >/dev/null 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return contentOf(output);
}

/// In one block and in one a step: as GTKWave reads it, it is the dump.
TEST(Fst, ReadsAsTheDump) {
  if (std::system("command -v fst2vcd >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "fst2vcd (of GTKWave) is not there";
  for (const bool timed : {true, false})
    for (const uint64_t blockBytes : {1u << 20, 0u}) {
      const std::string path = temporary("b.fst");
      auto file = emu::createFst(path, twoCores(timed), blockBytes);
      ASSERT_TRUE(bool(file)) << takeText(file.takeError());
      for (const emu::TraceStep &step : twoSteps())
        EXPECT_FALSE(bool((*file)->add(step)));
      EXPECT_FALSE(bool((*file)->finish()));
      const Waves waves = readVcd(dumpOf(path, temporary("b-back.vcd")));
      const Waves expected = readVcd(written("b.vcd", twoCores(timed)));
      EXPECT_EQ(waves.values, expected.values) << blockBytes;
      EXPECT_EQ(waves.end, expected.end) << blockBytes;
    }
}

TEST(Fst, EqualRunsAreEqualBytes) {
  const std::string first = written("c.fst", twoCores(true));
  EXPECT_EQ(first, written("c.fst", twoCores(true)));
  // The header: type, length, times, scopes (a chip, two and a core each,
  // links) and signals as they can be counted by hand.
  ASSERT_GT(first.size(), 330u);
  const auto number = [&](size_t at) {
    uint64_t value = 0;
    for (size_t i = 0; i < 8; ++i)
      value = value << 8 | static_cast<unsigned char>(first[at + i]);
    return value;
  };
  EXPECT_EQ(first[0], 0);
  EXPECT_EQ(number(1), 329u);
  EXPECT_EQ(number(9), 0u);
  EXPECT_EQ(number(17), 19500u);
  EXPECT_EQ(number(41), 6u);
  EXPECT_EQ(number(49), 2u + 2 * 5 + 2);
  EXPECT_EQ(number(65), 1u);
}

TEST(Trace, OtherFilesAreRefused) {
  EXPECT_THAT(takeText(emu::checkTracePath("a.json")),
              HasSubstr(".perfetto-trace"));
  auto file = emu::createTrace("/no/such/folder/a.vcd", twoCores(false));
  ASSERT_FALSE(bool(file));
  EXPECT_THAT(takeText(file.takeError()), HasSubstr("/no/such/folder"));
}

} // namespace
