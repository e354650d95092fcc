//===- tools/hillock/AnnLayers.cpp - Layers as rows -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/AnnLayers.h"
#include "base/Describe.h"
#include <cstdio>

namespace hillock::tool {

std::string describeValues(const ann::Quantization &q, bool scaleKnown) {
  if (!scaleKnown)
    return std::to_string(q.bits()) + " bits";
  char step[32];
  std::snprintf(step, sizeof step, "%.4g", q.scale);
  return std::to_string(q.bits()) + " bits, " + step + " a step";
}

namespace {

/// What a layer has on every level.
template <typename Network, typename Layer>
AnnLayerRow shapesOf(const Network &net, const Layer &layer) {
  AnnLayerRow row;
  row.name = layer.name;
  row.kind = ann::kindName(layer.kind);
  row.in = net.in(layer).shape;
  row.out = net.out(layer).shape;
  row.weights = layer.weights.size();
  row.biases = layer.bias.size();
  return row;
}

AnnLayerRow rowOf(const ann::Network &net, const ann::Layer &layer) {
  AnnLayerRow row = shapesOf(net, layer);
  row.macs = ann::macs(net, layer);
  row.values = net.out(layer).given;
  return row;
}

AnnLayerRow rowOf(const ann::IntNetwork &net, const ann::IntLayer &layer) {
  AnnLayerRow row = shapesOf(net, layer);
  if (layer.hasWeights()) {
    const auto plane = ann::countElements(row.out).value_or(0) / row.out[0];
    row.macs = row.weights * static_cast<uint64_t>(plane);
    row.format = layer.format.name();
    row.bytes = ann::weightBytes(layer);
  }
  row.values = net.out(layer).q;
  return row;
}

} // namespace

std::vector<AnnLayerRow> annLayers(const AnnModel &model) {
  std::vector<AnnLayerRow> rows;
  if (!model.integers) {
    for (const ann::Layer &layer : model.real->layers)
      rows.push_back(rowOf(*model.real, layer));
    return rows;
  }
  for (const ann::IntLayer &layer : model.integers->layers) {
    rows.push_back(rowOf(*model.integers, layer));
    rows.back().scaleKnown =
        model.innerScales || layer.output == model.integers->output;
    for (const ann::LayerLoss &loss : model.losses)
      if (loss.name == layer.name && layer.hasWeights())
        rows.back().error = loss.error;
  }
  return rows;
}

} // namespace hillock::tool
