//===- tools/hillock/AnnInspect.cpp - inspect without neurons -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "tools/hillock/AnnLayers.h"
#include "tools/hillock/AnnVerbs.h"

namespace hillock::tool {

namespace {

Json quantizationJson(const ann::Quantization &q, bool scaleKnown) {
  return {{"bits", q.bits()},
          {"scale", scaleKnown ? Json(q.scale) : Json()},
          {"zero", q.zero},
          {"low", q.low},
          {"high", q.high}};
}

/// What the weights alone take in each format, before anything is quantized.
std::vector<std::string> possibleBytes(const AnnLayerRow &row) {
  std::vector<std::string> cells;
  for (const unsigned bits : {8u, 4u, 2u})
    cells.push_back(
        row.weights ? withSeparators(ann::packedBytes(row.weights, bits)) : "");
  return cells;
}

void showLayers(const std::vector<AnnLayerRow> &layers, bool quantized,
                Output &out) {
  std::vector<std::vector<std::string>> rows = {
      {"layer", "kind", "in", "out", "weights", "products"}};
  if (quantized)
    rows[0].insert(rows[0].end(), {"format", "bytes", "values"});
  else
    rows[0].insert(rows[0].end(), {"as int8", "int4", "int2"});
  Json list = Json::array();
  for (const AnnLayerRow &layer : layers) {
    const auto number = [](uint64_t value) {
      return value ? withSeparators(value) : std::string();
    };
    rows.push_back({layer.name, layer.kind, describeShape(layer.in),
                    describeShape(layer.out), number(layer.weights),
                    number(layer.macs)});
    Json entry = {{"name", layer.name},       {"kind", layer.kind},
                  {"input_shape", layer.in},  {"shape", layer.out},
                  {"weights", layer.weights}, {"biases", layer.biases},
                  {"macs", layer.macs}};
    if (quantized) {
      rows.back().insert(rows.back().end(),
                         {layer.format, number(layer.bytes),
                          describeValues(*layer.values, layer.scaleKnown)});
      if (!layer.format.empty()) {
        entry["format"] = layer.format;
        entry["bytes"] = layer.bytes;
      }
    } else {
      const auto cells = possibleBytes(layer);
      rows.back().insert(rows.back().end(), cells.begin(), cells.end());
    }
    if (layer.values)
      entry["values"] = quantizationJson(*layer.values, layer.scaleKnown);
    if (layer.error)
      entry["error"] = *layer.error;
    list.push_back(std::move(entry));
  }
  out.line();
  out.text += table(rows);
  if (!quantized)
    out.line("  (the last columns: bytes of the weights alone; with --target "
             "int4 --calibration PATH: the network in integers)");
  out.document["layers"] = std::move(list);
}

} // namespace

Expected<int> inspectAnn(const AnnOpening &open, const AnnSettings &settings,
                         Output &out) {
  Expected<AnnExecutable> opened = openAnnLevel(open, settings);
  if (!opened)
    return opened.takeError();
  const AnnModel &model = opened->model;
  const std::string &name =
      opened->integers ? model.integers->name : model.real->name;
  const auto layers = annLayers(model);
  uint64_t weights = 0, macs = 0;
  for (const AnnLayerRow &layer : layers) {
    weights += layer.weights;
    macs += layer.macs;
  }
  out.line(open.path + ": network '" + name + "' without neurons, " +
           opened->words());
  out.item("input", describeShape(model.inputShape()));
  out.item("output", describeShape(opened->outputShape()));
  out.item("layers", describeCount(layers.size(), "layer") + ", " +
                         describeCount(weights, "weight") + ", " +
                         withSeparators(macs) + " products an inference");
  out.document["file"] = open.path;
  out.document["network"] = name;
  out.document["level"] = opened->level();
  out.document["input_shape"] = model.inputShape();
  out.document["output_shape"] = opened->outputShape();
  out.document["weights"] = weights;
  out.document["macs"] = macs;
  if (opened->integers) {
    const ann::Quantization &q =
        model.integers->values[size_t(model.integers->input)].q;
    out.item("input codes",
             describeValues(q) + ", 0 is " + std::to_string(q.zero));
    out.document["input_values"] = quantizationJson(q, true);
  }
  showLayers(layers, opened->integers, out);
  Json table = std::move(out.document["layers"]);
  describeAnn(model, out);
  // Both have the bytes; the longer list stays.
  out.document["layers"] = std::move(table);
  return 0;
}

} // namespace hillock::tool
