//===- tests/unit/emulator/noc/OrderTest.cpp ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/emulator/noc/MeshTesting.h"
#include <map>

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

struct Case {
  MeshConfig config;
  TrafficOptions options;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (uint32_t buffer : {1u, 2u, 5u, 40u})
    for (TrafficPattern pattern :
         {TrafficPattern::Uniform, TrafficPattern::Transpose,
          TrafficPattern::Hotspot}) {
      Case next;
      next.config.width = next.config.height = 5;
      next.config.coresPerTile = 1 + buffer % 3;
      next.config.bufferFlits = buffer;
      next.config.x = {1 + buffer, 1 + buffer % 2};
      next.config.y = {3, 2};
      next.config.creditLatency = 1 + buffer % 4;
      next.options.pattern = pattern;
      next.options.packetsPerNode = 60;
      next.options.service = buffer % 2 * 3;
      next.options.load = 0.7;
      next.options.hotspot = 7;
      next.options.seed = buffer;
      all.push_back(next);
    }
  return all;
}

TEST(Order, NothingIsLostOrOvertaken) {
  for (const Case &each : cases()) {
    const Traffic traffic = makeTraffic(each.config, each.options);
    Ran ran = runMesh(each.config, traffic);
    ASSERT_EQ(ran.problem, "");
    ASSERT_EQ(ran.result.delivered, traffic.packets.size());
    for (uint32_t node = 0; node < each.config.nodes(); ++node) {
      std::map<uint32_t, uint64_t> last; // arrival, by destination
      for (uint32_t p = traffic.first[node]; p < traffic.first[node + 1]; ++p) {
        const Delivery &got = ran.deliveries[p];
        const uint32_t to = traffic.packets[p].destination;
        ASSERT_GE(got.arrived,
                  got.accepted + emptyLatency(each.config, node, to));
        ASSERT_GE(got.done, got.arrived + traffic.packets[p].service);
        ASSERT_GT(got.arrived, last[to]);
        last[to] = got.arrived;
      }
    }
  }
}

// Each flit takes each channel of its way once.
TEST(Order, LinksCountTheHops) {
  for (const Case &each : cases()) {
    const Traffic traffic = makeTraffic(each.config, each.options);
    Ran ran = runMesh(each.config, traffic);
    uint64_t hops = 0, flits = 0;
    for (uint32_t node = 0; node < each.config.nodes(); ++node)
      for (uint32_t p = traffic.first[node]; p < traffic.first[node + 1]; ++p) {
        const PathHops path =
            hopsBetween(each.config, node, traffic.packets[p].destination);
        hops += path.x + path.y;
      }
    for (uint64_t link : ran.result.linkFlits)
      flits += link;
    ASSERT_EQ(flits, hops);
  }
}

TEST(Order, OfModulesDoesNotMatter) {
  for (Case each : cases()) {
    const Traffic traffic = makeTraffic(each.config, each.options);
    const Ran plain = runMesh(each.config, traffic);
    for (uint64_t shuffle = 1; shuffle <= 5; ++shuffle) {
      each.config.shuffle = shuffle;
      Ran other = runMesh(each.config, traffic);
      ASSERT_EQ(other.result, plain.result);
      ASSERT_EQ(other.deliveries, plain.deliveries);
    }
  }
}

TEST(Order, ASecondRunIsLikeTheFirst) {
  const Case each = cases()[4];
  auto mesh = Mesh::create(each.config);
  ASSERT_TRUE(bool(mesh));
  const Traffic traffic = makeTraffic(each.config, each.options);
  MeshResult first, second;
  std::vector<Delivery> one(traffic.packets.size()), two(one.size());
  ASSERT_FALSE(bool((*mesh)->run(traffic.work(), first, one)));
  ASSERT_FALSE(bool((*mesh)->run(traffic.work(), second, two)));
  EXPECT_EQ(first, second);
  EXPECT_EQ(one, two);
}

} // namespace
