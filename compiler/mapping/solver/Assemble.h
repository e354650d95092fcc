//===- compiler/mapping/solver/Assemble.h - Mapping to image ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_ASSEMBLE_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_ASSEMBLE_H

#include "base/Error.h"
#include "compiler/mapping/problem/Mapping.h"
#include "image/Program.h"
#include "proto/image.pb.h"
#include "target/TargetModel.h"

namespace hillock::mapping {

/// Packs the cores and writes ports and the debug section. \p programs must
/// contain every program that the mapping names; others are left out.
Expected<proto::Image> assemble(const Network &network, const Mapping &mapping,
                                const target::TargetModel &target,
                                const std::vector<image::Program> &programs);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_ASSEMBLE_H
