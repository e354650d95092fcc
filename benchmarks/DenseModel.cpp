//===- benchmarks/DenseModel.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "benchmarks/DenseModel.h"
#include "base/Random.h"

namespace hillock::bench {

namespace {

nir::Tensor filled(nir::Shape shape, float value) {
  size_t size = 1;
  for (int64_t axis : shape)
    size *= size_t(axis);
  return {std::move(shape), std::vector<float>(size, value)};
}

nir::Node node(const char *name, nir::NodeType type) {
  nir::Node result;
  result.name = result.path = name;
  result.type = type;
  return result;
}

} // namespace

nir::Graph denseGraph(int64_t inputs, int64_t outputs) {
  nir::Graph graph;
  graph.version = "1.0";
  nir::Node input = node("input", nir::NodeType::Input),
            linear = node("fc", nir::NodeType::Linear),
            lif = node("lif", nir::NodeType::LIF),
            output = node("output", nir::NodeType::Output);
  input.integers["shape"] = {inputs};
  output.integers["shape"] = {outputs};
  std::vector<float> weights(size_t(inputs * outputs));
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] = float(int(H(1, i) % 127) - 63) / 64;
  linear.fields["weight"] = {{outputs, inputs}, std::move(weights)};
  lif.fields["tau"] = filled({outputs}, 8e-3f);
  lif.fields["r"] = filled({outputs}, 1);
  lif.fields["v_leak"] = filled({outputs}, 0);
  lif.fields["v_threshold"] = filled({outputs}, 8);
  lif.fields["v_reset"] = filled({outputs}, 0);
  graph.nodes = {std::move(linear), std::move(input), std::move(lif),
                 std::move(output)};
  graph.edges = {{"fc", "lif"}, {"input", "fc"}, {"lif", "output"}};
  return graph;
}

} // namespace hillock::bench
