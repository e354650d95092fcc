//===- tools/hillock/Verify.cpp -------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/Verify.h"
#include "base/Describe.h"
#include "compiler/pipeline/Pipeline.h"
#include "tools/hillock/Compare.h"
#include "tools/hillock/Output.h"

namespace hillock::tool {

namespace {

Expected<LevelResult> runOn(Model &model, const Stimuli &stimuli,
                            int64_t steps) {
  Expected<std::unique_ptr<Runner>> runner = model.runner(1);
  if (!runner)
    return runner.takeError();
  LevelOptions options;
  options.steps = steps;
  options.populations = true;
  return (*runner)->run(stimuli, options);
}

/// Nothing may differ, and nothing may be missing.
Error expectEqualTrains(const LevelResult &integers, const LevelResult &other,
                        Level level, const std::string &path) {
  const std::string where =
      path + ": level '" + std::string(levelName(level)) + "'";
  const std::string remedy =
      "this is a bug in hillock; please report it with the model";
  const Comparison comparison = compareRuns(integers, other);
  if (!comparison.onlyFirst.empty())
    return makeError(ErrorKind::Mismatch,
                     "does not have " + describeList(comparison.onlyFirst),
                     where, remedy);
  if (!comparison.difference)
    return Error::success();
  const Difference &first = *comparison.difference;
  return makeError(
      ErrorKind::Mismatch,
      "population '" + first.population + "', neuron " +
          std::to_string(first.neuron) + ", step " +
          std::to_string(first.step) + ": puts out " + plain(first.second) +
          ", at the integer level " + plain(first.first) + "; " +
          describeCount(comparison.differing, "place") + " of the run differ",
      where, remedy);
}

/// Populations, and the outputs, whose neurons are found in another way.
Error expectEqual(const LevelResult &integers, const LevelResult &other,
                  Level level, const std::string &path) {
  if (Error error = expectEqualTrains(integers, other, level, path))
    return error;
  LevelResult a, b;
  a.outputs = integers.outputs;
  b.outputs = other.outputs;
  return expectEqualTrains(a, b, level, path + ": output");
}

Expected<std::unique_ptr<Model>>
chipOf(const pipeline::Compilation &compilation, const std::string &path) {
  Expected<proto::Image> parsed =
      image::parseImage(image::serialize(compilation.image()), path);
  if (!parsed)
    return parsed.takeError();
  Expected<image::LoadedImage> loaded = image::load(std::move(*parsed), path);
  if (!loaded)
    return loaded.takeError();
  return imageModel(
      std::make_shared<const image::LoadedImage>(std::move(*loaded)), path);
}

} // namespace

Expected<Verification>
verifyCompilation(std::shared_ptr<pipeline::Compilation> compilation,
                  const std::string &path, const Stimuli &stimuli,
                  int64_t steps) {
  if (Error error = compilation->checkImage())
    return std::move(error);
  std::unique_ptr<Model> integers =
      levelModel(compilation, Level::Integer, path);
  if (!integers)
    return makeError(ErrorKind::Usage,
                     "the integer level is not part of this compilation",
                     "--verify", "compile from the model or --from quantized");
  Expected<LevelResult> standard = runOn(*integers, stimuli, steps);
  if (!standard)
    return standard.takeError();
  Verification result;
  result.levels = {levelName(Level::Integer)};
  result.steps = standard->steps;
  result.inputSpikes = standard->inputSpikes;
  result.populations = standard->populations.size();
  for (const runtime::SpikeTrain &train : standard->populations) {
    result.spikes += train.events.size();
    result.graded = result.graded || train.graded;
  }
  std::unique_ptr<Model> cores = levelModel(compilation, Level::Cores, path);
  Expected<std::unique_ptr<Model>> chip = chipOf(*compilation, path);
  if (!chip)
    return chip.takeError();
  for (Model *model : {cores.get(), chip->get()}) {
    if (!model)
      continue;
    Expected<LevelResult> other = runOn(*model, stimuli, steps);
    if (!other)
      return other.takeError();
    if (Error error = expectEqual(*standard, *other, model->level, path))
      return std::move(error);
    result.levels.push_back(levelName(model->level));
  }
  return result;
}

} // namespace hillock::tool
