//===- tests/unit/emulator/core/DeliveryTest.cpp --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kinds of rows and the batches in which dense rows are added, against sums
// made synapse by synapse.
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "emulator/core/Emulator.h"
#include "image/ProgramBuilder.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::emu;

namespace {

constexpr uint32_t compartments = 150, axons = 64;

/// How the rows of a core look.
enum class Rows { Dense8, Dense16, Equal, Mixed };

/// Never fires: only the sums matter.
image::Program adder() {
  image::ProgramBuilder b("adder");
  auto v = b.state("v", 31);
  b.write("v", b.add(v, b.input()));
  b.fire(b.constant(0), b.constant(1));
  return b.take();
}

image::CoreTables core(uint32_t id, Rows kind, CounterRandom &random) {
  image::CoreTables tables;
  tables.core = id;
  tables.compartments = compartments;
  tables.outFirst.assign(compartments + 1, 0);
  tables.formats.resize(1);
  for (uint32_t r = 0; r < axons; ++r) {
    Rows now = kind != Rows::Mixed ? kind : Rows(random.below(3));
    uint32_t count = 1 + uint32_t(random.below(3) ? 99 : random.below(120));
    int same = int(random.below(200)) - 100;
    for (uint32_t s = 0; s < count; ++s) {
      // Targets of Equal rows repeat and are not consecutive.
      tables.rows.target.push_back(
          uint16_t(now == Rows::Equal ? random.below(count) : s));
      int weight = int(random.below(now == Rows::Dense8 ? 256 : 510));
      weight -= now == Rows::Dense8 ? 128 : 255;
      tables.rows.mantissa.push_back(
          int16_t(now == Rows::Equal ? same : weight));
    }
    tables.rows.format.push_back(0);
    tables.rows.first.push_back(uint32_t(tables.rows.target.size()));
    image::AxonIn axon;
    axon.firstRow = r;
    axon.cxBase = uint16_t(random.below(4) ? 7 : random.below(20));
    tables.axonsIn.push_back(axon);
  }
  return tables;
}

/// What \p spikes add to the sums of core \p index.
std::vector<int32_t> sums(const image::LoadedImage &image, uint32_t index,
                          const std::vector<HostSpike> &spikes) {
  const image::CoreTables &tables = image.cores[index];
  std::vector<int32_t> result(compartments);
  for (const HostSpike &spike : spikes) {
    if (spike.core != index)
      continue;
    const image::AxonIn &axon = tables.axonsIn[spike.axon];
    for (uint32_t s = tables.rows.first[axon.firstRow];
         s < tables.rows.first[axon.firstRow + 1]; ++s)
      // A weight is mantissa * 2^6 on this target.
      result[axon.cxBase + tables.rows.target[s]] +=
          64 * tables.rows.mantissa[s] * spike.payload;
  }
  return result;
}

class Delivery : public testing::TestWithParam<std::tuple<Rows, int>> {};

TEST_P(Delivery, SumsAreThoseOfTheSynapses) {
  auto [kind, threads] = GetParam();
  CounterRandom random(17, uint64_t(kind));
  auto image = std::make_shared<image::LoadedImage>();
  auto target = target::findTarget("loihi");
  ASSERT_TRUE(bool(target)) << takeText(target.takeError());
  image->target = *target;
  image->programs = {adder()};
  for (uint32_t c = 0; c < 3; ++c)
    image->cores.push_back(core(c, kind, random));
  Options options;
  options.threads = unsigned(threads);
  auto emulator = Emulator::create(image, options);
  ASSERT_TRUE(bool(emulator)) << takeText(emulator.takeError());
  for (int step = 0; step < 40; ++step) {
    // Long runs to one core, now and then with another payload or elsewhere.
    std::vector<HostSpike> spikes;
    uint32_t to = uint32_t(random.below(3));
    for (uint64_t n = random.below(60); n > 0; --n) {
      HostSpike spike{to, uint32_t(random.below(axons)), 0, 1};
      if (random.below(12) == 0)
        spike.payload = int32_t(random.below(9)) - 4;
      if (random.below(12) == 0)
        spike.core = to = uint32_t(random.below(3));
      spikes.push_back(spike);
    }
    ASSERT_FALSE(bool((*emulator)->send(spikes)));
    (*emulator)->step();
    for (uint32_t c = 0; c < 3; ++c) {
      auto q = (*emulator)->read(c, "q");
      ASSERT_TRUE(bool(q)) << takeText(q.takeError());
      EXPECT_EQ(*q, sums(*image, c, spikes)) << "step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Delivery,
    testing::Combine(testing::Values(Rows::Dense8, Rows::Dense16, Rows::Equal,
                                     Rows::Mixed),
                     testing::Values(1, 2)));

} // namespace
