//===- tools/hillock/Replay.cpp - hillock replay --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/Replay.h"
#include "base/Describe.h"
#include "base/Parallel.h"
#include "tools/hillock/Verbs.h"

namespace hillock::tool {

namespace {

struct Options {
  std::vector<std::string> files;
  unsigned threads = 1;
  std::string dialect;
};

Json toJson(const runtime::ReplayResult &result) {
  Json differences = Json::array();
  for (const runtime::ReplayDifference &one : result.differences)
    differences.push_back({{"case", one.caseName},
                           {"field", one.field},
                           {"step", one.step},
                           {"expected", one.expected},
                           {"got", one.got}});
  Json json = {{"file", result.file}};
  // A clocked trace names its chip; the others a reading of Loihi.
  if (result.chip.empty())
    json["dialect"] = std::string(runtime::dialectName(result.dialect));
  else
    json["chip"] = result.chip;
  json["equal"] = result.matches();
  json["cases"] = result.cases;
  json["fields"] = result.fields;
  json["values"] = result.values;
  json["differences"] = differences;
  json["skipped"] = result.skipped;
  return json;
}

Expected<int> run(const Options &options, Output &out) {
  runtime::ReplayOptions replay;
  replay.threads = options.threads ? options.threads : defaultThreads();
  if (!options.dialect.empty()) {
    Expected<runtime::Dialect> dialect = runtime::parseDialect(options.dialect);
    if (!dialect)
      return makeError(ErrorKind::Usage, takeText(dialect.takeError()));
    replay.dialect = *dialect;
  }
  Json files = Json::array();
  bool equal = true;
  uint64_t cases = 0, values = 0;
  for (const std::string &file : options.files) {
    Expected<runtime::ReplayResult> result = runtime::replayFile(file, replay);
    if (!result)
      return result.takeError();
    equal = equal && result->matches();
    cases += result->cases;
    values += result->values;
    out.text += runtime::describe(*result);
    files.push_back(toJson(*result));
  }
  out.line(std::string(equal ? "all equal: " : "DIFFERENT: ") +
           describeCount(cases, "case") + ", " +
           describeCount(values, "value") + " compared");
  out.document = {{"equal", equal},
                  {"cases", cases},
                  {"values", values},
                  {"files", std::move(files)}};
  return equal ? 0 : static_cast<int>(ErrorKind::Mismatch);
}

} // namespace

void addReplay(Program &program) {
  CLI::App *verb = program.verb(
      "replay", "Recorded traces of other simulators against the emulator");
  auto options = std::make_shared<Options>();
  verb->add_option("files", options->files, "Recordings (.json)")->required();
  verb->add_option("--threads", options->threads, "0: all cores")
      ->capture_default_str();
  verb->add_option("--dialect", options->dialect,
                   "Neuron of another simulator than the file names: nengo, "
                   "lava, brian2");
  program.onRun(verb, [options](Output &out) { return run(*options, out); });
}

} // namespace hillock::tool
