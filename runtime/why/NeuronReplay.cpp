//===- runtime/why/NeuronReplay.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/why/NeuronReplay.h"
#include "image/ProgramVm.h"
#include <algorithm>
#include <array>

namespace hillock::runtime {

using image::Instruction;
using image::Opcode;

namespace {

int32_t valueOr0(const image::FieldValues &values, const std::string &name) {
  auto at = values.find(name);
  return at == values.end() ? 0 : static_cast<int32_t>(at->second);
}

/// As an image's parameters are read: the compartment's own word, else its
/// profiles, else the core's configuration (proto/image.proto).
Expected<int32_t> paramOf(const image::LoadedImage &image,
                          const image::CoreTables &tables,
                          const std::string &name, uint32_t compartment) {
  const target::TargetModel &target = image.target;
  if (target.field(proto::COMPARTMENT, name)) {
    auto at = tables.compartmentFields.find(name);
    return at == tables.compartmentFields.end() ? 0 : at->second[compartment];
  }
  if (target.field(proto::COMPARTMENT_PROFILE, name))
    return valueOr0(tables.compartmentProfiles[tables.profileOf[compartment]],
                    name);
  if (target.field(proto::THRESHOLD_PROFILE, name))
    return valueOr0(tables.thresholdProfiles[tables.thresholdOf[compartment]],
                    name);
  if (target.field(proto::CORE_CONFIG, name))
    return valueOr0(tables.config, name);
  return inputError("no memory has a field for parameter '" + name + "'",
                    "target " + target.name());
}

/// Operands that are registers.
std::array<int, 3> operands(const Instruction &i) {
  switch (i.op) {
  case Opcode::Const:
  case Opcode::Param:
  case Opcode::Load:
  case Opcode::Input:
  case Opcode::Random:
    return {-1, -1, -1};
  case Opcode::Write:
  case Opcode::Wrap:
    return {i.a, -1, -1};
  case Opcode::Select:
    return {i.a, i.b, i.imm};
  default:
    return {i.a, i.b, -1};
  }
}

bool defines(const Instruction &i) {
  return i.op != Opcode::Write && i.op != Opcode::Fire;
}

} // namespace

Expected<NeuronReplay> NeuronReplay::create(const image::LoadedImage &image,
                                            uint32_t core, uint32_t compartment,
                                            uint64_t seed) {
  NeuronReplay replay;
  const image::CoreTables &tables = image.cores[core];
  replay.program = &image.programs[tables.program];
  replay.core = core;
  replay.compartment = compartment;
  replay.seed = seed;
  for (const std::string &name : replay.program->params) {
    Expected<int32_t> value = paramOf(image, tables, name, compartment);
    if (!value)
      return value.takeError();
    replay.params.push_back(*value);
  }
  for (const image::Program::State &state : replay.program->states) {
    auto at = tables.initialState.find(state.name);
    replay.states.push_back(
        at == tables.initialState.end() ? 0 : at->second[compartment]);
  }
  replay.findComparison();
  return replay;
}

/// Walks from what makes the neuron fire back to a comparison of which one
/// side depends on the input. Conditions that are joined to it ("and not
/// refractory") are passed by.
void NeuronReplay::findComparison() {
  std::array<int, 256> definition;
  definition.fill(-1);
  std::array<bool, 256> moved = {}; // depends on the input
  for (size_t at = 0; at < program->code.size(); ++at) {
    const Instruction &i = program->code[at];
    if (i.op == Opcode::Fire)
      fireRegister = i.a;
    if (!defines(i))
      continue;
    definition[i.d] = static_cast<int>(at);
    moved[i.d] = i.op == Opcode::Input;
    for (const int source : operands(i))
      moved[i.d] |= source >= 0 && moved[static_cast<size_t>(source)];
  }
  if (fireRegister < 0)
    return;
  std::vector<int> left = {fireRegister};
  std::array<bool, 256> seen = {};
  while (!left.empty()) {
    const int reg = left.back();
    left.pop_back();
    const int at = definition[static_cast<size_t>(reg)];
    if (at < 0 || seen[static_cast<size_t>(reg)])
      continue;
    seen[static_cast<size_t>(reg)] = true;
    const Instruction &i = program->code[static_cast<size_t>(at)];
    if ((i.op == Opcode::CmpLt || i.op == Opcode::CmpLe) && !moved[i.a] &&
        moved[i.b]) {
      compared = {i.d, i.b, i.a, i.op == Opcode::CmpLe};
      return;
    }
    if (i.op == Opcode::And || i.op == Opcode::Or || i.op == Opcode::Select ||
        i.op == Opcode::CmpNe || i.op == Opcode::CmpEq || i.op == Opcode::Min ||
        i.op == Opcode::Max || i.op == Opcode::Mul || i.op == Opcode::Xor)
      for (const int source : operands(i))
        if (source >= 0)
          left.push_back(source);
  }
}

NeuronReplay::Lanes NeuronReplay::initial(size_t count) const {
  Lanes lanes;
  lanes.count = count;
  for (const int32_t value : states)
    lanes.states.insert(lanes.states.end(), count, value);
  return lanes;
}

NeuronReplay::Lanes NeuronReplay::copies(const Lanes &from, size_t lane,
                                         size_t count) {
  Lanes lanes;
  lanes.count = count;
  for (size_t at = lane; at < from.states.size(); at += from.count)
    lanes.states.insert(lanes.states.end(), count, from.states[at]);
  return lanes;
}

std::vector<int32_t> NeuronReplay::statesOf(const Lanes &lanes,
                                            size_t lane) const {
  std::vector<int32_t> values;
  for (size_t s = 0; s < states.size(); ++s)
    values.push_back(lanes.states[s * lanes.count + lane]);
  return values;
}

bool NeuronReplay::advance(Lanes &lanes, uint64_t step,
                           std::span<const int32_t> inputs, bool fires,
                           int32_t *membrane, int32_t *threshold) {
  const size_t count = lanes.count;
  registers.resize(size_t(program->registers) * count);
  next = lanes.states;
  const uint64_t key = image::randomKey(seed, core, compartment, step);
  bool byItself = false;
  auto lane = [&](size_t reg) { return registers.data() + reg * count; };
  for (size_t at = 0; at < program->code.size(); ++at) {
    const Instruction &i = program->code[at];
    const auto imm = static_cast<size_t>(i.imm);
    int32_t *to = defines(i) ? lane(i.d) : nullptr;
    switch (i.op) {
    case Opcode::Const:
      std::fill_n(to, count, i.imm);
      break;
    case Opcode::Param:
      std::fill_n(to, count, params[imm]);
      break;
    case Opcode::Load:
      std::copy_n(lanes.states.data() + imm * count, count, to);
      break;
    case Opcode::Input: // synapses add to port 0
      if (imm == 0)
        std::copy_n(inputs.data(), count, to);
      else
        std::fill_n(to, count, 0);
      break;
    case Opcode::Write:
      std::copy_n(lane(i.a), count, next.data() + imm * count);
      break;
    case Opcode::Fire:
      break;
    case Opcode::Select: {
      const int32_t *choice = lane(imm), *a = lane(i.a), *b = lane(i.b);
      for (size_t k = 0; k < count; ++k)
        to[k] = choice[k] != 0 ? a[k] : b[k];
      break;
    }
    case Opcode::Random:
      std::fill_n(to, count, image::randomValue(key, at));
      break;
    case Opcode::Add: {
      const int32_t *a = lane(i.a), *b = lane(i.b);
      for (size_t k = 0; k < count; ++k)
        to[k] = static_cast<int32_t>(static_cast<uint32_t>(a[k]) +
                                     static_cast<uint32_t>(b[k]));
      break;
    }
    default: {
      const int32_t *a = lane(i.a), *b = lane(i.b);
      for (size_t k = 0; k < count; ++k)
        to[k] = image::evaluate(i.op, a[k], b[k], i.imm);
    }
    }
    if (to && i.d == fireRegister) {
      byItself = to[0] != 0;
      std::fill_n(to, count, fires ? 1 : 0);
    } else if (to && compared && i.d == compared->result) {
      std::fill_n(to, count, fires ? 1 : 0);
    }
  }
  if (compared && membrane)
    std::copy_n(lane(compared->membrane), count, membrane);
  if (compared && threshold)
    *threshold = lane(compared->threshold)[0];
  lanes.states.swap(next);
  return byItself;
}

} // namespace hillock::runtime
