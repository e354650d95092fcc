//===- benchmarks/int4/Networks.cpp - Published networks ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "benchmarks/int4/Networks.h"
#include "base/AtomicFile.h"
#include "compiler/ann/Calibrate.h"
#include "compiler/frontend/onnx/Import.h"
#include "compiler/frontend/onnx/Reader.h"
#include "runtime/stream/ReadData.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <algorithm>
#include <cstdlib>

namespace hillock::bench {

namespace {

constexpr int64_t calibrationSamples = 100;

Expected<ann::Network> readNetwork(const std::string &path) {
  Expected<onnx::Model> file = onnx::readModel(path);
  if (!file)
    return file.takeError();
  Expected<ann::Network> network = onnx::importNetwork(*file, path);
  if (!network)
    return network.takeError();
  return ann::withoutDecision(std::move(*network));
}

/// The ONNX file that examples/keywords makes of the published tensors.
Expected<ann::Network> readKeywords(const std::string &folder) {
  llvm::SmallString<128> path;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("keywords", "onnx", path))
    return inputError("no temporary file can be made: " + code.message(), "",
                      "name a folder that can be written in TMPDIR");
  const std::string to = path.str().str();
  const std::string script =
      HILLOCK_SOURCE_DIR "/examples/keywords/make_onnx.py";
  const std::string graph = folder + "/kws_ref_int8_graph.json";
  const std::string tensors = folder + "/kws_ref_int8_weights.npz";
  auto python = llvm::sys::findProgramByName("python3");
  std::string problem = "no program 'python3' is there";
  int code = -1;
  if (python) {
    problem.clear();
    code = llvm::sys::ExecuteAndWait(*python,
                                     {*python, script, graph, tensors, to},
                                     std::nullopt, {}, 0, 0, &problem);
  }
  if (code != 0) {
    llvm::sys::fs::remove(path);
    return inputError("ended with exit code " + std::to_string(code) +
                          (problem.empty() ? "" : ": " + problem),
                      script, "look at what it said above");
  }
  Expected<ann::Network> network = readNetwork(to);
  llvm::sys::fs::remove(path);
  return network;
}

Expected<std::vector<std::vector<float>>>
readDigits(const std::string &path, int64_t first, int64_t count) {
  runtime::ReadOptions options;
  options.inputShape = {28, 28};
  options.encode.emplace();
  options.encode->encoding = runtime::Encoding::None;
  options.encode->steps = 1;
  options.steps = 1;
  options.firstSample = first;
  options.maxSamples = count;
  Expected<runtime::DataSet> data = runtime::readData(path, options);
  if (!data)
    return data.takeError();
  std::vector<std::vector<float>> all;
  for (const runtime::Stimulus &sample : data->samples)
    all.push_back(sample.toDense());
  return std::move(all);
}

/// Raw codes, in the order of the files' names.
Expected<std::vector<std::vector<float>>>
readKeywordSamples(const std::string &folder, const ann::Quantization &q,
                   int64_t first, int64_t count) {
  std::vector<std::string> names;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator at(folder, error), end;
       at != end && !error; at.increment(error))
    if (llvm::sys::path::extension(at->path()) == ".bin")
      names.push_back(at->path());
  std::sort(names.begin(), names.end());
  std::vector<std::vector<float>> all;
  for (int64_t i = first;
       i < first + count && i < static_cast<int64_t>(names.size()); ++i) {
    Expected<std::string> bytes = readFile(names[static_cast<size_t>(i)]);
    if (!bytes)
      return bytes.takeError();
    std::vector<float> sample;
    for (const char byte : *bytes)
      sample.push_back(
          static_cast<float>(q.real(static_cast<signed char>(byte))));
    all.push_back(std::move(sample));
  }
  return std::move(all);
}

Expected<ann::IntNetwork>
quantized(const ann::Network &network,
          const std::vector<std::vector<float>> &samples, unsigned weightBits,
          unsigned valueBits) {
  ann::CalibrationOptions options;
  options.weights.bits = weightBits;
  options.activationBits = valueBits;
  options.learnRounding = false;
  options.threads = 1;
  Expected<ann::Calibration> result =
      ann::calibrate(network, samples, options, network.name);
  if (!result)
    return result.takeError();
  return std::move(result->network);
}

Error fill(PublishedNetwork &made, const std::string &data) {
  const bool keywords = made.name == "kws";
  Expected<ann::Network> network =
      keywords ? readKeywords(data + "/kws_mlperf_tiny")
               : readNetwork(data + "/onnx/mnist_conv_cntk.onnx");
  if (!network)
    return network.takeError();
  const auto samplesFrom = [&](bool calibration) {
    if (!keywords)
      return readDigits(data + (calibration
                                    ? "/mnist/train-images-idx3-ubyte.gz"
                                    : "/mnist/t10k-images-idx3-ubyte.gz"),
                        0, calibration ? calibrationSamples : largestBatch);
    return readKeywordSamples(
        data + "/kws_mlperf_tiny/kws01",
        *network->values[static_cast<size_t>(network->input)].given,
        calibration ? 0 : 500, calibration ? calibrationSamples : largestBatch);
  };
  auto calibration = samplesFrom(true);
  if (!calibration)
    return calibration.takeError();
  auto samples = samplesFrom(false);
  if (!samples)
    return samples.takeError();
  made.samples = std::move(*samples);
  if (static_cast<int64_t>(made.samples.size()) < largestBatch)
    return inputError("has " + std::to_string(made.samples.size()) +
                          " samples, and the largest batch has " +
                          std::to_string(largestBatch),
                      data + (keywords ? "/kws_mlperf_tiny/kws01" : "/mnist"),
                      "get the whole data set");
  // Keyword spotting is published in 8 bits, and 4-bit weights keep its
  // accuracy with values of 8 bits only (docs/int4.md).
  auto narrow = quantized(*network, *calibration, 4, keywords ? 8 : 4);
  if (!narrow)
    return narrow.takeError();
  auto wide = quantized(*network, *calibration, 8, 8);
  if (!wide)
    return wide.takeError();
  made.narrow = std::move(*narrow);
  made.wide = std::move(*wide);
  made.real = std::move(*network);
  for (ann::Value &value : made.real.values)
    value.given.reset();
  return Error::success();
}

} // namespace

PublishedNetwork publishedNetwork(const std::string &name) {
  PublishedNetwork made;
  made.name = name;
  const char *data = std::getenv("HILLOCK_DATA");
  if (!data) {
    made.problem = "HILLOCK_DATA names no folder";
    return made;
  }
  if (Error error = fill(made, data))
    made.problem = takeText(std::move(error));
  return made;
}

} // namespace hillock::bench
