//===- tools/hillock/AnnLevel.cpp - A network that runs -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/AnnLevel.h"
#include "base/Describe.h"
#include <algorithm>

namespace hillock::tool {

std::vector<std::string> annLevelNames() {
  return {"real", "integer", "native"};
}

bool asksForNumbers(const std::string &level) {
  return level.empty() || level == "real" || level == "native";
}

Error nativeNeedsAnn() {
  return makeError(ErrorKind::Usage, "is of networks without neurons",
                   "--level native", "choose real, integer, cores or chip");
}

const char *AnnExecutable::level() const {
  return native ? "native" : integers ? "integer" : "real";
}

const char *AnnExecutable::words() const {
  return native ? "machine code" : integers ? "integers" : "real numbers";
}

const ann::Shape &AnnExecutable::outputShape() const {
  return integers ? model.integers->values[size_t(model.integers->output)].shape
                  : model.real->values[size_t(model.real->output)].shape;
}

Expected<AnnExecutable> openAnnLevel(const AnnOpening &opening,
                                     const AnnSettings &settings) {
  Expected<AnnModel> model = openAnn(opening.path);
  if (!model)
    return model.takeError();
  return openAnnLevel(opening, settings, std::move(*model));
}

Expected<AnnExecutable> openAnnLevel(const AnnOpening &opening,
                                     const AnnSettings &settings,
                                     AnnModel model) {
  const auto levels = annLevelNames();
  if (!opening.level.empty() &&
      std::find(levels.begin(), levels.end(), opening.level) == levels.end())
    return makeError(
        ErrorKind::Usage,
        "a network without neurons has no level '" + opening.level + "'",
        "--level", "choose " + describeList(levels, levels.size()));
  AnnExecutable result;
  result.model = std::move(model);
  if (opening.level == "real" && !result.model.real)
    return makeError(ErrorKind::Usage, "has no real level any more",
                     opening.path, "leave --level out");
  const auto formats = ann::weightFormatNames();
  const bool formatGiven = std::find(formats.begin(), formats.end(),
                                     opening.target) != formats.end();
  result.integers =
      opening.level != "real" &&
      (!opening.level.empty() || result.model.integers || formatGiven);
  const bool quantizes = result.integers && !result.model.integers;
  if (Error error = quantizes
                        ? quantizeAnn(result.model, opening.target, settings,
                                      opening.seed, opening.threads)
                        : pruneAnn(result.model, settings))
    return std::move(error);
  if (opening.level == "native") {
    auto made =
        int4::NativeRunner::create(*result.model.integers, {}, opening.path);
    if (!made)
      return made.takeError();
    result.native = std::move(*made);
  }
  return std::move(result);
}

AnnRunner::AnnRunner(const AnnExecutable &network) : network(network) {
  if (network.native) {
    const ann::IntNetwork &net = *network.model.integers;
    const auto elements = [&](int value) {
      return static_cast<size_t>(
          ann::countElements(net.values[size_t(value)].shape).value_or(0));
    };
    inputCodes.resize(elements(net.input));
    outputCodes.resize(elements(net.output));
    memory.resize(network.native->code().arenaBytes + 64);
  } else if (network.integers) {
    integers.emplace(*network.model.integers);
  } else {
    real.emplace(*network.model.real);
  }
}

void AnnRunner::runNative(const std::vector<float> &input) {
  const ann::IntNetwork &net = *network.model.integers;
  const ann::Quantization &q = net.values[size_t(net.input)].q;
  for (size_t i = 0; i < inputCodes.size(); ++i)
    inputCodes[i] = static_cast<int8_t>(q.code(input[i]));
  // The arena begins at a multiple of 64.
  const auto address = reinterpret_cast<uintptr_t>(memory.data());
  network.native->run(inputCodes.data(), outputCodes.data(),
                      memory.data() + (64 - address % 64) % 64);
}

const std::vector<double> &AnnRunner::run(const std::vector<float> &input) {
  if (network.native) {
    runNative(input);
    output.assign(outputCodes.begin(), outputCodes.end());
  } else if (integers) {
    const auto result = integers->run(input);
    output.assign(result.begin(), result.end());
  } else {
    const auto result = real->run(input);
    output.assign(result.begin(), result.end());
  }
  return output;
}

int64_t AnnRunner::decision() const {
  if (real && output.size() == 1)
    return static_cast<int64_t>(output[0]);
  return std::max_element(output.begin(), output.end()) - output.begin();
}

} // namespace hillock::tool
