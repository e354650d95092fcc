//===- tools/hillock/SpinnakerFiles.h - Rows of sPyNNaker -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A folder with the population tables and synaptic rows of all cores, and an
// index of what they are (docs/int4.md), as compile --emit spinnaker writes it.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_SPINNAKERFILES_H
#define HILLOCK_TOOLS_HILLOCK_SPINNAKERFILES_H

#include "dialects/snn/Snn.h"
#include "tools/hillock/Output.h"

namespace hillock::tool {

/// Whether \p format is this one.
inline bool isRowFormat(const std::string &format) {
  return format == "spinnaker";
}

/// Writes the rows of the integer level \p network (null: the target has none)
/// into the folder \p output; every synapse is read back from the bytes before.
/// At most \p atomsPerCore neurons a core; 0: 256. Adds what was written to
/// \p out.
Error emitRows(snn::NetworkOp network, uint32_t atomsPerCore,
               const std::string &output, Output &out);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_SPINNAKERFILES_H
