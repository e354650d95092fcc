//===- backends/odin/OdinImage.h - A chip in an image file ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_ODIN_ODINIMAGE_H
#define HILLOCK_BACKENDS_ODIN_ODINIMAGE_H

#include "backends/odin/OdinConfig.h"
#include "base/Error.h"
#include "proto/image.pb.h"

namespace hillock::odin {

/// Whether the image is one of a chip with a crossbar.
inline bool isCrossbarImage(const proto::Image &image) {
  return image.target().has_crossbar();
}

/// Fills the crossbar section. Words are written whole, also of neurons that
/// are not used.
void toImage(const ChipConfig &config, proto::CrossbarImage &section);

/// The chip of an image. Errors (the image is damaged): a target that is
/// neither chip, memories of the wrong size, ports that do not fit. \p name is
/// that of the file.
Expected<ChipConfig> fromImage(const proto::Image &image,
                               const std::string &name);

} // namespace hillock::odin

#endif // HILLOCK_BACKENDS_ODIN_ODINIMAGE_H
