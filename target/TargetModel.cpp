//===- target/TargetModel.cpp ---------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "target/TargetModel.h"
#include "target/Hash.h"
#include "target/TargetCheck.h"
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace hillock::target {

Expected<TargetModel> TargetModel::create(proto::Target target,
                                          std::string where) {
  if (Error error = check(target, where))
    return std::move(error);
  TargetModel model;
  model.target = std::move(target);
  return model;
}

const proto::Memory *TargetModel::memory(proto::Role role) const {
  for (const proto::Memory &memory : target.memory())
    if (memory.role() == role)
      return &memory;
  return nullptr;
}

uint32_t TargetModel::capacity(proto::Role role) const {
  const proto::Memory *found = memory(role);
  if (!found)
    return 0;
  return found->words() - (found->first_reserved() ? 1 : 0);
}

const proto::Field *TargetModel::field(proto::Role role,
                                       std::string_view name) const {
  if (const proto::Memory *found = memory(role))
    for (const proto::Field &field : found->field())
      if (field.name() == name)
        return &field;
  return nullptr;
}

uint32_t TargetModel::coresPerChip() const {
  const proto::Mesh &mesh = target.mesh();
  return mesh.tiles_x() * mesh.tiles_y() * mesh.cores_per_tile();
}

uint32_t TargetModel::maxChips() const {
  return target.mesh().max_chips_x() * target.mesh().max_chips_y();
}

TargetModel::Place TargetModel::place(uint32_t chip, uint32_t core) const {
  const proto::Mesh &mesh = target.mesh();
  const uint32_t tile = core / mesh.cores_per_tile();
  return {chip % mesh.max_chips_x(), chip / mesh.max_chips_x(),
          tile / mesh.tiles_y(), tile % mesh.tiles_y(),
          core % mesh.cores_per_tile()};
}

namespace {

// Width 0 means "absent" wherever it stands, so it has no code of its own.
template <typename Codes>
std::optional<uint32_t> codeOf(const Codes &codes, uint32_t bits) {
  for (int code = 0; code < codes.size(); ++code)
    if (codes.Get(code) == bits && bits != 0)
      return static_cast<uint32_t>(code);
  return std::nullopt;
}

} // namespace

std::optional<uint32_t> TargetModel::weightCode(uint32_t bits) const {
  return codeOf(target.synapse_packing().weight_bits_of_code(), bits);
}

std::optional<uint32_t> TargetModel::indexCode(uint32_t bits) const {
  return codeOf(target.synapse_packing().index_bits_of_code(), bits);
}

std::optional<uint32_t> TargetModel::indexBitsFor(uint32_t index) const {
  std::optional<uint32_t> best;
  for (uint32_t bits : target.synapse_packing().index_bits_of_code())
    if (bits != 0 && (uint64_t{index} >> bits) == 0 && (!best || bits < *best))
      best = bits;
  return best;
}

namespace {

uint32_t usableDelay(const proto::DelayRules &rules, uint32_t bits) {
  const uint32_t slots = 1u << bits;
  return slots > rules.headroom() ? slots - rules.headroom() : 0;
}

bool slotsFit(const proto::DelayRules &rules, uint32_t bits,
              uint32_t compartments) {
  return (uint64_t{compartments} << bits) <= rules.accumulator_words();
}

} // namespace

uint32_t TargetModel::maxDelay(uint32_t compartments) const {
  const proto::DelayRules &rules = target.delays();
  uint32_t delay = 0;
  for (uint32_t bits = rules.min_delay_bits(); bits <= rules.max_delay_bits();
       ++bits)
    if (slotsFit(rules, bits, compartments))
      delay = usableDelay(rules, bits);
  return delay;
}

std::optional<uint32_t> TargetModel::delayBitsFor(uint32_t delay,
                                                  uint32_t compartments) const {
  const proto::DelayRules &rules = target.delays();
  for (uint32_t bits = rules.min_delay_bits(); bits <= rules.max_delay_bits();
       ++bits)
    if (slotsFit(rules, bits, compartments) &&
        usableDelay(rules, bits) >= delay)
      return bits;
  return std::nullopt;
}

uint64_t TargetModel::hash() const {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    target.SerializeToCodedStream(&coded);
  }
  return hashBytes(bytes);
}

} // namespace hillock::target
