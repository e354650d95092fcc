//===- runtime/replay/Replay.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/Replay.h"
#include "runtime/replay/JsonRead.h"
#include "runtime/replay/ReadLearning.h"
#include "runtime/replay/ReadOdin.h"
#include "runtime/replay/ReadOdinPins.h"
#include "runtime/replay/Scenario.h"
#include "llvm/Support/MemoryBuffer.h"

namespace hillock::runtime {

Expected<Dialect> parseDialect(std::string_view name) {
  if (name == "nengo")
    return Dialect::Nengo;
  if (name == "lava")
    return Dialect::Lava;
  if (name == "brian2")
    return Dialect::Brian2;
  return makeError(ErrorKind::Usage,
                   "dialect '" + std::string(name) + "' is not known", {},
                   "use nengo, lava or brian2");
}

std::string_view dialectName(Dialect dialect) {
  switch (dialect) {
  case Dialect::Nengo:
    return "nengo";
  case Dialect::Lava:
    return "lava";
  case Dialect::Brian2:
    return "brian2";
  }
  return "?";
}

namespace {

/// Only Lava's learning is known.
bool hasLearning(const JsonObject &root) {
  const llvm::json::Array *cases = root.getArray("cases");
  cases = cases ? cases : root.getArray("rules");
  for (size_t i = 0; cases && i < cases->size(); ++i)
    if (const JsonObject *entry = (*cases)[i].getAsObject())
      if (isLearningCase(*entry))
        return true;
  return false;
}

/// Whose recording it is, by meta.generator.
Expected<Dialect> dialectOf(const JsonObject &root, const std::string &name) {
  const JsonObject *meta = root.getObject("meta");
  std::string generator =
      meta ? textOr(*meta, "generator", textOr(*meta, "simulator", "")) : "";
  llvm::StringRef text(generator);
  if (text.contains_insensitive("nengo"))
    return Dialect::Nengo;
  if (text.contains_insensitive("brian"))
    return Dialect::Brian2;
  if (text.contains_insensitive("lava") || hasLearning(root))
    return Dialect::Lava;
  return inputError("meta.generator '" + generator +
                        "' is not a simulator that is known",
                    name, "give the dialect");
}

class Replayer {
public:
  Replayer(const ReplayOptions &options, ReplayResult &result)
      : options(options), result(result) {}

  /// Every entry of \p list through \p compare; what fails is kept as skipped.
  template <typename Compare>
  void each(const llvm::json::Array *list, Compare compare) {
    for (size_t i = 0; list && i < list->size(); ++i) {
      const JsonObject *entry = (*list)[i].getAsObject();
      if (!entry) {
        result.skipped.push_back("entry " + std::to_string(i) +
                                 ": not an object");
        continue;
      }
      if (Error error = compare(*entry))
        result.skipped.push_back(textOr(*entry, "name", "?") + ": " +
                                 takeText(std::move(error)));
    }
  }

  Error run(Expected<Scenario> scenario) {
    if (!scenario)
      return scenario.takeError();
    if (options.dialect)
      keepKnown(*scenario);
    if (scenario->traces.empty())
      return inputError("there is no trace to compare with");
    return runScenario(*scenario, options, result);
  }

  /// Only Lava's engine is known, whatever the neurons' dialect.
  Error learn(const JsonObject &entry) {
    if (result.dialect != Dialect::Lava)
      return inputError("learning is known in the dialect lava only");
    return compareLearning(entry, result);
  }

private:
  /// A dialect of the user's choice has not all registers of the recording.
  static void keepKnown(Scenario &scenario) {
    std::erase_if(scenario.traces, [&](const Scenario::Trace &trace) {
      const image::Program &program = scenario.neurons[trace.neuron].program;
      return trace.state != "s" && !trace.state.empty() &&
             program.stateIndex(trace.state) < 0;
    });
  }

  const ReplayOptions &options;
  ReplayResult &result;
};

} // namespace

Expected<ReplayResult> replayText(std::string_view text,
                                  const std::string &name,
                                  const ReplayOptions &options) {
  if (isOdinPins(text)) {
    ReplayResult pins;
    pins.file = name;
    if (Error error = compareOdinPins(text, pins))
      return inputError(takeText(std::move(error)), name);
    return pins;
  }
  Expected<Json> parsed =
      llvm::json::parse(llvm::StringRef(text.data(), text.size()));
  if (!parsed)
    return inputError(takeText(parsed.takeError()), name);
  const JsonObject *root = parsed->getAsObject();
  if (!root)
    return inputError("the file is not a JSON object", name);
  ReplayResult result;
  result.file = name;
  if (isOdinTrace(*root)) {
    if (Error error = compareOdin(*root, result))
      return inputError(takeText(std::move(error)), name);
    return result;
  }
  if (options.dialect) {
    result.dialect = *options.dialect;
  } else {
    Expected<Dialect> dialect = dialectOf(*root, name);
    if (!dialect)
      return dialect.takeError();
    result.dialect = *dialect;
  }

  Replayer replayer(options, result);
  Dialect dialect = result.dialect;
  replayer.each(root->getArray("cases"), [&](const JsonObject &entry) {
    if (isLearningCase(entry))
      return replayer.learn(entry);
    return replayer.run(readCompartmentCase(entry, dialect));
  });
  // A file of nothing but learning may call its cases rules.
  replayer.each(root->getArray("rules"),
                [&](const JsonObject &entry) { return replayer.learn(entry); });
  replayer.each(root->getArray("networks"), [&](const JsonObject &entry) {
    return replayer.run(readNetwork(entry, dialect));
  });
  const JsonObject *meta = root->getObject("meta");
  const JsonObject *trains = meta ? meta->getObject("input_trains") : nullptr;
  replayer.each(root->getArray("extra"), [&](const JsonObject &entry) {
    return replayer.run(readLavaExtra(entry, trains, dialect));
  });
  if (const JsonObject *functions = root->getObject("functions"))
    if (Error error = compareFunctions(*functions, result))
      return inputError(takeText(std::move(error)), name);
  if (result.cases == 0 && result.skipped.empty())
    return inputError("there is nothing to compare with", name,
                      "give a file with cases, networks, extra or functions");
  return result;
}

Expected<ReplayResult> replayFile(const std::string &path,
                                  const ReplayOptions &options) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return inputError("cannot be read: " + buffer.getError().message(), path);
  llvm::StringRef text = (*buffer)->getBuffer();
  return replayText({text.data(), text.size()}, path, options);
}

std::string describe(const ReplayResult &result) {
  std::string text =
      result.file + ": " +
      (result.chip.empty()
           ? "dialect " + std::string(dialectName(result.dialect))
           : "chip " + result.chip) +
      ", " + std::to_string(result.cases) + " cases, " +
      std::to_string(result.fields) + " fields, " +
      std::to_string(result.values) + " values compared, " +
      std::to_string(result.differences.size()) + " cases differ, " +
      std::to_string(result.skipped.size()) + " could not be run\n";
  for (const ReplayDifference &d : result.differences)
    text += "  " + d.caseName + ": " + d.field + " in step " +
            std::to_string(d.step) + ": expected " +
            std::to_string(d.expected) + ", got " + std::to_string(d.got) +
            "\n";
  for (const std::string &why : result.skipped)
    text += "  not run: " + why + "\n";
  return text;
}

Expected<std::vector<int32_t>> voltageReadout(const emu::Emulator &emulator,
                                              uint32_t core) {
  auto voltage = emulator.read(core, "v");
  if (!voltage)
    return voltage.takeError();
  auto refractory = emulator.read(core, "ref");
  if (!refractory)
    return refractory.takeError();
  // The counter was lowered by one in the spike's own step.
  for (const emu::Spike &spike : emulator.spikes())
    if (spike.core == core)
      (*voltage)[spike.compartment] =
          128 * ((*refractory)[spike.compartment] + 1);
  return std::move(*voltage);
}

} // namespace hillock::runtime
