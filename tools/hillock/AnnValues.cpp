//===- tools/hillock/AnnValues.cpp - What layers put out ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/AnnValues.h"
#include "base/Progress.h"
#include <map>

namespace hillock::tool {

namespace {

LayerValues ofNumbers(const ann::Value &value,
                      const std::vector<float> &numbers) {
  return {value.name, value.shape, {numbers.begin(), numbers.end()},
          {},         {},          true};
}

LayerValues ofCodes(const ann::IntValue &value,
                    std::span<const int32_t> codes) {
  LayerValues result{value.name, value.shape, {}, {}, value.q, true};
  for (const int32_t code : codes) {
    result.values.push_back(value.q.real(code));
    result.codes.push_back(code);
  }
  return result;
}

/// Names that tell layers apart.
std::string nameOnce(const std::string &name,
                     std::map<std::string, int> &seen) {
  const int count = ++seen[name];
  return count == 1 ? name : name + "#" + std::to_string(count);
}

/// The network that ends with layer \p last, without what that layer does not
/// need.
ann::IntNetwork prefixOf(const ann::IntNetwork &net, size_t last) {
  std::vector<char> needed(net.values.size(), 0);
  const auto at = [](int value) { return static_cast<size_t>(value); };
  ann::IntNetwork result;
  result.name = net.name;
  needed[at(net.input)] = needed[at(net.layers[last].output)] = 1;
  for (size_t i = last + 1; i-- > 0;)
    if (needed[at(net.layers[i].output)])
      for (const int input : net.layers[i].inputs)
        needed[at(input)] = 1;
  std::vector<int> renamed(net.values.size(), -1);
  for (size_t v = 0; v < net.values.size(); ++v)
    if (needed[v]) {
      renamed[v] = static_cast<int>(result.values.size());
      result.values.push_back(net.values[v]);
    }
  for (size_t i = 0; i <= last; ++i) {
    if (!needed[at(net.layers[i].output)])
      continue;
    ann::IntLayer layer = net.layers[i];
    layer.output = renamed[at(layer.output)];
    for (int &input : layer.inputs)
      input = renamed[at(input)];
    result.layers.push_back(std::move(layer));
  }
  result.input = renamed[at(net.input)];
  result.output = result.layers.back().output;
  return result;
}

} // namespace

std::vector<LayerValues> layerValues(const AnnExecutable &network,
                                     const AnnRunner &runner) {
  std::vector<LayerValues> result;
  std::map<std::string, int> seen;
  if (const ann::IntRunner *codes = runner.codes()) {
    for (const ann::IntLayer &layer : network.model.integers->layers) {
      result.push_back(ofCodes(network.model.integers->out(layer),
                               codes->value(layer.output)));
      result.back().name = nameOnce(layer.name, seen);
      result.back().scaleKnown = network.model.innerScales ||
                                 layer.output == network.model.integers->output;
    }
    return result;
  }
  for (const ann::Layer &layer : network.model.real->layers) {
    result.push_back(ofNumbers(network.model.real->out(layer),
                               runner.numbers()->value(layer.output)));
    result.back().name = nameOnce(layer.name, seen);
  }
  return result;
}

LayerValues outputValues(const AnnExecutable &network,
                         const AnnRunner &runner) {
  LayerValues result{"output", network.outputShape(), runner.last(), {}, {},
                     true};
  if (!network.integers)
    return result;
  result.q =
      network.model.integers->values[size_t(network.model.integers->output)].q;
  result.codes = std::move(result.values);
  result.values.clear();
  for (const double code : result.codes)
    result.values.push_back(result.q->real(static_cast<int64_t>(code)));
  return result;
}

Expected<std::vector<float>>
loadAnnSample(const std::vector<std::string> &inputs, int64_t sample,
              const AnnModel &model) {
  if (inputs.size() != 1)
    return makeError(ErrorKind::Usage,
                     "a network without neurons has one input, not " +
                         std::to_string(inputs.size()),
                     "--input", "give one FILE");
  const std::string &name =
      model.real ? model.real->values[size_t(model.real->input)].name
                 : model.integers->values[size_t(model.integers->input)].name;
  std::string path = inputs.front();
  if (path.starts_with(name + "="))
    path = path.substr(name.size() + 1);
  Expected<AnnData> data =
      loadAnnData(path, model.inputShape(), model.givenInput(), sample, 1);
  if (!data)
    return data.takeError();
  if (data->samples.empty())
    return inputError("has no sample " + std::to_string(sample), path);
  return std::move(data->samples.front());
}

Expected<std::vector<LayerValues>>
nativeLayerValues(const AnnExecutable &network,
                  const std::vector<float> &input) {
  const ann::IntNetwork &net = *network.model.integers;
  std::vector<LayerValues> result;
  std::map<std::string, int> seen;
  Progress progress("compiling prefixes", net.layers.size());
  for (size_t i = 0; i < net.layers.size(); ++i) {
    AnnExecutable prefix;
    prefix.integers = true;
    prefix.model.integers = prefixOf(net, i);
    auto made = int4::NativeRunner::create(*prefix.model.integers, {},
                                           network.model.path);
    if (!made)
      return made.takeError();
    prefix.native = std::move(*made);
    AnnRunner runner(prefix);
    runner.run(input);
    result.push_back(outputValues(prefix, runner));
    result.back().name = nameOnce(net.layers[i].name, seen);
    result.back().scaleKnown =
        network.model.innerScales || net.layers[i].output == net.output;
    progress.advance();
  }
  return std::move(result);
}

} // namespace hillock::tool
