//===- compiler/mapping/solver/Place.cpp ----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Place.h"
#include "base/Random.h"
#include <algorithm>
#include <bit>
#include <cmath>

namespace hillock::mapping {

namespace {

/// Cells of a width x height grid along the Hilbert curve of the smallest
/// square of a power of two that covers it; cells outside are skipped.
std::vector<Tile> hilbert(uint32_t width, uint32_t height) {
  const uint64_t side = std::bit_ceil(uint64_t{std::max(width, height)});
  std::vector<Tile> cells;
  for (uint64_t d = 0; d < side * side; ++d) {
    uint64_t x = 0, y = 0, t = d;
    for (uint64_t s = 1; s < side; s *= 2, t /= 4) {
      const uint64_t rx = 1 & (t / 2), ry = 1 & (t ^ rx);
      if (ry == 0) { // turn the quadrant
        if (rx == 1) {
          x = s - 1 - x;
          y = s - 1 - y;
        }
        std::swap(x, y);
      }
      x += s * rx;
      y += s * ry;
    }
    if (x < width && y < height)
      cells.push_back({static_cast<int32_t>(x), static_cast<int32_t>(y)});
  }
  return cells;
}

} // namespace

std::vector<Place> placesInOrder(const target::TargetModel &target,
                                 uint32_t cores) {
  const proto::Mesh &mesh = target.proto().mesh();
  const uint32_t chips =
      std::max(1u, (cores + target.coresPerChip() - 1) / target.coresPerChip());
  // As square an arrangement of chips as the system allows.
  uint32_t wide = std::min(
      mesh.max_chips_x(),
      static_cast<uint32_t>(std::ceil(std::sqrt(static_cast<double>(chips)))));
  if ((chips + wide - 1) / wide > mesh.max_chips_y())
    wide = (chips + mesh.max_chips_y() - 1) / mesh.max_chips_y();
  std::vector<Place> places;
  const std::vector<Tile> tiles = hilbert(mesh.tiles_x(), mesh.tiles_y());
  uint32_t used = 0;
  for (const Tile &chip : hilbert(wide, (chips + wide - 1) / wide)) {
    if (used++ == chips)
      break;
    const auto chipId = static_cast<uint32_t>(chip.y) * mesh.max_chips_x() +
                        static_cast<uint32_t>(chip.x);
    for (const Tile &tile : tiles)
      for (uint32_t c = 0; c < mesh.cores_per_tile(); ++c) {
        const auto tileId = static_cast<uint32_t>(tile.x) * mesh.tiles_y() +
                            static_cast<uint32_t>(tile.y);
        places.push_back({chipId, tileId * mesh.cores_per_tile() + c});
      }
  }
  return places;
}

namespace {

/// Exchanges the contents of places; keeps the change in cost.
class Improver {
public:
  Improver(const PlacementProblem &problem, std::vector<Place> list)
      : problem(problem), places(std::move(list)), edges(problem.cores),
        // Some free places behind the last core take part.
        range(std::min<size_t>(places.size(),
                               problem.cores +
                                   std::max<size_t>(8, problem.cores / 4))) {
    for (const Place &at : places)
      tiles.push_back(tileOf(problem.target, at));
    for (uint32_t c = 0; c < problem.cores; ++c)
      slotOf.push_back(c);
    coreAt.assign(places.size(), UINT32_MAX);
    for (uint32_t c = 0; c < problem.cores; ++c)
      coreAt[c] = c;
    joinTraffic();
    measure();
  }

  void run(uint64_t seed, uint64_t proposals) {
    if (problem.cores < 2)
      return;
    CounterRandom random(seed);
    for (uint64_t i = 0; i < proposals; ++i) {
      const auto core = static_cast<uint32_t>(random.below(problem.cores));
      const auto slot = static_cast<uint32_t>(random.below(range));
      if (slotOf[core] != slot)
        propose(core, slot);
    }
  }

  std::vector<Place> result() const {
    std::vector<Place> list;
    for (uint32_t slot : slotOf)
      list.push_back(places[slot]);
    return list;
  }

private:
  struct Edge {
    uint32_t other = 0;
    int64_t messages = 0;
    bool operator<(const Edge &edge) const { return other < edge.other; }
  };
  /// Distances are kept up to this many of them, else computed.
  static constexpr size_t mostDistances = size_t{1} << 22;

  /// What two cores send each other is one edge.
  void joinTraffic() {
    for (const Traffic &t : problem.traffic)
      if (t.from != t.to) {
        edges[t.from].push_back({t.to, static_cast<int64_t>(t.messages)});
        edges[t.to].push_back({t.from, static_cast<int64_t>(t.messages)});
      }
    for (std::vector<Edge> &mine : edges) {
      std::sort(mine.begin(), mine.end());
      size_t kept = 0;
      for (const Edge &edge : mine)
        if (kept > 0 && mine[kept - 1].other == edge.other)
          mine[kept - 1].messages += edge.messages;
        else
          mine[kept++] = edge;
      mine.resize(kept);
    }
  }
  void measure() {
    if (range * range > mostDistances)
      return;
    distances.reserve(range * range);
    for (uint32_t a = 0; a < range; ++a)
      for (uint32_t b = 0; b < range; ++b)
        distances.push_back(static_cast<int32_t>(distance(a, b)));
  }

  /// How much dearer \p core is at slot \p to than at slot \p from.
  int64_t changeOf(uint32_t core, uint32_t from, uint32_t to,
                   uint32_t except) const {
    int64_t sum = 0;
    if (distances.empty()) {
      for (const Edge &edge : edges[core])
        if (edge.other != except)
          sum += edge.messages *
                 (static_cast<int64_t>(distance(to, slotOf[edge.other])) -
                  static_cast<int64_t>(distance(from, slotOf[edge.other])));
      return sum;
    }
    const int32_t *near = distances.data() + from * range;
    const int32_t *far = distances.data() + to * range;
    for (const Edge &edge : edges[core])
      if (edge.other != except)
        sum += edge.messages *
               (far[slotOf[edge.other]] - near[slotOf[edge.other]]);
    return sum;
  }
  uint64_t distance(uint32_t a, uint32_t b) const {
    return hopsBetween(tiles[a], tiles[b]) +
           problem.crossingCost *
               crossingsBetween(problem.target, tiles[a], tiles[b]);
  }
  void propose(uint32_t core, uint32_t slot) {
    const uint32_t from = slotOf[core], other = coreAt[slot];
    int64_t change = changeOf(core, from, slot, other);
    if (other != UINT32_MAX)
      change += changeOf(other, slot, from, core);
    if (change >= 0)
      return;
    slotOf[core] = slot;
    coreAt[slot] = core;
    coreAt[from] = other;
    if (other != UINT32_MAX)
      slotOf[other] = from;
  }

  const PlacementProblem &problem;
  std::vector<Place> places;
  std::vector<Tile> tiles;
  std::vector<uint32_t> slotOf, coreAt;
  std::vector<std::vector<Edge>> edges;
  size_t range;                   ///< slots that take part
  std::vector<int32_t> distances; ///< [slot * range + slot], or empty
};

} // namespace

std::vector<Place> place(const PlacementProblem &problem, uint64_t seed,
                         uint64_t proposals) {
  Improver improver(problem, placesInOrder(problem.target, problem.cores));
  improver.run(seed, proposals);
  return improver.result();
}

std::vector<Route> routeXY(const RoutingProblem &problem) {
  std::vector<Route> routes;
  for (const Flow &flow : problem.flows) {
    Tile at = tileOf(problem.target, flow.from);
    const Tile end = tileOf(problem.target, flow.to);
    Route route{at};
    while (at != end) {
      if (at.x != end.x)
        at.x += at.x < end.x ? 1 : -1;
      else
        at.y += at.y < end.y ? 1 : -1;
      route.push_back(at);
    }
    routes.push_back(std::move(route));
  }
  return routes;
}

} // namespace hillock::mapping
