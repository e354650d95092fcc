//===- tests/unit/emulator/core/RunTest.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Many steps at once, rows of bits, merged lists and every vector width that
// this machine has, against the plainest engine: spikes, states, sums and
// counters.
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "emulator/core/PackedRows.h"
#include "tests/unit/emulator/core/RunCompare.h"

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

/// Rows of a core to which only the host sends.
constexpr uint32_t hostRows = 100;

/// Dense rows for the host, and a random graph of a few weights among all
/// compartments: half of the senders reach a third of everybody (bits), the
/// others every fortieth (lists), some twice.
std::shared_ptr<image::LoadedImage>
network(uint64_t seed, uint32_t cores, uint32_t compartments, uint8_t longest) {
  CounterRandom random(seed, 0);
  auto image = std::make_shared<image::LoadedImage>();
  auto target = target::findTarget("loihi");
  if (!target) {
    ADD_FAILURE() << takeText(target.takeError());
    return nullptr;
  }
  image->target = *target;
  image->programs = {binaryProgram()};
  for (uint32_t c = 0; c < cores; ++c) {
    CoreTables core;
    core.core = c;
    core.compartments = compartments + 3 * c;
    core.formats.resize(1);
    core.formats[0].weightExp = -1;
    // Bytes, then 4 bits; the more frequent ones are added many steps at once.
    for (uint32_t r = 0; r < hostRows; ++r) {
      std::vector<uint16_t> targets;
      std::vector<int16_t> weights;
      const bool bytes = r < (seed % 2 ? 40 : 60);
      for (uint32_t n = 0; n < (r % 8 ? 90u : 33u); ++n) {
        targets.push_back(uint16_t(n));
        weights.push_back(bytes ? int16_t(random.below(256)) - 128
                                : int16_t(random.below(16) * 8) - 64);
      }
      addRow(core, targets, weights, 0);
    }
    image->cores.push_back(core);
  }
  for (CoreTables &from : image->cores)
    for (uint32_t n = 0; n < from.compartments; ++n) {
      for (CoreTables &to : image->cores) {
        std::vector<uint16_t> targets;
        std::vector<int16_t> weights;
        for (uint32_t m = 0; m < to.compartments; ++m)
          for (int twice = 0; twice < 2; ++twice)
            if (random.below(twice ? 200 : n % 2 ? 3 : 40) == 0) {
              targets.push_back(uint16_t(m));
              weights.push_back(n % 4 ? int16_t(n % 3 ? 10 : -26)
                                      : int16_t(random.below(2) ? 8 : -12));
            }
        image::AxonOut out;
        out.core = to.core;
        out.axon = uint16_t(to.axonsIn.size());
        from.axonsOut.push_back(out);
        addRow(to, targets, weights, uint8_t(random.below(longest + 1u)));
      }
      from.outFirst.push_back(uint32_t(from.axonsOut.size()));
    }
  return image;
}

std::vector<std::vector<HostSpike>> hostInput(const image::LoadedImage &image,
                                              uint64_t seed, size_t steps) {
  CounterRandom random(seed, 1);
  std::vector<std::vector<HostSpike>> input(steps);
  for (std::vector<HostSpike> &spikes : input)
    for (uint64_t k = random.below(40); k > 0; --k) {
      HostSpike spike;
      spike.core = uint32_t(random.below(image.cores.size()));
      spike.axon = uint32_t(random.below(hostRows));
      if (random.below(20) == 0) { // a row of the graph
        spike.axon =
            uint32_t(random.below(image.cores[spike.core].axonsIn.size()));
        spike.payload = int32_t(random.below(5)) - 2;
      }
      spikes.push_back(spike);
    }
  return input;
}

class Run : public testing::TestWithParam<std::tuple<uint32_t, int>> {};

TEST_P(Run, EqualsThePlainEngine) {
  auto [cores, longest] = GetParam();
  auto image = network(7 + cores, cores, 150, uint8_t(longest));
  ASSERT_TRUE(image);
  auto input = hostInput(*image, 3, 75);
  EXPECT_GT(compareRuns(image, input), 500u);
}

INSTANTIATE_TEST_SUITE_P(Networks, Run,
                         testing::Combine(testing::Values(1u, 2u, 5u),
                                          testing::Values(0, 3)));

TEST(Run, WrongAddressesAreErrors) {
  auto image = network(1, 2, 150, 0);
  ASSERT_TRUE(image);
  auto emulator = make(image, Simd::Auto, 1);
  ASSERT_TRUE(emulator);
  std::vector<std::vector<HostSpike>> input(3);
  input[1] = {{0, 0, 0, 1}, {2, 0, 0, 1}};
  std::vector<Spike> spikes;
  Error error = emulator->run(input, spikes);
  ASSERT_TRUE(bool(error));
  EXPECT_NE(takeText(std::move(error)).find("core 2"), std::string::npos);
  emulator->reset();
  input[1] = {{0, 0, 1, 1}};
  error = emulator->run(input, spikes);
  ASSERT_TRUE(bool(error));
  EXPECT_NE(takeText(std::move(error)).find("atom 1"), std::string::npos);
}

// 300 rows of bits a step: more than a counter of 8 bits holds.
TEST(Kernels, BitRowsOfAllCounts) {
  CounterRandom random(5, 0);
  constexpr size_t blocks = 3;
  std::vector<uint64_t> bits(256 * blocks * bitBlockWords);
  for (uint64_t &word : bits)
    word = random.next();
  for (Simd simd : widths()) {
    const Kernels &kernels = *llvm::cantFail(findKernels(simd));
    for (size_t count : {size_t(8), size_t(16), size_t(128), size_t(248)}) {
      LaneArray sums(blocks * bitBlock);
      std::vector<int32_t> expected(blocks * bitBlock);
      std::vector<const uint64_t *> rows;
      for (size_t r = 0; r < count; ++r) {
        rows.push_back(bits.data() + r * blocks * bitBlockWords);
        for (size_t lane = 0; lane < expected.size(); ++lane)
          expected[lane] += (rows[r][lane / 64] >> (lane % 64)) & 1 ? -77 : 0;
      }
      kernels.addBitRows({rows.data(), count, blocks, -77, sums.data()});
      EXPECT_EQ(std::vector<int32_t>(sums.data(), sums.data() + sums.size()),
                expected)
          << kernels.name << ", " << count << " rows";
    }
  }
}

// The extremes of a byte, as many active rows as a step can have.
TEST(Kernels, DenseStepsOfExtremeWeights) {
  CounterRandom random(6, 0);
  for (size_t lanes : {size_t(64), size_t(100), size_t(33)}) {
    std::vector<int8_t> weights(chunkRows * lanes);
    for (int8_t &w : weights)
      w = random.below(3) == 0 ? int8_t(random.below(256)) : INT8_MIN;
    std::vector<const void *> rows;
    for (size_t r = 0; r < chunkRows; ++r)
      rows.push_back(weights.data() + r * lanes);
    std::vector<uint16_t> active;
    std::vector<uint32_t> first = {0};
    for (size_t n : {size_t(0), size_t(1), chunkRows, size_t(254), size_t(1),
                     size_t(700)}) {
      for (size_t i = 0; i < n; ++i)
        active.push_back(
            uint16_t(n > 300 ? i % chunkRows : random.below(chunkRows)));
      first.push_back(uint32_t(active.size()));
    }
    size_t steps = first.size() - 1;
    for (Simd simd : widths()) {
      const Kernels &kernels = *llvm::cantFail(findKernels(simd));
      std::vector<std::vector<int32_t>> sums(steps,
                                             std::vector<int32_t>(lanes, 5));
      auto expected = sums;
      std::vector<int32_t *> pointers;
      for (size_t t = 0; t < steps; ++t) {
        pointers.push_back(sums[t].data());
        for (uint32_t i = first[t]; i < first[t + 1]; ++i)
          for (size_t k = 0; k < lanes; ++k)
            expected[t][k] += weights[active[i] * lanes + k];
      }
      kernels.addSteps({rows.data(), chunkRows, false, lanes, active.data(),
                        first.data(), steps, pointers.data()});
      EXPECT_EQ(sums, expected) << kernels.name << ", " << lanes << " lanes";
    }
  }
}

// Weights of 4 bits with all exponents, in all the ways in which rows are
// added.
TEST(Kernels, PackedRows) {
  CounterRandom random(7, 0);
  for (size_t lanes : {size_t(64), size_t(90), size_t(200)})
    for (uint32_t exponent = 0; exponent <= 4; ++exponent) {
      std::vector<std::vector<int16_t>> weights(batchRows);
      std::vector<std::vector<char>> packed(batchRows);
      std::vector<const void *> rows;
      for (size_t r = 0; r < batchRows; ++r) {
        weights[r] = {int16_t(-8 << exponent), int16_t(7 << exponent)};
        while (weights[r].size() < lanes)
          weights[r].push_back(
              int16_t((int(random.below(16)) - 8) * (1 << exponent)));
        ASSERT_EQ(packedExponent(weights[r]), exponent);
        packed[r].resize(packedBytes(lanes));
        packRow(weights[r], exponent, packed[r].data());
        rows.push_back(packed[r].data());
      }
      std::vector<int32_t> one(lanes, 3), all(lanes, 3);
      for (size_t k = 0; k < lanes; ++k) {
        one[k] += -5 * weights[2][k];
        for (size_t r = 0; r < batchRows; ++r)
          all[k] += weights[r][k];
      }
      const std::vector<uint16_t> active = {0, 1, 2, 3, 4, 5, 6, 7};
      const uint32_t first[] = {0, uint32_t(batchRows)};
      for (Simd simd : widths()) {
        const Kernels &kernels = *llvm::cantFail(findKernels(simd));
        SCOPED_TRACE(kernels.name);
        std::vector<int32_t> sums(lanes, 3);
        kernels.addDense4(sums.data(), rows[2], lanes, -5);
        EXPECT_EQ(sums, one);
        sums.assign(lanes, 3);
        kernels.addDense4Batch(sums.data(), rows.data(), lanes);
        EXPECT_EQ(sums, all);
        sums.assign(lanes, 3);
        int32_t *const pointer = sums.data();
        kernels.addSteps({rows.data(), batchRows, true, lanes, active.data(),
                          first, 1, &pointer});
        EXPECT_EQ(sums, all);
      }
    }
}

// What is not of 4 bits, and what bytes hold in less.
TEST(PackedRows, OnlyWhereTheyPay) {
  std::vector<int16_t> weights(64, 7);
  EXPECT_EQ(packedExponent(weights), 0u);
  weights[3] = 8;
  EXPECT_EQ(packedExponent(weights), std::nullopt);
  EXPECT_EQ(packedExponent(std::vector<int16_t>(64, -128)), 4u);
  EXPECT_EQ(packedExponent(std::vector<int16_t>(64, 0)), 4u);
  EXPECT_EQ(packedExponent(std::vector<int16_t>(36, 1)), std::nullopt);
  EXPECT_EQ(packedExponent(std::vector<int16_t>(37, 1)), 0u);
  EXPECT_EQ(packedBytes(1024), 4u + 512u);
}

} // namespace
