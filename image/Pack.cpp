//===- image/Pack.cpp - Tables to words -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows lie in the synapse memory in the order of the tables, without gaps; the
// layout of a row is in SynapseLayout.h. Memories are written in the order of
// their roles, those without content not at all.
//
//===----------------------------------------------------------------------===//
#include "image/Pack.h"
#include "base/Describe.h"
#include "image/SynapseLayout.h"
#include "image/TableCheck.h"
#include <array>

namespace hillock::image {

namespace {

bool allZero(const std::vector<int32_t> &values, int64_t standard) {
  for (int32_t value : values)
    if (value != standard)
      return false;
  return true;
}

/// The words of one memory under construction.
class Words {
public:
  Words(const proto::Memory &memory, size_t count)
      : memory(memory), layout(memory) {
    for (size_t f = 0; f < layout.fields().size(); ++f)
      layout.put(standard, static_cast<int>(f), layout.fields()[f].standard());
    resize(count);
  }
  void resize(size_t count) { words.resize(count, standard); }

  Error put(size_t index, int field, int64_t value, const CoreTables &tables) {
    if (!layout.fits(field, value))
      return makeError(ErrorKind::Capacity,
                       "value " + std::to_string(value) + " does not fit: " +
                           describeField(layout.fields()[field]),
                       coreName(tables) + ", memory '" + memory.name() +
                           "', word " + std::to_string(index),
                       "choose a smaller value or a target with wider fields");
    layout.put(words[index], field, value);
    return Error::success();
  }
  Error put(size_t index, std::initializer_list<std::pair<int, int64_t>> values,
            const CoreTables &tables) {
    for (const auto &[field, value] : values)
      if (Error error = put(index, field, value, tables))
        return error;
    return Error::success();
  }
  /// Puts \p values by name; the other fields keep their standard value.
  Error putAll(size_t index, const FieldValues &values,
               const CoreTables &tables);

  void addTo(proto::Core &core) const {
    if (words.empty())
      return;
    proto::MemoryWords &out = *core.add_memory();
    out.set_role(memory.role());
    out.set_words(static_cast<uint32_t>(words.size()));
    out.set_data(bytesOfWords(words, layout.wordBytes()));
  }

  const proto::Memory &memory;
  WordLayout layout;
  std::vector<uint64_t> words;
  uint64_t standard = 0; ///< a word whose fields nobody has set
};

Error unknownField(const std::string &name, const Words &words,
                   const CoreTables &tables) {
  std::vector<std::string> known;
  for (const FieldSpan &field : words.layout.fields())
    known.push_back(field.name);
  return makeError(ErrorKind::Internal, "unknown field '" + name + "'",
                   coreName(tables) + ", memory '" + words.memory.name() + "'",
                   didYouMean(name, known));
}

Error Words::putAll(size_t index, const FieldValues &values,
                    const CoreTables &tables) {
  for (const auto &[name, value] : values) {
    const int field = layout.index(name);
    if (field < 0)
      return unknownField(name, *this, tables);
    if (Error error = put(index, field, value, tables))
      return error;
  }
  return Error::success();
}

/// Five fields of a memory, put into word after word.
class Record {
public:
  using Values = std::array<int64_t, 5>;

  Record(const WordLayout &layout, const std::array<const char *, 5> &names) {
    for (size_t f = 0; f < names.size(); ++f) {
      number[f] = layout.index(names[f]);
      field.emplace_back(layout.fields()[static_cast<size_t>(number[f])]);
    }
  }
  Error put(Words &words, size_t index, const Values &values,
            const CoreTables &tables) const {
    bool good = true;
    for (size_t f = 0; f < values.size(); ++f)
      good &= field[f].put(words.words[index], values[f]);
    for (size_t f = 0; !good && f < values.size(); ++f)
      if (Error error = words.put(index, number[f], values[f], tables))
        return error;
    return Error::success();
  }

private:
  std::array<int, 5> number = {};
  std::vector<WordField> field;
};

class Packer {
public:
  Packer(const CoreTables &tables, const target::TargetModel &target)
      : t(tables), target(target) {}

  Expected<proto::Core> run();

private:
  Words memory(proto::Role role, size_t count) const {
    return Words(*target.memory(role), count);
  }
  Error capacity(const Words &words, uint64_t used) const;
  Error compartments();
  Error state();
  Error profiles(proto::Role role, const std::vector<FieldValues> &values);
  Error formats();
  Error synapses();
  Error axonsIn();
  Error axonsOut();
  Error config();

  uint32_t slots(AxonType type) const {
    const proto::AxonRules &rules = target.proto().axons();
    return type == AxonType::Discrete ? rules.slots_discrete()
           : type == AxonType::Pop16  ? rules.slots_pop16()
                                      : rules.slots_pop32();
  }

  const CoreTables &t;
  const target::TargetModel &target;
  proto::Core core;
  std::vector<uint32_t> rowAt; // first word of each row
};

Expected<proto::Core> Packer::run() {
  if (Error error = checkTables(t, target, {}))
    return std::move(error);
  core.set_chip(t.chip);
  core.set_core(t.core);
  core.set_program(t.program);
  using Step = Error (Packer::*)();
  const auto all = [&](std::initializer_list<Step> steps) -> Error {
    for (Step step : steps)
      if (Error error = (this->*step)())
        return error;
    return Error::success();
  };
  if (Error error = all({&Packer::compartments, &Packer::state}))
    return std::move(error);
  if (Error error = profiles(proto::COMPARTMENT_PROFILE, t.compartmentProfiles))
    return std::move(error);
  if (Error error = profiles(proto::THRESHOLD_PROFILE, t.thresholdProfiles))
    return std::move(error);
  if (Error error = all({&Packer::formats, &Packer::synapses, &Packer::axonsIn,
                         &Packer::axonsOut, &Packer::config}))
    return std::move(error);
  return std::move(core);
}

Error Packer::capacity(const Words &words, uint64_t used) const {
  if (used <= words.memory.words())
    return Error::success();
  return makeError(ErrorKind::Capacity,
                   withSeparators(used) + " words are needed, " +
                       withSeparators(used - words.memory.words()) +
                       " more than there are (" +
                       withSeparators(uint64_t{words.memory.words()}) + ")",
                   coreName(t) + ", memory '" + words.memory.name() + "'",
                   "spread the network over more cores");
}

Error Packer::compartments() {
  Words words = memory(proto::COMPARTMENT, t.compartments);
  const WordLayout &layout = words.layout;
  const int profile = layout.index("cx_profile");
  const int threshold = layout.index("vth_profile");
  const int first = layout.index("out_first");
  const int count = layout.index("out_count");
  for (const auto &[name, values] : t.compartmentFields) {
    const int field = layout.index(name);
    if (field < 0 || field == profile || field == threshold || field == first ||
        field == count)
      return unknownField(name, words, t);
    for (uint32_t c = 0; c < t.compartments; ++c)
      if (Error error = words.put(c, field, values[c], t))
        return error;
  }
  uint32_t slot = 0;
  for (uint32_t c = 0; c < t.compartments; ++c) {
    uint32_t used = 0;
    for (uint32_t a = t.outFirst[c]; a < t.outFirst[c + 1]; ++a)
      used += slots(t.axonsOut[a].type);
    if (Error error = words.put(c,
                                {{profile, t.profileOf[c]},
                                 {threshold, t.thresholdOf[c]},
                                 {first, used ? slot : 0},
                                 {count, used}},
                                t))
      return error;
    slot += used;
  }
  words.addTo(core);
  return Error::success();
}

Error Packer::state() {
  bool any = false;
  for (const auto &[name, values] : t.initialState)
    any |= !allZero(values, 0);
  if (!any)
    return Error::success();
  if (!target.memory(proto::COMPARTMENT_STATE))
    return makeError(ErrorKind::Capacity,
                     "target '" + target.name() +
                         "' has no memory for initial states",
                     coreName(t), "start all states at zero");
  Words words = memory(proto::COMPARTMENT_STATE, t.compartments);
  for (const auto &[name, values] : t.initialState) {
    const int field = words.layout.index(name);
    if (field < 0 && allZero(values, 0))
      continue;
    if (field < 0)
      return unknownField(name, words, t);
    for (uint32_t c = 0; c < t.compartments; ++c)
      if (Error error = words.put(c, field, values[c], t))
        return error;
  }
  words.addTo(core);
  return Error::success();
}

Error Packer::profiles(proto::Role role,
                       const std::vector<FieldValues> &values) {
  Words words = memory(role, values.size());
  for (size_t i = 0; i < values.size(); ++i)
    if (Error error = words.putAll(i, values[i], t))
      return error;
  words.addTo(core);
  return Error::success();
}

Error Packer::formats() {
  if (t.formats.empty())
    return Error::success();
  Words words = memory(proto::SYNAPSE_FORMAT, 0);
  const size_t skipped = words.memory.first_reserved() ? 1 : 0;
  words.resize(t.formats.size() + skipped);
  if (skipped)
    words.words[0] = 0;
  for (size_t i = 0; i < t.formats.size(); ++i) {
    const SynapseFormat &f = t.formats[i];
    const FieldValues values = {
        {"weight_bits", *target.weightCode(f.weightBits)},
        {"weight_exp", f.weightExp},
        {"fanout_type", static_cast<int64_t>(f.sign)},
        {"compression", static_cast<int64_t>(f.compression)},
        {"index_bits", *target.indexCode(f.indexBits)},
        {"delay_bits", f.delayBits},
        {"tag_bits", f.tagBits},
        {"exponent_on_sum", f.exponentOnSum ? 1 : 0},
        {"num_synapses", target.proto().synapse_packing().group_synapses() - 1},
    };
    // A target without delays, tags or the flag need not have these fields.
    FieldValues present;
    for (const auto &[name, value] : values)
      if (value != 0 || words.layout.index(name) >= 0)
        present.emplace(name, value);
    if (Error error = words.putAll(i + skipped, present, t))
      return error;
  }
  words.addTo(core);
  return Error::success();
}

Error Packer::synapses() {
  const proto::SynapsePacking &packing = target.proto().synapse_packing();
  const Words words = memory(proto::SYNAPSE, 0);
  const size_t skipped =
      target.memory(proto::SYNAPSE_FORMAT)->first_reserved() ? 1 : 0;
  uint64_t used = 0;
  for (size_t r = 0; r < t.rows.rows(); ++r) {
    rowAt.push_back(static_cast<uint32_t>(used));
    used += rowWords(t.formats[t.rows.format[r]],
                     t.rows.first[r + 1] - t.rows.first[r], packing);
    if (used > UINT32_MAX)
      break; // far beyond any memory
  }
  if (Error error = capacity(words, used))
    return error;
  if (used == 0)
    return Error::success();
  BitWriter bits;
  for (size_t r = 0; r < t.rows.rows(); ++r)
    encodeRow(bits, t.rows, r, t.formats[t.rows.format[r]],
              static_cast<unsigned>(t.rows.format[r] + skipped), packing);
  proto::MemoryWords &out = *core.add_memory();
  out.set_role(proto::SYNAPSE);
  out.set_words(static_cast<uint32_t>(used));
  out.set_data(bits.take());
  return Error::success();
}

Error Packer::axonsIn() {
  Words words = memory(proto::AXON_IN, t.axonsIn.size());
  const uint32_t step = target.proto().axons().population_cx_base_step();
  const Record record(words.layout,
                      {"type", "pointer", "length", "pop_rows", "cx_base"});
  for (size_t a = 0; a < t.axonsIn.size(); ++a) {
    const AxonIn &axon = t.axonsIn[a];
    const uint32_t length =
        t.rows.first[axon.firstRow + 1] - t.rows.first[axon.firstRow];
    const bool discrete = axon.type == AxonType::Discrete;
    if (Error error =
            record.put(words, a,
                       {static_cast<int64_t>(axon.type), rowAt[axon.firstRow],
                        int64_t{length} - 1, axon.popRows - 1,
                        axon.cxBase / (discrete ? 1 : step)},
                       t))
      return error;
  }
  words.addTo(core);
  return Error::success();
}

Error Packer::axonsOut() {
  uint64_t used = 0;
  for (const AxonOut &axon : t.axonsOut)
    used += slots(axon.type);
  Words words = memory(proto::AXON_OUT, 0);
  if (Error error = capacity(words, used))
    return error;
  words.resize(used);
  const Record record(words.layout, {"type", "chip", "core", "axon", "atom"});
  const int type = words.layout.index("type");
  size_t at = 0;
  for (const AxonOut &axon : t.axonsOut) {
    if (Error error = record.put(words, at,
                                 {static_cast<int64_t>(axon.type), axon.chip,
                                  axon.core, axon.axon, axon.atom},
                                 t))
      return error;
    const uint32_t taken = slots(axon.type);
    for (uint32_t i = 1; i < taken; ++i) {
      words.words[at + i] = 0;
      if (Error error = words.put(at + i, type, slotTakenType, t))
        return error;
    }
    at += taken;
  }
  words.addTo(core);
  return Error::success();
}

Error Packer::config() {
  Words words = memory(proto::CORE_CONFIG, 1);
  const auto found = t.config.find("compartments");
  if (found != t.config.end() && found->second != t.compartments)
    return makeError(ErrorKind::Internal,
                     "the field 'compartments' is " +
                         std::to_string(found->second) + ", not " +
                         std::to_string(t.compartments),
                     coreName(t) + ", memory '" + words.memory.name() + "'");
  if (Error error = words.putAll(0, t.config, t))
    return error;
  if (Error error =
          words.put(0, words.layout.index("compartments"), t.compartments, t))
    return error;
  words.addTo(core);
  return Error::success();
}

} // namespace

Expected<proto::Core> pack(const CoreTables &tables,
                           const target::TargetModel &target) {
  return Packer(tables, target).run();
}

} // namespace hillock::image
