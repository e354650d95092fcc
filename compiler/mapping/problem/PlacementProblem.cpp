//===- compiler/mapping/problem/PlacementProblem.cpp ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/problem/PlacementProblem.h"
#include "base/Describe.h"
#include <cstdlib>
#include <map>

namespace hillock::mapping {

Tile tileOf(const target::TargetModel &target, const Place &place) {
  const proto::Mesh &mesh = target.proto().mesh();
  const auto at = target.place(place.chip, place.core);
  return {static_cast<int32_t>(at.chipX * mesh.tiles_x() + at.tileX),
          static_cast<int32_t>(at.chipY * mesh.tiles_y() + at.tileY)};
}

uint64_t hopsBetween(const Tile &from, const Tile &to) {
  return static_cast<uint64_t>(std::abs(from.x - to.x) +
                               std::abs(from.y - to.y));
}

uint64_t crossingsBetween(const target::TargetModel &target, const Tile &from,
                          const Tile &to) {
  const auto x = static_cast<int32_t>(target.proto().mesh().tiles_x());
  const auto y = static_cast<int32_t>(target.proto().mesh().tiles_y());
  return static_cast<uint64_t>(std::abs(from.x / x - to.x / x) +
                               std::abs(from.y / y - to.y / y));
}

Error PlacementProblem::check() const {
  const uint64_t most = uint64_t{target.coresPerChip()} * target.maxChips();
  if (cores > most)
    return makeError(ErrorKind::Capacity,
                     "the network needs " + withSeparators(uint64_t{cores}) +
                         " cores, " + withSeparators(cores - most) +
                         " more than the largest system has (" +
                         withSeparators(most) + ")",
                     "target '" + target.name() + "'",
                     "use a smaller network, fewer weight bits or a larger "
                     "target");
  for (const Traffic &t : traffic)
    if (t.from >= cores || t.to >= cores)
      return makeError(ErrorKind::Internal, "traffic from core " +
                                                std::to_string(t.from) +
                                                " to " + std::to_string(t.to) +
                                                " of " + std::to_string(cores));
  return Error::success();
}

Error PlacementProblem::verify(const std::vector<Place> &places) const {
  if (places.size() != cores)
    return makeError(ErrorKind::Internal,
                     std::to_string(places.size()) + " places for " +
                         describeCount(cores, "core"),
                     "placement");
  std::map<Place, size_t> taken;
  for (size_t c = 0; c < places.size(); ++c) {
    const std::string where = "placement, logical core " + std::to_string(c);
    if (places[c].chip >= target.maxChips() ||
        places[c].core >= target.coresPerChip())
      return makeError(ErrorKind::Internal,
                       "core " + std::to_string(places[c].core) + " of chip " +
                           std::to_string(places[c].chip) +
                           " is not on the mesh",
                       where);
    const auto [at, isNew] = taken.try_emplace(places[c], c);
    if (!isNew)
      return makeError(ErrorKind::Internal,
                       "its place is already that of logical core " +
                           std::to_string(at->second),
                       where);
  }
  return Error::success();
}

uint64_t PlacementProblem::cost(const std::vector<Place> &places) const {
  uint64_t sum = 0;
  for (const Traffic &t : traffic) {
    const Tile from = tileOf(target, places[t.from]);
    const Tile to = tileOf(target, places[t.to]);
    sum += t.messages * (hopsBetween(from, to) +
                         crossingCost * crossingsBetween(target, from, to));
  }
  return sum;
}

} // namespace hillock::mapping
