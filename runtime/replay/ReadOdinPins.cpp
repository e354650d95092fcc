//===- runtime/replay/ReadOdinPins.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/ReadOdinPins.h"
#include "emulator/odin/FastModel.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include <array>
#include <map>

namespace hillock::runtime {

using namespace emu::odin;
using llvm::StringRef;

namespace {

constexpr StringRef kHeader = "hillock-odin-pins 1";

/// Pins by name; the outputs in the order in which they are compared.
constexpr std::array<StringRef, 5> kInputs = {"aerin_req", "aerin_addr",
                                              "aerout_ack", "sck", "mosi"};
constexpr std::array<StringRef, 4> kOutputs = {"aerin_ack", "aerout_req",
                                               "aerout_addr", "miso"};

using Values = std::map<size_t, uint64_t>; ///< pin: level

struct PinCase {
  explicit PinCase(Chip chip) : initial(chip), final(chip) {}
  ChipState initial, final;
  std::vector<uint32_t> finalNeurons, finalSynapses;
  uint64_t cycles = 0;
  std::map<uint64_t, Values> inputs, outputs; ///< by cycle
};

class Parser {
public:
  Expected<PinCase> parse(StringRef text) {
    std::optional<PinCase> pins;
    size_t number = 0;
    while (!text.empty()) {
      auto [line, rest] = text.split('\n');
      text = rest;
      ++number;
      llvm::SmallVector<StringRef, 8> words;
      llvm::SplitString(line.split('#').first, words, " \t\r");
      if (words.empty() || number == 1)
        continue;
      bool good;
      if (!pins) {
        good = words.size() == 2 && words[0] == "chip" &&
               (words[1] == "odin" || words[1] == "tinyodin");
        if (good)
          pins.emplace(words[1] == "odin" ? Chip::Odin : Chip::Tiny);
      } else {
        good = statement(words, *pins);
      }
      if (!good)
        return inputError("'" + line.trim().str() + "' is not understood",
                          "line " + std::to_string(number),
                          pins ? "see the format in docs/targets/odin.md"
                               : "begin with 'chip odin' or 'chip tinyodin'");
    }
    if (!pins || pins->cycles == 0)
      return inputError("there is no line 'cycles N'");
    return std::move(*pins);
  }

private:
  using Words = llvm::SmallVectorImpl<StringRef>;

  /// Decimal, or hexadecimal after 0x.
  static bool number(StringRef text, uint64_t bound, uint64_t &value) {
    return !text.getAsInteger(0, value) && value < bound;
  }
  static bool word(StringRef text, Word128 &value) {
    if (text.empty() || text.size() > 32)
      return false;
    size_t split = text.size() > 16 ? text.size() - 16 : 0;
    value = {};
    return !text.substr(split).getAsInteger(16, value.lo) &&
           (split == 0 || !text.substr(0, split).getAsInteger(16, value.hi));
  }

  static bool statement(Words &words, PinCase &pins) {
    StringRef first = words[0];
    uint64_t a = 0, b = 0;
    if (first == "cycles" && words.size() == 2)
      return number(words[1], uint64_t(1) << 40, pins.cycles);
    if (first == "register" && words.size() == 3) {
      if (!number(words[1], 26, a) || !number(words[2], 1 << 20, b))
        return false;
      pins.initial.registers.write(pins.initial.chip, static_cast<uint32_t>(a),
                                   static_cast<uint32_t>(b));
      return true;
    }
    if (first == "final" && words.size() == 4)
      return memory(words[1], words[2], words[3], pins, true);
    if ((first == "neuron" || first == "synapse") && words.size() == 3)
      return memory(first, words[1], words[2], pins, false);
    bool in = first.consume_front("@");
    if ((!in && !first.consume_front("=")) || words.size() < 2 ||
        !number(first, uint64_t(1) << 40, a))
      return false;
    Values &values = in ? pins.inputs[a] : pins.outputs[a];
    for (size_t i = 1; i < words.size(); ++i)
      if (!assign(words[i], in, values))
        return false;
    return true;
  }

  static bool memory(StringRef kind, StringRef index, StringRef value,
                     PinCase &pins, bool final) {
    uint64_t place = 0;
    Word128 content;
    bool neuron = kind == "neuron";
    if ((!neuron && kind != "synapse") ||
        !number(index, neuron ? kNeurons : kSynapseWords, place) ||
        !word(value, content))
      return false;
    ChipState &state = final ? pins.final : pins.initial;
    if (neuron) {
      state.odinNeurons[place] = content;
      state.tinyNeurons[place] = static_cast<uint32_t>(content.lo);
    } else {
      state.synapses[place] = static_cast<uint32_t>(content.lo);
    }
    if (final)
      (neuron ? pins.finalNeurons : pins.finalSynapses)
          .push_back(static_cast<uint32_t>(place));
    return true;
  }

  static bool assign(StringRef text, bool in, Values &values) {
    auto [name, level] = text.split('=');
    uint64_t value = 0;
    if (!number(level, 1 << 17, value))
      return false;
    for (size_t i = 0; i < (in ? kInputs.size() : kOutputs.size()); ++i)
      if (name == (in ? kInputs[i] : kOutputs[i])) {
        values[i] = value;
        return name.ends_with("addr") || value < 2;
      }
    return false;
  }
};

void apply(const Values &values, InputPins &pins) {
  for (auto [pin, level] : values) {
    if (pin == 0)
      pins.aerInReq = level;
    else if (pin == 1)
      pins.aerInAddress = static_cast<uint32_t>(level);
    else if (pin == 2)
      pins.aerOutAck = level;
    else if (pin == 3)
      pins.sck = level;
    else
      pins.mosi = level;
  }
}

std::array<uint64_t, 4> levels(const ChipState &chip) {
  return {chip.aerInAck(), chip.aerOut.request(), chip.aerOut.address(),
          chip.spi.miso()};
}

/// All changes of the outputs, from 0 before the first edge; the address with
/// every rise of the request.
std::map<uint64_t, Values> play(FastModel &model, const PinCase &pinCase) {
  std::map<uint64_t, Values> changes;
  InputPins pins;
  std::array<uint64_t, 4> last{};
  for (uint64_t cycle = 0; cycle < pinCase.cycles;) {
    if (auto now = pinCase.inputs.find(cycle); now != pinCase.inputs.end())
      apply(now->second, pins);
    auto next = pinCase.inputs.upper_bound(cycle);
    uint64_t end = pinCase.cycles;
    if (next != pinCase.inputs.end() && next->first < end)
      end = next->first;
    uint64_t start = cycle;
    cycle += model.advance(pins, end - cycle);
    std::array<uint64_t, 4> now = levels(model.state());
    for (size_t i : {0, 1})
      if (now[i] != last[i])
        changes[cycle - 1][i] = now[i];
    if (now[1] && !last[1])
      changes[cycle - 1][2] = now[2];
    if (now[3] != last[3]) // follows SCK, at once
      changes[start][3] = now[3];
    last = now;
  }
  return changes;
}

class PinComparison {
public:
  explicit PinComparison(ReplayResult &result) : result(result) {}
  void value(const std::string &field, uint64_t step, int64_t expected,
             int64_t got) {
    ++result.values;
    if (expected != got && result.differences.empty())
      result.differences.push_back({"pins", field, step, expected, got});
  }

private:
  ReplayResult &result;
};

/// -1 stands for a change that is not there.
void compareChanges(size_t pin, const PinCase &pins,
                    const std::map<uint64_t, Values> &got,
                    PinComparison &comparison) {
  std::map<uint64_t, std::pair<int64_t, int64_t>> rows;
  for (const auto &[cycle, values] : pins.outputs)
    if (auto one = values.find(pin); one != values.end())
      rows[cycle] = {static_cast<int64_t>(one->second), -1};
  if (rows.empty()) // nothing is said about this pin
    return;
  for (const auto &[cycle, values] : got)
    if (auto one = values.find(pin); one != values.end())
      rows.try_emplace(cycle, -1, -1).first->second.second =
          static_cast<int64_t>(one->second);
  for (const auto &[cycle, row] : rows)
    comparison.value(kOutputs[pin].str(), cycle, row.first, row.second);
}

} // namespace

bool isOdinPins(std::string_view text) {
  return StringRef(text.data(), text.size()).starts_with(kHeader);
}

Error compareOdinPins(std::string_view text, ReplayResult &result) {
  auto pins = Parser().parse(StringRef(text.data(), text.size()));
  if (!pins)
    return pins.takeError();
  bool tiny = pins->initial.chip == Chip::Tiny;
  result.chip = tiny ? "tinyodin" : "odin";
  FastModel model(pins->initial, nullptr);
  std::map<uint64_t, Values> got = play(model, *pins);
  PinComparison comparison(result);
  for (size_t pin = 0; pin < kOutputs.size(); ++pin)
    compareChanges(pin, *pins, got, comparison);
  const ChipState &left = pins->final, &right = model.state();
  for (uint32_t i : pins->finalNeurons) {
    if (tiny) {
      comparison.value("neuron", i, left.tinyNeurons[i], right.tinyNeurons[i]);
      continue;
    }
    comparison.value("neuron", i, static_cast<int64_t>(left.odinNeurons[i].lo),
                     static_cast<int64_t>(right.odinNeurons[i].lo));
    comparison.value("neuron", i, static_cast<int64_t>(left.odinNeurons[i].hi),
                     static_cast<int64_t>(right.odinNeurons[i].hi));
  }
  for (uint32_t i : pins->finalSynapses)
    comparison.value("synapse", i, left.synapses[i], right.synapses[i]);
  ++result.cases;
  result.fields = kOutputs.size() + 2;
  return Error::success();
}

} // namespace hillock::runtime
