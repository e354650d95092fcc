//===- compiler/frontend/nir/Reader.h - Reading NIR files -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads every node type of NIR, in the layouts of all releases from 0.1 on.
// Tolerated with a remark: unknown fields, an edge listed twice, a top level
// that is a single node, a missing version. Everything else that is not as it
// should be is an error of the form
//   "model.nir: node 'lif1.lif', field 'tau_mem': what; remedy".
// Only what can be said without knowing shapes and time is checked here; the
// rest is Normalize.h and Conventions.h.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_READER_H
#define HILLOCK_COMPILER_FRONTEND_NIR_READER_H

#include "base/Error.h"
#include "compiler/frontend/nir/Graph.h"
#include <string_view>

namespace hillock::nir {

/// Messages call the file by the last component of \p path.
Expected<Graph> readFile(const std::string &path);

/// The same for a file's content; \p name is for messages.
Expected<Graph> readMemory(std::string_view bytes, const std::string &name);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_READER_H
