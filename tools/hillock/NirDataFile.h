//===- tools/hillock/NirDataFile.h - Results as .nirdata --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_NIRDATAFILE_H
#define HILLOCK_TOOLS_HILLOCK_NIRDATAFILE_H

#include "tools/hillock/Model.h"

namespace hillock::tool {

/// The bytes of a .nirdata file (neuromorphs/NIR, nir/data_ir): a node for each
/// output, recorded population and probed population.
///   spikes       observable "spikes", EventData; ValuedEventData when a value
///                is not 1
///   voltages of an output   observable "v", TimeGriddedData
///   probes       observable STATE or STATE[3-9], TimeGriddedData
/// One sample each. A spike of step t has the time t * \p dtSeconds, or the
/// next number above it of which the floor after division is t. EventData has
/// the attribute "dt" besides, by which Hillock reads steps back.
Expected<std::string> nirData(const LevelResult &result, Level level,
                              double dtSeconds);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_NIRDATAFILE_H
