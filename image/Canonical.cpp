//===- image/Canonical.cpp - One spelling for equal tables ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/Pack.h"
#include "image/Words.h"
#include <algorithm>

namespace hillock::image {

namespace {

bool all(const std::vector<int32_t> &values, int64_t value) {
  return std::all_of(values.begin(), values.end(),
                     [&](int32_t v) { return v == value; });
}

void complete(FieldValues &values, const proto::Memory *memory) {
  if (!memory)
    return;
  const WordLayout layout(*memory);
  for (const FieldSpan &field : layout.fields())
    values.emplace(field.name, field.standard());
}

} // namespace

CoreTables canonical(CoreTables tables, const target::TargetModel &target) {
  std::vector<uint8_t> &delay = tables.rows.delay;
  if (std::all_of(delay.begin(), delay.end(), [](uint8_t d) { return d == 0; }))
    delay.clear();
  for (FieldValues &profile : tables.compartmentProfiles)
    complete(profile, target.memory(proto::COMPARTMENT_PROFILE));
  for (FieldValues &profile : tables.thresholdProfiles)
    complete(profile, target.memory(proto::THRESHOLD_PROFILE));
  complete(tables.config, target.memory(proto::CORE_CONFIG));
  tables.config.erase("compartments");
  if (const proto::Memory *memory = target.memory(proto::COMPARTMENT)) {
    const WordLayout layout(*memory);
    for (const FieldSpan &field : layout.fields()) {
      const auto found = tables.compartmentFields.find(field.name);
      if (found != tables.compartmentFields.end() &&
          all(found->second, field.standard()))
        tables.compartmentFields.erase(found);
    }
  }
  std::erase_if(tables.initialState,
                [](const auto &entry) { return all(entry.second, 0); });
  return tables;
}

} // namespace hillock::image
