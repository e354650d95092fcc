//===- dialects/neurocore/Capacity.h - What fits on a core ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEUROCORE_CAPACITY_H
#define HILLOCK_DIALECTS_NEUROCORE_CAPACITY_H

#include "image/CoreTables.h"
#include "target/TargetModel.h"

namespace hillock::neurocore {

/// What a core's tables take of one memory, before anything is packed.
struct Demand {
  std::string memory; ///< name in the target's description
  std::string unit;   ///< of the numbers: "bits", "entries", ...
  uint64_t used = 0, capacity = 0;
  /// What would make it fit, when it does not: an imperative.
  std::string remedy;
};

/// One entry a memory that the core uses.
std::vector<Demand> demandOf(const image::CoreTables &tables,
                             const target::TargetModel &target);

/// A Capacity error that names the core, the layers on it, every memory that
/// is too small, by how much, and what to do. \p layers: their names.
Error checkDemand(const image::CoreTables &tables,
                  const target::TargetModel &target,
                  const std::vector<std::string> &layers);

/// checkDemand(), then all rules of the tables and all fields (a trial
/// packing). The first error.
Error checkCore(const image::CoreTables &tables,
                const target::TargetModel &target,
                const std::vector<std::string> &layers);

} // namespace hillock::neurocore

#endif // HILLOCK_DIALECTS_NEUROCORE_CAPACITY_H
