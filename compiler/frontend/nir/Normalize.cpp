//===- compiler/frontend/nir/Normalize.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Normalize.h"
#include "base/Describe.h"
#include "compiler/frontend/nir/NormalizeSteps.h"
#include <new>

namespace hillock::nir {

std::string placeOf(const FlatGraph &flat, const FlatNode &node) {
  return flat.file + ": node " + quoteName(node.node.path);
}

std::string placeOf(const FlatGraph &flat, const FlatNode &node,
                    const std::string &field) {
  return placeOf(flat, node) + ", field " + quoteName(field);
}

int64_t elementCount(const Shape &shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    if (__builtin_mul_overflow(count, extent, &count) ||
        count > largestPopulation)
      return -1;
  return count;
}

namespace {

Expected<FlatGraph> runSteps(Graph &&graph, const NormalizeOptions &options) {
  FlatGraph flat;
  std::vector<DissolvedPort> ports;
  if (Error error = flattenGraph(std::move(graph), flat, ports))
    return error;
  // Bad values and bad shapes often come together (an old exporter): tell both.
  Error values = checkValues(flat);
  Error shapes = canonicalizeWindows(flat);
  if (!shapes)
    shapes = inferShapes(flat, ports, options);
  if (Error error = llvm::joinErrors(std::move(shapes), std::move(values)))
    return error;
  if (Error error = broadcastParameters(flat))
    return error;
  if (Error error = cutCycles(flat))
    return error;
  return flat;
}

} // namespace

Expected<FlatGraph> normalize(Graph graph, const NormalizeOptions &options) {
  std::string file = graph.file;
  try {
    return runSteps(std::move(graph), options);
  } catch (const std::bad_alloc &) {
    return inputError("there is not enough memory for the network", file);
  }
}

} // namespace hillock::nir
