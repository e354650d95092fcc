//===- tests/unit/emulator/stream/StreamEmulatorTest.cpp ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Images that are mapped, written and loaded core by core: against a plain loop
// over the network, and against the way that holds everything at once.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "compiler/mapping/check/Compare.h"
#include "compiler/mapping/solver/Assemble.h"
#include "image/ProgramBuilder.h"
#include "tests/unit/compiler/mapping/TestNetworks.h"
#include "tests/unit/emulator/stream/StreamImages.h"
#include <gmock/gmock.h>

namespace hillock::emu {

namespace {

using mapping::Network;
using ::testing::HasSubstr;

constexpr uint32_t neurons = 8192, outputs = 64, local = 48, block = 256;

/// A small form of a common workload: 64 synapses a neuron, three quarters of
/// them in its own block, weights +4 and -4.
uint32_t targetOf(uint64_t i, uint64_t k) {
  const uint64_t h = H(21, i * outputs + k) >> 11;
  return static_cast<uint32_t>(
      k < local ? (i & ~uint64_t{block - 1}) + h % block : h % neurons);
}
int32_t startOf(uint64_t i) {
  return static_cast<int32_t>((H(22, i) >> 11) % 4096);
}

class Rows : public mapping::Connectivity {
public:
  void append(uint32_t source,
              std::vector<mapping::Synapse> &synapses) const override {
    const auto first = static_cast<ptrdiff_t>(synapses.size());
    for (uint32_t k = 0; k < outputs; ++k)
      synapses.push_back(
          {targetOf(source, k), static_cast<int16_t>(k % 2 ? -4 : 4), 0});
    std::sort(synapses.begin() + first, synapses.end());
  }
};

/// V <- V + 41 + input, spike and reset at 4096; a mantissa counts 64.
image::Program program() {
  image::ProgramBuilder b("if");
  const auto v = b.state("v", 31);
  const auto x =
      b.add(b.add(v, b.constant(41)), b.shr(b.input(), b.constant(6)));
  const auto fires = b.lessEqual(b.constant(4096), x);
  b.write("v", b.select(fires, b.constant(0), x));
  b.fire(fires, b.constant(1));
  return b.take();
}

Network wide() {
  Network network;
  network.name = "wide";
  mapping::Population population;
  population.name = "neurons";
  population.shape = {neurons};
  population.program = "if";
  for (uint32_t i = 0; i < neurons; ++i)
    population.initial["v"].push_back(startOf(i));
  network.populations = {population};
  network.projections.resize(1);
  network.projections[0].connectivity = std::make_shared<Rows>();
  network.outputs = {{"neurons", 0}};
  return network;
}

/// Neurons that fire in each step, by a loop over the definition.
std::vector<std::vector<uint32_t>> byHand(int steps) {
  std::vector<int32_t> v(neurons), sum(neurons);
  for (uint32_t i = 0; i < neurons; ++i)
    v[i] = startOf(i);
  std::vector<std::vector<uint32_t>> fired;
  for (int t = 0; t < steps; ++t) {
    std::vector<uint32_t> now;
    for (uint32_t i = 0; i < neurons; ++i) {
      v[i] += 41 + sum[i];
      if (v[i] >= 4096) {
        v[i] = 0;
        now.push_back(i);
      }
    }
    std::fill(sum.begin(), sum.end(), 0);
    for (uint32_t i : now)
      for (uint32_t k = 0; k < outputs; ++k)
        sum[targetOf(i, k)] += k % 2 ? -4 : 4;
    fired.push_back(std::move(now));
  }
  return fired;
}

const target::TargetModel &manycore() {
  static const target::TargetModel model =
      llvm::cantFail(target::findTarget("manycore"));
  return model;
}

/// The image of wide(), written once.
const std::string &widePath() {
  static const std::string path = [] {
    mapping::MapOptions options;
    options.neuronsPerCore = block;
    const auto mapped = llvm::cantFail(mapping::mapToFile(
        wide(), manycore(), {program()}, options, fileOf("wide")));
    EXPECT_EQ(mapped.cores.size(), neurons / block);
    EXPECT_EQ(mapped.statistics.populations[0].synapses, neurons * outputs);
    return fileOf("wide");
  }();
  return path;
}

void expectSameCounters(const Emulator &a, const Emulator &b, uint32_t cores) {
  for (uint32_t c = 0; c < cores; ++c) {
    const CoreCounters &x = a.counters(c), &y = b.counters(c);
    EXPECT_EQ(x.axonsIn, y.axonsIn) << c;
    EXPECT_EQ(x.synapticEvents, y.synapticEvents) << c;
    EXPECT_EQ(x.updates, y.updates) << c;
    EXPECT_EQ(x.spikes, y.spikes) << c;
    EXPECT_EQ(x.axonsOut, y.axonsOut) << c;
  }
}

} // namespace

TEST(Stream, SpikesOfAPlainLoop) {
  const auto image = llvm::cantFail(image::readImage(widePath()));
  const proto::Population &placed = image.debug().population(0);
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> neuronAt;
  for (uint32_t n = 0; n < neurons; ++n)
    neuronAt[{placed.core(int(n)), placed.compartment(int(n))}] = n;
  const auto expected = byHand(60);
  for (unsigned threads : {1u, 2u, 3u}) {
    const auto emulator = streamed(widePath(), threads);
    for (int round = 0; round < 2; ++round, emulator->reset())
      for (const std::vector<uint32_t> &now : expected) {
        emulator->step();
        std::vector<uint32_t> fired;
        for (const Spike &spike : emulator->spikes())
          fired.push_back(neuronAt.at({spike.core, spike.compartment}));
        std::sort(fired.begin(), fired.end());
        ASSERT_EQ(fired, now) << threads << " threads";
      }
  }
}

TEST(Stream, WhatWasMappedIsWhatWasMeant) {
  const auto image = llvm::cantFail(image::readImage(widePath()));
  EXPECT_EQ(takeText(mapping::compare(wide(), image)), "");
}

TEST(Stream, BytesOfTheWholeImage) {
  mapping::MapOptions options;
  options.neuronsPerCore = block;
  const auto mapped = llvm::cantFail(mapping::map(wide(), manycore(), options));
  const auto image = llvm::cantFail(
      mapping::assemble(wide(), mapped, manycore(), {program()}));
  EXPECT_EQ(llvm::cantFail(readFile(widePath())), image::serialize(image));
}

TEST(Stream, CountersOfTheWholeImage) {
  const auto one = whole(widePath()), other = streamed(widePath(), 2);
  for (int t = 0; t < 20; ++t) {
    one->step();
    other->step();
  }
  expectSameCounters(*one, *other, neurons / block);
  EXPECT_EQ(llvm::cantFail(one->read(3, "v")),
            llvm::cantFail(other->read(3, "v")));
}

// Inputs, populations of atoms, delays, several layers and cores.
TEST(Stream, RandomNetworksAsAWhole) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Network network = mapping::test::randomNetwork(seed);
    const std::string path = fileOf("random");
    mapping::MapOptions options;
    options.shareCores = seed % 2;
    llvm::cantFail(mapping::mapToFile(network, mapping::test::loihi(),
                                      mapping::test::programs(), options,
                                      path));
    const auto image = llvm::cantFail(image::readImage(path));
    const auto one = whole(path), other = streamed(path, 1 + seed % 3);
    CounterRandom random(seed);
    for (int t = 0; t < 30; ++t) {
      std::vector<HostSpike> spikes;
      for (const proto::Port &port : image.io().input())
        for (int i = 0; i < port.core_size(); ++i)
          if (random.bernoulli(0.3))
            spikes.push_back({port.core(i), port.index(i), port.atom(i),
                              random.bernoulli(0.8) ? 1 : 3});
      ASSERT_EQ(takeText(one->send(spikes)), "");
      ASSERT_EQ(takeText(other->send(spikes)), "");
      one->step();
      other->step();
      ASSERT_TRUE(std::equal(one->spikes().begin(), one->spikes().end(),
                             other->spikes().begin(), other->spikes().end()))
          << "seed " << seed << ", step " << t;
    }
    expectSameCounters(*one, *other, static_cast<uint32_t>(image.core_size()));
  }
}

TEST(Stream, HostSpikesPastThePorts) {
  const auto emulator = streamed(widePath(), 1);
  const HostSpike spike{0, 0, 0, 1};
  EXPECT_THAT(takeText(emulator->send({&spike, 1})),
              HasSubstr("belongs to no input"));
}

TEST(Stream, DamagedFilesAreRefused) {
  const std::string good = llvm::cantFail(readFile(widePath()));
  const std::string path = fileOf("damaged");
  const auto problem = [&](const std::string &bytes) {
    EXPECT_EQ(takeText(writeFile(path, bytes)), "");
    auto reader = image::ImageReader::open(path);
    return reader ? std::string() : takeText(reader.takeError());
  };
  std::string bytes = good;
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  EXPECT_THAT(problem(bytes), HasSubstr("damaged"));
  EXPECT_THAT(problem(good.substr(0, good.size() - 1)),
              HasSubstr("bytes behind its header"));
  EXPECT_THAT(problem("HILLOCK0"), HasSubstr("not a Hillock image"));
}

} // namespace hillock::emu
