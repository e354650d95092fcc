//===- tests/unit/compiler/mapping/PlaceTest.cpp --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Place.h"
#include "tests/unit/compiler/mapping/TestNetworks.h"
#include <algorithm>
#include <gmock/gmock.h>

namespace hillock::mapping::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A chain: core c sends to c + 1.
PlacementProblem chain(uint32_t cores) {
  PlacementProblem problem;
  problem.target = loihi();
  problem.cores = cores;
  for (uint32_t c = 0; c + 1 < cores; ++c)
    problem.traffic.push_back({c, c + 1, 10});
  return problem;
}

// Loihi: 8 x 4 tiles of 4 cores, tile t at (t / 4, t mod 4).
TEST(Placement, DistancesOfTheMesh) {
  const Tile a = tileOf(loihi(), {0, 0}), b = tileOf(loihi(), {0, 23});
  EXPECT_EQ(a, (Tile{0, 0}));
  EXPECT_EQ(b, (Tile{1, 1})); // tile 5
  EXPECT_EQ(hopsBetween(a, b), 2u);
  EXPECT_EQ(crossingsBetween(loihi(), a, b), 0u);
  // 16 chips in a row: chip 17 is at (1, 1).
  const Tile c = tileOf(loihi(), {17, 0});
  EXPECT_EQ(c, (Tile{8, 4}));
  EXPECT_EQ(crossingsBetween(loihi(), a, c), 2u);
}

TEST(Placement, CostIsTrafficTimesWay) {
  PlacementProblem problem = chain(3);
  // 0 -> 1 within a tile; 1 -> 2 over two hops.
  EXPECT_EQ(problem.cost({{0, 0}, {0, 1}, {0, 20}}), 20u);
  // One hop over the border of a chip counts 1 + 8.
  EXPECT_EQ(problem.cost({{0, 112}, {0, 113}, {1, 0}}), 90u);
}

TEST(Placement, EveryOrderIsAPermutation) {
  for (uint32_t cores : {1u, 5u, 128u, 129u, 1000u}) {
    std::vector<Place> places = placesInOrder(loihi(), cores);
    EXPECT_GE(places.size(), cores);
    EXPECT_EQ(places.size() % 128, 0u);
    std::sort(places.begin(), places.end());
    EXPECT_EQ(std::adjacent_find(places.begin(), places.end()), places.end());
  }
}

TEST(Placement, SolutionsAreLegalAndExchangesHelp) {
  // A chain whose cores are numbered at random is far from a line.
  CounterRandom random(1);
  PlacementProblem problem = chain(120);
  std::vector<uint32_t> shuffled(120);
  for (uint32_t i = 0; i < 120; ++i) {
    shuffled[i] = i;
    std::swap(shuffled[i], shuffled[random.below(i + 1)]);
  }
  for (Traffic &t : problem.traffic)
    t = {shuffled[t.from], shuffled[t.to], t.messages};
  const auto before = place(problem, 1, 0), after = place(problem, 1, 200000);
  EXPECT_EQ(takeText(problem.check()), "");
  EXPECT_EQ(takeText(problem.verify(before)), "");
  EXPECT_EQ(takeText(problem.verify(after)), "");
  EXPECT_LT(2 * problem.cost(after), problem.cost(before));
  EXPECT_EQ(after, place(problem, 1, 200000));
}

TEST(Placement, BadSolutionsAreFound) {
  const PlacementProblem problem = chain(3);
  const std::vector<Place> good = {{0, 0}, {0, 1}, {0, 2}};
  EXPECT_THAT(takeText(problem.verify({{0, 0}, {0, 1}})),
              HasSubstr("2 places for 3 cores"));
  EXPECT_THAT(takeText(problem.verify({{0, 0}, {0, 1}, {0, 1}})),
              HasSubstr("already that of logical core 1"));
  EXPECT_THAT(takeText(problem.verify({{0, 0}, {0, 1}, {0, 128}})),
              HasSubstr("not on the mesh"));
  EXPECT_THAT(takeText(problem.verify({{0, 0}, {0, 1}, {768, 0}})),
              HasSubstr("not on the mesh"));
  PlacementProblem large = problem;
  large.cores = 768 * 128 + 1;
  EXPECT_THAT(takeText(large.check()), HasSubstr("1 more than"));
  PlacementProblem stray = problem;
  stray.traffic.push_back({0, 3, 1});
  EXPECT_THAT(takeText(stray.check()), HasSubstr("from core 0 to 3 of 3"));
}

RoutingProblem flows(std::vector<std::pair<Place, Place>> ends) {
  RoutingProblem problem;
  problem.target = loihi();
  for (const auto &[from, to] : ends)
    problem.flows.push_back({from, to, 5});
  return problem;
}

TEST(Routing, XThenY) {
  const RoutingProblem problem = flows({{{0, 0}, {0, 23}}, {{1, 0}, {0, 124}}});
  const std::vector<Route> routes = routeXY(problem);
  EXPECT_EQ(takeText(problem.verify(routes)), "");
  EXPECT_THAT(routes[0], ElementsAre(Tile{0, 0}, Tile{1, 0}, Tile{1, 1}));
  // Chip 1 begins at x = 8; core 124 of chip 0 is tile (7, 3).
  EXPECT_THAT(routes[1], ElementsAre(Tile{8, 0}, Tile{7, 0}, Tile{7, 1},
                                     Tile{7, 2}, Tile{7, 3}));
  const LinkLoads loads = problem.loads(routes);
  EXPECT_EQ(loads.size(), 6u);
  EXPECT_EQ(loads.at({Tile{8, 0}, Tile{7, 0}}), 5u);
}

TEST(Routing, BadRoutesAreFound) {
  const RoutingProblem problem = flows({{{0, 0}, {0, 23}}});
  const auto text = [&](Route route) {
    return takeText(problem.verify({std::move(route)}));
  };
  EXPECT_THAT(text({}), HasSubstr("empty"));
  EXPECT_THAT(text({{1, 0}, {1, 1}}), HasSubstr("starts at tile (1, 0)"));
  EXPECT_THAT(text({{0, 0}, {1, 0}}), HasSubstr("ends at"));
  EXPECT_THAT(text({{0, 0}, {1, 1}}), HasSubstr("does not adjoin"));
  EXPECT_THAT(text({{0, 0}, {0, 1}, {1, 1}}), HasSubstr("along X behind"));
  EXPECT_THAT(text({{0, 0}, {1, 0}, {2, 0}, {1, 0}, {1, 1}}),
              HasSubstr("goes away"));
  EXPECT_THAT(text({{0, 0}, {-1, 0}, {0, 0}, {1, 0}, {1, 1}}),
              HasSubstr("not on the mesh"));
  EXPECT_THAT(takeText(problem.verify({})), HasSubstr("0 routes for 1 flow"));
}

// Any single change of a tile of a route breaks it: the XY route is the only
// one that is legal.
TEST(Routing, EveryMutationIsCaught) {
  CounterRandom random(2);
  unsigned mutations = 0, caught = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto any = [&]() -> Place {
      return {static_cast<uint32_t>(random.below(3)),
              static_cast<uint32_t>(random.below(128))};
    };
    const Place from = any(), to = any();
    const RoutingProblem problem = flows({{from, to}});
    std::vector<Route> routes = routeXY(problem);
    ASSERT_EQ(takeText(problem.verify(routes)), "");
    Route &route = routes[0];
    const size_t at = random.below(route.size());
    switch (random.below(3)) {
    case 0:
      route[at].x += random.bernoulli(0.5) ? 1 : -1;
      break;
    case 1:
      route.erase(route.begin() + static_cast<ptrdiff_t>(at));
      break;
    default:
      route.insert(route.begin() + static_cast<ptrdiff_t>(at), route[at]);
    }
    ++mutations;
    caught += !takeText(problem.verify(routes)).empty();
  }
  std::printf("routes: %u of %u mutations caught\n", caught, mutations);
  EXPECT_EQ(caught, mutations);
}

} // namespace

} // namespace hillock::mapping::test
