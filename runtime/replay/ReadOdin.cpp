//===- runtime/replay/ReadOdin.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/ReadOdin.h"
#include "runtime/replay/JsonRead.h"
#include "llvm/ADT/StringExtras.h"

namespace hillock::runtime {

using namespace emu::odin;
using JsonObject = llvm::json::Object;
using JsonArray = llvm::json::Array;

bool isOdinTrace(const JsonObject &root) {
  return root.getString("format") == "odin-golden-1";
}

namespace {

Error missing(llvm::StringRef what) {
  return inputError("'" + what.str() + "' is missing or not understood");
}

/// \p text as hexadecimal number of at most 64 bits.
std::optional<uint64_t> hexadecimal(llvm::StringRef text) {
  uint64_t value = 0;
  if (text.getAsInteger(16, value))
    return std::nullopt;
  return value;
}

std::optional<uint64_t> hexadecimal(const llvm::json::Value &value) {
  auto text = value.getAsString();
  return text ? hexadecimal(*text) : std::nullopt;
}

/// A neuron's word, most significant digit first.
std::optional<Word128> wordOf(const llvm::json::Value &value) {
  auto text = value.getAsString();
  if (!text || text->empty() || text->size() > 32)
    return std::nullopt;
  size_t split = text->size() > 16 ? text->size() - 16 : 0;
  auto lo = hexadecimal(text->substr(split));
  auto hi = split ? hexadecimal(text->substr(0, split)) : 0;
  if (!lo || !hi)
    return std::nullopt;
  return Word128{*lo, *hi};
}

/// 256 bits, most significant digit first, as bytes from the lowest.
Error readBits(const JsonObject &object, llvm::StringRef key,
               std::array<uint8_t, 32> &bytes) {
  auto text = object.getString(key);
  if (!text || text->size() != 64)
    return missing(key);
  for (size_t i = 0; i < 32; ++i) {
    auto value = hexadecimal(text->substr(62 - 2 * i, 2));
    if (!value)
      return missing(key);
    bytes[i] = static_cast<uint8_t>(*value);
  }
  return Error::success();
}

Error readNeurons(const JsonArray *list, ChipState &state) {
  if (!list || list->size() != kNeurons)
    return missing("neurons");
  for (unsigned i = 0; i < kNeurons; ++i) {
    auto word = wordOf((*list)[i]);
    if (!word)
      return missing("neurons");
    state.odinNeurons[i] = *word;
    state.tinyNeurons[i] = static_cast<uint32_t>(word->lo);
  }
  return Error::success();
}

/// Either all words or [address, word] over what is in \p words.
Error readSynapses(const JsonObject *object,
                   std::array<uint32_t, kSynapseWords> &words) {
  if (!object)
    return missing("synapses");
  if (object->getString("format") == "dense") {
    auto text = object->getString("hex");
    if (!text || text->size() != 8 * kSynapseWords)
      return missing("synapses.hex");
    for (unsigned i = 0; i < kSynapseWords; ++i) {
      auto word = hexadecimal(text->substr(8 * i, 8));
      if (!word)
        return missing("synapses.hex");
      words[i] = static_cast<uint32_t>(*word);
    }
    return Error::success();
  }
  const JsonArray *list = object->getArray("words");
  if (!list)
    return missing("synapses.words");
  if (object->getString("format") == "sparse")
    words.fill(0); // what is not listed
  for (const llvm::json::Value &entry : *list) {
    const JsonArray *pair = entry.getAsArray();
    auto address =
        pair && pair->size() == 2 ? asInteger((*pair)[0]) : std::nullopt;
    auto word = address ? hexadecimal((*pair)[1]) : std::nullopt;
    if (!word || *address < 0 || *address >= kSynapseWords)
      return missing("synapses.words");
    words[*address] = static_cast<uint32_t>(*word);
  }
  return Error::success();
}

Error readRegisters(const JsonObject &config, Registers &registers) {
  auto number = [&](const char *key) {
    return static_cast<uint32_t>(
        asInteger(config.get(key) ? *config.get(key) : 0).value_or(0));
  };
  registers.gateActivity = number("SPI_GATE_ACTIVITY");
  registers.openLoop = number("SPI_OPEN_LOOP");
  registers.aerFromController = number("SPI_AER_SRC_CTRL_nNEUR");
  registers.maxNeuron = static_cast<uint8_t>(number("SPI_MAX_NEUR"));
  registers.burstTimeRef = number("SPI_BURST_TIMEREF");
  registers.monitor = number("SPI_OUT_AER_MONITOR_EN");
  registers.monitorNeuron =
      static_cast<uint8_t>(number("SPI_MONITOR_NEUR_ADDR"));
  registers.monitorSource =
      static_cast<uint8_t>(number("SPI_MONITOR_SYN_ADDR"));
  registers.updateUnmapped = number("SPI_UPDATE_UNMAPPED_SYN");
  registers.propagateUnmapped = number("SPI_PROPAGATE_UNMAPPED_SYN");
  registers.learnOnSynapseEvent = number("SPI_SDSP_ON_SYN_STIM");
  if (!config.get("SPI_SYN_SIGN"))
    return Error::success();
  std::array<uint8_t, 32> signs{};
  if (Error error = readBits(config, "SPI_SYN_SIGN", signs))
    return error;
  for (unsigned i = 0; i < kNeurons; ++i)
    registers.inhibitory[i] = signs[i / 8] >> (i % 8) & 1;
  return Error::success();
}

Error readInitial(const JsonObject &root, ChipState &state) {
  const JsonObject *init = root.getObject("init");
  if (!init) // programmed by SPI
    return Error::success();
  const JsonObject *config = root.getObject("config");
  if (!config)
    return missing("config");
  if (Error error = readRegisters(*config, state.registers))
    return error;
  if (Error error = readNeurons(init->getArray("neurons"), state))
    return error;
  if (Error error = readSynapses(init->getObject("synapses"), state.synapses))
    return error;
  if (state.chip == Chip::Tiny)
    return Error::success();
  if (Error error = readBits(*init, "v_up_hex", state.up))
    return error;
  if (Error error = readBits(*init, "v_down_hex", state.down))
    return error;
  auto priority = integerOr(*init, "sched_priority", 0);
  if (!priority)
    return priority.takeError();
  auto phase = integerOr(*init, "sched_priority_cnt", 0);
  if (!phase)
    return phase.takeError();
  if (*priority < 0 || *priority >= BurstScheduler::kSlots)
    return missing("init.sched_priority");
  state.bursts.priority = static_cast<unsigned>(*priority);
  state.bursts.phase = static_cast<uint32_t>(*phase);
  return Error::success();
}

Error readPolicy(const JsonObject *object, Policy &policy) {
  if (!object)
    return missing("policy");
  std::pair<const char *, uint64_t *> fields[] = {
      {"aerin_gap", &policy.inGap},
      {"aerin_reqdn_delay", &policy.inRelease},
      {"aerout_ack_delay", &policy.outAck},
      {"aerout_ackdn_delay", &policy.outRelease},
      {"max_cycles", &policy.maxCycles}};
  for (auto [key, field] : fields) {
    // Without a delay: the shortest one.
    auto value = integerOr(*object, key, static_cast<int64_t>(*field));
    if (!value)
      return value.takeError();
    if (*value < 0)
      return missing(key);
    *field = static_cast<uint64_t>(*value);
  }
  return Error::success();
}

Error readStimulus(const JsonObject &root, Stimulus &stimulus) {
  if (Error error = readPolicy(root.getObject("policy"), stimulus.policy))
    return error;
  const JsonArray *schedule = root.getArray("schedule");
  if (!schedule)
    return missing("schedule");
  for (const llvm::json::Value &entry : *schedule) {
    const JsonArray *pair = entry.getAsArray();
    auto cycle =
        pair && pair->size() == 2 ? asInteger((*pair)[0]) : std::nullopt;
    auto address = cycle ? hexadecimal((*pair)[1]) : std::nullopt;
    if (!address || *cycle < 0)
      return missing("schedule");
    stimulus.events.push_back(
        {static_cast<uint64_t>(*cycle), static_cast<uint32_t>(*address)});
  }
  const JsonObject *spi = root.getObject("spi");
  if (!spi)
    return Error::success();
  auto half = integerAt(*spi, "sck_half_period_cycles");
  if (!half)
    return half.takeError();
  if (*half < 1)
    return missing("spi.sck_half_period_cycles");
  stimulus.halfPeriod = static_cast<uint64_t>(*half);
  const JsonArray *frames = spi->getArray("frames");
  if (!frames)
    return missing("spi.frames");
  for (const llvm::json::Value &entry : *frames) {
    auto frame = hexadecimal(entry);
    if (!frame || *frame >> 40)
      return missing("spi.frames");
    stimulus.frames.push_back(*frame);
  }
  return Error::success();
}

/// Compares one value after the other; keeps the first difference.
class Comparison {
public:
  Comparison(std::string name, ReplayResult &result)
      : name(std::move(name)), result(result) {}

  void field(std::string text) {
    current = std::move(text);
    ++result.fields;
  }
  void value(uint64_t row, int64_t expected, int64_t got) {
    ++result.values;
    if (expected != got && !found)
      found = ReplayDifference{name, current, row, expected, got};
  }
  void size(size_t expected, size_t got) {
    current += " (rows)";
    value(0, static_cast<int64_t>(expected), static_cast<int64_t>(got));
  }
  void finish() {
    ++result.cases;
    if (found)
      result.differences.push_back(*found);
  }

private:
  std::string name, current;
  ReplayResult &result;
  std::optional<ReplayDifference> found;
};

/// Rows of integers, null (-1) or hexadecimal text.
int64_t cell(const llvm::json::Value &value) {
  if (auto number = asInteger(value))
    return *number;
  if (auto number = hexadecimal(value))
    return static_cast<int64_t>(*number);
  return -1;
}

using Rows = std::vector<std::vector<int64_t>>;

Error compareRows(Comparison &comparison, const JsonObject &object,
                  llvm::StringRef key, const Rows &got) {
  const JsonArray *list = object.getArray(key);
  if (!list)
    return missing(key);
  comparison.field(key.str());
  for (size_t i = 0; i < list->size() && i < got.size(); ++i) {
    const JsonArray *row = (*list)[i].getAsArray();
    if (!row && got[i].size() == 1) {
      comparison.value(i + 1, cell((*list)[i]), got[i][0]);
      continue;
    }
    if (!row || row->size() != got[i].size())
      return missing(key);
    for (size_t j = 0; j < row->size(); ++j)
      comparison.value(i + 1, cell((*row)[j]), got[i][j]);
  }
  comparison.size(list->size(), got.size());
  return Error::success();
}

Rows rowsOf(const std::vector<Handshake> &shakes) {
  Rows rows;
  auto time = [](const std::optional<uint64_t> &cycle) {
    return cycle ? static_cast<int64_t>(*cycle) : int64_t(-1);
  };
  for (const Handshake &one : shakes)
    rows.push_back({time(one.reqRise), one.address, time(one.ackRise),
                    time(one.reqFall), time(one.ackFall)});
  return rows;
}

Rows rowsOf(const std::vector<Change> &changes) {
  Rows rows;
  for (const Change &one : changes)
    rows.push_back(
        {static_cast<int64_t>(one.cycle), static_cast<int64_t>(one.value)});
  return rows;
}

void compareWords(Comparison &comparison, const ChipState &expected,
                  const ChipState &got) {
  bool tiny = got.chip == Chip::Tiny;
  comparison.field("final_neurons");
  for (unsigned i = 0; i < kNeurons; ++i) {
    if (tiny) {
      comparison.value(i, expected.tinyNeurons[i], got.tinyNeurons[i]);
      continue;
    }
    const Word128 &left = expected.odinNeurons[i];
    const Word128 &right = got.odinNeurons[i];
    comparison.value(i, static_cast<int64_t>(left.lo),
                     static_cast<int64_t>(right.lo));
    comparison.value(i, static_cast<int64_t>(left.hi),
                     static_cast<int64_t>(right.hi));
  }
  comparison.field("final_synapses");
  for (unsigned i = 0; i < kSynapseWords; ++i)
    comparison.value(i, expected.synapses[i], got.synapses[i]);
  if (tiny)
    return;
  comparison.field("final_v_up_hex");
  for (unsigned i = 0; i < 32; ++i)
    comparison.value(i, expected.up[i], got.up[i]);
  comparison.field("final_v_down_hex");
  for (unsigned i = 0; i < 32; ++i)
    comparison.value(i, expected.down[i], got.down[i]);
}

/// Everything that is not a memory.
Error compareEvents(Comparison &comparison, const JsonObject &expected,
                    const Outcome &outcome, const Recorder &recorder,
                    const ChipState &got) {
  Rows lost, waiting;
  for (uint64_t cycle : recorder.lost)
    lost.push_back({static_cast<int64_t>(cycle)});
  for (unsigned i = 0; i < got.fifo.size(); ++i)
    waiting.push_back({got.fifo.at(i).virt << 8 | got.fifo.at(i).address});
  std::pair<const char *, Rows> tables[] = {
      {"aer_in", rowsOf(outcome.in)},
      {"aer_out", rowsOf(outcome.out)},
      {"fsm", rowsOf(recorder.states)},
      {"fifo", rowsOf(recorder.fills)},
      {"dropped_push_cycles", std::move(lost)},
      {"hash", rowsOf(recorder.samples)},
      {"final_fifo", std::move(waiting)}};
  for (auto &[key, rows] : tables)
    if (Error error = compareRows(comparison, expected, key, rows))
      return error;
  auto cycles = integerAt(expected, "cycles");
  if (!cycles)
    return cycles.takeError();
  comparison.field("cycles");
  comparison.value(0, *cycles, static_cast<int64_t>(outcome.cycles));
  auto idle = expected.getBoolean("finished_idle");
  if (!idle)
    return missing("finished_idle");
  comparison.field("finished_idle");
  comparison.value(0, *idle, outcome.idle);
  auto hash = hexadecimal(expected.getString("hash_final").value_or(""));
  if (!hash)
    return missing("hash_final");
  comparison.field("hash_final");
  comparison.value(0, static_cast<int64_t>(*hash),
                   static_cast<int64_t>(recorder.hash));
  return Error::success();
}

Error compareReadback(Comparison &comparison, const JsonObject &root,
                      const Outcome &outcome) {
  const JsonObject *spi = root.getObject("spi");
  if (!spi)
    return Error::success();
  Rows rows;
  for (const Readback &one : outcome.readback)
    rows.push_back({static_cast<int64_t>(one.end),
                    static_cast<int64_t>(one.frame), one.byte});
  return compareRows(comparison, *spi, "readback", rows);
}

} // namespace

Expected<OdinCase> readOdinCase(const JsonObject &root) {
  auto chip = root.getString("chip");
  if (!chip || (*chip != "odin" && *chip != "tinyodin"))
    return missing("chip");
  OdinCase odin(*chip == "odin" ? Chip::Odin : Chip::Tiny);
  odin.name = textOr(root, "name", "?");
  if (Error error = readInitial(root, odin.initial))
    return error;
  if (Error error = readStimulus(root, odin.stimulus))
    return error;
  if (const JsonObject *result = root.getObject("result")) {
    auto every = integerOr(*result, "hash_every", 1024);
    if (!every)
      return every.takeError();
    if (*every < 1)
      return missing("result.hash_every");
    odin.hashEvery = static_cast<uint64_t>(*every);
  }
  return odin;
}

Error compareOdin(const JsonObject &root, ReplayResult &result) {
  auto odin = readOdinCase(root);
  if (!odin)
    return odin.takeError();
  result.chip = root.getString("chip")->str();
  const JsonObject *expected = root.getObject("result");
  if (!expected)
    return missing("result");
  ChipState last = odin->initial;
  if (Error error = readNeurons(expected->getArray("final_neurons"), last))
    return error;
  if (Error error =
          readSynapses(expected->getObject("final_synapses"), last.synapses))
    return error;
  if (last.chip == Chip::Odin) {
    if (Error error = readBits(*expected, "final_v_up_hex", last.up))
      return error;
    if (Error error = readBits(*expected, "final_v_down_hex", last.down))
      return error;
  }
  Recorder recorder(odin->hashEvery);
  FastModel model(odin->initial, &recorder);
  Outcome outcome = run(model, odin->stimulus);
  Comparison comparison(odin->name, result);
  if (Error error = compareEvents(comparison, *expected, outcome, recorder,
                                  model.state()))
    return error;
  if (Error error = compareReadback(comparison, root, outcome))
    return error;
  compareWords(comparison, last, model.state());
  comparison.finish();
  return Error::success();
}

} // namespace hillock::runtime
