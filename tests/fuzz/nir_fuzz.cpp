//===- tests/fuzz/nir_fuzz.cpp - NIR files of any content -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever the bytes are, reading ends with a graph or an error, and a graph
// that was read can be normalised, resolved and written.
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Conventions.h"
#include "compiler/frontend/nir/Reader.h"
#include "compiler/frontend/nir/Writer.h"
#include <cstdlib>

using namespace hillock;

namespace {

void processGraph(nir::Graph graph, bool fixTransposed) {
  nir::NormalizeOptions normalizing;
  normalizing.fixTransposed = fixTransposed;
  auto flat = nir::normalize(std::move(graph), normalizing);
  if (!flat)
    return llvm::consumeError(flat.takeError());
  auto resolved = nir::resolve(*flat);
  if (!resolved)
    return llvm::consumeError(resolved.takeError());
  if (!(resolved->dt.value > 0) ||
      resolved->nodeReset.size() != flat->nodes.size())
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  auto graph = nir::readMemory(bytes, "fuzz.nir");
  if (!graph) {
    llvm::consumeError(graph.takeError());
    return 0;
  }
  auto written = nir::writeMemory(*graph);
  if (!written)
    llvm::consumeError(written.takeError());
  processGraph(*graph, false);
  processGraph(std::move(*graph), true);
  return 0;
}
