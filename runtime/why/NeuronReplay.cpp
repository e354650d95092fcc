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
#include <utility>

namespace hillock::runtime {

using image::evaluate;
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

/// An operation over many lanes, to a register of its own. As the operation is
/// known to each loop, they become vector code.
using Loop = void (*)(int32_t *to, const int32_t *a, const int32_t *b,
                      size_t count, int32_t imm);
template <Opcode op>
void loop(int32_t *__restrict to, const int32_t *a, const int32_t *b,
          size_t count, int32_t imm) {
  for (size_t k = 0; k < count; ++k)
    to[k] = image::evaluate(op, a[k], b[k], imm);
}
void selectLoop(int32_t *__restrict to, const int32_t *choice, const int32_t *a,
                const int32_t *b, size_t count) {
  for (size_t k = 0; k < count; ++k) {
    const int32_t mask = -static_cast<int32_t>(choice[k] != 0);
    to[k] = (a[k] & mask) | (b[k] & ~mask);
  }
}
template <size_t... ops> constexpr auto loopTable(std::index_sequence<ops...>) {
  return std::array<Loop, sizeof...(ops)>{loop<static_cast<Opcode>(ops)>...};
}
constexpr auto loops =
    loopTable(std::make_index_sequence<size_t(Opcode::Random) + 1>());

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
  replay.foldConstants();
  return replay;
}

void NeuronReplay::foldConstants() {
  std::array<bool, 256> known = {};
  constantValues.assign(known.size(), 0);
  for (const Instruction &i : program->code) {
    bool same = defines(i) && i.op != Opcode::Input && i.op != Opcode::Load &&
                i.op != Opcode::Random && i.d != fireRegister &&
                !(compared && i.d == compared->result);
    for (const int source : operands(i))
      same &= source < 0 || known[static_cast<size_t>(source)];
    constant.push_back(same);
    if (!same)
      continue;
    known[i.d] = true;
    const auto imm = static_cast<size_t>(i.imm);
    const int32_t a = constantValues[i.a], b = constantValues[i.b];
    constantValues[i.d] = i.op == Opcode::Const   ? i.imm
                          : i.op == Opcode::Param ? params[imm]
                          : i.op == Opcode::Select
                              ? (constantValues[imm] ? a : b)
                              : evaluate(i.op, a, b, i.imm);
  }
}

void NeuronReplay::makeRoom(size_t lanes) {
  if (lanes <= room)
    return;
  room = std::max(lanes, 2 * room);
  registers.assign(size_t(program->registers) * room, 0);
  for (size_t at = 0; at < program->code.size(); ++at)
    if (constant[at])
      std::fill_n(registers.data() + program->code[at].d * room, room,
                  constantValues[program->code[at].d]);
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

NeuronReplay::Lanes NeuronReplay::initial(size_t most) const {
  Lanes lanes{1, most, std::vector<int32_t>(states.size() * most)};
  for (size_t s = 0; s < states.size(); ++s)
    lanes.states[s * most] = states[s];
  return lanes;
}

NeuronReplay::Lanes NeuronReplay::copies(const Lanes &from, size_t lane,
                                         size_t count) {
  Lanes lanes{count, count, {}};
  for (size_t at = lane; at < from.states.size(); at += from.room)
    lanes.states.insert(lanes.states.end(), count, from.states[at]);
  return lanes;
}

void NeuronReplay::append(Lanes &to, const Lanes &from, size_t lane,
                          size_t count) {
  for (size_t at = 0, other = lane; at < to.states.size();
       at += to.room, other += from.room)
    std::fill_n(to.states.data() + at + to.count, count, from.states[other]);
  to.count += count;
}

bool NeuronReplay::advance(Lanes &lanes, uint64_t step,
                           std::span<const int32_t> inputs, bool fires,
                           int32_t *membrane, int32_t *threshold) {
  const size_t count = lanes.count;
  makeRoom(count);
  const uint64_t key = image::randomKey(seed, core, compartment, step);
  bool byItself = false;
  auto lane = [&](size_t reg) { return registers.data() + reg * room; };
  for (size_t at = 0; at < program->code.size(); ++at) {
    const Instruction &i = program->code[at];
    if (constant[at])
      continue;
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
      std::copy_n(lanes.states.data() + imm * lanes.room, count, to);
      break;
    case Opcode::Input: // synapses add to port 0
      if (imm == 0)
        std::copy_n(inputs.data(), count, to);
      else
        std::fill_n(to, count, 0);
      break;
    case Opcode::Write: // at the end
    case Opcode::Fire:
      break;
    case Opcode::Select:
      selectLoop(to, lane(imm), lane(i.a), lane(i.b), count);
      break;
    case Opcode::Random:
      std::fill_n(to, count, image::randomValue(key, at));
      break;
    default:
      loops[static_cast<size_t>(i.op)](to, lane(i.a), lane(i.b), count, i.imm);
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
  for (const Instruction &i : program->code)
    if (i.op == Opcode::Write)
      std::copy_n(lane(i.a), count,
                  lanes.states.data() +
                      static_cast<size_t>(i.imm) * lanes.room);
  return byItself;
}

} // namespace hillock::runtime
