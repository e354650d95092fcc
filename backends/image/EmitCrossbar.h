//===- backends/image/EmitCrossbar.h - From crossbar to image ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_IMAGE_EMITCROSSBAR_H
#define HILLOCK_BACKENDS_IMAGE_EMITCROSSBAR_H

#include "backends/odin/OdinConfig.h"
#include "dialects/crossbar/Crossbar.h"
#include "proto/image.pb.h"

namespace hillock::backends {

/// The words, registers and ports of a chip. Errors: a target that is neither
/// ODIN nor tinyODIN, a value that its field does not hold, a source with
/// weights of both signs on ODIN.
Expected<odin::ChipConfig> chipConfig(crossbar::ChipOp chip);

/// The image, with names for people; \p notes is their JSON text.
Expected<proto::Image> emitCrossbarImage(crossbar::ChipOp chip,
                                         const std::string &notes);

/// The inverse of chipConfig(), as far as the machine is concerned: all
/// synapses, registers of neurons and ports of \p config are those of \p chip.
/// A Mismatch error names the first that is not.
Error compareCrossbar(crossbar::ChipOp chip, const odin::ChipConfig &config);

} // namespace hillock::backends

#endif // HILLOCK_BACKENDS_IMAGE_EMITCROSSBAR_H
