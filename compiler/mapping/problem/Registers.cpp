//===- compiler/mapping/problem/Registers.cpp -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/problem/Registers.h"
#include <algorithm>

namespace hillock::mapping {

namespace {

constexpr proto::Role registerRoles[] = {
    proto::COMPARTMENT, proto::COMPARTMENT_PROFILE, proto::THRESHOLD_PROFILE,
    proto::CORE_CONFIG};

bool isStructure(proto::Role role, std::string_view name) {
  if (role == proto::COMPARTMENT)
    return name == "cx_profile" || name == "vth_profile" ||
           name == "out_first" || name == "out_count";
  if (role == proto::CORE_CONFIG)
    return name == "compartments" || name == "delay_bits";
  return false;
}

RegisterPlace rangeOf(proto::Role role, const proto::Field &field) {
  const uint32_t bits = std::min(field.bits(), 62u);
  const int64_t half = int64_t{1} << (bits - 1);
  RegisterPlace place{role, field.is_signed() ? -half : 0,
                      field.is_signed() ? half - 1 : 2 * half - 1};
  if (field.has_min())
    place.min = field.min();
  if (field.has_max())
    place.max = field.max();
  return place;
}

} // namespace

std::optional<RegisterPlace> placeOf(const target::TargetModel &target,
                                     const std::string &name) {
  for (proto::Role role : registerRoles)
    if (!isStructure(role, name))
      if (const proto::Field *field = target.field(role, name))
        return rangeOf(role, *field);
  return std::nullopt;
}

std::optional<RegisterPlace> statePlaceOf(const target::TargetModel &target,
                                          const std::string &name) {
  if (const proto::Field *field = target.field(proto::COMPARTMENT_STATE, name))
    return rangeOf(proto::COMPARTMENT_STATE, *field);
  return std::nullopt;
}

std::vector<std::string> registerNames(const target::TargetModel &target) {
  std::vector<std::string> names;
  for (proto::Role role : registerRoles)
    if (const proto::Memory *memory = target.memory(role))
      for (const proto::Field &field : memory->field())
        if (!isStructure(role, field.name()))
          names.push_back(field.name());
  return names;
}

image::FieldValues standardValues(const target::TargetModel &target,
                                  proto::Role role) {
  image::FieldValues values;
  if (const proto::Memory *memory = target.memory(role))
    for (const proto::Field &field : memory->field())
      if (!isStructure(role, field.name())) {
        const RegisterPlace place = rangeOf(role, field);
        values[field.name()] = std::clamp<int64_t>(0, place.min, place.max);
      }
  return values;
}

RegisterTable::RegisterTable(const Network &network,
                             const target::TargetModel &target) {
  for (const Population &population : network.populations) {
    OfPopulation entry;
    if (!population.isInput) {
      entry.profile = intern(population, target, proto::COMPARTMENT_PROFILE);
      entry.threshold = intern(population, target, proto::THRESHOLD_PROFILE);
      entry.config = intern(population, target, proto::CORE_CONFIG);
      for (const auto &[name, values] : population.registers)
        if (const auto place = placeOf(target, name);
            place && place->role == proto::COMPARTMENT)
          entry.own[name] = &values;
    }
    populations.push_back(std::move(entry));
  }
}

std::vector<uint32_t> RegisterTable::intern(const Population &population,
                                            const target::TargetModel &target,
                                            proto::Role role) {
  std::map<std::string, const std::vector<int32_t> *> mine;
  uint32_t count = 1;
  for (const auto &[name, values] : population.registers)
    if (const auto place = placeOf(target, name);
        place && place->role == role) {
      mine[name] = &values;
      if (values.size() > 1)
        count = population.size();
    }
  std::vector<uint32_t> result;
  image::FieldValues values = standardValues(target, role);
  for (uint32_t n = 0; n < count; ++n) {
    for (const auto &[name, list] : mine)
      values[name] = valueOf(*list, n);
    const auto [at, isNew] =
        numbers.try_emplace({role, values}, static_cast<uint32_t>(sets.size()));
    if (isNew)
      sets.push_back(values);
    result.push_back(at->second);
  }
  return result;
}

bool shiftsSum(const Population &population) {
  const auto found = population.registers.find("weight_exp");
  return found != population.registers.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [](int32_t value) { return value != 0; });
}

} // namespace hillock::mapping
