//===- compiler/mapping/problem/PartitionVerify.h - Is it right -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What PartitionProblem::verify() does, core by core, for mappings whose tables
// are never in memory together.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PROBLEM_PARTITIONVERIFY_H
#define HILLOCK_COMPILER_MAPPING_PROBLEM_PARTITIONVERIFY_H

#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/problem/Registers.h"
#include <mutex>
#include <span>

namespace hillock::mapping {

/// begin(), core() for every core, end. Internal errors, as verify().
class PartitionVerifier {
public:
  /// Of \p mapping, which stays where it is, rows and output slots are not
  /// looked at.
  PartitionVerifier(const Network &network, const target::TargetModel &target,
                    const Mapping &mapping);

  Error begin();
  /// \p tables: all of core \p index. May be called from several threads, for
  /// different cores.
  Error core(uint32_t index, const image::CoreTables &tables);

private:
  /// A register or initial state that a population asks for.
  struct Wanted {
    const std::string *name;
    const std::vector<int32_t> *values;
    proto::Role role;
  };

  Error wrong(const std::string &what, const std::string &where) const;
  Error over(uint32_t core, proto::Role role, uint64_t used) const;
  std::string place(uint32_t core) const;
  /// Index of a core, -1 when there is none.
  int64_t find(uint32_t chip, uint32_t core) const;

  Error positions();
  Error neurons(uint32_t population);
  Error host(uint32_t population);
  Error enter(uint32_t core, uint32_t axon, uint32_t population,
              uint32_t neuron);
  Error registers(const image::CoreTables &tables, uint32_t compartment,
                  uint64_t who) const;
  /// \p farthest: target of each row.
  Error rows(uint32_t index, const image::CoreTables &tables,
             std::vector<uint32_t> &farthest) const;
  Error axonsIn(uint32_t index, const image::CoreTables &tables,
                std::span<const uint32_t> farthest) const;
  Error ring(uint32_t index, const image::CoreTables &tables,
             uint32_t longestDelay) const;
  Error outputs(uint32_t index, const image::CoreTables &tables);
  /// Of a core: how many input axons, and whether all are discrete ones with
  /// one row. Then nobody need look at them, which takes a while for each of
  /// millions of slots.
  struct Entrance {
    uint32_t axons = 0;
    bool plain = true;
  };
  void prefetch(const image::AxonOut &axon) const;
  /// What is wrong with a slot, or null.
  const char *problemOf(const image::AxonOut &axon, uint64_t who) const;

  const Network &network;
  const target::TargetModel &target;
  const Mapping &mapping;
  const uint32_t chips, perChip; ///< of the target
  std::vector<uint32_t> coreAt;  ///< by place: index + 1
  std::vector<Entrance> entrances;
  /// Neuron of each compartment, (population << 32) + neuron, by core.
  std::vector<std::vector<uint64_t>> neuronAt;
  std::vector<std::vector<Wanted>> wanted; ///< by population
  /// Which group of sources enters by a population axon.
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> groupOf;
  std::mutex groups; ///< guards groupOf
  static constexpr uint64_t nobody = UINT64_MAX;
};

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PROBLEM_PARTITIONVERIFY_H
