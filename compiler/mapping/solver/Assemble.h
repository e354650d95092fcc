//===- compiler/mapping/solver/Assemble.h - Mapping to image ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_ASSEMBLE_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_ASSEMBLE_H

#include "compiler/mapping/solver/Map.h"
#include "image/Program.h"
#include "proto/image.pb.h"
#include "target/TargetModel.h"

namespace hillock::mapping {

/// Packs the cores and writes ports and the debug section. \p programs must
/// contain every program that the mapping names; others are left out.
Expected<proto::Image> assemble(const Network &network, const Mapping &mapping,
                                const target::TargetModel &target,
                                const std::vector<image::Program> &programs);

/// map() and assemble() straight into the file \p path, core by core, for
/// networks whose tables do not fit into memory together. The bytes are those
/// of image::writeImage(). The cores of the result are without rows and output
/// slots.
Expected<Mapping> mapToFile(const Network &network,
                            const target::TargetModel &target,
                            const std::vector<image::Program> &programs,
                            const MapOptions &options, const std::string &path);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_ASSEMBLE_H
