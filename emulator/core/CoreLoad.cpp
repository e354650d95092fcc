//===- emulator/core/CoreLoad.cpp - A core from its tables ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/CoreState.h"
#include <algorithm>

namespace hillock::emu {

namespace {

constexpr uint32_t maxCompartments = 65536;
constexpr int maxShift = 24;

int32_t valueOr0(const image::FieldValues &values, const std::string &name) {
  auto at = values.find(name);
  return at == values.end() ? 0 : static_cast<int32_t>(at->second);
}

/// Which memory a parameter is read from: the compartment's own word, else its
/// profiles, else the core's configuration.
proto::Role sourceOf(const target::TargetModel &target,
                     const std::string &name) {
  for (proto::Role role : {proto::COMPARTMENT, proto::COMPARTMENT_PROFILE,
                           proto::THRESHOLD_PROFILE, proto::CORE_CONFIG})
    if (target.field(role, name))
      return role;
  return proto::ROLE_UNKNOWN;
}

int32_t paramValue(const image::CoreTables &tables, proto::Role role,
                   const std::string &name, uint32_t compartment) {
  switch (role) {
  case proto::COMPARTMENT: {
    auto at = tables.compartmentFields.find(name);
    return at == tables.compartmentFields.end() ? 0 : at->second[compartment];
  }
  case proto::COMPARTMENT_PROFILE:
    return valueOr0(tables.compartmentProfiles[tables.profileOf[compartment]],
                    name);
  case proto::THRESHOLD_PROFILE:
    return valueOr0(tables.thresholdProfiles[tables.thresholdOf[compartment]],
                    name);
  default:
    return valueOr0(tables.config, name);
  }
}

/// The lengths that load() promises, checked once more: everything below
/// indexes by them.
Error checkShape(const image::CoreTables &tables, const std::string &where) {
  auto bad = [&](const std::string &what) {
    return makeError(ErrorKind::Internal, what, where);
  };
  uint32_t n = tables.compartments;
  const image::SynapseRows &rows = tables.rows;
  if (n > maxCompartments)
    return inputError(std::to_string(n) + " compartments, the emulator holds " +
                          std::to_string(maxCompartments) + " a core",
                      where);
  if (tables.outFirst.size() != size_t(n) + 1 ||
      tables.outFirst.back() != tables.axonsOut.size() ||
      !std::is_sorted(tables.outFirst.begin(), tables.outFirst.end()))
    return bad("output slots do not match the compartments");
  if (rows.first.size() != rows.rows() + 1 ||
      rows.first.back() != rows.synapses() ||
      !std::is_sorted(rows.first.begin(), rows.first.end()) ||
      rows.mantissa.size() != rows.synapses() ||
      (!rows.delay.empty() && rows.delay.size() != rows.synapses()))
    return bad("rows do not match their synapses");
  for (uint8_t format : rows.format)
    if (format >= tables.formats.size())
      return bad("a row names a synapse format that is not there");
  for (const auto *fields : {&tables.compartmentFields, &tables.initialState})
    for (const auto &[name, values] : *fields)
      if (values.size() != n)
        return bad("field '" + name + "' has not one value a compartment");
  for (uint8_t profile : tables.profileOf)
    if (profile >= tables.compartmentProfiles.size())
      return bad("a compartment names a profile that is not there");
  for (uint8_t profile : tables.thresholdOf)
    if (profile >= tables.thresholdProfiles.size())
      return bad("a compartment names a threshold profile that is not there");
  return Error::success();
}

} // namespace

std::string CoreState::name() const {
  return "chip " + std::to_string(tables->chip) + " core " +
         std::to_string(tables->core);
}

uint64_t CoreState::weight() const {
  return 1 + 16 * uint64_t(lanes) + tables->rows.synapses() + 4 * out.size();
}

Error CoreState::load(const image::LoadedImage &image, uint32_t coreIndex,
                      const Kernels &loops) {
  index = coreIndex;
  kernels = &loops;
  tables = &image.cores[index];
  if (Error error = checkShape(*tables, name()))
    return error;
  if (tables->program >= image.programs.size())
    return inputError("program " + std::to_string(tables->program) +
                          " is not in the image",
                      name());
  program = &image.programs[tables->program];
  lanes = tables->compartments;
  padded = paddedLanes(lanes);
  if (Error error = store.load(*tables, name()))
    return error;
  int base = image.target.proto().synapse_packing().weight_exponent_base();
  if (base < 0 || base > maxShift)
    return inputError("weight_exponent_base " + std::to_string(base) +
                          " is not in 0.." + std::to_string(maxShift),
                      "target " + image.target.name());
  shift = store.shiftsSum() ? 0 : uint32_t(base);
  direct.clear();
  direct.resize(program->ports);
  for (const image::Program::State &state : program->states) {
    LaneArray first(padded);
    auto at = tables->initialState.find(state.name);
    if (at != tables->initialState.end())
      std::copy(at->second.begin(), at->second.end(), first.data());
    initial.push_back(std::move(first));
    states.emplace_back(padded);
    statePointers.push_back(states.back().data());
  }
  if (Error error = loadParams(image))
    return error;
  reset();
  return Error::success();
}

Error CoreState::loadParams(const image::LoadedImage &image) {
  if (Error error = image::check(*program))
    return error;
  if (program->states.size() + program->params.size() +
          2 * program->code.size() >
      UINT16_MAX)
    return inputError("program '" + program->name + "' is too long", name());
  std::vector<LaneParam> params;
  for (const std::string &param : program->params) {
    proto::Role role = sourceOf(image.target, param);
    if (role == proto::ROLE_UNKNOWN)
      return inputError("program '" + program->name + "' reads parameter '" +
                            param + "', which no memory of target '" +
                            image.target.name() + "' has a field for",
                        name());
    if ((role == proto::COMPARTMENT_PROFILE &&
         tables->profileOf.size() != lanes) ||
        (role == proto::THRESHOLD_PROFILE &&
         tables->thresholdOf.size() != lanes))
      return makeError(ErrorKind::Internal,
                       "profiles do not match the compartments", name());
    LaneArray values(padded);
    bool uniform = true;
    for (uint32_t c = 0; c < lanes; ++c) {
      values.data()[c] = paramValue(*tables, role, param, c);
      uniform &= values.data()[c] == values.data()[0];
    }
    LaneParam entry{uniform, lanes ? values.data()[0] : 0, nullptr};
    if (!uniform) {
      entry.lanes = values.data();
      paramLanes.push_back(std::move(values));
    }
    params.push_back(entry);
  }
  code = LaneProgram::compile(*program, params);
  return Error::success();
}

Expected<RowRef> CoreState::resolve(uint32_t axon, uint32_t atom,
                                    const std::string &where) const {
  if (axon >= tables->axonsIn.size())
    return inputError("axon " + std::to_string(axon) + " of " + name() +
                          ", which has " +
                          std::to_string(tables->axonsIn.size()),
                      where);
  const image::AxonIn &entry = tables->axonsIn[axon];
  if (atom >= entry.popRows ||
      uint64_t(entry.firstRow) + atom >= store.rows().size())
    return inputError("atom " + std::to_string(atom) + " of axon " +
                          std::to_string(axon) + " of " + name() +
                          ", which has " + std::to_string(entry.popRows),
                      where);
  const SynapseStore::Row &row = store.rows()[entry.firstRow + atom];
  if (row.count > 0 && uint32_t(entry.cxBase) + row.highest >= lanes)
    return inputError("axon " + std::to_string(axon) + " of " + name() +
                          " reaches compartment " +
                          std::to_string(entry.cxBase + row.highest) + " of " +
                          std::to_string(lanes),
                      where);
  RowRef result;
  find(axon, atom, result);
  return result;
}

bool CoreState::find(uint32_t axon, uint32_t atom, RowRef &result) const {
  if (axon >= tables->axonsIn.size())
    return false;
  const image::AxonIn &entry = tables->axonsIn[axon];
  const uint64_t number = uint64_t(entry.firstRow) + atom;
  if (atom >= entry.popRows || number >= store.rows().size())
    return false;
  const SynapseStore::Row &row = store.rows()[number];
  if (row.count > 0 && uint32_t(entry.cxBase) + row.highest >= lanes)
    return false;
  result.core = index;
  result.first = row.kind == RowKind::Merged ? uint32_t(number) : row.first;
  result.count = row.count;
  result.base = static_cast<uint16_t>(entry.cxBase + row.offset);
  result.kind = row.kind;
  result.delay = row.delay;
  return true;
}

Error CoreState::connect(
    const image::LoadedImage &image, std::span<const CoreState> cores,
    const std::vector<std::pair<uint64_t, uint32_t>> &places) {
  outFirst = tables->outFirst;
  out.reserve(tables->axonsOut.size());
  for (size_t s = 0; s < tables->axonsOut.size(); ++s) {
    const image::AxonOut &slot = tables->axonsOut[s];
    std::pair<uint64_t, uint32_t> key(uint64_t(slot.chip) << 32 | slot.core, 0);
    auto at = std::lower_bound(places.begin(), places.end(), key);
    std::string where = name() + ": output slot " + std::to_string(s);
    if (at == places.end() || at->first != key.first)
      return inputError("sends to chip " + std::to_string(slot.chip) +
                            " core " + std::to_string(slot.core) +
                            ", which is not in the image",
                        where);
    Expected<RowRef> row =
        cores[at->second].resolve(slot.axon, slot.atom, where);
    if (!row)
      return row.takeError();
    const CoreState &to = cores[at->second];
    row->first = to.tables->axonsIn[slot.axon].firstRow + slot.atom;
    out.push_back(*row);
  }
  return Error::success();
}

} // namespace hillock::emu
