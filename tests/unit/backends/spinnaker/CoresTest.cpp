//===- tests/unit/backends/spinnaker/CoresTest.cpp - Whole cores ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/spinnaker/Cores.h"
#include "base/AtomicFile.h"
#include "base/Random.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace hillock;
using namespace hillock::spinnaker;

namespace {

using Json = nlohmann::json;
using Lists = std::vector<std::vector<Connection>>;

std::function<void(uint32_t, std::vector<Connection> &)> listed(Lists lists) {
  return [lists = std::move(lists)](uint32_t source,
                                    std::vector<Connection> &out) {
    out.insert(out.end(), lists[source].begin(), lists[source].end());
  };
}

Network networkOf(const Json &json) {
  Network network;
  for (uint32_t neurons : json["populations"])
    network.populations.push_back(
        {"p" + std::to_string(network.populations.size()), neurons});
  for (const Json &one : json["projections"]) {
    Projection projection;
    projection.source = one["source"];
    projection.target = one["target"];
    Lists lists(network.populations[projection.source].neurons);
    for (const Json &c : one["connections"])
      lists[c[0]].push_back({c[1], c[2], c[3]});
    projection.append = listed(std::move(lists));
    network.projections.push_back(std::move(projection));
  }
  return network;
}

std::string failureOf(const Network &network, uint32_t atoms) {
  auto plan = planSlices(network, atoms);
  return plan ? std::string() : takeText(plan.takeError());
}

/// Plan and cores of the last population.
struct Made {
  Plan plan;
  std::vector<Core> cores;
};
Made make(const Network &network, uint32_t atoms) {
  Made made;
  auto plan = planSlices(network, atoms);
  if (!plan) {
    ADD_FAILURE() << takeText(plan.takeError());
    return made;
  }
  made.plan = *plan;
  const auto last = static_cast<uint32_t>(network.populations.size() - 1);
  auto cores = coresOf(network, made.plan, last);
  if (!cores) {
    ADD_FAILURE() << takeText(cores.takeError());
    return made;
  }
  made.cores = std::move(*cores);
  Error error = checkCores(network, made.plan, last, made.cores);
  EXPECT_FALSE(bool(error)) << takeText(std::move(error));
  return made;
}

/// Two populations and one list of connections for each source.
Network pairOf(uint32_t targets, Lists lists, int exponent = 0) {
  Network network;
  network.populations = {{"in", static_cast<uint32_t>(lists.size())},
                         {"out", targets}};
  Projection projection;
  projection.target = 1;
  projection.exponent = exponent;
  projection.where = "node 'w'";
  projection.append = listed(std::move(lists));
  network.projections.push_back(std::move(projection));
  return network;
}

//===----------------------------------------------------------------------===//
// Against sPyNNaker
//===----------------------------------------------------------------------===//

TEST(Cores, WordsAreThoseOfSPyNNaker) {
  auto text = readFile(HILLOCK_SPINNAKER_FIXTURE);
  ASSERT_TRUE(bool(text));
  size_t words = 0;
  for (const Json &json : Json::parse(*text)) {
    const Network network = networkOf(json);
    auto plan = planSlices(network, json["atoms_per_core"]);
    ASSERT_TRUE(bool(plan)) << takeText(plan.takeError());
    size_t number = 0;
    for (uint32_t p = 0; p < network.populations.size(); ++p) {
      auto cores = coresOf(network, *plan, p);
      ASSERT_TRUE(bool(cores)) << takeText(cores.takeError());
      Error error = checkCores(network, *plan, p, *cores);
      EXPECT_FALSE(bool(error)) << takeText(std::move(error));
      for (const Core &core : *cores) {
        const Json &expected = json["cores"][number++];
        EXPECT_EQ(core.table, expected["table"].get<std::vector<uint32_t>>());
        EXPECT_EQ(core.rows, expected["rows"].get<std::vector<uint32_t>>());
        words += core.rows.size();
      }
    }
    EXPECT_EQ(number, json["cores"].size());
  }
  EXPECT_GT(words, 1000u);
}

//===----------------------------------------------------------------------===//
// Properties
//===----------------------------------------------------------------------===//

TEST(Cores, RandomNetworksComeBack) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    CounterRandom random(seed);
    const auto below = [&](uint64_t bound) {
      return static_cast<uint32_t>(random.below(bound));
    };
    const uint32_t atoms = 1 + below(256);
    const uint32_t targets = 1 + below(600);
    const uint32_t maxDelay = WordLayout::forAtoms(atoms).maxDelay();
    Lists lists(1 + below(300));
    for (std::vector<Connection> &list : lists)
      for (uint32_t i = below(40); i > 0; --i)
        list.push_back({below(targets), static_cast<int32_t>(below(511)) - 255,
                        1 + below(maxDelay)});
    Network network = pairOf(targets, lists, static_cast<int>(below(12)) - 3);
    // A second projection, also from the population to itself.
    Projection again = network.projections[0];
    again.exponent += static_cast<int>(below(4));
    again.source = targets <= lists.size() ? 1 : 0;
    network.projections.push_back(again);
    const Made made = make(network, atoms);
    EXPECT_EQ(made.cores.size(), (targets + atoms - 1) / atoms);
  }
}

TEST(Cores, OneBitWrongIsFound) {
  const Network network = pairOf(3, {{{0, 3, 1}, {2, -5, 2}}, {{1, 1, 1}}});
  Made made = make(network, 256);
  std::vector<uint32_t> &rows = made.cores[0].rows;
  for (size_t i = 0; i < rows.size(); ++i)
    for (unsigned bit = 0; bit < 32; ++bit) {
      // Of a synapse these two are masked by the core.
      const size_t inRow = i % (2 + kHeaderWords);
      if (inRow >= kHeaderWords && rows[i] != 0 && (bit == 14 || bit == 15))
        continue;
      uint32_t &word = rows[i];
      word ^= 1u << bit;
      Error error = checkCores(network, made.plan, 1, made.cores);
      EXPECT_TRUE(bool(error)) << bit << " of " << std::hex << word;
      llvm::consumeError(std::move(error));
      word ^= 1u << bit;
    }
}

TEST(Cores, WhatDiffersIsNamed) {
  const Network network = pairOf(3, {{{0, 3, 1}, {2, -5, 2}}, {{1, 1, 1}}});
  const auto after = [&](size_t word, uint32_t bits) {
    Made made = make(network, 256);
    made.cores[0].rows[word] ^= bits;
    return takeText(checkCores(network, made.plan, 1, made.cores));
  };
  // A weight of 3 that becomes 2, and a delay of 2 that becomes 3.
  const std::string weight = after(kHeaderWords, 1u << 16);
  EXPECT_NE(weight.find("neuron 0 of 'in': to neuron 0 after 1 ticks, wanted 3 "
                        "* 2^-15, found 2 * 2^-15"),
            std::string::npos)
      << weight;
  const std::string delay = after(kHeaderWords + 1, 1u << 9);
  EXPECT_NE(delay.find("to neuron 2 after 2 ticks, wanted -5 * 2^-15, found "
                       "none"),
            std::string::npos)
      << delay;
}

//===----------------------------------------------------------------------===//
// By hand
//===----------------------------------------------------------------------===//

TEST(Cores, FourBitCodesAtTheRingBuffersShift) {
  // Codes 3 and -8 as Loihi has them: 32 * code at 2^(6 - 5).
  const Network network = pairOf(2, {{{0, 3 * 32, 1}, {1, -8 * 32, 1}}}, 1);
  const Made made = make(network, 256);
  const RingBuffer &buffer = made.plan.ringBuffers[1];
  // 3 * 2^6 and 2^9: the lowest bits that are not 0.
  EXPECT_EQ(buffer.shift, (std::array<uint32_t, 2>{6, 9}));
  EXPECT_EQ(buffer.unit, 0);
  EXPECT_EQ(buffer.most, (std::array<uint64_t, 2>{3, 1}));
  EXPECT_EQ(made.cores[0].rows,
            (std::vector<uint32_t>{0, 2, 0, 0x00030200, 0x00010301}));
}

TEST(Cores, FractionsMakeTheUnitSmaller) {
  const Network network = pairOf(1, {{{0, 3, 1}}, {{0, -4, 1}}}, -2);
  const Made made = make(network, 256);
  EXPECT_EQ(made.plan.ringBuffers[1].unit, -2);
  EXPECT_EQ(made.plan.ringBuffers[1].shift, (std::array<uint32_t, 2>{0, 2}));
}

TEST(Cores, LongRowsGoOnInAnotherMatrix) {
  std::vector<Connection> list;
  for (uint32_t target = 0; target < 200; ++target)
    for (uint32_t delay = 1; delay <= 3; ++delay)
      list.push_back({target, 1, delay});
  const Made made = make(pairOf(200, {{}, list}), 256);
  ASSERT_EQ(made.cores[0].matrices.size(), 3u); // 600 = 256 + 256 + 88
  EXPECT_EQ(made.cores[0].matrices[1].place.rowWords, 256u);
  EXPECT_EQ(made.cores[0].matrices[2].place.rowWords, 88u);
  EXPECT_EQ(made.cores[0].matrices[2].synapses, 88u);
}

TEST(Cores, SynapsesOfOnePairAndDelayAreOne) {
  const Network network =
      pairOf(2, {{{1, 2, 1}, {0, 7, 1}, {1, 5, 1}, {0, -7, 1}, {1, 1, 2}}});
  const Made made = make(network, 256);
  EXPECT_EQ(made.cores[0].rows,
            (std::vector<uint32_t>{0, 2, 0, 0x00070201, 0x00010401}));
}

TEST(Cores, LimitsAreNamed) {
  const std::string late = failureOf(pairOf(1, {{{0, 1, 33}}}), 256);
  EXPECT_NE(late.find("a delay of 33 steps"), std::string::npos) << late;
  EXPECT_NE(late.find("--neurons-per-core 128"), std::string::npos) << late;
  EXPECT_EQ(failureOf(pairOf(1, {{{0, 1, 33}}}), 128), "");
  const std::string wide =
      failureOf(pairOf(1, {{{0, 1, 1}}, {{0, 65536, 1}}}), 256);
  EXPECT_NE(
      wide.find("excitatory weights of which the largest is 65,536 times"),
      std::string::npos)
      << wide;
  EXPECT_EQ(failureOf(pairOf(1, {{{0, 2, 1}}, {{0, 65536, 1}}}), 256), "");
}

TEST(Cores, UnknownKeysDoNothing) {
  const Network network = pairOf(1, {{{0, 1, 1}}});
  Made made = make(network, 256);
  auto reader = CoreReader::create(made.cores[0].table, made.cores[0].rows,
                                   made.plan.layout);
  ASSERT_TRUE(bool(reader));
  const std::vector<std::pair<uint32_t, size_t>> cases = {
      {0, 1}, {15, 1}, {16, 0}, {0x1000, 0}, {0xffffffff, 0}};
  for (const auto &[key, count] : cases) {
    auto synapses = reader->synapsesOf(key); // 15: another colour
    ASSERT_TRUE(bool(synapses));
    EXPECT_EQ(synapses->size(), count) << key;
  }
}

} // namespace
