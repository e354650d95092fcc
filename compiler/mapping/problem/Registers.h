//===- compiler/mapping/problem/Registers.h - Parameters in memories -*- C++
//-*-=//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which memory of a core holds a parameter of a neuron program, and what
// values it takes there.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PROBLEM_REGISTERS_H
#define HILLOCK_COMPILER_MAPPING_PROBLEM_REGISTERS_H

#include "compiler/mapping/problem/Network.h"
#include "target/TargetModel.h"
#include <optional>

namespace hillock::mapping {

struct RegisterPlace {
  proto::Role role = proto::ROLE_UNKNOWN;
  int64_t min = 0, max = 0; ///< legal values
};

/// COMPARTMENT, COMPARTMENT_PROFILE, THRESHOLD_PROFILE or CORE_CONFIG, the
/// first that has a field \p name (image.proto, ProgramParam); fields that
/// hold structure (out_first, compartments, ...) do not count.
std::optional<RegisterPlace> placeOf(const target::TargetModel &target,
                                     const std::string &name);
/// Fields of COMPARTMENT_STATE.
std::optional<RegisterPlace> statePlaceOf(const target::TargetModel &target,
                                          const std::string &name);
/// All names that placeOf() knows, for messages.
std::vector<std::string> registerNames(const target::TargetModel &target);

/// Every field of a profile memory or of the core's configuration, with the
/// value that means nobody set it: 0, or the legal value next to it. Without
/// the fields that hold structure.
image::FieldValues standardValues(const target::TargetModel &target,
                                  proto::Role role);

/// A network's registers as the memories want them: sets of field values, by
/// number, equal ones once.
class RegisterTable {
public:
  /// The network must have passed PartitionProblem::check().
  RegisterTable(const Network &network, const target::TargetModel &target);

  struct OfPopulation {
    /// One entry for all neurons, or one each; numbers of sets.
    std::vector<uint32_t> profile, threshold, config;
    /// By field of the compartment's own word.
    std::map<std::string, const std::vector<int32_t> *> own;

    static uint32_t of(const std::vector<uint32_t> &list, uint32_t neuron) {
      return list.size() == 1 ? list[0] : list[neuron];
    }
  };
  const OfPopulation &population(uint32_t index) const {
    return populations[index];
  }
  const image::FieldValues &set(uint32_t number) const { return sets[number]; }

private:
  std::vector<uint32_t> intern(const Population &population,
                               const target::TargetModel &target,
                               proto::Role role);

  std::vector<image::FieldValues> sets;
  std::map<std::pair<int, image::FieldValues>, uint32_t> numbers;
  std::vector<OfPopulation> populations;
};

/// Value of \p values (one for all or one each) for \p neuron.
inline int32_t valueOf(const std::vector<int32_t> &values, uint32_t neuron) {
  return values.size() == 1 ? values[0] : values[neuron];
}

/// True when the target population's program shifts the sum of its inputs by
/// a parameter "weight_exp" that is not 0; then synapses are added unshifted
/// (SynapseFormat::exponentOnSum) and all incoming projections have that
/// exponent.
bool shiftsSum(const Population &population);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PROBLEM_REGISTERS_H
