//===- tests/differential/CompiledTest.cpp - Through the whole compiler ---===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random networks in real numbers, compiled as a user's are. Every spike of
// every population on the chip must be one that the interpreter of the integer
// level has, on threads, on ranks, and with a clock. HILLOCK_COMPILED_NETWORKS
// says how many.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/reference/Interpreter.h"
#include "emulator/engine/CycleEngine.h"
#include "emulator/jit/Jit.h"
#include "emulator/ranks/RankEmulator.h"
#include "emulator/stream/StreamEmulator.h"
#include "image/ImageFile.h"
#include "runtime/session/Session.h"
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <thread>
#include <tuple>
#include <unistd.h>

using namespace hillock;

namespace {

using Rng = std::mt19937;
using Image = std::shared_ptr<const image::LoadedImage>;

uint32_t below(Rng &rng, uint32_t n) {
  return static_cast<uint32_t>(rng() % n);
}
double within(Rng &rng, double low, double high) {
  return low + (high - low) * below(rng, 10001) / 10000.0;
}

/// Text of a network: populations that hear the input, each other, and, some
/// steps later, themselves.
class RandomNetwork {
public:
  explicit RandomNetwork(uint32_t seed) : rng(seed) {
    text = "snn.network @random dt 1.0 time_unit 0.0 {\n";
    inputs = 1 + below(rng, 12);
    text += "  %x = snn.input \"x\" : !snn.spikes<" + std::to_string(inputs) +
            ">\n";
    sources.push_back({"x", inputs});
    const uint32_t populations = 1 + below(rng, 4);
    for (uint32_t p = 0; p < populations; ++p)
      addPopulation(p);
    text += "  snn.output \"y\", %" + sources.back().first + " : !snn.spikes<" +
            std::to_string(sources.back().second) + ">\n}\n";
  }
  std::string text;
  uint32_t inputs = 0;

private:
  using Source = std::pair<std::string, uint32_t>;

  std::string list(const std::string &type, uint32_t count, double low,
                   double high) {
    std::string values;
    for (uint32_t i = 0; i < count; ++i)
      values += (i ? ", " : "") + std::to_string(within(rng, low, high));
    return "dense<[" + values + "]> : tensor<" + std::to_string(count) + "x" +
           type + ">";
  }

  /// A dense projection, possibly late; returns the name of the current.
  std::string project(const Source &from, uint32_t to, double strength,
                      uint32_t late) {
    std::string name = from.first;
    if (late > 0) {
      const std::string id = "d" + std::to_string(next++);
      text += "  %" + id + " = snn.delay %" + name + " steps dense<" +
              std::to_string(late) + "> : tensor<" +
              std::to_string(from.second) + "xi64> : !snn.spikes<" +
              std::to_string(from.second) + ">\n";
      name = id;
    }
    std::string rows;
    for (uint32_t r = 0; r < to; ++r) {
      rows += r ? ", [" : "[";
      for (uint32_t c = 0; c < from.second; ++c)
        rows += (c ? ", " : "") +
                std::to_string(below(rng, 4) == 0
                                   ? 0.0
                                   : within(rng, -0.5, 1.0) * strength);
      rows += "]";
    }
    const std::string id = "c" + std::to_string(next++);
    text += "  %" + id + " = snn.dense %" + name + " weights dense<[" + rows +
            "]> : tensor<" + std::to_string(to) + "x" +
            std::to_string(from.second) + "xf32> : (!snn.spikes<" +
            std::to_string(from.second) + ">) -> !snn.current<" +
            std::to_string(to) + "xf32>\n";
    return id;
  }

  void addPopulation(uint32_t number) {
    const std::string name = "p" + std::to_string(number);
    const uint32_t size = 1 + below(rng, 30);
    const std::string n = std::to_string(size);
    std::vector<std::string> currents;
    for (size_t s = sources.size(); s-- > 0;)
      if (currents.empty() || below(rng, 3) == 0)
        currents.push_back(project(sources[s], size, 0.9, below(rng, 3)));
    if (below(rng, 2))
      currents.push_back(project({name, size}, size, 0.4, 1 + below(rng, 4)));
    std::string sum = currents[0];
    if (currents.size() > 1) {
      std::string operands, types;
      for (size_t i = 0; i < currents.size(); ++i) {
        operands += (i ? ", %" : "%") + currents[i];
        types += (i ? ", " : "") + ("!snn.current<" + n + "xf32>");
      }
      sum = "s" + std::to_string(next++);
      text += "  %" + sum + " = snn.sum " + operands + " : (" + types +
              ") -> !snn.current<" + n + "xf32>\n";
    }
    const uint32_t kind = below(rng, 3);
    static const char *const kinds[] = {"if", "lif", "cuba_lif"};
    text += "  %" + name + " = snn.neurons " + kinds[kind] + " %" + sum +
            " conventions <integrator = euler, order = integrate_fire, reset "
            "= value, compare = strict, refractory = 0, multi = false, clamp "
            "= 0> {name = \"" +
            name + "\", r = " + list("f64", size, 1, kind == 0 ? 1 : 4) +
            ", v_threshold = " + list("f64", size, 0.5, 1.2) +
            ", v_reset = dense<0.0> : tensor<" + n + "xf64>";
    if (kind > 0)
      text += ", v_leak = dense<0.0> : tensor<" + n +
              "xf64>, tau_mem = " + list("f64", size, 2, 20);
    if (kind > 1)
      text += ", tau_syn = " + list("f64", size, 2, 10) +
              ", w_in = dense<1.0> : tensor<" + n + "xf64>";
    text += "} : (!snn.current<" + n + "xf32>) -> !snn.spikes<" + n + ">\n";
    sources.push_back({name, size});
  }

  Rng rng;
  std::vector<Source> sources;
  uint32_t next = 0;
};

struct Case {
  std::unique_ptr<pipeline::Compilation> compilation;
  Image image;
  std::string refusal;
};

Case compile(const std::string &text) {
  Case result;
  const std::string path =
      ::testing::TempDir() + "hillock-random-" +
      std::to_string(static_cast<unsigned long>(::getpid())) + ".mlir";
  if (Error error = writeFile(path, text)) {
    ADD_FAILURE() << takeText(std::move(error));
    return result;
  }
  pipeline::Options options;
  options.keepLevels = true;
  auto compilation = pipeline::Compilation::run(path, options);
  std::filesystem::remove(path);
  if (!compilation) {
    result.refusal = takeText(compilation.takeError());
    return result;
  }
  result.compilation = std::move(*compilation);
  auto parsed =
      image::parseImage(image::serialize(result.compilation->image()), "image");
  if (!parsed) {
    ADD_FAILURE() << takeText(parsed.takeError());
    return result;
  }
  auto loaded = image::load(std::move(*parsed), "image");
  if (!loaded) {
    ADD_FAILURE() << takeText(loaded.takeError());
    return result;
  }
  result.image = std::make_shared<image::LoadedImage>(std::move(*loaded));
  return result;
}

using Train = std::vector<std::pair<int64_t, int64_t>>;
using Trains = std::map<std::string, Train>;

Trains integerLevel(pipeline::Compilation &compilation,
                    const runtime::Stimulus &stimulus) {
  Trains trains;
  snn::NetworkOp network = compilation.integer();
  std::vector<reference::Event> events;
  for (const runtime::Event &event : stimulus.events)
    events.push_back({event.step, event.neuron, event.value});
  reference::RunOptions options;
  options.populations = true;
  options.steps = stimulus.steps + 40;
  auto trace = reference::run(network, {{"x", events}}, options);
  if (!trace) {
    ADD_FAILURE() << takeText(trace.takeError());
    return trains;
  }
  for (snn::PopulationOp op : network.getBody().getOps<snn::PopulationOp>()) {
    const std::string name =
        op->getAttrOfType<mlir::StringAttr>("name").getValue().str();
    const int64_t lag = op->getAttrOfType<mlir::IntegerAttr>("lag").getInt();
    const reference::Recording *recording = trace->probe(name);
    Train &train = trains[name];
    for (size_t e = 0; recording && e < recording->events.size(); ++e)
      if (const reference::Event &event = recording->events[e];
          event.step >= lag && event.step < lag + stimulus.steps)
        train.push_back({event.step - lag, event.neuron});
  }
  return trains;
}

/// \p after sees the emulator as the run has left it.
Trains chipLevel(const Image &image, std::unique_ptr<emu::Emulator> emulator,
                 const runtime::Stimulus &stimulus,
                 const std::function<void(emu::Emulator &)> &after = {}) {
  Trains trains;
  auto session = runtime::Session::open(image, std::move(emulator));
  if (!session) {
    ADD_FAILURE() << takeText(session.takeError());
    return trains;
  }
  runtime::RunOptions options;
  options.populations = true;
  auto result = session->run({{"", stimulus}}, options);
  if (!result) {
    ADD_FAILURE() << takeText(result.takeError());
    return trains;
  }
  for (const runtime::SpikeTrain &train : result->populations)
    if (train.name != "x")
      for (const runtime::Event &event : train.events)
        trains[train.name].push_back({event.step, event.neuron});
  if (after)
    after(session->chip());
  return trains;
}

std::unique_ptr<emu::Emulator> onThreads(const Image &image, unsigned threads) {
  emu::Options options;
  options.threads = threads;
  auto emulator = emu::Emulator::create(image, options);
  if (emulator)
    return std::move(*emulator);
  ADD_FAILURE() << takeText(emulator.takeError());
  return nullptr;
}

/// Beside \p spikes, which runs \p image, or the emulator that holds it.
std::unique_ptr<emu::CycleEngine>
withClock(const Image &image, std::unique_ptr<emu::Emulator> spikes = nullptr,
          unsigned threads = 1) {
  auto engine =
      spikes ? emu::CycleEngine::create(image, std::move(spikes), threads, {})
             : emu::CycleEngine::create(image, emu::Options(), {});
  if (engine)
    return std::move(*engine);
  ADD_FAILURE() << takeText(engine.takeError());
  return nullptr;
}

/// From the file at \p path, in the form for large networks; with machine code
/// from the first step on where \p threads are more than one.
std::unique_ptr<emu::Emulator> streamed(const std::string &path,
                                        unsigned threads) {
  auto reader = image::ImageReader::open(path);
  if (!reader) {
    ADD_FAILURE() << takeText(reader.takeError());
    return nullptr;
  }
  emu::Options options;
  options.threads = threads;
  options.codegenAfter = 0;
  if (threads > 1)
    options.codegen = emu::createJit();
  auto emulator = emu::createStreamed(std::move(*reader), options);
  if (emulator)
    return std::move(*emulator);
  ADD_FAILURE() << takeText(emulator.takeError());
  return nullptr;
}

Trains onRanks(const Image &image, const runtime::Stimulus &stimulus) {
  auto team = emu::threadTeam(2);
  std::thread other([&] {
    if (Error error =
            emu::serve(*team[1], [&]() -> Expected<Image> { return image; }))
      ADD_FAILURE() << takeText(std::move(error));
  });
  Trains trains;
  {
    emu::RankLeader leader(std::move(team[0]));
    auto emulator = leader.emulator(image, emu::Options());
    if (emulator)
      trains = chipLevel(image, std::move(*emulator), stimulus);
    else
      ADD_FAILURE() << takeText(emulator.takeError());
  }
  other.join();
  return trains;
}

emu::CycleReport reportOf(emu::CycleEngine &engine) {
  auto report = engine.report();
  if (report)
    return std::move(*report);
  ADD_FAILURE() << takeText(report.takeError());
  return {};
}

/// A run with a clock, and what the clock says.
std::pair<Trains, emu::CycleReport>
clocked(const Image &image, std::unique_ptr<emu::CycleEngine> engine,
        const runtime::Stimulus &stimulus) {
  emu::CycleReport report;
  const auto after = [&](emu::Emulator &chip) {
    report = reportOf(static_cast<emu::CycleEngine &>(chip));
  };
  Trains trains = chipLevel(image, std::move(engine), stimulus, after);
  return {std::move(trains), std::move(report)};
}

void expectSame(const emu::CycleReport &expected, const emu::CycleReport &got) {
  EXPECT_EQ(expected.steps, got.steps);
  EXPECT_EQ(expected.layers, got.layers);
  EXPECT_EQ(expected.counts, got.counts);
  EXPECT_EQ(expected.stepCounts, got.stepCounts);
  EXPECT_EQ(expected.flows, got.flows);
  ASSERT_EQ(expected.sets.size(), got.sets.size());
  for (size_t s = 0; s < got.sets.size(); ++s) {
    const emu::SetReport &a = expected.sets[s], &b = got.sets[s];
    SCOPED_TRACE(a.name());
    EXPECT_EQ(a.name(), b.name());
    EXPECT_EQ(a.steps, b.steps);
    EXPECT_EQ(a.workPs, b.workPs);
    EXPECT_EQ(a.barrierPs, b.barrierPs);
    EXPECT_EQ(a.barrierHighPs, b.barrierHighPs);
    EXPECT_EQ(a.lowerPs, b.lowerPs);
    EXPECT_EQ(a.totals.cores, b.totals.cores);
    EXPECT_EQ(a.totals.heat, b.totals.heat);
    EXPECT_EQ(a.totals.linkMessages, b.totals.linkMessages);
    EXPECT_EQ(a.totals.barrierHopsX, b.totals.barrierHopsX);
    EXPECT_EQ(a.totals.barrierHopsY, b.totals.barrierHopsY);
    EXPECT_EQ(a.layers, b.layers);
    EXPECT_EQ(a.energy, b.energy);
  }
}

/// Steps of both engines in which the host sends to some axons of the inputs,
/// to the first of them once more; from step 10 on so often that sums of 16
/// bits could not hold it.
void expectSameWithAxonsTwice(const Image &image, emu::CycleEngine &expected,
                              emu::CycleEngine &got, uint32_t seed) {
  std::vector<emu::HostSpike> axons;
  for (const proto::Port &port : image->proto.io().input())
    for (int i = 0; i < port.core_size(); ++i)
      axons.push_back({port.core(i), port.index(i), port.atom(i), 1});
  Rng rng(seed + 2000);
  for (uint32_t t = 0; t < 20; ++t) {
    std::vector<emu::HostSpike> now;
    for (const emu::HostSpike &axon : axons)
      if (below(rng, 3) == 0)
        now.push_back(axon);
    if (!now.empty())
      now.insert(now.end(), t < 10 ? 1 : 1000, emu::HostSpike(now.front()));
    for (emu::CycleEngine *engine : {&expected, &got}) {
      ASSERT_EQ(takeText(engine->send(now)), "");
      engine->step();
    }
    ASSERT_TRUE(std::equal(expected.spikes().begin(), expected.spikes().end(),
                           got.spikes().begin(), got.spikes().end()))
        << "step " << t;
    for (uint32_t c = 0; c < image->cores.size(); ++c)
      ASSERT_EQ(llvm::cantFail(expected.read(c, "q")),
                llvm::cantFail(got.read(c, "q")))
          << "step " << t << ", core " << c;
  }
  expectSame(reportOf(expected), reportOf(got));
  for (uint32_t c = 0; c < image->cores.size(); ++c) {
    const emu::CoreCounters &a = expected.counters(c), &b = got.counters(c);
    EXPECT_EQ(
        std::tie(a.axonsIn, a.synapticEvents, a.updates, a.spikes, a.axonsOut),
        std::tie(b.axonsIn, b.synapticEvents, b.updates, b.spikes, b.axonsOut))
        << "core " << c;
  }
}

/// Populations that are silent may be absent.
void expectSame(Trains expected, Trains got, const std::string &what) {
  std::erase_if(expected,
                [](const auto &entry) { return entry.second.empty(); });
  std::erase_if(got, [](const auto &entry) { return entry.second.empty(); });
  EXPECT_EQ(expected, got) << what;
}

TEST(Compiled, ChipsSpikeAsTheIntegerLevel) {
  const char *wanted = std::getenv("HILLOCK_COMPILED_NETWORKS");
  const uint32_t count =
      wanted ? static_cast<uint32_t>(std::strtoul(wanted, nullptr, 10)) : 25;
  uint32_t refused = 0, alive = 0;
  for (uint32_t seed = 1; seed <= count; ++seed) {
    const RandomNetwork network(seed);
    Case chip = compile(network.text);
    if (!chip.refusal.empty()) {
      ++refused;
      std::printf("%u: %s\n", seed, chip.refusal.c_str());
      continue;
    }
    ASSERT_TRUE(chip.image) << network.text;
    runtime::Stimulus stimulus;
    stimulus.shape = {network.inputs};
    stimulus.steps = 40;
    Rng rng(seed + 1000);
    for (uint32_t t = 0; t < 40; ++t)
      for (uint32_t n = 0; n < network.inputs; ++n)
        if (below(rng, 4) == 0)
          stimulus.events.push_back({t, n, 1});
    const Trains expected = integerLevel(*chip.compilation, stimulus);
    for (const auto &[name, train] : expected)
      if (!train.empty()) {
        ++alive;
        break;
      }
    expectSame(expected,
               chipLevel(chip.image, onThreads(chip.image, 1), stimulus),
               "a thread");
    expectSame(expected,
               chipLevel(chip.image, onThreads(chip.image, 3), stimulus),
               "3 threads");
    const auto [timed, report] =
        clocked(chip.image, withClock(chip.image), stimulus);
    expectSame(expected, timed, "cycle mode");
    EXPECT_GT(report.steps, 0u);
    expectSame(expected, onRanks(chip.image, stimulus), "2 ranks");
    const std::string file = ::testing::TempDir() + "hillock-compiled-" +
                             std::to_string(::getpid()) + ".hlk";
    ASSERT_EQ(takeText(image::writeImage(chip.compilation->image(), file)), "");
    for (unsigned threads : {1u, 2u}) {
      expectSame(expected,
                 chipLevel(chip.image, streamed(file, threads), stimulus),
                 "streamed");
      const auto withStreamed = [&] {
        return withClock(chip.image, streamed(file, threads), threads);
      };
      const auto [trains, itsReport] =
          clocked(chip.image, withStreamed(), stimulus);
      expectSame(expected, trains, "streamed, cycle mode");
      expectSame(report, itsReport);
      expectSameWithAxonsTwice(chip.image, *withClock(chip.image),
                               *withStreamed(), seed);
    }
    std::filesystem::remove(file);
    if (HasFailure())
      FAIL() << "network " << seed << ":\n" << network.text;
  }
  std::printf("%u networks, %u refused, %u with spikes\n", count, refused,
              alive);
  EXPECT_LT(refused, count / 4 + 1);
  EXPECT_GT(alive, count / 2);
}

} // namespace
