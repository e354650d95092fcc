//===- compiler/mapping/problem/RoutingProblem.cpp ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/problem/RoutingProblem.h"
#include "base/Describe.h"

namespace hillock::mapping {

Error RoutingProblem::check() const {
  for (size_t f = 0; f < flows.size(); ++f)
    for (const Place &place : {flows[f].from, flows[f].to})
      if (place.chip >= target.maxChips() ||
          place.core >= target.coresPerChip())
        return makeError(ErrorKind::Internal, "an end is not on the mesh",
                         "flow " + std::to_string(f));
  return Error::success();
}

namespace {

std::string text(const Tile &tile) {
  return "tile (" + std::to_string(tile.x) + ", " + std::to_string(tile.y) +
         ")";
}

/// What is wrong with a route, or "".
std::string problemOf(const Route &route, const Tile &from, const Tile &to,
                      const Tile &size) {
  if (route.empty())
    return "it is empty";
  if (route.front() != from)
    return "it starts at " + text(route.front()) + ", not " + text(from);
  if (route.back() != to)
    return "it ends at " + text(route.back()) + ", not " + text(to);
  bool turned = false;
  for (size_t i = 0; i < route.size(); ++i) {
    if (route[i].x < 0 || route[i].y < 0 || route[i].x >= size.x ||
        route[i].y >= size.y)
      return text(route[i]) + " is not on the mesh";
    if (i == 0)
      continue;
    const int32_t dx = route[i].x - route[i - 1].x;
    const int32_t dy = route[i].y - route[i - 1].y;
    if (dx * dx + dy * dy != 1)
      return text(route[i]) + " does not adjoin " + text(route[i - 1]);
    if (dx != 0 && turned)
      return "it goes along X behind " + text(route[i - 1]) +
             ", after it went along Y";
    turned |= dy != 0;
    const int32_t left =
        dx != 0 ? to.x - route[i - 1].x : to.y - route[i - 1].y;
    if ((dx + dy) * left <= 0)
      return "it goes away from its end behind " + text(route[i - 1]);
  }
  return {};
}

} // namespace

Error RoutingProblem::verify(const std::vector<Route> &routes) const {
  if (routes.size() != flows.size())
    return makeError(ErrorKind::Internal,
                     std::to_string(routes.size()) + " routes for " +
                         describeCount(flows.size(), "flow"),
                     "routing");
  const proto::Mesh &mesh = target.proto().mesh();
  const Tile size{static_cast<int32_t>(mesh.tiles_x() * mesh.max_chips_x()),
                  static_cast<int32_t>(mesh.tiles_y() * mesh.max_chips_y())};
  for (size_t f = 0; f < flows.size(); ++f)
    if (std::string problem =
            problemOf(routes[f], tileOf(target, flows[f].from),
                      tileOf(target, flows[f].to), size);
        !problem.empty())
      return makeError(ErrorKind::Internal, std::move(problem),
                       "route " + std::to_string(f));
  return Error::success();
}

LinkLoads RoutingProblem::loads(const std::vector<Route> &routes) const {
  LinkLoads loads;
  for (size_t f = 0; f < routes.size() && f < flows.size(); ++f)
    for (size_t i = 1; i < routes[f].size(); ++i)
      loads[{routes[f][i - 1], routes[f][i]}] += flows[f].messages;
  return loads;
}

} // namespace hillock::mapping
