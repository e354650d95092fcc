//===- backends/image/Emit.h - neurocore to image and back ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_IMAGE_EMIT_H
#define HILLOCK_BACKENDS_IMAGE_EMIT_H

#include "dialects/neurocore/NeuroCore.h"
#include "image/ImageFile.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <functional>

namespace hillock::backends {

/// The bytecode of a neuron program by its name.
using ProgramSource =
    std::function<Expected<image::Program>(llvm::StringRef name)>;

/// The image of a system that has passed its verifier: words of all cores,
/// programs, ports, debug section. Equal systems give equal images. Errors: a
/// program that \p programs does not know, or whose parameters the target has
/// no field for, and all errors of image::pack.
Expected<proto::Image> emitImage(neurocore::SystemOp system,
                                 const ProgramSource &programs);

/// A module with the system that an image holds, for inspection; emitImage() of
/// it gives the image's words again. \p target is what the system says for its
/// target, by default the name in the image. Notes and names of people's
/// things come from the debug section and may be missing. Inputs past the
/// axons (Port.direct) end in an error.
Expected<mlir::OwningOpRef<mlir::ModuleOp>>
fromImage(mlir::MLIRContext *context, const image::LoadedImage &image,
          std::string target = {});

} // namespace hillock::backends

#endif // HILLOCK_BACKENDS_IMAGE_EMIT_H
