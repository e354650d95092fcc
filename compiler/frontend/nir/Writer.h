//===- compiler/frontend/nir/Writer.h - Writing NIR files -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the layout of NIR 1.0, without compression. The same graph gives the
// same bytes. Nothing is checked: the writer also serves to make bad files for
// tests.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_WRITER_H
#define HILLOCK_COMPILER_FRONTEND_NIR_WRITER_H

#include "base/Error.h"
#include "compiler/frontend/nir/Graph.h"

namespace hillock::nir {

struct WriteOptions {
  /// Also write v_reset and w_in where the graph lacks them: some readers
  /// require them.
  bool fillOptional = true;
};

/// The content of a .nir file.
Expected<std::string> writeMemory(const Graph &graph,
                                  const WriteOptions &options = {});

/// Writes \p path atomically.
Error writeFile(const std::string &path, const Graph &graph,
                const WriteOptions &options = {});

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_WRITER_H
