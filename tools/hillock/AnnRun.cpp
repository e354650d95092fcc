//===- tools/hillock/AnnRun.cpp - run without neurons ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "base/Npy.h"
#include "tools/hillock/AnnValues.h"
#include "tools/hillock/AnnVerbs.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <chrono>

namespace hillock::tool {

namespace {

Error checkOutput(const AnnRunRequest &request) {
  const llvm::StringRef extension = llvm::sys::path::extension(request.output);
  if (request.output.empty() || extension == ".npy" || extension == ".npz")
    return Error::success();
  return makeError(ErrorKind::Usage,
                   "the extension '" + extension.str() +
                       "' is not that of values",
                   "-o " + request.output,
                   "end it in .npy (the output) or .npz (all that is shown)");
}

NdArray arrayOf(const LayerValues &layer) {
  return NdArray::of(layer.shape, layer.values);
}

Json jsonOf(const LayerValues &layer) {
  Json entry = {
      {"name", layer.name}, {"shape", layer.shape}, {"values", layer.values}};
  if (layer.q) {
    Json codes = Json::array();
    for (const double value : layer.codes)
      codes.push_back(static_cast<int64_t>(value));
    entry["codes"] = std::move(codes);
    entry["scale"] = layer.scaleKnown ? Json(layer.q->scale) : Json();
    entry["zero"] = layer.q->zero;
  }
  return entry;
}

void show(const LayerValues &layer, Output &out) {
  std::string words = describeShape(layer.shape);
  constexpr size_t most = 20;
  if (layer.values.size() <= most) {
    words += layer.q ? ", codes:" : ":";
    for (const double value : layer.q ? layer.codes : layer.values)
      words += " " + plain(value);
  } else {
    const auto [low, high] =
        std::minmax_element(layer.values.begin(), layer.values.end());
    words += ", from " + fixed(*low, 4) + " to " + fixed(*high, 4);
  }
  out.item(layer.name, words);
}

/// The layers that are asked for, in the network's order.
Expected<std::vector<LayerValues>> pick(const AnnRunRequest &request,
                                        const AnnExecutable &network,
                                        const AnnRunner &runner) {
  std::vector<LayerValues> chosen;
  if (!request.all && request.probes.empty())
    return std::move(chosen);
  if (network.native)
    return makeError(ErrorKind::Usage, "machine code shows its output alone",
                     request.all ? "--populations" : "--probe",
                     "take --level integer: its codes are the same");
  std::vector<LayerValues> layers = layerValues(network, runner);
  std::vector<std::string> names;
  for (const LayerValues &layer : layers)
    names.push_back(layer.name);
  for (const std::string &probe : request.probes)
    if (std::find(names.begin(), names.end(), probe) == names.end())
      return makeError(ErrorKind::Usage,
                       "the network has no layer '" + probe + "'",
                       "--probe " + probe, didYouMean(probe, names));
  for (LayerValues &layer : layers)
    if (request.all || std::find(request.probes.begin(), request.probes.end(),
                                 layer.name) != request.probes.end())
      chosen.push_back(std::move(layer));
  return std::move(chosen);
}

Error write(const std::string &path, const LayerValues &output,
            const std::vector<LayerValues> &layers) {
  if (llvm::sys::path::extension(path) == ".npy")
    return writeNpy(path, arrayOf(output));
  NpzArrays arrays = {{"output", arrayOf(output)}};
  for (const LayerValues &layer : layers)
    arrays["layer:" + layer.name] = arrayOf(layer);
  return writeNpz(path, arrays);
}

} // namespace

Expected<int> runAnn(const AnnRunRequest &request, const AnnSettings &settings,
                     Output &out) {
  if (Error error = checkOutput(request))
    return std::move(error);
  Expected<AnnExecutable> network = openAnnLevel(request.open, settings);
  if (!network)
    return network.takeError();
  Expected<std::vector<float>> input =
      loadAnnSample(request.inputs, request.sample, network->model);
  if (!input)
    return input.takeError();
  AnnRunner runner(*network);
  const auto start = std::chrono::steady_clock::now();
  runner.run(*input);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  const LayerValues output = outputValues(*network, runner);
  Expected<std::vector<LayerValues>> layers = pick(request, *network, runner);
  if (!layers)
    return layers.takeError();
  if (!request.output.empty())
    if (Error error = write(request.output, output, *layers))
      return std::move(error);
  out.line(request.open.path + ": sample " + std::to_string(request.sample) +
           ", " + network->words());
  for (const LayerValues &layer : *layers)
    show(layer, out);
  show(output, out);
  out.item("decision", std::to_string(runner.decision()));
  if (network->native)
    out.item("kernels", network->native->code().kernel);
  out.item("time", describeSeconds(seconds));
  if (!request.output.empty())
    out.item("written", request.output);
  out.document["model"] = request.open.path;
  out.document["level"] = network->level();
  out.document["sample"] = request.sample;
  out.document["outputs"] = Json::array({jsonOf(output)});
  out.document["decision"] = runner.decision();
  if (!layers->empty()) {
    Json list = Json::array();
    for (const LayerValues &layer : *layers)
      list.push_back(jsonOf(layer));
    out.document["layers"] = std::move(list);
  }
  return 0;
}

} // namespace hillock::tool
