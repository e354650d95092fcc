//===- backends/spinnaker/Connections.h - One row of a network --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_SPINNAKER_CONNECTIONS_H
#define HILLOCK_BACKENDS_SPINNAKER_CONNECTIONS_H

#include "backends/spinnaker/Cores.h"

namespace hillock::spinnaker {

/// The connections of \p source by target, then delay; those of one pair and
/// delay are one, and none is 0. \p list is emptied first.
void connectionsOf(const Projection &projection, uint32_t source,
                   std::vector<Connection> &list);

/// 0 excitatory, 1 inhibitory.
inline uint32_t typeOf(int64_t weight) { return weight < 0 ? 1 : 0; }
inline uint64_t magnitudeOf(int64_t weight) {
  return static_cast<uint64_t>(weight < 0 ? -weight : weight);
}

/// Numbers of a population's slices: first and past the last.
std::pair<size_t, size_t> slicesOf(const Plan &plan, uint32_t population);

} // namespace hillock::spinnaker

#endif // HILLOCK_BACKENDS_SPINNAKER_CONNECTIONS_H
