//===- image/Unpack.cpp - Words to tables ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads what Pack.cpp wrote, trusting nothing: first single words (no stray
// bits, every field within its bounds), then rows, which are found through the
// input axons and must cover the synapse memory without gap or overlap, then
// the rules of the tables. Whatever passes packs to the same words again.
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "image/Pack.h"
#include "image/SynapseLayout.h"
#include "image/TableCheck.h"
#include <algorithm>
#include <span>

namespace hillock::image {

namespace {

constexpr const char *recompile = "the image is damaged: recompile the model";

bool isFormatField(std::string_view name) {
  for (const char *known :
       {"weight_bits", "weight_exp", "fanout_type", "compression", "index_bits",
        "delay_bits", "tag_bits", "exponent_on_sum", "num_synapses"})
    if (name == known)
      return true;
  return false;
}

class Unpacker {
public:
  Unpacker(const proto::Core &core, const target::TargetModel &target)
      : core(core), target(target) {
    t.chip = core.chip();
    t.core = core.core();
    t.program = core.program();
  }

  Expected<CoreTables> run(bool withOutputs);
  Expected<CoreTables> runOutputs();
  Expected<CoreTables> runPlace();

private:
  Error bad(const std::string &what, const proto::Memory *memory,
            uint64_t word) const {
    return inputError(what,
                      coreName(t) + ", memory '" + memory->name() + "', word " +
                          std::to_string(word),
                      recompile);
  }
  Error bad(const std::string &what) const {
    return inputError(what, coreName(t), recompile);
  }

  Error memories();
  Error sizes(const proto::MemoryWords &words) const;
  const proto::MemoryWords *find(proto::Role role) const;

  /// Words of a memory as numbers. Fields are checked apart from the first
  /// \p skip words, which must be zero.
  Error read(proto::Role role, std::vector<uint64_t> &words, size_t skip = 0);
  /// A field that does not take every value of its bits.
  struct Narrow {
    WordField field;
    const FieldSpan *span;
  };
  static std::vector<Narrow> narrowFields(const WordLayout &layout);
  Error checkWord(const proto::Memory &memory, uint64_t unused,
                  std::span<const Narrow> narrow, uint64_t value,
                  uint64_t word) const;

  Error config();
  Error compartments();
  Error state();
  Error profiles(proto::Role role, std::vector<FieldValues> &values);
  Error formats();
  Error axonsOut();
  Error noAxonsOut() {
    t.outFirst.assign(size_t{t.compartments} + 1, 0);
    return Error::success();
  }
  Error axonsIn();
  Error markRows();
  Error rows();
  Error axonRows();

  uint32_t slots(AxonType type) const {
    const proto::AxonRules &rules = target.proto().axons();
    return type == AxonType::Discrete ? rules.slots_discrete()
           : type == AxonType::Pop16  ? rules.slots_pop16()
                                      : rules.slots_pop32();
  }
  size_t reservedFormats() const {
    return target.memory(proto::SYNAPSE_FORMAT)->first_reserved() ? 1 : 0;
  }

  const proto::Core &core;
  const target::TargetModel &target;
  CoreTables t;
  std::vector<std::pair<uint32_t, uint32_t>> outputs; // slot, count
  // What an input axon says about its rows.
  struct Run {
    uint32_t axon, pointer, length, rows;
    uint64_t stride = 0;
  };
  std::vector<Run> runs;
  // By word of the synapse memory: the length of the row that starts here, 0
  // when none does; then the row's number.
  std::vector<uint32_t> lengthAt, rowAt;
  std::string_view synapseBytes;
};

Expected<CoreTables> Unpacker::run(bool withOutputs) {
  if (Error error = memories())
    return std::move(error);
  using Step = Error (Unpacker::*)();
  for (Step step :
       {&Unpacker::config, &Unpacker::compartments, &Unpacker::state,
        withOutputs ? &Unpacker::axonsOut : &Unpacker::noAxonsOut,
        &Unpacker::formats, &Unpacker::axonsIn, &Unpacker::rows,
        &Unpacker::axonRows})
    if (Error error = (this->*step)())
      return std::move(error);
  if (Error error = profiles(proto::COMPARTMENT_PROFILE, t.compartmentProfiles))
    return std::move(error);
  if (Error error = profiles(proto::THRESHOLD_PROFILE, t.thresholdProfiles))
    return std::move(error);
  if (Error error = checkTables(
          t, target, {ErrorKind::Input, ErrorKind::Input, recompile}))
    return std::move(error);
  return std::move(t);
}

Expected<CoreTables> Unpacker::runPlace() {
  if (Error error = memories())
    return std::move(error);
  if (Error error = config())
    return std::move(error);
  t.config.clear();
  return std::move(t);
}

Expected<CoreTables> Unpacker::runOutputs() {
  using Step = Error (Unpacker::*)();
  for (Step step : {&Unpacker::memories, &Unpacker::config,
                    &Unpacker::compartments, &Unpacker::axonsOut})
    if (Error error = (this->*step)())
      return std::move(error);
  return std::move(t);
}

const proto::MemoryWords *Unpacker::find(proto::Role role) const {
  for (const proto::MemoryWords &words : core.memory())
    if (words.role() == role)
      return &words;
  return nullptr;
}

Error Unpacker::memories() {
  int last = proto::ROLE_UNKNOWN;
  for (const proto::MemoryWords &words : core.memory()) {
    if (words.role() <= last)
      return bad("its memories are not sorted by role");
    last = words.role();
    if (!target.memory(words.role()))
      return bad("it has a memory of role " + proto::Role_Name(words.role()) +
                 ", which target '" + target.name() + "' does not have");
    if (Error error = sizes(words))
      return error;
  }
  return Error::success();
}

Error Unpacker::sizes(const proto::MemoryWords &words) const {
  const proto::Memory &memory = *target.memory(words.role());
  const uint64_t wordBytes = (memory.word_bits() + 7) / 8;
  if (words.words() < 1 || words.words() > memory.words())
    return bad(withSeparators(uint64_t{words.words()}) +
                   " words are in use, not 1.." +
                   withSeparators(uint64_t{memory.words()}),
               &memory, words.words());
  if (words.data().size() != words.words() * wordBytes)
    return bad(withSeparators(uint64_t{words.words()}) + " words take " +
                   withSeparators(words.words() * wordBytes) +
                   " bytes, but there are " +
                   withSeparators(uint64_t{words.data().size()}),
               &memory, words.words());
  return Error::success();
}

std::vector<Unpacker::Narrow> Unpacker::narrowFields(const WordLayout &layout) {
  std::vector<Narrow> narrow;
  for (const FieldSpan &field : layout.fields()) {
    const auto most =
        static_cast<int64_t>(lowMask(field.bits - (field.isSigned ? 1 : 0)));
    if (field.max < most || field.min > (field.isSigned ? -most - 1 : 0))
      narrow.push_back({WordField(field), &field});
  }
  return narrow;
}

Error Unpacker::checkWord(const proto::Memory &memory, uint64_t unused,
                          std::span<const Narrow> narrow, uint64_t value,
                          uint64_t word) const {
  if (value & unused)
    return bad("bits behind the last field are set", &memory, word);
  for (const auto &[field, span] : narrow)
    if (const int64_t held = field.get(value); !field.fits(held))
      return bad("value " + std::to_string(held) +
                     " is not legal: " + describeField(*span),
                 &memory, word);
  return Error::success();
}

Error Unpacker::read(proto::Role role, std::vector<uint64_t> &words,
                     size_t skip) {
  const proto::MemoryWords *stored = find(role);
  if (!stored)
    return Error::success();
  const proto::Memory &memory = *target.memory(role);
  const WordLayout layout(memory);
  const int type = role == proto::AXON_OUT ? layout.index("type") : -1;
  const std::vector<Narrow> narrow = narrowFields(layout);
  const uint64_t unused = layout.unused();
  words = wordsOfBytes(stored->data(), layout.wordBytes());
  for (uint32_t w = 0; w < words.size(); ++w) {
    if (w < skip && words[w] != 0)
      return bad("the reserved word is not zero", &memory, w);
    if (w < skip)
      continue;
    // axonsOut() compares these as a whole.
    if (type >= 0 && layout.get(words[w], type) == slotTakenType)
      continue;
    if (Error error = checkWord(memory, unused, narrow, words[w], w))
      return error;
  }
  return Error::success();
}

Error Unpacker::config() {
  std::vector<uint64_t> words;
  if (Error error = read(proto::CORE_CONFIG, words))
    return error;
  if (words.empty())
    return bad("the core's configuration is missing");
  const WordLayout layout(*target.memory(proto::CORE_CONFIG));
  for (size_t f = 0; f < layout.fields().size(); ++f) {
    const int64_t value = layout.get(words[0], static_cast<int>(f));
    if (layout.fields()[f].name == "compartments")
      t.compartments = static_cast<uint32_t>(value);
    else
      t.config[layout.fields()[f].name] = value;
  }
  return Error::success();
}

Error Unpacker::compartments() {
  std::vector<uint64_t> words;
  if (Error error = read(proto::COMPARTMENT, words))
    return error;
  const proto::Memory *memory = target.memory(proto::COMPARTMENT);
  if (words.size() != t.compartments)
    return bad("there are words for " + std::to_string(words.size()) +
                   " compartments, but the configuration says " +
                   std::to_string(t.compartments),
               memory, words.size());
  const WordLayout layout(*memory);
  for (size_t f = 0; f < layout.fields().size(); ++f) {
    const FieldSpan &field = layout.fields()[f];
    const auto value = [&](uint64_t word) {
      return layout.get(word, static_cast<int>(f));
    };
    if (field.name == "cx_profile") {
      for (uint64_t word : words)
        t.profileOf.push_back(static_cast<uint8_t>(value(word)));
    } else if (field.name == "vth_profile") {
      for (uint64_t word : words)
        t.thresholdOf.push_back(static_cast<uint8_t>(value(word)));
    } else if (field.name != "out_first" && field.name != "out_count") {
      std::vector<int32_t> list;
      bool any = false;
      for (uint64_t word : words) {
        list.push_back(static_cast<int32_t>(value(word)));
        any |= value(word) != field.standard();
      }
      if (any)
        t.compartmentFields.emplace(field.name, std::move(list));
    }
  }
  const int first = layout.index("out_first"),
            count = layout.index("out_count");
  for (uint64_t word : words)
    outputs.emplace_back(layout.get(word, first), layout.get(word, count));
  return Error::success();
}

Error Unpacker::state() {
  std::vector<uint64_t> words;
  if (Error error = read(proto::COMPARTMENT_STATE, words))
    return error;
  if (words.empty())
    return Error::success();
  const proto::Memory *memory = target.memory(proto::COMPARTMENT_STATE);
  if (words.size() != t.compartments)
    return bad("there are states for " + std::to_string(words.size()) + " of " +
                   std::to_string(t.compartments) + " compartments",
               memory, words.size());
  const WordLayout layout(*memory);
  for (size_t f = 0; f < layout.fields().size(); ++f) {
    std::vector<int32_t> list;
    bool any = false;
    for (uint64_t word : words) {
      list.push_back(
          static_cast<int32_t>(layout.get(word, static_cast<int>(f))));
      any |= list.back() != 0;
    }
    if (any)
      t.initialState.emplace(layout.fields()[f].name, std::move(list));
  }
  if (t.initialState.empty())
    return bad("all states are zero, then the memory is left out", memory, 0);
  return Error::success();
}

Error Unpacker::profiles(proto::Role role, std::vector<FieldValues> &values) {
  std::vector<uint64_t> words;
  if (Error error = read(role, words))
    return error;
  const WordLayout layout(*target.memory(role));
  for (uint64_t word : words) {
    FieldValues &entry = values.emplace_back();
    for (size_t f = 0; f < layout.fields().size(); ++f)
      entry[layout.fields()[f].name] = layout.get(word, static_cast<int>(f));
  }
  return Error::success();
}

Error Unpacker::formats() {
  std::vector<uint64_t> words;
  if (Error error = read(proto::SYNAPSE_FORMAT, words, reservedFormats()))
    return error;
  const proto::Memory *memory = target.memory(proto::SYNAPSE_FORMAT);
  const proto::SynapsePacking &packing = target.proto().synapse_packing();
  if (!words.empty() && words.size() == reservedFormats())
    return bad("there is no format behind the reserved one", memory, 0);
  const WordLayout layout(*memory);
  for (size_t w = reservedFormats(); w < words.size(); ++w) {
    const auto value = [&](std::string_view name) -> int64_t {
      const int field = layout.index(name);
      return field < 0 ? 0 : layout.get(words[w], field);
    };
    // A width's real number of bits; 0, which is no width, for unused codes.
    const auto width = [](const auto &codes, int64_t code) -> uint8_t {
      return code < codes.size()
                 ? static_cast<uint8_t>(codes.Get(static_cast<int>(code)))
                 : 0;
    };
    SynapseFormat f;
    f.weightBits = width(packing.weight_bits_of_code(), value("weight_bits"));
    f.indexBits = width(packing.index_bits_of_code(), value("index_bits"));
    f.weightExp = static_cast<int8_t>(value("weight_exp"));
    f.sign = static_cast<SignMode>(value("fanout_type"));
    f.compression = static_cast<Compression>(value("compression"));
    f.delayBits = static_cast<uint8_t>(value("delay_bits"));
    f.tagBits = static_cast<uint8_t>(value("tag_bits"));
    f.exponentOnSum = value("exponent_on_sum") != 0;
    if (!target.weightCode(f.weightBits) || !target.indexCode(f.indexBits))
      return bad("a code of a width is not in use", memory, w);
    if (value("num_synapses") != packing.group_synapses() - 1)
      return bad("num_synapses is not the size of a group less one", memory, w);
    if (f.delayBits > 8 || f.tagBits > 8)
      return bad("delay or tag of more than 8 bits", memory, w);
    for (const FieldSpan &field : layout.fields())
      if (!isFormatField(field.name) && value(field.name) != field.standard())
        return bad("field '" + field.name + "' has no meaning here and is set",
                   memory, w);
    t.formats.push_back(f);
  }
  return Error::success();
}

Error Unpacker::axonsOut() {
  std::vector<uint64_t> words;
  if (Error error = read(proto::AXON_OUT, words))
    return error;
  const proto::Memory *memory = target.memory(proto::AXON_OUT);
  const WordLayout layout(*memory);
  const WordField type = layout.field("type"), chip = layout.field("chip"),
                  coreField = layout.field("core"), axon = layout.field("axon"),
                  atom = layout.field("atom");
  uint64_t taken = 0;
  (void)type.put(taken, slotTakenType);
  size_t axons = 0;
  for (uint64_t word : words)
    axons += type.get(word) != slotTakenType;
  t.axonsOut.reserve(axons);
  t.outFirst.reserve(outputs.size() + 1);
  uint32_t slot = 0;
  for (const auto &[first, count] : outputs) {
    if (first != (count ? slot : 0) || count > words.size() - slot)
      return bad("the output slots of the compartments do not follow each "
                 "other",
                 memory, first);
    for (const uint32_t end = slot + count; slot < end;) {
      const uint64_t word = words[slot];
      const int64_t kind = type.get(word);
      if (kind < 0 || kind > 2)
        return bad("an output axon begins with type " + std::to_string(kind),
                   memory, slot);
      AxonOut &out = t.axonsOut.emplace_back();
      out.type = static_cast<AxonType>(kind);
      out.chip = static_cast<uint32_t>(chip.get(word));
      out.core = static_cast<uint32_t>(coreField.get(word));
      out.axon = static_cast<uint16_t>(axon.get(word));
      out.atom = static_cast<uint16_t>(atom.get(word));
      const uint32_t next = slot + slots(out.type);
      for (++slot; slot < next; ++slot)
        if (slot >= end || words[slot] != taken)
          return bad("a further word of an output axon is missing or not "
                     "empty",
                     memory, slot);
    }
    t.outFirst.push_back(static_cast<uint32_t>(t.axonsOut.size()));
  }
  if (slot != words.size())
    return bad("slots behind those of the last compartment are in use", memory,
               slot);
  return Error::success();
}

Error Unpacker::axonsIn() {
  std::vector<uint64_t> words;
  if (Error error = read(proto::AXON_IN, words))
    return error;
  const proto::Memory *memory = target.memory(proto::AXON_IN);
  const WordLayout layout(*memory);
  const WordField type = layout.field("type"), base = layout.field("cx_base");
  const WordField pointer = layout.field("pointer");
  const WordField length = layout.field("length");
  const WordField popRows = layout.field("pop_rows");
  const uint32_t step = target.proto().axons().population_cx_base_step();
  t.axonsIn.reserve(words.size());
  runs.reserve(words.size());
  for (uint32_t a = 0; a < words.size(); ++a) {
    const int64_t kind = type.get(words[a]);
    const uint64_t rowCount = static_cast<uint64_t>(popRows.get(words[a])) + 1;
    const uint64_t cxBase =
        static_cast<uint64_t>(base.get(words[a])) * (kind == 0 ? 1 : step);
    const uint64_t at = static_cast<uint64_t>(pointer.get(words[a]));
    const uint64_t synapses = static_cast<uint64_t>(length.get(words[a])) + 1;
    // Narrower types hold these from here on.
    if (kind < 0 || kind > 2 || rowCount > 65535 || cxBase > 65535 ||
        at >= UINT32_MAX || synapses > 65536)
      return bad("type, rows or first compartment are out of range", memory, a);
    t.axonsIn.push_back({static_cast<AxonType>(kind), 0,
                         static_cast<uint16_t>(rowCount),
                         static_cast<uint16_t>(cxBase)});
    runs.push_back({a, static_cast<uint32_t>(at),
                    static_cast<uint32_t>(synapses),
                    static_cast<uint32_t>(rowCount), 0});
  }
  return markRows();
}

/// Fills lengthAt from the axons. The runs with the farthest ends go first and
/// a run stops at a word that was already marked: then the rest of it is
/// marked, too, and each word is marked once however much the runs overlap.
Error Unpacker::markRows() {
  const proto::MemoryWords *stored = find(proto::SYNAPSE);
  if (stored)
    synapseBytes = stored->data();
  const proto::SynapsePacking &packing = target.proto().synapse_packing();
  const uint64_t wordBits = packing.word_bits();
  const uint64_t used = stored ? stored->words() : 0;
  const proto::Memory *memory = target.memory(proto::AXON_IN);
  const auto formatAt = [&](uint64_t word) {
    BitReader reader(synapseBytes);
    reader.position = word * wordBits;
    return reader.get(packing.header_format_bits());
  };
  for (Run &run : runs) {
    const uint64_t number = run.pointer < used ? formatAt(run.pointer) : 0;
    if (run.pointer >= used || number < reservedFormats() ||
        number - reservedFormats() >= t.formats.size())
      return bad("the axon's row does not exist or has an unknown format",
                 memory, run.axon);
    run.stride =
        rowWords(t.formats[number - reservedFormats()], run.length, packing);
    if (run.pointer + run.rows * run.stride > used)
      return bad("the axon's rows reach beyond the used synapse words", memory,
                 run.axon);
  }
  lengthAt.assign(used, 0);
  std::vector<Run> order = runs;
  std::sort(order.begin(), order.end(), [](const Run &a, const Run &b) {
    return a.pointer + a.rows * a.stride > b.pointer + b.rows * b.stride;
  });
  for (const Run &run : order) {
    const uint64_t number = formatAt(run.pointer);
    for (uint64_t k = 0, at = run.pointer; k < run.rows;
         ++k, at += run.stride) {
      if (formatAt(at) != number)
        return bad("the axon's rows differ in format or do not start where it "
                   "says",
                   memory, run.axon);
      if (lengthAt[at] == run.length)
        break;
      if (lengthAt[at] != 0)
        return bad("two axons disagree on the length of a row", memory,
                   run.axon);
      lengthAt[at] = run.length;
    }
  }
  return Error::success();
}

Error Unpacker::rows() {
  const proto::SynapsePacking &packing = target.proto().synapse_packing();
  const proto::Memory *memory = target.memory(proto::SYNAPSE);
  const uint64_t used = lengthAt.size();
  const uint64_t starts = static_cast<uint64_t>(
      std::count_if(lengthAt.begin(), lengthAt.end(),
                    [](uint32_t length) { return length != 0; }));
  if (used == 0 && !synapseBytes.empty())
    return bad("no axon uses the synapses", memory, 0);
  rowAt.assign(used, 0);
  BitReader reader(synapseBytes);
  for (uint64_t word = 0; word < used;) {
    if (lengthAt[word] == 0)
      return bad("no axon uses the row", memory, word);
    // markRows() has seen every start, so the format is a known one.
    const uint64_t number = reader.get(packing.header_format_bits());
    reader.position = word * packing.word_bits();
    const auto index = static_cast<uint8_t>(number - reservedFormats());
    const SynapseFormat &format = t.formats[index];
    const uint64_t next = word + rowWords(format, lengthAt[word], packing);
    if (next > used)
      return bad("the row reaches beyond the used words", memory, word);
    const std::string problem =
        decodeRow(reader, t.rows, lengthAt[word], format,
                  static_cast<unsigned>(number), packing);
    if (!problem.empty())
      return bad(problem, memory, word);
    rowAt[word] = static_cast<uint32_t>(t.rows.rows());
    t.rows.format.push_back(index);
    t.rows.first.push_back(static_cast<uint32_t>(t.rows.target.size()));
    word = next;
  }
  if (starts != t.rows.rows())
    return bad("an axon points into the middle of a row", memory, used);
  if (std::all_of(t.rows.delay.begin(), t.rows.delay.end(),
                  [](uint8_t delay) { return delay == 0; }))
    t.rows.delay.clear();
  return Error::success();
}

Error Unpacker::axonRows() {
  for (const Run &run : runs) {
    const uint32_t first = rowAt[run.pointer];
    const uint64_t last = run.pointer + (run.rows - 1) * run.stride;
    if (rowAt[last] != first + run.rows - 1)
      return bad("the axon's rows do not follow each other",
                 target.memory(proto::AXON_IN), run.axon);
    t.axonsIn[run.axon].firstRow = first;
  }
  return Error::success();
}

} // namespace

Expected<CoreTables> unpack(const proto::Core &core,
                            const target::TargetModel &target) {
  return Unpacker(core, target).run(true);
}

Expected<CoreTables> unpackInputs(const proto::Core &core,
                                  const target::TargetModel &target) {
  return Unpacker(core, target).run(false);
}

Expected<CoreTables> unpackPlace(const proto::Core &core,
                                 const target::TargetModel &target) {
  return Unpacker(core, target).runPlace();
}

Expected<CoreTables> unpackOutputs(const proto::Core &core,
                                   const target::TargetModel &target) {
  return Unpacker(core, target).runOutputs();
}

} // namespace hillock::image
